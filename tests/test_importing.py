"""faq.importing, reading: rows of .jsonl, .csv and .xlsx, whatever program wrote them."""

import functools
import io
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from faq.importing import READERS, Reading, Row, read_csv, read_jsonl, read_xlsx


def jsonl(*records: object) -> Reading:
    """Read records as lines of a.jsonl."""
    return read_jsonl("\n".join(json.dumps(record) for record in records).encode(), "a.jsonl")


def xlsx(fill: Callable[[Worksheet], object]) -> Reading:
    """Read a workbook whose only sheet was filled."""
    book = openpyxl.Workbook()
    assert isinstance(book.active, Worksheet)
    fill(book.active)
    return saved(book)


def saved(book: openpyxl.Workbook) -> Reading:
    """Read a workbook as a.xlsx."""
    stream = io.BytesIO()
    book.save(stream)
    return read_xlsx(stream.getvalue(), "a.xlsx")


def said(reading: Reading) -> list[str]:
    """What is told of the file."""
    return [str(problem) for problem in reading.problems]


def only(reading: Reading) -> Row:
    """The one row of a file with nothing wrong in it."""
    assert said(reading) == []
    (row,) = reading.rows
    return row


def test_a_json_line_is_a_row() -> None:
    """Every field of the contract and of the export is read; line ends and outer space are tidied."""
    row = only(
        jsonl({
            "kb": "shop", "id": 7, "question": " 怎么\r\n退款 ", "answer": "点这里 \r\n再点那里\n",
            "variants": ["退钱", " "], "hard_negatives": ["怎么换货"], "examples": ["钱能退吗"],
            "answers": {"wechat": "好"}, "valid": {"until": "2026-12-31"},
        })
    )  # fmt: skip
    assert (row.knowledge_base, row.id, row.question, row.answer) == ("shop", "7", "怎么 退款", "点这里\n再点那里")
    assert (row.variants, row.negatives, row.examples) == (("退钱",), ("怎么换货",), ("钱能退吗",))
    assert row.answers == {"wechat": "好"}
    assert [str(day) for day in row.valid or ()] == ["None", "2026-12-31"]


def test_what_a_json_line_does_not_say_stays_unsaid() -> None:
    """Absent and null fields are None, so that merging keeps what an entry has."""
    row = only(jsonl({"question": "问", "answer": "答", "variants": None}))
    assert (row.variants, row.negatives, row.examples, row.answers, row.valid) == (None,) * 5


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not an object"),
        ("{问}".encode("gbk"), "not UTF-8"),
        (b'{"question": 1, "answer": "a"}', "question must be a text"),
        (b'{"question": "a", "answer": "a", "id": true}', "id must be a text"),
        (b'{"question": "a", "answer": "a", "variants": "b"}', "variants must be a list of texts"),
        (b'{"question": "a", "answer": "a", "answers": ["b"]}', "answers must be an object of texts"),
        (b'{"question": "a", "answer": "a", "valid": {"from": "soon"}}', "write it as 2026-01-31"),
        (b'{"question": "a", "answer": " "}', "answer is empty"),
        (b'{"answer": "a"}', "question is empty"),
        (b'{"question": "a", "answer": "a\\u0000"}', "U+0000; delete it"),
        (b'{"question": "a\\ud800", "answer": "a"}', "U+D800; delete it"),
        (b'{"question": "a", "answer": "a", "id": "b c"}', "is not an id"),
        (b'{"question": "a", "answer": "a", "kb": "../b"}', "is not an id"),
        (b'{"question": "a", "answer": "a", "kb": "b/c"}', "holds '/'"),
        (b'{"question": "a", "answer": "a", "answers": {"We Chat": "b"}}', "not a platform's name"),
    ],
)
def test_a_wrong_json_line_is_told_and_the_others_are_read(line: bytes, reason: str) -> None:
    """The line, the reason, and every other row."""
    reading = read_jsonl(b'\xef\xbb\xbf{"question": "x", "answer": "y"}\n\n' + line, "a.jsonl")
    (problem,) = said(reading)
    assert problem.startswith("a.jsonl:3: row skipped: ")
    assert reason in problem
    assert [row.question for row in reading.rows] == ["x"]


