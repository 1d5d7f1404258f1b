"""Every format that is read, every encoding, and the files that a hostile or careless hand leaves."""

import io
import json
import zipfile
from contextlib import suppress

import docx
import openpyxl
import pptx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pptx.util import Inches

from bot.rag.files import Unreadable
from bot.rag.loading import Document, load, readable
from bot.rag.passages import Kind
from tests.pdf_files import pdf

TEXT = "退货政策\n\n七天内可以免费退货，运费由商家承担。\n\n第二章 退款\n\n退款在三个工作日内到账。"


def _said(document: Document) -> str:
    return "\n".join(block.text for block in document.blocks)


def _headings(document: Document) -> list[tuple[int, str]]:
    return [(block.level, block.text) for block in document.blocks if block.kind is Kind.HEADING]


def _rows(document: Document) -> list[str]:
    return [block.text for block in document.blocks if block.kind is Kind.ROW]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "big5"]
)
def test_text_is_read_in_its_encoding(encoding: str) -> None:
    """Windows writes GBK and UTF-16, Taiwan Big5; the words are the same."""
    text = "退貨政策：七天內可以免費退貨，運費由商家承擔，請保留發票。\n" * 5 if encoding == "big5" else TEXT * 5
    document = load("a.txt", text.encode(encoding))
    assert "".join(_said(document).split())[:8] == "".join(text.split())[:8]


def test_a_text_has_headings_where_lines_look_like_headings() -> None:
    """A numbered chapter is a heading, prose is not."""
    assert _headings(load("a.txt", TEXT.encode())) == [(2, "第二章 退款")]


def test_markdown_gives_headings_lists_tables_and_code() -> None:
    """Structure survives, links lose their address, tables name their columns."""
    table = "| 项目 | 天数 |\n|---|---|\n| 退货 | 7 |"
    source = f"# 退货\n\n见[规则](http://x.cn/a)。\n\n- 一\n- 二\n\n{table}\n\n```sh\nrun me\n```\n"
    document = load("a.md", source.encode())
    assert document.title == "退货"
    assert _rows(document) == ["项目 | 天数", "项目：退货；天数：7"]
    assert "run me" in _said(document)
    assert "见规则。" in _said(document)
    assert "http" not in _said(document)


def test_front_matter_gives_the_title_and_is_not_said() -> None:
    """Site generators keep the title there."""
    document = load("a.mdx", "---\ntitle: 指南\nsidebar: 3\n---\nimport X from 'x'\n\n正文。\n".encode())
    assert document.title == "指南"
    assert _said(document) == "指南\n正文。"


def test_html_gives_the_page_without_its_furniture() -> None:
    """Navigation, scripts and footers are no content; tables and lists are."""
    page = (
        "<html><head><title>帮助</title><script>bad()</script></head><body><nav>首页 关于</nav>"
        "<h2>退货</h2><p>七天<b>免费</b>退货</p><ul><li>带发票</li></ul>"
        "<table><tr><th>项目</th><th>天</th></tr><tr><td>退款</td><td>3</td></tr></table><footer>版权</footer></body></html>"
    )
    document = load("a.html", page.encode())
    assert _headings(document) == [(1, "帮助"), (2, "退货")]
    assert "七天免费退货" in _said(document)
    assert "项目：退款；天：3" in _rows(document)
    assert not any(word in _said(document) for word in ("首页", "bad", "版权"))


def test_html_follows_the_charset_it_declares() -> None:
    """Old pages are GBK and say so."""
    page = '<html><head><meta charset="gbk"></head><body><p>退货</p></body></html>'
    assert _said(load("a.htm", page.encode("gbk"))) == "退货"


def test_deeply_nested_html_is_read() -> None:
    """Ten thousand nested elements neither crash nor hang."""
    assert "词" in _said(load("a.html", ("<div>" * 10_000 + "词").encode()))


def test_csv_rows_name_their_columns() -> None:
    """Every row can be read alone; the separator is found."""
    document = load("a.csv", "商品;价格;库存\n杯子;12.5;3\n碗;8;\n".encode("gbk"))
    assert _rows(document)[1:] == ["商品：杯子；价格：12.5；库存：3", "商品：碗；价格：8"]


