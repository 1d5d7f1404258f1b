"""One character at a time to the form that is compared: the table behind every reading of a text.

A table maps each character alone, whatever stands beside it. That keeps masking and streaming exact: the place of a
found word in the original text follows from the characters before it. Traditional becomes simplified, full width and
styled letters (ⓑ 𝐛 🅱 ㈢) and look-alikes become plain, numbers become 一二三, invisible characters and symbols go.
"""

import re
import sys
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, lru_cache

import numpy as np
import opencc
from numpy.typing import NDArray

from policies.lines import decode, encode

_GONE = re.compile("[\U000e0000-\U000e007f\U000e0100-\U000e01ef]")
_ODD = re.compile("[\ud800-\udfff\U000e0000-\U000e007f\U000e0100-\U000e01ef]")
SYMBOLS = "*_-~^|`#@$%&+=<>\\/[]{}"  # between the letters of a word they are noise
_BETWEEN = "\U0001ffff"  # never a character, and every table leaves it as it is
LAST_PLANE = 0x10000  # where the letters that most texts are written in end
TABLE_SIZE = 0x20000  # the planes where letters and symbols are; above them only BEYOND goes

_INVISIBLE = (
    (0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0xD800, 0xDFFF), (0x1D173, 0x1D17A), (0x1F3FB, 0x1F3FF),
)  # fmt: skip
_MARKS = ((0x300, 0x36F), (0x483, 0x489), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
_BADGES = (0x1F150, 0x1F170, 0x1F1E6)  # 🅐 🅰 🇦: letters that Unicode gives no plain form
BEYOND = frozenset(
    map(chr, (*range(0xE0000, 0xE0080), *range(0xE0100, 0xE01F0)))
)  # tags and more variation selectors: invisible too

_DIGITS = {
    "〇": "0０零⓪⓿", "一": "1壹弌幺❶➀➊⓵", "二": "2贰貮弍❷➁➋⓶", "三": "3叁弎❸➂➌⓷", "四": "4肆❹➃➍⓸", "五": "5伍❺➄➎⓹",
    "六": "6陆❻➅➏⓺", "七": "7柒❼➆➐⓻", "八": "8捌❽➇➑⓼", "九": "9玖❾➈➒⓽",
}  # fmt: skip
# Letters of other scripts that are drawn like a Latin one, and Latin ones that no decomposition leads back.
_LOOK_ALIKES = {
    "a": "аαɑᴀɐ", "b": "вβʙƅь", "c": "сᴄϲ", "d": "ԁđɖᴅ", "e": "еєεᴇǝɘ", "f": "ꜰƒ", "g": "ɡɢց", "h": "һнħʜɥ",
    "i": "іıɩιɪ", "j": "јȷᴊ", "k": "кκᴋ", "l": "ӏǀłʟ", "m": "мᴍɯ", "n": "ηпɴո", "o": "оοσøɵᴏօɔ", "p": "рρᴘ",
    "q": "ԛ", "r": "гʀɹ", "s": "ѕꜱʂ", "t": "тτŧᴛʇ", "u": "υᴜʋս", "v": "νᴠѵʌ", "w": "ԝωᴡʍ", "x": "хχ", "y": "уγʏʎ",
    "z": "ᴢƶ",
}  # fmt: skip


def is_odd(text: str) -> object:
    """Say whether `text` has a character of BEYOND, or half of one."""
    return _ODD.search(text)


def fold(character: str) -> str:
    """Give the plain form of one character: "" for noise, itself for punctuation, else letters in lower case."""
    if character in _noise():
        return ""
    plain = "".join(c for c in unicodedata.normalize("NFKD", character) if c not in _noise() or c in SYMBOLS)
    plain = unicodedata.normalize("NFC", plain).casefold().strip("().,")
    same = _same_as()
    if not plain.isalnum():
        return same.get(character, character)
    return "".join([same.get(c, c) for c in _simplified().get(plain, plain)])


class Table:
    """Maps texts character by character. `entries` is for `str.translate`: a list, which is faster than a dict."""

    def __init__(self, changes: Mapping[str, str] | None = None) -> None:
        """Take the folded forms of all characters, with `changes` made to characters and forms."""
        self.entries: list[int | str] = list(_folded())
        for character, image in (_changed(changes) if changes else {}).items():
            self.entries[ord(character)] = ord(image) if len(image) == 1 else image

    @cached_property
    def changes(self) -> Callable[[str], object]:
        """Says whether folding may change a text: most need none, which is five times faster to see than to do."""
        return _any_of([code for code in range(LAST_PLANE) if self.entries[code] != code]).search

    @cached_property
    def _uneven(self) -> "re.Pattern[str]":
        return _any_of([code for code in range(LAST_PLANE) if isinstance(self.entries[code], str)])

    @cached_property
    def images(self) -> NDArray[np.uint32]:
        """Give by code point the one that it is folded into, 0 when that is not exactly one."""
        entries = [0 if isinstance(entry, str) else entry for entry in self.entries]
        above = np.arange(TABLE_SIZE, ord(max(BEYOND)) + 1)
        above[[ord(one) - TABLE_SIZE for one in BEYOND]] = 0
        return np.concatenate([entries, above]).astype(np.uint32)

    def origins_of(self, forms: Collection[str]) -> frozenset[str]:
        """Give all characters that are folded into one of these, or into several with one of these among them."""
        wanted = np.array([ord(form) for form in forms], np.uint32)
        codes = np.flatnonzero(np.isin(self.images, wanted, kind="table")) if forms else wanted
        signs = frozenset(forms)
        several = [one for one, image in self._several.items() if not signs.isdisjoint(image)]
        return frozenset([*map(chr, codes.tolist()), *several])

    @cached_property
    def _several(self) -> Mapping[str, str]:
        return {chr(code): entry for code, entry in enumerate(self.entries) if isinstance(entry, str) and entry}

    @cached_property
    def noise(self) -> "re.Pattern[str]":
        """Matches the usual characters that are folded into nothing, one by one."""
        return re.compile(f"[{_ranges([code for code in range(LAST_PLANE) if self.entries[code] == ''])}]")

    def fold(self, text: str) -> str:
        """Map every character of `text`."""
        return self._map(text) if self.changes(text) else text

    def _map(self, text: str) -> str:
        return _GONE.sub("", text.translate(self.entries))

    def fold_all(self, texts: Sequence[str]) -> list[str]:
        """Map many texts at once, which takes a twentieth of the time."""
        joined = _BETWEEN.join(texts)
        if joined.count(_BETWEEN) >= len(texts):
            return self.fold_all([text.replace(_BETWEEN, "") for text in texts]) if texts else []
        codes = encode(joined)
        known = codes < len(self.images)
        images = self.images[codes] if known.all() else np.where(known, self.images[np.where(known, codes, 0)], codes)
        folded = decode(images[images != 0]).split(_BETWEEN)
        several = np.flatnonzero(np.isin(codes, list(map(ord, self._several)), kind="table"))
        between = np.flatnonzero(codes == ord(_BETWEEN))
        for number in set(np.searchsorted(between, several).tolist()):
            folded[number] = self._map(texts[number])
        return folded

    def image(self, character: str) -> str:
        """Map one character."""
        code = ord(character)
        if code >= TABLE_SIZE:
            return _GONE.sub("", character)
        entry = self.entries[code]
        return entry if isinstance(entry, str) else chr(entry)

    @cached_property
    def uneven(self) -> frozenset[str]:
        """All characters that are not mapped to exactly one."""
        return BEYOND.union(chr(code) for code, entry in enumerate(self.entries) if isinstance(entry, str))

    def is_even(self, text: str) -> bool:
        """Say whether every character of `text`, best a short one, is mapped to exactly one."""
        return self.uneven.isdisjoint(text)

    def origins(self, text: str) -> Sequence[int]:
        """Give for each character of the folded text the place in `text` it comes from."""
        places: list[int] = []
        done = 0
        for match in self._uneven.finditer(text):
            place = match.start()
            places += range(done, place)
            places += [place] * len(self.image(match[0]))
            done = place + 1
        places += range(done, len(text))
        return places


def _any_of(codes: Sequence[int]) -> "re.Pattern[str]":
    """Match any of these characters, given in their order, and all of the planes above."""
    return re.compile(f"[{_ranges(codes)}{chr(LAST_PLANE)}-{chr(sys.maxunicode)}]")


def _ranges(codes: Sequence[int]) -> str:
    """Write these characters, given in their order, as the inside of a class."""
    firsts = [code for before, code in zip([-2, *codes], codes, strict=False) if code != before + 1]
    lasts = [code for code, after in zip(codes, [*codes[1:], -1], strict=True) if after != code + 1]
    return "".join(f"{re.escape(chr(a))}-{re.escape(chr(b))}" for a, b in zip(firsts, lasts, strict=True))


def _changed(changes: Mapping[str, str]) -> Mapping[str, str]:
    """Add to `changes` the characters that are folded into some of them."""
    touched = {one: form for one, form in _moved().items() if not changes.keys().isdisjoint(form)}
    return {one: "".join([changes.get(part, part) for part in form]) for one, form in touched.items()} | dict(changes)


@lru_cache(maxsize=1)
def _folded() -> tuple[int | str, ...]:
    entries = map(fold, map(chr, range(TABLE_SIZE)))
    return tuple([ord(entry) if len(entry) == 1 else entry for entry in entries])


@lru_cache(maxsize=1)
def _moved() -> Mapping[str, str]:
    """The characters that are folded into something else."""
    entries = enumerate(_folded())
    return {chr(code): entry if isinstance(entry, str) else chr(entry) for code, entry in entries if entry != code}


@lru_cache(maxsize=1)
def _noise() -> frozenset[str]:
    spans = (*_INVISIBLE, *_MARKS)
    wide = (chr(ord(symbol) + 0xFEE0) for symbol in SYMBOLS)
    return frozenset(chr(code) for first, last in spans for code in range(first, last + 1)).union(SYMBOLS, wide)


@lru_cache(maxsize=1)
def _simplified() -> Mapping[str, str]:
    # One call for all characters: line ends keep OpenCC from seeing phrases, which no table of characters can have.
    characters = [chr(code) for code in (*range(0x2E80, 0xD800), *range(0xF900, 0xFB00), *range(0x20000, 0x2FA20))]
    simplified = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    once = {old: new for old, new in zip(characters, simplified, strict=True) if old != new}
    return {old: once.get(new, new) for old, new in once.items()}  # 薴 to 苧 to 苎


@lru_cache(maxsize=1)
def _same_as() -> Mapping[str, str]:
    same = {old: new for group in (_DIGITS, _LOOK_ALIKES) for new, olds in group.items() for old in olds}
    badges = {chr(first + step): chr(ord("a") + step) for first in _BADGES for step in range(26)}
    return same | badges
