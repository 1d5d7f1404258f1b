"""Plain text in any encoding: paragraphs, and headings where a line looks like one."""

import codecs
import re
from collections.abc import Iterable, Iterator

import charset_normalizer

from bot.rag.files import Unreadable
from bot.rag.passages import Block, Kind

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 200_000  # bytes that decide the encoding
_NUMBER = "一二三四五六七八九十百零〇\\d"
_HEADING = re.compile(
    rf"第[{_NUMBER}]+[章节編编部条](?=\s|：|:|[^\d，。；]|$)|[一二三四五六七八九十]+、|\d+(?:\.\d+){{1,3}}\s"
)
_CLOSED = re.compile(r"[。！？；!?;,，、：:]$")


def decode(data: bytes) -> str:
    """The text of bytes: by byte-order mark, UTF-8, else the likeliest encoding. Raises Unreadable."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace").lstrip("\ufeff")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _guess(data)


def _guess(data: bytes) -> str:
    """Chinese first: GB 18030 decodes nearly anything, so it must also look like Chinese."""
    sample = data[:_SAMPLE]
    if b"\0" not in sample and _is_everyday_chinese(sample.decode("gb18030", "ignore")):
        return data.decode("gb18030", "replace")
    best = charset_normalizer.from_bytes(sample, cp_isolation=["gb18030", "big5", "cp932", "euc_kr", "cp1252"]).best()
    encoding = best.encoding if best else "gb18030"
    if b"\0" in sample:
        encoding = _utf16(sample)
    text = data.decode(encoding, "replace")
    if text.count("\ufffd") > len(text) // 50:
        raise Unreadable("the encoding is unknown; save it as UTF-8")
    return text


def _is_everyday_chinese(text: str) -> bool:
    """Whether most ideographs are of the 3,755 frequent ones, which GB 2312 puts into rows B0 to D7."""
    ideographs = [char for char in text if char > "\u2fff"]
    leads = (char.encode("gb2312", "ignore")[:1] for char in ideographs)
    return sum(b"\xa1" <= lead <= b"\xd7" for lead in leads) > 0.9 * len(ideographs) > 0


def _utf16(sample: bytes) -> str:
    """UTF-16 without a mark: the side on which more zero bytes lie."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) < len(sample) // 50:
        raise Unreadable("binary, not text")
    return "utf-16-be" if even > odd else "utf-16-le"


def read_text(data: bytes, notes: list[str]) -> Iterator[Block]:
    """Paragraphs of a text file."""
    return paragraphs(decode(data).splitlines())


def paragraphs(lines: Iterable[str], page: int | None = None) -> Iterator[Block]:
    """Join lines to paragraphs, which end at an empty line; a line that looks like a heading is one."""
    pending: list[str] = []
    for line in lines:
        text = " ".join(line.split())
        if text and not is_heading(text):
            pending.append(text)
            continue
        if pending:
            yield Block(Kind.TEXT, "\n".join(pending), page=page)
            pending = []
        if text:
            yield Block(Kind.HEADING, text, level=2, page=page)
    if pending:
        yield Block(Kind.TEXT, "\n".join(pending), page=page)


def is_heading(line: str) -> bool:
    return len(line) <= 40 and bool(_HEADING.match(line)) and not _CLOSED.search(line)
