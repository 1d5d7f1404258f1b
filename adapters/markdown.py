"""Markdown as a plain-text chat shows it best. Text that is not Markdown comes out as it went in.

Line by line and on purpose no parser: a parser joins, renumbers and unescapes lines that staff wrote word for word.
Does not cut (splitting.py) and does not escape (each adapter does).
"""

import re
from collections.abc import Iterator

_FENCE = re.compile(r"\s*(?:```|~~~)")
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,})\s*")
_TABLE_RULE = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?")
_TABLE_ROW = re.compile(r"\s*\|(.+)\|\s*")
_STARTS = (
    (re.compile(r"^\s{0,3}#{1,6}\s+(.*?)(?:\s+#+)?$"), r"\1"),
    (re.compile(r"^\s{0,3}>\s?"), ""),
    (re.compile(r"^(\s*)[-*+]\s+(?=\S)"), r"\1• "),
)
_SPANS = (
    (re.compile(r"!\[([^\]\n]*)\]\((\S+?)(?:\s+\"[^\"\n]*\")?\)"), r"\1 \2"),
    (re.compile(r"\[([^\]\n]+)\]\((\S+?)(?:\s+\"[^\"\n]*\")?\)"), lambda link: _link(link[1], link[2])),
    (re.compile(r"\*\*(?=\S)([^\n]+?)(?<=\S)\*\*"), r"\1"),
    (re.compile(r"(?<!\w)__(?![A-Za-z0-9_]+__)(?=\S)([^\n]+?)(?<=\S)__(?!\w)"), r"\1"),  # not __init__
    (re.compile(r"~~(?=\S)([^\n]+?)(?<=\S)~~"), r"\1"),
    (re.compile(r"(?<![0-9A-Za-z*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![0-9A-Za-z*])"), r"\1"),  # not 2*3*4
    (re.compile(r"(?<!\w)_(?=[^\s_])([^_\n]+?)(?<=[^\s_])_(?!\w)"), r"\1"),  # not a_b_c
)
_CODE = re.compile(r"(`+)(.+?)\1")


def to_plain(text: str) -> str:
    """Marks removed, links written out, bullets as •, table cells joined by ｜; words and line breaks stay."""
    return "\n".join(_lines(text))


def _lines(text: str) -> Iterator[str]:
    fenced = False
    for line in text.split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
        elif fenced:
            yield line
        elif not _RULE.fullmatch(line) and not _TABLE_RULE.fullmatch(line):
            yield _line(line)


def _line(line: str) -> str:
    row = _TABLE_ROW.fullmatch(line)
    if row:
        line = "｜".join(cell.strip() for cell in row[1].split("|"))
    for pattern, plain in _STARTS:
        line = pattern.sub(plain, line)
    pieces = _CODE.split(line)  # text, ticks, code, text, ticks, code, … text
    return "".join(_spans(piece) if at % 3 == 0 else piece for at, piece in enumerate(pieces) if at % 3 != 1)


def _spans(text: str) -> str:
    for pattern, plain in _SPANS:
        text = pattern.sub(plain, text)
    return text


def _link(words: str, address: str) -> str:
    return address if words == address else f"{words}（{address}）"
