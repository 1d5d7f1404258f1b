"""faq.evaluation: the report of how well questions land where the staff expect them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.evaluation import Landing, Outcome, compare, recall, render, store
from faq.matching import Band

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
OUTCOMES = st.builds(
    Outcome,
    question=TEXTS,
    expected=st.sampled_from(["none", "shop/a", "shop/b", "bank/a"]),
    got=st.sampled_from(["", "shop/a", "shop/b", "bank/a"]),
    score=st.floats(0, 1),
    band=st.sampled_from(Band),
    offered=st.lists(st.sampled_from(["shop/a", "shop/b"]), max_size=2).map(tuple),
)


def outcome(question: str, expected: str, got: str, band: str = "answer", *offered: str, score: float = 0.9) -> Outcome:
    """Make the outcome of one question."""
    return Outcome(question, expected, got, score, Band(band), offered)


RUN = (
    outcome("怎么退货", "shop/return", "shop/return"),
    outcome("怎么换货", "shop/exchange", "shop/return", score=0.95),
    outcome("运费", "shop/fee", "shop/return", "suggest", "shop/return", "shop/fee", score=0.5),
    outcome("几天到", "bank/days", "bank/days", "pass", score=0.2),
    outcome("天气", "none", "", "pass", score=0.0),
    outcome("股票", "none", "bank/days"),
)


@pytest.mark.parametrize(
    ("one", "landing"),
    [
        (outcome("q", "shop/a", "shop/a"), Landing.RIGHT),
        (outcome("q", "shop/a", "bank/a"), Landing.WRONG),
        (outcome("q", "shop/a", "shop/b", "suggest", "shop/b", "shop/a"), Landing.OFFERED),
        (outcome("q", "shop/a", "shop/a", "suggest", "shop/b"), Landing.UNANSWERED),
        (outcome("q", "shop/a", "shop/a", "pass"), Landing.UNANSWERED),
        (outcome("q", "none", "shop/a", "pass"), Landing.RIGHT),
        (outcome("q", "none", "shop/a", "suggest", "shop/a"), Landing.OFFERED),
        (outcome("q", "none", "shop/a"), Landing.WRONG),
    ],
)
def test_what_came_of_a_question(one: Outcome, landing: Landing) -> None:
    """The same entry of another knowledge base is another; passing on is right where nothing is expected."""
    assert one.landing is landing


def test_counts_are_given_by_knowledge_base() -> None:
    """All together, each knowledge base, and the questions that none answers; the counts of a line add up."""
    table = render(RUN).split("\n\n")[0].splitlines()
    assert [line.split() for line in table[1:]] == [
        ["6", "50.0%", "2", "1", "1", "2", "66.7%", "all"],
        ["1", "100.0%", "0", "0", "1", "0", "-", "bank"],
        ["3", "33.3%", "1", "1", "0", "1", "50.0%", "shop"],
        ["2", "-", "1", "0", "0", "1", "100.0%", "none"],
    ]


def test_confusions_are_listed_worst_first() -> None:
    """Wrong answers, the surest first; then what found no answer; then what was only offered."""
    assert render(RUN).split("\n\n")[1].splitlines() == [
        "asked → expected → got (score)",
        "wrong      怎么换货 → shop/exchange → shop/return (0.95)",
        "wrong      股票 → none → bank/days (0.90)",
        "unanswered 几天到 → bank/days → bank/days (0.20)",
        "offered    运费 → shop/fee → shop/return (0.50)",
    ]


def test_a_run_without_mistakes_lists_none() -> None:
    """There is the table and nothing else."""
    assert len(render(RUN[:1]).splitlines()) == 3


def test_a_run_is_compared_with_an_earlier_one() -> None:
    """What improved, what worsened, by name; what only one of the two asked is counted."""
    now = (
        outcome("怎么退货", "shop/return", "shop/exchange"),
        outcome("怎么换货", "shop/exchange", "shop/exchange"),
        outcome("天气", "none", "", "pass", score=0.0),
        outcome("新问题", "none", "", "pass"),
    )
    assert compare(now, RUN).splitlines() == [
        "since the earlier run: 1 improved, 1 worsened, 1 as before, 1 new, 3 no longer asked",
        "improved  怎么换货: wrong shop/return (0.95) → right shop/exchange (0.90)",
        "worsened  怎么退货: right shop/return (0.90) → wrong shop/exchange (0.90)",
    ]


@given(st.lists(OUTCOMES, max_size=5, unique_by=lambda one: one.question))
def test_a_saved_run_is_recalled_as_it_was(run: list[Outcome]) -> None:
    """Nothing is lost on the way through the file; against itself nothing changed."""
    recalled = recall(store(run))
    assert recalled == tuple(run)
    assert compare(run, recalled).endswith(f": 0 improved, 0 worsened, {len(run)} as before, 0 new, 0 no longer asked")


@given(st.lists(OUTCOMES, min_size=1, max_size=20))
def test_the_counts_of_a_line_add_up(run: list[Outcome]) -> None:
    """Right, offered, unanswered and wrong are all the questions, whatever came of them."""
    for line in render([*run]).split("\n\n")[0].splitlines()[1:]:
        questions, _, right, offered, unanswered, wrong, *_ = line.split()
        assert int(questions) == int(right) + int(offered) + int(unanswered) + int(wrong)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "3", '{"outcomes": [{"question": 1}]}', '{"outcomes": 3}', store(RUN).replace("answer", "maybe")],
)
def test_what_is_no_run_is_refused(text: str) -> None:
    """A file of another kind is named as such."""
    with pytest.raises(ValueError, match="is no run that hit --save wrote"):
        recall(text)