def test_a_sentence_that_cannot_stand_costs_the_sentence_not_the_row() -> None:
    """A control character in a variant drops the variant with a warning."""
    reading = jsonl({"question": "问", "answer": "答", "variants": ["\b退钱", "退款"]})
    assert reading.rows[0].variants == ("退款",)
    assert said(reading) == [
        r"a.jsonl:1: warning: '\x08退钱' dropped: it holds the invisible character U+0008; delete it"
    ]


def test_an_unknown_field_is_told_once() -> None:
    """A field that is not imported must not be lost in silence, nor be told for every row."""
    (problem,) = said(jsonl(*({"question": q, "answer": "a", "category": "x"} for q in "abc")))
    assert problem.startswith("a.jsonl:1: warning: the field 'category' is not imported")


CHINESE = "编号,知识库,问题,相似问法,反例,答案\r\n1,shop,怎么退款,退钱|怎么退钱,怎么换货,点「退款」\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_whatever_wrote_it(encoding: str, delimiter: str) -> None:
    """Excel, WPS and databases differ in encoding and separator; the row is the same."""
    row = only(read_csv(CHINESE.replace(",", delimiter).encode(encoding), "a.csv"))
    assert (row.id, row.knowledge_base, row.question, row.answer) == ("1", "shop", "怎么退款", "点「退款」")
    assert (row.variants, row.negatives) == (("退钱", "怎么退钱"), ("怎么换货",))


@pytest.mark.parametrize(
    "headings",
    [
        "question,answer",
        "Question ,  ANSWER (required)",
        "标准问题,标准答案",
        "問題（必填）,答案",
        "提问,回复内容,答复",
    ],
)
def test_headings_are_known_in_chinese_and_english(headings: str) -> None:
    """Traditional, capitals, spaces and remarks in brackets do not matter."""
    row = read_csv(f"{headings}\n怎么退款,点退款,点退款\n".encode(), "a.csv").rows[0]
    assert (row.question, row.answer) == ("怎么退款", "点退款")


def test_a_quoted_cell_may_hold_lines_commas_and_quotes() -> None:
    """Rows keep the line of the file they begin at, however long the cells before are."""
    text = 'question,answer\n怎么退款,"第一行\n第二行, ""引号"""\n怎么换货,\n'
    reading = read_csv(text.encode(), "a.csv")
    assert reading.rows[0].answer == '第一行\n第二行, "引号"'
    assert said(reading) == ["a.csv:4: row skipped: answer is empty; write one"]


def test_lines_above_the_headings_and_empty_rows_do_no_harm() -> None:
    """A title above the table is skipped, an empty row told, an unknown column named."""
    reading = read_csv("常见问题\n\n问题,负责人,答案\n怎么退款,张三,点退款\n,,\n".encode(), "a.csv")
    assert [row.question for row in reading.rows] == ["怎么退款"]
    assert said(reading) == ["a.csv:3: warning: columns not imported: 负责人", "a.csv:5: warning: empty row skipped"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no heading for the question and the answer among nothing"),
        (b"name,price\nx,1\n", "no heading for the question and the answer among name, price"),
        (b"\xff\xff\xff", "the encoding is not recognised"),
    ],
)
def test_a_csv_that_is_no_faq_is_told(data: bytes, reason: str) -> None:
    """A file that holds no question and answer says what was looked for."""
    (problem,) = said(read_csv(data, "a.csv"))
    assert problem.startswith(f"a.csv:1: {reason}")


def test_a_quote_never_closed_is_told() -> None:
    """It swallows the rest of the file, which is noticed by its length."""
    problems = said(read_csv(f'question,answer\na,b\nc,"{"d" * 200_000}'.encode(), "a.csv"))
    assert problems == [
        "a.csv:3: not readable as CSV (field larger than field limit (131072)); is a quote never closed?"
    ]


