"""faq.importing, merging: what staff wrote stays to the letter, what is imported says exactly what its rows say."""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from faq.content import Content, ContentError, Place, assemble, fault
from faq.importing import Outcome, Plan, Row, export_jsonl, plan, read_jsonl
from faq.importing.merging import automatic_id
from faq.text import normalise

STAFF = """\
# 店铺常见问题，改完请运行 check
knowledge_base: shop   # 不要改
title: 店铺

entries:
  # ---- 退款 ----
  - id: refund
    question: 怎么退款？   # 最常问
    variants: [退钱,   怎么退]
    answer: |
      打开订单。

      # 点「退款」
    answers: {wechat: 发「退款」。}

  - id: exchange
    answer: '点「换货」。'
    question: 怎么换货？
# ---- 计算 ----

calculations:
  - {id: sum, question: 买多少, formula: '1', answer: '{result}'}
"""


NAME = "knowledge_base: shop\n"


def row(question: str = "怎么开发票？", answer: str = "点「发票」。", line: int = 1, **given: object) -> Row:
    """A row of a.csv for the knowledge base shop."""
    fields = {"knowledge_base": "shop", **given}
    return Row(Place("a.csv", line), question, answer, **fields)  # type: ignore[arg-type]


def imported(*rows: Row, text: str = STAFF, replacing: bool = False) -> Plan:
    """The plan of importing rows into shop.yaml."""
    return plan({"shop.yaml": text}, rows, "", "import", replacing=replacing)


def result(planned: Plan, text: str = STAFF) -> Content:
    """The content after the plan."""
    return assemble({"shop.yaml": text, **planned.texts})


def outcomes(planned: Plan) -> Mapping[Outcome, int]:
    """How many rows of shop had which outcome."""
    return dict(planned.outcomes["shop"])


def said(planned: Plan) -> list[str]:
    """What is told of the rows."""
    return [str(problem) for problem in planned.problems]


def test_a_new_entry_is_added_below_and_nothing_else_changes() -> None:
    """Every line of the staff, comments and odd spacing included, is in the file as before."""
    planned = imported(row(id="invoice", variants=("要发票",)))
    added = "\n  - id: invoice\n    question: 怎么开发票？\n    variants:\n      - 要发票\n    answer: 点「发票」。\n"
    before, _, after = STAFF.partition("# ---- 计算")
    assert planned.texts == {"shop.yaml": f"{before}{added}# ---- 计算{after}"}
    assert outcomes(planned) == {Outcome.NEW: 1}


def test_the_same_row_again_changes_nothing() -> None:
    """Importing a file twice is importing it once."""
    first = imported(row(id="invoice", variants=("要发票",)))
    again = imported(row(id="invoice", variants=("要发票",)), text=first.texts["shop.yaml"])
    assert (again.texts, outcomes(again), said(again)) == ({}, {Outcome.UNCHANGED: 1}, [])


def test_another_answer_is_a_conflict_and_is_not_written() -> None:
    """Nothing is overwritten in silence: the entry, the fields that differ and the remedy are told."""
    planned = imported(row("怎么退款？", "没有退款。", id="refund", variants=("退钱",)))
    assert (planned.texts, outcomes(planned)) == ({}, {Outcome.CONFLICTING: 1})
    assert said(planned) == [
        "a.csv:1: refund differs from shop.yaml:7 in variants, answer; --replace takes what is imported"
    ]


def test_replacing_takes_the_row_and_keeps_what_it_does_not_speak_of() -> None:
    """Question, answer and variants are the row's; answers for platforms stay; other entries' lines too."""
    planned = imported(row("怎么退款？", "没有退款。", id="refund", variants=("退钱",)), replacing=True)
    assert outcomes(planned) == {Outcome.REPLACED: 1}
    refund, exchange = result(planned).entries
    assert (refund.answer, refund.variants, refund.answers) == ("没有退款。", ("退钱",), {"wechat": "发「退款」。"})
    assert exchange == assemble({"shop.yaml": STAFF}).entries[1]
    text = planned.texts["shop.yaml"]
    assert text.startswith(STAFF[: STAFF.index("  - id: refund")])
    assert text.endswith(STAFF[STAFF.index("\n  - id: exchange") :])


