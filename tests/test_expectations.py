"""faq.expectations: the table of `hit --expected`, and every mistake that can be made in it."""

import pytest

from faq.content import ContentError
from faq.expectations import read_expectations
from tests.contents import content, entry

TAUGHT = content(entry("怎么退货", id="return"), entry("多久发货", id="delivery"))
GOOD = "问题,期望\n退货怎么弄,shop/return\n今天天气,none\n"


def read(data: bytes | str) -> list[tuple[str, str, int]]:
    """Question, expected and line of each row."""
    rows = read_expectations(data.encode() if isinstance(data, str) else data, "asked.csv", TAUGHT)
    return [(row.question, row.expected, row.place.line) for row in rows]


def told(data: bytes | str) -> list[str]:
    """The problems of a file that is refused."""
    with pytest.raises(ContentError) as refused:
        read(data)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_what_excel_and_editors_write_is_read(encoding: str, mark: str) -> None:
    """Encoding and delimiter of the file make no difference."""
    data = GOOD.replace(",", mark).encode(encoding)
    assert read(data) == [("退货怎么弄", "shop/return", 2), ("今天天气", "none", 3)]


def test_columns_are_found_by_name() -> None:
    """In any order, among others, in English too; blank lines and ends of cells say nothing."""
    text = 'no,Expected,Question\n1, shop/return ,"one, two"\n\n,,\n3,无,早\n4,ＮＯＮＥ,晚\n'
    assert read(text) == [("one, two", "shop/return", 2), ("早", "none", 5), ("晚", "none", 6)]


def test_a_question_over_two_lines_keeps_the_count_of_lines() -> None:
    """What follows is named by the line an editor shows."""
    assert told('question,expected\n"早\n安",none\n晚安,shop/x\n')[0].startswith("asked.csv:4: ")


def test_all_wrong_rows_are_told_at_once() -> None:
    """Each with its line and what to write instead."""
    rows = ["退货,shop/retrun", "发货,delivery", ",none", "早安,", "one, two,none", "退貨？,none", "晚安,x/y/z"]
    assert told("\n".join(["question,expected", "退货,none", *rows])) == [
        "asked.csv:3: there is no entry 'shop/retrun'; write shop/return, if that is meant",
        "asked.csv:4: there is no entry 'delivery'; write shop/delivery, if that is meant",
        "asked.csv:5: the question is empty; write one or delete the row",
        "asked.csv:6: nothing is expected of '早安'; write knowledge_base/entry, or none",
        "asked.csv:7: has more columns than the heading; put a question that holds a comma in double quotes",
        "asked.csv:8: the question '退貨？' is already at line 2; delete one",
        "asked.csv:9: there is no entry 'x/y/z'; write knowledge_base/entry as in the files, or none",
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "退货,shop/return\n", "问题，期望\n", "question\n退货\n"])
def test_a_table_without_its_heading_is_refused(text: str) -> None:
    """The heading to write is in the message."""
    (problem,) = told(text)
    assert "the first line must be 'question,expected' or '问题,期望'" in problem


def test_a_table_without_rows_is_refused() -> None:
    """A report on nothing would look like success."""
    assert told("question,expected\n") == ["asked.csv:1: holds no question; write one a line below the heading"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\xff\x00\x81", "asked.csv:1: the encoding is not recognised; save the file as UTF-8"),
        (b'question,expected\n"a,none\n', "asked.csv:2: not readable as CSV (unexpected end of data)"),
    ],
)
def test_what_is_no_csv_is_refused(data: bytes, problem: str) -> None:
    """Bytes of another kind and a quote never closed are told, not guessed at."""
    assert told(data)[0].startswith(problem)