def test_the_templates_of_other_products_are_read() -> None:
    """A title, content and questions column, one question a line in the cell, under headings as MaxKB has them."""
    headings = "分段标题（选填）,分段内容（必填，问题答案）,问题（选填，单元格内一行一个）\n"
    row = only(read_csv(f'{headings}介绍,"第一句。\n第二句。","这是什么？\n介绍一下\n"\n'.encode(), "a.csv"))
    assert (row.question, row.variants, row.answer) == ("这是什么？", ("介绍一下",), "第一句。\n第二句。")
    row = only(read_csv(f"{headings}介绍一下,内容,\n".encode(), "a.csv"))
    assert (row.question, row.variants) == ("介绍一下", None)


def test_merged_cells_count_for_all_they_cover() -> None:
    """A question and answer merged over rows with one variant each are one FAQ with those variants."""

    def fill(sheet: Worksheet) -> None:
        for row in (
            ("常见问题", None, None),
            ("问题", "答案", "相似问法"),
            ("怎么退款", "点退款", "退钱"),
            (None, None, "退"),
        ):
            sheet.append(row)
        for area in ("A1:C1", "A3:A4", "B3:B4"):
            sheet.merge_cells(area)

    row = only(xlsx(fill))
    assert (row.question, row.answer, row.variants) == ("怎么退款", "点退款", ("退钱", "退"))
    assert str(row.place) == "a.xlsx:3"


def test_numbers_dates_and_errors_are_read_as_excel_shows_them() -> None:
    """A whole number has no decimals, a day no hour, an error no text."""

    def fill(sheet: Worksheet) -> None:
        sheet.append(("id", "question", "answer"))
        sheet.append((12.0, "几点开门", 9.5))
        sheet.append((13, "哪天开门", "#N/A"))

    reading = xlsx(fill)
    assert [(row.id, row.answer) for row in reading.rows] == [("12", "9.5")]
    assert said(reading) == ["a.xlsx:3: row skipped: answer is empty; write one"]


def test_a_formula_without_a_result_is_told() -> None:
    """Only Excel computes formulas; a file never opened in it has no results stored."""

    def fill(sheet: Worksheet) -> None:
        sheet.append(("question", "answer"))
        sheet.append(("多少钱", '="5"&"元"'))

    formula, empty = said(xlsx(fill))
    assert formula == "a.xlsx:2: warning: column 2 is a formula never computed; open the file in Excel and save it"
    assert empty == "a.xlsx:2: row skipped: answer is empty; write one"


def test_every_visible_sheet_is_read() -> None:
    """Sheets without the headings are told, hidden and empty ones are not there."""
    book = openpyxl.Workbook()
    for title, question in (("售前", "有货吗"), ("售后", "怎么退款"), ("旧", "不要")):
        sheet = book.create_sheet(title)
        sheet.append(("问题", "答案"))
        sheet.append((question, "好"))
    book["旧"].sheet_state = "hidden"
    book.create_sheet("说明").append(("请勿删除",))
    reading = saved(book)
    assert [str(row.place) for row in reading.rows] == ["a.xlsx[售前]:2", "a.xlsx[售后]:2"]
    assert said(reading) == ["a.xlsx:1: warning: sheet 说明 skipped: it has no headings for question and answer"]


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06" + bytes(18), b"question,answer\n"])
def test_a_file_that_is_no_workbook_is_told(data: bytes) -> None:
    """Another format under the name .xlsx gives a sentence, not a traceback."""
    (problem,) = said(read_xlsx(data, "a.xlsx"))
    assert problem.startswith("a.xlsx:1: not readable as .xlsx")


@given(st.sampled_from(sorted(READERS)), st.binary(max_size=300))
def test_no_bytes_break_a_reader(suffix: str, data: bytes) -> None:
    """Whatever a file holds, a reader gives rows and problems."""
    reading = READERS[suffix](data, f"a{suffix}")
    assert all(isinstance(row, Row) for row in reading.rows)
    assert all(Path(problem.place.path).name.startswith("a.") for problem in reading.problems)


@functools.cache
def workbook() -> bytes:
    """The bytes of an empty workbook."""
    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    return stream.getvalue()


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=5))
def test_no_damaged_workbook_breaks_the_reader(changes: list[tuple[int, int]]) -> None:
    """A workbook with bytes changed in transit is read or refused."""
    damaged = bytearray(workbook())
    for position, value in changes:
        damaged[position % len(damaged)] = value
    assert read_xlsx(bytes(damaged), "a.xlsx").problems