def test_a_row_without_id_finds_the_entry_that_asks_the_same() -> None:
    """A spreadsheet without ids updates the entries it was made from."""
    planned = imported(row("怎么換貨", "点「换货」。"))
    assert said(planned) == [
        "a.csv:1: exchange differs from shop.yaml:16 in question; --replace takes what is imported"
    ]


def test_a_row_without_id_gets_one_from_its_question() -> None:
    """It can be read, and is the same at the next import."""
    assert [entry.id for entry in result(imported(row())).entries][-1] == "怎么开发票"
    assert automatic_id("How do I return it?") == "how-do-i-return-it"
    assert automatic_id("100% 棉吗") == automatic_id("100%棉吗") != automatic_id("100棉吗")
    assert automatic_id("问" * 99) != automatic_id("问" * 98)


def test_a_question_that_is_taken_skips_its_row() -> None:
    """By the content, a calculation, or an earlier row; however it is typed."""
    rows = (
        row("退錢", id="a"),
        row("买多少？", line=2, id="b"),
        row(line=3, id="c"),
        row("怎么开发票", line=4, id="d"),
    )
    planned = imported(*rows)
    assert outcomes(planned) == {Outcome.NEW: 1, Outcome.SKIPPED: 3}
    assert said(planned) == [
        "a.csv:1: row skipped: '退錢' is already at shop.yaml:9; a question has one answer",
        "a.csv:2: row skipped: '买多少？' is already at shop.yaml:22; a question has one answer",
        "a.csv:4: row skipped: '怎么开发票' is already at a.csv:3; a question has one answer",
    ]


def test_a_variant_that_is_taken_is_dropped_and_its_row_imported() -> None:
    """Questions go before variants, whichever row comes first; repetitions and mere punctuation go too."""
    variants = ("退钱？", "可以开票吗", "怎么开发票", "！", "要票")
    planned = imported(row(id="a", variants=variants), row("可以开票吗", line=2, id="b"))
    assert [entry.variants for entry in result(planned).entries[2:]] == [("要票",), ()]
    assert said(planned) == [
        "a.csv:1: warning: variant '退钱？' dropped: it is already at shop.yaml:9",
        "a.csv:1: warning: variant '可以开票吗' dropped: it is already at a.csv:2",
        "a.csv:1: warning: variant '怎么开发票' dropped: it repeats another phrasing of the row",
        "a.csv:1: warning: variant '！' dropped: it has no letter or digit",
    ]


def test_a_negative_that_is_a_phrasing_of_its_row_is_dropped() -> None:
    """It would be an error of the content."""
    planned = imported(row(negatives=("怎么开发票", "怎么退票", "怎么退票")))
    assert result(planned).entries[-1].negatives == ("怎么退票",)
    assert len(said(planned)) == 1


def test_an_id_twice_and_a_question_without_words_are_told() -> None:
    """The first row of an id is taken; a calculation's id is no entry's."""
    planned = imported(row(id="a"), row("别的", line=2, id="a"), row("？！", line=3), row("总价", line=4, id="sum"))
    assert said(planned) == [
        "a.csv:2: row skipped: id a is already at a.csv:1; choose another",
        "a.csv:3: row skipped: the question has no letter or digit that could be compared; write it in words",
        "a.csv:4: row skipped: id sum is already at shop.yaml:22; choose another",
    ]


def test_a_new_knowledge_base_is_a_new_file() -> None:
    """Named by the row, else by the call; content need not exist before."""
    planned = plan({}, [row(), row("怎么退票", knowledge_base="")], "kb", "2026")
    assert planned.texts["kb/2026.yaml"].startswith("knowledge_base: '2026'\nentries:\n  - id: 怎么退票\n")
    assert [base.id for base in assemble(planned.texts).knowledge_bases] == ["2026", "shop"]


