"""PDF: text, tables, running heads, scans, passwords, and files that broke off."""

import io
import sys
from pathlib import Path

import pypdfium2
import pytest

from bot.rag.files import Unreadable
from bot.rag.loading import Document, load, scans
from bot.rag.passages import Kind
from tests.pdf_files import encrypted_pdf, pdf, table_pdf


def _said(document: Document) -> str:
    return "\n".join(block.text for block in document.blocks)


def test_pdf_gives_the_text_of_its_pages() -> None:
    """The page number stays with the text."""
    document = load("a.pdf", pdf("Returns are free within 7 days.", "Refunds take 3 days."))
    assert [(block.text, block.page) for block in document.blocks] == [
        ("Returns are free within 7 days.", 1),
        ("Refunds take 3 days.", 2),
    ]


def test_running_heads_of_a_pdf_are_dropped() -> None:
    """The same first line on every page says nothing, whatever its page number."""
    document = load("a.pdf", pdf(*(f"Manual page {n}\nText number {chr(96 + n)}" for n in range(1, 6))))
    assert "Manual" not in _said(document)
    assert "Text number c" in _said(document)


def test_a_scanned_pdf_is_named_as_such() -> None:
    """Five hundred pages without a text layer are told in one sentence, quickly."""
    scan = pypdfium2.PdfDocument.new()
    for _ in range(500):
        scan.new_page(200, 200)
    data = io.BytesIO()
    scan.save(data)
    scan.close()
    with pytest.raises(Unreadable, match="500 of 500 pages have no readable text"):
        load("a.pdf", data.getvalue())


OCR = """
class RapidOCR:
    def __call__(self, picture):
        assert picture.ndim == 3 and picture.dtype == "uint8"
        return [[None, "Returns within 7 days", 0.98], [None, "a smudge", 0.2]], [0.1]
"""


def test_a_scan_is_read_where_the_extra_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the engine, in its shape: what is legible is kept with its page, an empty page costs nothing."""
    (tmp_path / "rapidocr_onnxruntime.py").write_text(OCR, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    scans._engine.cache_clear()
    scan = pypdfium2.PdfDocument.new()
    scan.new_page(200, 200)
    picture = pypdfium2.PdfImage.new(scan)
    picture.set_bitmap(pypdfium2.PdfBitmap.new_native(20, 20, 4))
    page = scan.new_page(200, 200)
    page.insert_obj(picture)
    page.gen_content()
    data = io.BytesIO()
    scan.save(data)
    scan.close()
    document = load("a.pdf", data.getvalue())
    scans._engine.cache_clear()
    monkeypatch.delitem(sys.modules, "rapidocr_onnxruntime")
    assert [(block.text, block.page) for block in document.blocks] == [("Returns within 7 days", 2)]
    assert document.notes[0].startswith("1 scanned pages read as pictures")
    assert "1 of 2 pages have no readable text" in document.notes[1]


def test_a_ruled_table_is_read_row_by_row_in_its_place() -> None:
    """Every row names its columns; what stands above and below stays there."""
    rows = [("Item", "Days"), ("Return", "7"), ("Refund", "3")]
    document = load("a.pdf", table_pdf(rows, "Our terms are these.", "Ask us anything."))
    assert [(block.kind, block.text) for block in document.blocks] == [
        (Kind.TEXT, "Our terms are these."),
        (Kind.ROW, "Item | Days"),
        (Kind.ROW, "Item：Return；Days：7"),
        (Kind.ROW, "Item：Refund；Days：3"),
        (Kind.TEXT, "Ask us anything."),
    ]


def test_a_pdf_with_a_password_is_named_so() -> None:
    """With what to do; nothing of it is read."""
    with pytest.raises(Unreadable, match="encrypted; save it without a password"):
        load("a.pdf", encrypted_pdf("Returns within 7 days.", "secret"))


def test_a_pdf_that_only_forbids_changes_is_read() -> None:
    """It is encrypted too, by an empty password that every reader knows."""
    assert _said(load("a.pdf", encrypted_pdf("Returns within 7 days.", ""))) == "Returns within 7 days."


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_truncated_pdf_is_read_in_part_or_named_damaged(share: float) -> None:
    """A copy that broke off gives whole pages only, or its reason."""
    data = pdf("Returns within 7 days.", "Refunds take 3 days.")
    said, reasons = [], []
    try:
        said = [block.text for block in load("a.pdf", data[: int(len(data) * share)]).blocks]
    except Unreadable as reason:
        reasons = [str(reason)]
    assert set(said) <= {"Returns within 7 days.", "Refunds take 3 days."}
    assert set(reasons) <= {"damaged; save it again"}
    assert said or reasons
