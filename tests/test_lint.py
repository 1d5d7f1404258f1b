"""faq.lint: what can be loaded and is still not what the staff meant."""

from datetime import date

from faq.content import assemble
from faq.lint import lint

DAY = date(2026, 6, 1)

ENTRY = """\
knowledge_base: a
entries:
  - id: x
    question: 怎么退款
    variants:
      - 退款怎么弄
    answer: 点退款。
  - id: y
    question: 怎么换货
    answer: 点换货。
"""


def said(before: str, after: str) -> list[str]:
    """What lint says of the good file with one thing changed."""
    assert before in ENTRY
    return [str(problem) for problem in lint(assemble({"a.yaml": ENTRY.replace(before, after, 1)}), DAY)]


def test_good_content_is_clean() -> None:
    """Nothing is said of content with nothing odd in it."""
    assert said("a", "a") == []


def test_an_entry_that_expired_or_will_is_told() -> None:
    """A warning once the last day is past and for two weeks before; none while it is far."""
    until = "valid: {{until: {}}}\n    answer: 点换货。".format
    assert said("answer: 点换货。", until("2026-05-31")) == [
        "a.yaml:8: warning: y expired on 2026-05-31 and answers nothing; delete it or change valid"
    ]
    assert said("answer: 点换货。", until("2026-06-15")) == [
        "a.yaml:8: warning: y expires on 2026-06-15; write what holds afterwards"
    ]
    assert said("answer: 点换货。", until("2026-06-16")) == []


def test_a_phrasing_written_twice_in_one_entry_is_told() -> None:
    """The repetition is named at its own line; it does no harm, so it is a warning."""
    assert said("- 退款怎么弄", "- 退款怎么弄\n      - 怎麼退款？") == [
        "a.yaml:7: warning: '怎麼退款？' is the same as '怎么退款' above; delete it"
    ]


def test_a_negative_that_is_a_phrasing_of_the_same_entry_is_an_error() -> None:
    """A question cannot both belong to an entry and be excluded from it."""
    (problem,) = said("answer: 点退款。", "negatives: [退款怎么弄？]\n    answer: 点退款。")
    assert problem == "a.yaml:7: the negative '退款怎么弄？' is also a phrasing of x; delete one of the two"


def test_a_negative_may_be_the_question_of_another_entry() -> None:
    """That is what negatives are for."""
    assert said("answer: 点退款。", "negatives: [怎么换货]\n    answer: 点退款。") == []


def test_an_example_that_another_entry_answers_word_for_word_is_an_error() -> None:
    """It could never land here, whatever the matcher thinks."""
    (problem,) = said("answer: 点换货。", "examples: [退款怎么弄？]\n    answer: 点换货。")
    assert problem.startswith("a.yaml:10: the example '退款怎么弄？' is a phrasing of x (a.yaml:3)")


def test_a_knowledge_base_that_holds_nothing_is_told() -> None:
    """A new file may be empty for a while; the staff are reminded."""
    problems = lint(assemble({"a.yaml": "knowledge_base: a\n"}), DAY)
    assert [str(problem) for problem in problems] == [
        "a.yaml:1: warning: a answers nothing yet; write entries or name documents"
    ]