def test_a_file_that_holds_another_knowledge_base_is_not_overwritten() -> None:
    """The name of a new file may be taken by an old file of another name inside."""
    with pytest.raises(ContentError, match=r"other\.yaml:1: holds another knowledge base than other"):
        plan({"other.yaml": STAFF}, [row(knowledge_base="other")], "", "other")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (NAME, "knowledge_base: shop\nentries:\n  - id: a\n"),
        (NAME + "entries: []  # 空\n", "knowledge_base: shop\nentries:  # 空\n  - id: a\n"),
        ("entries:\n- {id: b, question: 乙, answer: 二}\nknowledge_base: shop", "二}\n\n- id: a\n"),
        (NAME + "entries:\n-\n  id: b\n  question: 乙\n  answer: 二", "  answer: 二\n\n- id: a\n"),
        ("knowledge_base: shop\r\nentries:\r\n  - {id: b, question: 乙, answer: 二}\r\n", "}\r\n\r\n  - id: a\r\n"),
        (NAME + "entries:\n  - {id: b, question: 乙, answer: 二}\n...\n", "二}\n\n  - id: a\n"),
        (
            "entries:\n - {id: b, question: 乙, answer: 二}\n - {id: c, question: 丙, answer: 三}\n" + NAME,
            "三}\n - id: a\n",
        ),
    ],
)
def test_entries_are_added_in_whatever_layout_the_staff_use(before: str, after: str) -> None:
    """No entries yet, other indentation, other line ends, entries first, no blank lines: the layout is kept."""
    text = imported(row(id="a"), text=before).texts["shop.yaml"]
    assert after in text
    assert len(text.splitlines()) > len(before.splitlines())


def test_entries_in_brackets_are_not_touched() -> None:
    """They have no lines to add below; the staff are told how to write them."""
    with pytest.raises(ContentError, match=r"shop\.yaml:2: written in brackets"):
        imported(row(id="a"), text="knowledge_base: shop\nentries: [{id: b, question: 乙, answer: 二}]\n")


def test_nothing_is_planned_for_content_that_is_wrong() -> None:
    """The staff repair it first."""
    with pytest.raises(ContentError, match="answer is missing"):
        imported(row(), text=STAFF.replace("answer: '点「换货」。'", "variants: [换]"))


LINE = st.text(st.characters(codec="utf-8"), max_size=20).filter(lambda text: not fault(text, 20))
TEXT = st.lists(LINE, min_size=1, max_size=4).map(lambda lines: "\n".join(map(str.rstrip, lines)).strip()).filter(bool)


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(answer=TEXT, question=TEXT, variants=st.lists(TEXT, max_size=3), fresh=st.booleans())
@example("yes", "null", ["1.0", "- a", "a: b", "'", "#", "|", "true", "2026-01-01", "0x1F", "=", "&a", "*a"], True)
@example("a\n  b\n\n\tc\n# d", "问题: 一", ["emoji 😀", "a\u2028b", "a\ufeffb", "%", "@a", "`a", "!a"], False)
def test_every_text_is_written_so_that_it_reads_back(
    answer: str, question: str, variants: list[str], fresh: bool
) -> None:
    """New or replaced, whatever the letters, the file says what the row says and keeps the other entries."""
    assume(normalise(question))
    taken = {normalise(text) for text in ("怎么退款", "退钱", "怎么退", "怎么换货", "买多少", question)}
    distinct = tuple({normalise(text): text for text in variants if normalise(text) not in taken | {""}}.values())
    assume(normalise(question) not in {normalise(text) for text in ("退钱", "怎么退", "怎么换货", "买多少")})
    new = row(question, answer, id="new" if fresh else "refund", variants=distinct)
    planned = imported(new, replacing=True)
    (written,) = (entry for entry in result(planned).entries if entry.id == new.id)
    assert (written.question, written.answer, written.variants) == (question, answer, distinct)
    others = [entry for entry in assemble({"shop.yaml": STAFF}).entries if entry.id != new.id]
    assert [entry for entry in result(planned).entries if entry.id != new.id] == others


def test_an_export_is_imported_to_the_same_content() -> None:
    """Every entry of the export is the entry it was exported from, dates and platforms included."""
    valid = STAFF.replace("    answers:", "    valid: {from: 2026-01-01}\n    examples: [我要退]\n    answers:")
    before = assemble({"shop.yaml": valid})
    reading = read_jsonl(export_jsonl(before).encode(), "shop.jsonl")
    assert reading.problems == []
    planned = plan({}, reading.rows, "", "")
    assert assemble(planned.texts).entries == before.entries
    assert plan({"shop.yaml": valid}, reading.rows, "", "").texts == {}
