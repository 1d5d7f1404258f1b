"""PDF: the text layer of every page, ruled tables row by row, running heads dropped. Scans are read or named.

PDFium reads the text; pdfplumber, slower, only sees pages on which lines are drawn.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO

import pdfplumber
import pypdfium2
from pdfplumber.pdf import PDF
from pdfplumber.table import Table
from pypdfium2 import raw

from bot.rag.files import Unreadable
from bot.rag.loading import scans
from bot.rag.loading.plain import is_heading
from bot.rag.loading.tables import rows
from bot.rag.passages import Block, Kind

_RULES = 6  # drawn lines of the smallest table, two by two
_SCRIPTS = ("CJK", "LATIN", "HIRAGANA", "KATAKANA", "HANGUL", "GREEK", "CYRILLIC", "FULLWIDTH", "IDEOGRAPHIC")
_ENDS = re.compile(r"[。！？；：.!?;:”」）)]$")
_WIDE = re.compile(r"[⺀-鿿　-〿＀-￯]")

Page = list[Block | str]  # tables as blocks, everything else as lines


def read_pdf(data: bytes, notes: list[str]) -> Iterator[Block]:
    """Blocks of every page that has a text layer, or is a picture that can be read."""
    pages = _open(data, notes)
    running = _running_lines([[part for part in page if isinstance(part, str)] for page in pages])
    without = [number for number, page in enumerate(pages, 1) if not page]
    if without:
        remedy = "" if scans.can_read() else "; `pip install '.[ocr]'` reads scans"
        notes.append(f"{len(without)} of {len(pages)} pages have no readable text (scanned or empty){remedy}")
    for number, page in enumerate(pages, 1):
        yield from _blocks([part for part in page if isinstance(part, Block) or _mask(part) not in running], number)


def _open(data: bytes, notes: list[str]) -> list[Page]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        remedy = "encrypted; save it without a password" if "assword" in str(error) else "damaged; save it again"
        raise Unreadable(remedy) from error
    try:
        with pdfplumber.open(BytesIO(data)) as plumber:
            pages = [_page(page, plumber, number) for number, page in enumerate(document)]
        return _with_scans(document, pages, notes) if scans.can_read() else pages
    finally:
        document.close()


def _with_scans(document: pypdfium2.PdfDocument, pages: list[Page], notes: list[str]) -> list[Page]:
    """Read the first pages without text as pictures."""
    pictures = [number for number, page in enumerate(pages) if not page][: scans.LIMIT_PAGES]
    for number in pictures:
        pages[number] = [*scans.read_scan(document[number])]
    read = sum(1 for number in pictures if pages[number])
    if read:
        notes.append(f"{read} scanned pages read as pictures; look them over")
    return pages


def _page(page: pypdfium2.PdfPage, plumber: PDF, number: int) -> Page:
    """Lines and tables of one page from top to bottom; nothing when its letters are no letters."""
    text = page.get_textpage()
    if not _is_language(text.get_text_range()):
        return []
    width, height = page.get_size()
    parts: Page = []
    top = height
    for table in _tables(page, plumber, number):
        _, upper, _, lower = table.bbox
        parts += _lines(text, width, top, height - upper)
        parts += rows(([cell or "" for cell in row] for row in table.extract()), number + 1)
        top = height - lower
    return parts + _lines(text, width, top, 0)


def _tables(page: pypdfium2.PdfPage, plumber: PDF, number: int) -> list[Table]:
    drawn = sum(1 for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=2))
    if drawn < _RULES:
        return []
    found = plumber.pages[number].find_tables()
    tables = [table for table in found if len(table.rows) > 1 and len(table.columns) > 1]
    return sorted(tables, key=lambda table: float(table.bbox[1]))


def _lines(text: pypdfium2.PdfTextPage, width: float, top: float, bottom: float) -> list[str]:
    """The lines between two heights; a line broken inside a word is one."""
    if bottom >= top:
        return []
    raw_text = text.get_text_bounded(left=0, bottom=bottom, right=width, top=top)
    joined = raw_text.replace("\ufffe\r\n", "").replace("\ufffe", "").replace("\x02", "")
    return [line for part in joined.splitlines() if (line := " ".join(part.split()))]


def _blocks(parts: Sequence[Block | str], page: int) -> Iterator[Block]:
    """Join lines to paragraphs: one ends with a sentence at a line that is not full."""
    full = max((len(part) for part in parts if isinstance(part, str)), default=0) * 0.8
    pending = ""
    for part in parts:
        if isinstance(part, Block) or is_heading(part):
            yield Block(Kind.TEXT, pending, page=page)
            yield part if isinstance(part, Block) else Block(Kind.HEADING, part, level=2, page=page)
            pending = ""
            continue
        pending = _joined(pending, part)
        if len(part) < full and _ENDS.search(part):
            yield Block(Kind.TEXT, pending, page=page)
            pending = ""
    yield Block(Kind.TEXT, pending, page=page)


def _joined(before: str, line: str) -> str:
    """Chinese lines follow each other without a space."""
    if not before or (_WIDE.search(before[-1]) and _WIDE.search(line[0])):
        return before + line
    return f"{before} {line}"


def _running_lines(pages: Sequence[Sequence[str]]) -> frozenset[str]:
    """Heads and feet: the same line, numbers aside, at the edge of most pages."""
    if len(pages) < 4:
        return frozenset()
    edges = Counter(line for page in pages for line in {_mask(text) for text in (*page[:2], *page[-2:])})
    return frozenset(line for line, times in edges.items() if times > len(pages) / 2)


def _mask(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _is_language(text: str) -> bool:
    """Whether most letters are of a script that customers read: a font without a map gives signs of any other."""
    letters = [char for char in text if char.isalpha() or unicodedata.category(char) in {"Co", "Cn"}]
    known = sum(unicodedata.name(char, "").startswith(_SCRIPTS) for char in letters)
    return bool(text.strip()) and known >= 0.7 * len(letters)
