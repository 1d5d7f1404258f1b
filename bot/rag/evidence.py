"""Does the evidence carry what the model says? Numbers, words and languages, compared without a model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from bot.rag.dates import Date, dates, stands
from bot.rag.lexicon import tokens
from bot.rag.passages import Passage
from faq.text import fold

SUPPORT = 0.5  # share of a sentence's own words that the passages must hold

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_COUNTED = re.compile(
    r"(?<![\d.])[零〇一二两三四五六七八九十百千万亿]+(?=[天日月年元个小时分秒岁次周号件条位倍成名人款份期级%％])"
)
_HAN = re.compile(r"[㐀-鿿]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_NAME = re.compile(r"(?<=[a-z0-9,;'\"] )[A-Z][a-z]{2,}|(?<=[㐀-鿿])[A-Z][a-z]{2,}|[A-Z][a-z]{2,}(?= [A-Z][a-z])")
_FOREIGN = re.compile(r"([㐀-鿿])\s?[·•・‧]\s?(?=([㐀-鿿]))")  # where the parts of 詹姆斯·卡梅隆 meet
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_FILLER = frozenset("的了是在有和与及或为于以您你我们请可吗呢啊吧就都也还而其这那该即因此所将会能要需")


class Language(Enum):
    """What a text is written in, as far as it matters here."""

    HAN = 1
    LATIN = 2
    NONE = 3  # numbers and signs


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the passages and the question say, ready for comparing."""

    numbers: frozenset[str]
    dates: frozenset[Date]
    words: frozenset[str]
    asked: frozenset[str]
    language: Language
    asked_in: Language

    @classmethod
    def of(cls, passages: Sequence[Passage], question: str) -> "Evidence":
        """Read the passages once."""
        text = "\n".join(f"{passage.heading}\n{passage.text}" for passage in passages)
        return cls(
            numbers=frozenset(numbers(text) | numbers(question)),
            dates=frozenset((*dates(_in_digits(text)), *dates(_in_digits(question)))),
            words=frozenset(_words(text) | _foreign(text)),
            asked=frozenset(_words(question) | _foreign(question)),
            language=_language(text),
            asked_in=_language(question),
        )

    def holds_numbers(self, text: str) -> bool:
        """Whether every number and every date of a text stands in the evidence."""
        return numbers(text) <= self.numbers and all(stands(date, self.dates) for date in dates(_in_digits(text)))

    def supports(self, sentence: str) -> bool:
        """Whether the words and names that a sentence adds to the question stand in the evidence.

        An answer in the language of the question but not of its sources is judged by numbers and citations alone.
        """
        language = _language(sentence)
        if language not in (self.language, Language.NONE):
            return language is self.asked_in
        own = _words(sentence) - self.asked
        return names(sentence) <= self.words | self.asked and len(own & self.words) >= SUPPORT * len(own)

    def carries(self, sentence: str) -> bool:
        """Whether the evidence alone is reason enough to say a sentence that cites nothing."""
        return bool(_words(sentence) & self.words) and self.supports(sentence) and self.holds_numbers(sentence)


def numbers(text: str) -> set[str]:
    """The numbers of a text in one form: no separators, no trailing zeros, Chinese numerals before a unit as digits."""
    return {_canonical(number) for number in NUMBER.findall(_in_digits(text))}


def _in_digits(text: str) -> str:
    """The folded text with the numerals before a unit as digits."""
    return _COUNTED.sub(lambda numeral: str(_value(numeral[0])), fold(text))


def _canonical(number: str) -> str:
    whole, point, fraction = number.replace(",", "").partition(".")
    return f"{whole.lstrip('0') or '0'}{point if fraction.strip('0') else ''}{fraction.rstrip('0')}"


def _value(numeral: str) -> int:
    """三万二千 -> 32000; digits one after the other are read so (二〇二六 -> 2026)."""
    if not set(numeral) & (_UNITS.keys() | _LARGE.keys()):
        return int("".join(str(_DIGITS[char]) for char in numeral))
    total = section = digit = 0
    for char in numeral:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _UNITS:
            section, digit = section + (digit or 1) * _UNITS[char], 0
        else:
            total, section, digit = (total + section + digit) * _LARGE[char], 0, 0
    return total + section + digit


def _words(text: str) -> set[str]:
    """Latin words, and pairs of ideographs that are not filler."""
    read = list(tokens(text))
    latin = {word for word in read if word[0].isalnum() and word.isascii() and not word.isdigit() and len(word) > 2}
    pairs = {a + b for a, b in pairwise(read) if _HAN.match(a) and _HAN.match(b) and not {a, b} & _FILLER}
    return latin | pairs


def names(sentence: str) -> set[str]:
    """The Latin words that are capitals' own, not those of the beginning of a sentence; foreign names in ideographs."""
    return {fold(name) for name in _NAME.findall(sentence)} | _foreign(sentence)


def _foreign(text: str) -> set[str]:
    return {f"{fold(before)}·{fold(after)}" for before, after in _FOREIGN.findall(text)}


def _language(text: str) -> Language:
    ideographs, letters = len(_HAN.findall(text)), sum(map(len, _LATIN.findall(text)))
    if letters > 3 * ideographs:
        return Language.LATIN
    return Language.HAN if ideographs else Language.NONE
