"""English number words: twenty-one, three hundred and two dozens, two thirds, one and a half million, a fifth.

Works on folded text; a number may begin with Arabic digits (3 hundred and 21).
"""

import re
from dataclasses import dataclass
from decimal import Decimal

UNITS = {
    "zero": 0, "nought": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = dict(
    zip(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], range(20, 100, 10), strict=True)
)
SCALES = {
    "hundred": 100, "thousand": 10**3, "lakh": 10**5, "million": 10**6, "mil": 10**6, "crore": 10**7,
    "billion": 10**9, "bn": 10**9, "trillion": 10**12,
}  # fmt: skip
DOZENS = {"dozen": 12, "doz": 12, "dz": 12}
_SMALL_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "nineth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19,
}  # fmt: skip
ORDINALS = (
    _SMALL_ORDINALS
    | {word[:-1] + "ieth": value for word, value in TENS.items()}
    | {f"{word}th": value for word, value in SCALES.items()}
)
_UNSCALED = 10**18
_FRACTION_NAMES = {"half": 2, "halves": 2, "quarter": 4, "quarters": 4}

_WORD = re.compile(r"\d[\d,]*(?:\.\d+)?|\.\d+|[a-z]+")
_GAP = re.compile(r"\s*-\s*|\s+")
_ARABIC = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+")
_NAMES = sorted({*UNITS, *TENS, *SCALES, *ORDINALS, "half", "quarter", "a", "an"}, key=len, reverse=True)
START = re.compile(rf"(?<![a-z])(?:{'|'.join(_NAMES)})(?:s|es)?(?![a-z])")


@dataclass(frozen=True, slots=True)
class Words:
    """`text[start:end]` says `value`; an ordinal (the third) is told from a fraction (two thirds)."""

    start: int
    end: int
    value: Decimal
    ordinal: bool = False
    fraction: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int
    hyphen: bool  # joined to the word before


def _words(text: str, start: int) -> list[_Word]:
    words: list[_Word] = []
    position, hyphen = start, False
    while len(words) < 24 and (match := _WORD.match(text, position)):
        words.append(_Word(match.group(), match.start(), match.end(), hyphen))
        gap = _GAP.match(text, match.end())
        if gap is None:
            break
        position, hyphen = gap.end(), "-" in gap.group()
    return words


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") else word


class _Reader:
    """A cursor over words; each method reads one construction or leaves the cursor where it was."""

    def __init__(self, words: list[_Word]) -> None:
        self.words, self.at = words, 0

    def word(self, ahead: int = 0) -> str:
        return self.words[self.at + ahead].text if self.at + ahead < len(self.words) else ""

    def number(self, text: str) -> Decimal | None:
        if text in UNITS:
            return Decimal(UNITS[text])
        if text in TENS:
            return Decimal(TENS[text])
        return Decimal(text.replace(",", "")) if _ARABIC.fullmatch(text) else None

    def cardinal(self) -> Decimal | None:
        total, current, scale, begun = Decimal(0), Decimal(0), _UNSCALED, False
        while (step := self._step(total, current, scale, begun)) is not None:
            total, current, scale = step
            begun = True
        if not begun:
            return None
        return total + current + self._decimals()

    def _step(self, total: Decimal, current: Decimal, scale: int, begun: bool) -> tuple[Decimal, Decimal, int] | None:
        word, skip = self.word(), 0
        if word == "and" and begun and current % 10 == 0 and self.number(self.word(1)) is not None:
            word, skip = self.word(1), 1
        elif word in {"a", "an"} and not begun and _singular(self.word(1)) in {*SCALES, *DOZENS}:
            self.at += 1
            word, current = self.word(), Decimal(1)
        name = _singular(word)
        if name in SCALES or name in DOZENS:
            return self._scale(name, total, current, scale, begun or current > 0)
        number = self.number(word)
        if number is None or not self._fits(number, word, current, begun and scale == _UNSCALED):
            return None
        if skip and self._is_fraction_ahead(number):
            return None
        self.at += 1 + skip
        return total, current + number, scale

    def _scale(
        self, name: str, total: Decimal, current: Decimal, scale: int, begun: bool
    ) -> tuple[Decimal, Decimal, int] | None:
        if not begun:
            return None
        self.at += 1
        if name in DOZENS:
            hundreds = current // 100 * 100 if current % 100 else Decimal(0)
            return total + hundreds + (current - hundreds) * 12, Decimal(0), 1
        factor = SCALES[name]
        if factor == 100:
            return total, current * 100, scale
        if factor > scale:
            return (total + current) * factor, Decimal(0), factor
        return total + current * factor, Decimal(0), factor

    def _fits(self, number: Decimal, word: str, current: Decimal, below_scale: bool) -> bool:
        if not current:
            return not below_scale  # nought four
        if number != int(number):
            return False  # 3 hundred and 2.12 hundred
        if word[0].isdigit() and number >= 1000:
            return False
        if number >= 10:
            return current % 100 == 0 and (number < 100 or word[0].isdigit())
        return current % 10 == 0 and current % 100 != 10 and number > 0

    def _is_fraction_ahead(self, number: Decimal) -> bool:
        """and three quarters is a fraction of one; and thirty fifths is not."""
        mark = self.at
        self.at += 1
        self.cardinal()
        denominator = self.denominator()
        self.at = mark
        return denominator is not None and number < denominator

    def _decimals(self) -> Decimal:
        if self.word() != "point":
            return Decimal(0)
        mark, text = self.at, ""
        self.at += 1
        while self.word() in UNITS or self.word() in TENS or self.word().isdigit():
            text += str(self.number(self.word()))
            self.at += 1
        if not text:
            self.at = mark
            return Decimal(0)
        return Decimal("0." + text)

    def denominator(self) -> Decimal | None:
        """thirds, quarter, twenty-fifths, one hundred and fifth."""
        mark = self.at
        if self.word() in _FRACTION_NAMES:
            self.at += 1
            return Decimal(_FRACTION_NAMES[self.words[self.at - 1].text])
        value = self.ordinal()
        if value is None or value < 3:
            value = None
            self.at = mark
        return value

    def ordinal(self) -> Decimal | None:
        if (name := _singular(self.word())) in ORDINALS:
            self.at += 1
            return Decimal(ORDINALS[name])
        mark = self.at
        base = None if self.word()[:1].isdigit() else self.cardinal()
        if base is not None and self.word() == "and":
            self.at += 1
        name = _singular(self.word())
        if base is None or name not in ORDINALS:
            self.at = mark
            return None
        self.at += 1
        value = ORDINALS[name]
        return base * value if value >= 100 else base + value


