"""How a text is written is not what it means: the forms of a question that are compared.

`normalise` is what "exactly the same" compares; `fold` keeps Latin words apart and is what similarity reads.
"""

import functools
import re
import unicodedata
from array import array

import opencc

LIMIT = 500  # characters of a question that are read; a question of a customer is far shorter

_PLANES = 0x30000  # the table covers every ideograph; what lies above is a tag, a private character or unassigned
_GONE, _GAP = 0, ord(" ")
_KEPT = frozenset("%+.-:/")  # say something beside digits: 5%, C++, 3.5, 1-2, 9:30, 1/3
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_LOOSE_SEPARATOR = re.compile(r"(?<!\d)[.\-:/]|[.\-:/](?!\d)")
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0002ffff"
_GAP_BESIDE_WIDE = re.compile(rf"(?<=[{_WIDE}]) | (?=[{_WIDE}])")
_LOOSE_MARK = re.compile("[\u0300-\u036f\u3099\u309a\ufe00-\ufe0f]")  # an accent no letter took, a variation selector
_ABOVE = re.compile(r"[\U00030000-\U0010ffff]")


def normalise(text: str) -> str:
    """The letters, digits and ideographs of `text` in one form: NFKC, lower case, simplified, nothing between them."""
    return _plain(text).replace(" ", "")


def fold(text: str) -> str:
    """As `normalise`, but Latin words stay apart by one space."""
    return _GAP_BESIDE_WIDE.sub("", " ".join(_plain(text).split()))


def _plain(text: str) -> str:
    """The steps of a pipeline ask for the same few texts again and again."""
    return _remembered(text) if len(text) <= LIMIT else _written_plainly(text)


def _written_plainly(text: str) -> str:
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    plain = _THOUSANDS.sub("", _ABOVE.sub("", composed)).translate(_table()).replace("\0", "")
    return _LOOSE_SEPARATOR.sub(" ", plain)


_remembered = functools.lru_cache(maxsize=256)(_written_plainly)


@functools.cache
def _table() -> "array[int]":
    """Code point -> code point; built once, on first use (0.1 s)."""
    table = array("I", (_target(chr(code)) for code in range(_PLANES)))
    table[ord("\N{FRACTION SLASH}")] = ord("/")
    ideographs = [chr(code) for code in range(0x3400, _PLANES) if unicodedata.category(chr(code)) == "Lo"]
    convert = opencc.OpenCC("t2s").convert
    simplified = convert(convert("\n".join(ideographs))).split("\n")  # twice: 薴 -> 苧 -> 苎
    for before, after in zip(ideographs, simplified, strict=True):
        if len(after) == 1 and ord(after) < _PLANES:
            table[ord(before)] = ord(after)
    return table


def _target(char: str) -> int:
    category = unicodedata.category(char)
    if category == "Sc" or char in _KEPT:
        return ord(char)
    if category[0] in "ZPS" or char in "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85":
        return _GAP
    return _GONE if category[0] == "C" or _LOOSE_MARK.match(char) else ord(char)
