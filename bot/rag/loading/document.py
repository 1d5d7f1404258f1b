"""Choose the loader by suffix, translate what its library raises, keep within the limits."""

import csv
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath

from docx.opc.exceptions import OpcError
from openpyxl.utils.exceptions import InvalidFileException
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException
from pptx.exc import PythonPptxError
from xlrd.biffh import XLRDError
from xlrd.compdoc import CompDocError

from bot.rag.files import LIMIT_BYTES, Unreadable
from bot.rag.loading.markup import read_epub, read_html, read_markdown, read_notebook
from bot.rag.loading.office import read_docx, read_pptx
from bot.rag.loading.pdf import read_pdf
from bot.rag.loading.plain import read_text
from bot.rag.loading.tables import read_csv, read_xls, read_xlsx
from bot.rag.passages import Block, Kind

LIMIT_BLOCKS = 200_000

Loader = Callable[[bytes, list[str]], Iterator[Block]]  # the list takes notes of what was left out

LOADERS: Mapping[str, Loader] = {
    ".csv": read_csv,
    ".docx": read_docx,
    ".epub": read_epub,
    ".htm": read_html,
    ".html": read_html,
    ".ipynb": read_notebook,
    ".json": read_text,
    ".log": read_text,
    ".markdown": read_markdown,
    ".md": read_markdown,
    ".mdx": read_markdown,
    ".pdf": read_pdf,
    ".pptx": read_pptx,
    ".rst": read_text,
    ".tsv": read_csv,
    ".txt": read_text,
    ".xhtml": read_html,
    ".xls": read_xls,
    ".xlsx": read_xlsx,
    ".xml": read_html,
}


# What the parsers raise on damaged files; nothing of it is our own mistake alone, so it is told, not hidden.
DAMAGE = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError),
    *(TypeError, ValueError, csv.Error, struct.error, zlib.error, zipfile.BadZipFile, XLRDError, PSException),
    *(CompDocError, OpcError, PythonPptxError, InvalidFileException, MalformedPDFException, PdfminerException),
)


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says. `notes` tells what of it was left out and why."""

    title: str
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()


def readable(name: str) -> bool:
    return PurePath(name).suffix.lower() in LOADERS


def load(name: str, data: bytes) -> Document:
    """Read a file's bytes by the suffix of its name. Raises Unreadable with the reason and the remedy."""
    loader = LOADERS.get(PurePath(name).suffix.lower())
    if loader is None:
        raise Unreadable(f"no format that is read; save it as one of {' '.join(sorted(LOADERS))}")
    if not data:
        raise Unreadable("empty, zero bytes")
    if len(data) > LIMIT_BYTES:
        raise Unreadable(f"larger than {LIMIT_BYTES // 2**20} MB; split the file")
    notes: list[str] = []
    blocks = _read(loader, data, notes)
    if not blocks:
        raise Unreadable("; ".join(notes) or "no text in it")
    return Document(_title(name, blocks), blocks, tuple(notes))


def _read(loader: Loader, data: bytes, notes: list[str]) -> tuple[Block, ...]:
    """Run a loader; whatever its parser says of a damaged file is one reaction."""
    try:
        blocks = tuple(islice((block for block in loader(data, notes) if block.text.strip()), LIMIT_BLOCKS + 1))
    except Unreadable:
        raise
    except DAMAGE as error:
        raise Unreadable(f"damaged or not what its name says ({type(error).__name__}: {error})") from error
    if len(blocks) > LIMIT_BLOCKS:
        raise Unreadable(f"more than {LIMIT_BLOCKS} rows or paragraphs; split the file or put it in a database")
    return blocks


def _title(name: str, blocks: tuple[Block, ...]) -> str:
    """The first heading of the first level near the top, else the name of the file."""
    first = next((b.text for b in blocks[:5] if b.kind is Kind.HEADING and b.level == 1), "")
    return first[:120] or PurePath(name).stem