def scan(text: str, start: int) -> Words | None:
    """The longest number in words that begins at `start` of the folded text, or None."""
    words = _words(text, start)
    for read in (_hyphenated_fraction, _fraction, _ordinal, _mixed):
        reader = _Reader(words)
        if (found := read(reader)) is not None and reader.at:
            value, ordinal, fraction = found
            return Words(start, words[reader.at - 1].end, value, ordinal, fraction)
    return None


_Found = tuple[Decimal, bool, bool] | None


def _hyphenated_fraction(reader: _Reader) -> _Found:
    """a twenty-first, one hundred thirty-fifths: a hyphen binds the tens to the denominator."""
    for at, word in enumerate(reader.words[1:], 1):
        tens = reader.words[at - 1].text
        bound = word.hyphen or (at > 1 and reader.words[at - 2].text == "hundred")
        if bound and tens in TENS and ORDINALS.get(_singular(word.text), 99) < 10:
            head = _Reader(reader.words[: at - 1])
            numerator = Decimal(1) if head.word() in {"a", "an"} and at == 2 else head.cardinal()
            if numerator is None or (head.at != at - 1 and at != 2):
                return None
            reader.at = at + 1
            return numerator / (TENS[tens] + ORDINALS[_singular(word.text)]), False, True
    return None


def _fraction(reader: _Reader, scaled: bool = True) -> _Found:
    """two thirds, a hundredth, half million, three quarters."""
    numerator: Decimal | None
    if reader.word() in {"half", "quarter"}:
        numerator = Decimal(1)
    elif reader.word() in {"a", "an"} and reader.word(1) not in SCALES:
        reader.at += 1
        numerator = Decimal(1)
    else:
        numerator = reader.cardinal()
    if numerator is None:
        return None
    denominator = reader.denominator()
    if denominator is None or denominator < 2:
        return None
    plural = reader.words[reader.at - 1].text.endswith("s") or reader.words[reader.at - 1].text in _FRACTION_NAMES
    if not plural and numerator != 1:
        return None
    return numerator / denominator * (_trailing_scale(reader) if scaled else 1), False, True


def _mixed(reader: _Reader) -> _Found:
    """twenty-one, one and a half, five and a half million, three million and a quarter, one over three."""
    whole = reader.cardinal()
    if whole is None:
        return None
    last_scale = SCALES.get(_singular(reader.words[reader.at - 1].text), 1)
    mark = reader.at
    if reader.word() == "and":
        reader.at += 1
        part = _fraction(reader, scaled=last_scale > 1)
        if part is not None:
            grows = last_scale if last_scale >= 1000 and part[0] < 1 else 1
            return (whole + part[0] * grows) * _trailing_scale(reader), False, True
    elif reader.word() == "over" or (reader.word() == "out" and reader.word(1) == "of"):
        reader.at += 1 if reader.word() == "over" else 2
        under = reader.cardinal()
        if under and not reader.word().startswith(("year", "month", "week", "day", "hour", "minute")):
            return whole / under, False, True
    reader.at = mark
    return whole, False, False


def _ordinal(reader: _Reader) -> _Found:
    value = reader.ordinal()
    return None if value is None else (value, True, False)


def _trailing_scale(reader: _Reader) -> int:
    if reader.word() in SCALES and reader.word() != "hundred":
        reader.at += 1
        return SCALES[reader.words[reader.at - 1].text]
    return 1
