"""The report of how well questions land where the staff expect them."""

import pytest

from faq.evaluation import Outcome, evaluate, recall, render


def outcome(question: str, expected: str, found: str, band: str = "answer") -> Outcome:
    """A question of the shop; `expected` empty when it must not be answered."""
    return Outcome(question, "shop", expected, "shop", found, 0.9, band)


OUTCOMES = (
    outcome("怎么退货", "return", "return"),
    outcome("怎么换货", "exchange", "return"),
    outcome("多久发货", "delivery", "delivery", "pass"),
    outcome("今天天气", "", "delivery", "pass"),
)


def test_outcomes_are_counted_by_knowledge_base() -> None:
    """Right first, answered, wrong and unanswered; questions to refuse stand apart."""
    together, shop, none = evaluate(OUTCOMES).tallies
    assert (together.questions, together.first, together.answered, together.wrong, together.unanswered) == (
        4,
        3,
        2,
        1,
        2,
    )
    assert (shop.base, shop.questions, none.base, none.first) == ("shop", 3, "none", 1)


def test_the_text_names_what_was_taken_for_what() -> None:
    """A confusion is listed with its number of times."""
    assert "exchange -> return (1)" in render(evaluate(OUTCOMES))


def test_a_run_is_compared_with_an_earlier_one() -> None:
    """What got better and what got worse is listed; the JSON is all that is needed of the earlier run."""
    earlier = recall(evaluate(OUTCOMES).as_json())
    now = evaluate((outcome("怎么退货", "return", "exchange"), outcome("怎么换货", "exchange", "exchange")))
    text = render(now, earlier)
    assert "1 better, 1 worse, 2 in both" in text
    assert "+ 怎么换货 -> exchange" in text
    assert "- 怎么退货 -> exchange, expected return" in text


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"outcomes": [{"question": 1}]}'])
def test_what_is_no_report_is_refused(text: str) -> None:
    """A file of another kind is named as such."""
    with pytest.raises(ValueError, match="not a report"):
        recall(text)
