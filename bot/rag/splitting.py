"""Blocks become passages: along the headings, sentences whole, table rows whole, the last sentences said twice.

A sentence at the edge of a passage often completes the next one, so up to `overlap` characters are carried over.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.rag.passages import Block, Kind, Passage

SIZE, OVERLAP = 180, 60  # characters; measured on Chinese encyclopaedia paragraphs (benchmarks/rag.py)

_SENTENCE = re.compile(r".+?(?:[。！？；!?…]+[”』」）)\"']*|\.(?=\s|$)|\n+|$)\s*", re.DOTALL)
_CLAUSE = re.compile(r"[^，,、：:\s]*[，,、：:\s]*")


@dataclass(frozen=True, slots=True)
class Source:
    """Which document the blocks come from."""

    knowledge_base: str
    document: str
    title: str


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    section: str
    page: int | None
    row: bool


def split(blocks: Iterable[Block], source: Source, size: int = SIZE, overlap: int = OVERLAP) -> Iterator[Passage]:
    """Give the passages of a document in order; one that says what an earlier one said is left out."""
    seen: set[str] = set()
    for pieces in _windows(_pieces(blocks, size), size, overlap):
        text = "".join(piece.text for piece in pieces).strip()
        first = pieces[0]
        if text and (key := f"{first.section}\n{text}") not in seen:
            seen.add(key)
            yield Passage(source.knowledge_base, source.document, source.title, first.section, first.page, text)


def sentences(text: str) -> list[str]:
    """Cut a text after its sentences; joined they are the text again."""
    return [found[0] for found in _SENTENCE.finditer(text) if found[0]]


def _pieces(blocks: Iterable[Block], size: int) -> Iterator[_Piece]:
    """Cut every block into pieces that fit, each with the headings above it."""
    path: list[tuple[int, str]] = []
    for block in blocks:
        if block.kind is Kind.HEADING:
            path = [(level, text) for level, text in path if level < block.level] + [(block.level, block.text)]
            continue
        section = " › ".join(text for level, text in path if level > 1)
        row = block.kind is Kind.ROW
        for text in [block.text] if row and len(block.text) <= 4 * size else _fitting(block.text, size):
            yield _Piece(text, section, block.page, row)
        yield _Piece("\n", section, block.page, row)


def _fitting(text: str, size: int) -> Iterator[str]:
    for sentence in sentences(text):
        if len(sentence) <= size:
            yield sentence
        else:
            yield from _packed(_CLAUSE.findall(sentence), size)


def _packed(clauses: Iterable[str], size: int) -> Iterator[str]:
    """Join clauses while they fit; cut a clause that fits nowhere."""
    current = ""
    for clause in clauses:
        if len(current) + len(clause) > size:
            yield current
            current = ""
        while len(clause) > size:
            yield clause[:size]
            clause = clause[size:]
        current += clause
    yield current


def _windows(pieces: Iterable[_Piece], size: int, overlap: int) -> Iterator[list[_Piece]]:
    window: list[_Piece] = []
    for piece in pieces:
        if not piece.text or (not window and piece.text == "\n"):
            continue
        if window and window[0].section != piece.section:
            yield window
            window = []
        elif window and _length(window) + len(piece.text.rstrip()) > size:
            yield window
            window = _carried(window, piece, size, overlap)
        window.append(piece)
    if window:
        yield window


def _carried(window: list[_Piece], coming: _Piece, size: int, overlap: int) -> list[_Piece]:
    """The last sentences of a full window that fit before the piece that comes; rows stand for themselves."""
    kept: list[_Piece] = []
    for piece in reversed(window):
        length = _length(kept) + len(piece.text)
        if piece.row or length > overlap or length + len(coming.text) > size:
            break
        kept.insert(0, piece)
    while kept and kept[0].text == "\n":
        kept.pop(0)
    return kept


def _length(pieces: Iterable[_Piece]) -> int:
    return sum(len(piece.text) for piece in pieces)