def test_a_workbook_gives_every_sheet() -> None:
    """Sheets are sections, numbers are as people write them."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "价格"
    book.active.append(["商品", "价格"])
    book.active.append(["杯子", 12.0])
    book.create_sheet("库存").append(["商品", "数量"])
    data = io.BytesIO()
    book.save(data)
    document = load("a.xlsx", data.getvalue())
    assert _headings(document) == [(2, "价格"), (2, "库存")]
    assert "商品：杯子；价格：12" in _rows(document)


def test_word_gives_headings_paragraphs_and_tables_in_order() -> None:
    """A table stands where it stands."""
    source = docx.Document()
    source.add_heading("退货", 1)
    source.add_paragraph("七天内免费。")
    table = source.add_table(2, 2)
    for cell, text in zip((cell for row in table.rows for cell in row.cells), ["项目", "天", "退款", "3"], strict=True):
        cell.text = text
    source.add_paragraph("完。")
    data = io.BytesIO()
    source.save(data)
    document = load("a.docx", data.getvalue())
    assert [block.text for block in document.blocks] == [
        "退货",
        "七天内免费。",
        "项目 | 天",
        "项目：退款；天：3",
        "完。",
    ]


def test_slides_give_titles_shapes_and_notes_with_their_page() -> None:
    """What the speaker says is in the notes."""
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    assert slide.shapes.title is not None
    slide.shapes.title.text_frame.text = "退货"
    slide.shapes.add_textbox(Inches(1), Inches(3), Inches(2), Inches(1)).text_frame.text = "七天内免费"
    assert slide.notes_slide.notes_text_frame is not None
    slide.notes_slide.notes_text_frame.text = "强调免费"
    data = io.BytesIO()
    deck.save(data)
    document = load("a.pptx", data.getvalue())
    assert [(block.text, block.page) for block in document.blocks] == [("退货", 1), ("七天内免费", 1), ("强调免费", 1)]


def test_a_notebook_gives_text_and_code() -> None:
    """Cells in their order."""
    cells = [{"cell_type": "markdown", "source": ["# 报表"]}, {"cell_type": "code", "source": ["sum(x)"]}]
    assert _said(load("a.ipynb", json.dumps({"cells": cells}).encode())) == "报表\nsum(x)"


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.pptx", "a.xlsx", "a.xls", "a.epub", "a.ipynb"])
@pytest.mark.parametrize("data", [b"\0", b"%PDF-1.4\n", b"PK\x03\x04 truncated", b"\xd0\xcf\x11\xe0" + b"\0" * 600])
def test_a_damaged_file_is_named_unreadable(name: str, data: bytes) -> None:
    """Whatever the parser raises, it is one error with a reason."""
    with pytest.raises(Unreadable):
        load(name, data)


@pytest.mark.parametrize("half", ["pdf", "docx"])
def test_half_a_file_never_crashes(half: str) -> None:
    """A copy that broke off is read as far as it goes or named unreadable."""
    source = docx.Document()
    source.add_paragraph("七天内免费。")
    written = io.BytesIO()
    source.save(written)
    data = pdf("Returns") if half == "pdf" else written.getvalue()
    for length in range(1, len(data), max(1, len(data) // 25)):
        with suppress(Unreadable):
            load(f"a.{half}", data[:length])


def test_an_empty_file_is_named_empty() -> None:
    """Zero bytes of any format."""
    with pytest.raises(Unreadable, match="zero bytes"):
        load("a.pdf", b"")


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx"])
def test_an_encrypted_office_file_is_named_so(name: str) -> None:
    """Office puts what it encrypts into a container of the old format, so it is no archive."""
    with pytest.raises(Unreadable, match="without a password"):
        load(name, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))


def test_a_bomb_is_not_unpacked() -> None:
    """A small archive that would be a gigabyte is refused by its own table of contents."""
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(6):
            archive.writestr(f"word/{number}.xml", bytes(100 * 2**20))
    assert len(bomb.getvalue()) < 6 * 2**20
    with pytest.raises(Unreadable, match="unpacks to more than"):
        load("a.docx", bomb.getvalue())


def test_a_table_of_millions_of_rows_is_refused_early() -> None:
    """Nobody waits hours for a database export; the remedy is in the reason."""
    with pytest.raises(Unreadable, match="split the file"):
        load("a.csv", b"a,b\n" + b"1,2\n" * 2_000_000)


def test_an_unknown_format_says_which_are_known() -> None:
    """The reader learns what to save instead."""
    assert not readable("a.jpg")
    with pytest.raises(Unreadable, match=r"\.docx"):
        load("a.jpg", b"x")


@given(st.sampled_from([".txt", ".md", ".html", ".csv", ".json", ".ipynb", ".xlsx", ".pdf"]), st.binary(max_size=400))
def test_no_bytes_crash_a_loader(suffix: str, data: bytes) -> None:
    """Any bytes are a document or an Unreadable."""
    with suppress(Unreadable):
        assert load(f"a{suffix}", data).blocks
