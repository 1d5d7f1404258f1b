"""Reads values from Chinese and English text: numbers, money, quantities, dates and times, each with its span.

The readers are independent: 十斤 is a mass and contains the number 十. `compact` keeps of overlapping readings the one
that says most, which is what a calculation fills its slots with.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from faq.calculation.reading import measures, numbers, ranges
from faq.calculation.reading.folding import fold
from faq.calculation.reading.times import read_times
from faq.calculation.values import Type, Value

LIMIT = 1_000  # characters read of one text
_URL = re.compile(r"https?://[!-~]+")
_DIGIT_LIMIT = re.compile(r"\d{40,}")


def read(text: str, now: datetime) -> list[Value]:
    """Every value in `text`, by position; spans of different types may overlap. `now` is local time, naive or aware."""
    original = text[:LIMIT]
    folded = _DIGIT_LIMIT.sub(_blank, _URL.sub(_blank, fold(original)))
    found = numbers.read(folded, original)
    shares = numbers.percentages(folded, found)
    amounts, wide = measures.currencies(folded, found), ranges.read(folded, found)
    values = [
        *_plain(folded, found, shares),
        *(number.as_value() for number in shares),
        *(number.as_value() for number in numbers.ordinals(folded, found)),
        *wide,
        *amounts,
        *measures.currency_ranges(folded, found, amounts, wide),
        *measures.dimensions(folded, found),
        *measures.temperatures(folded, found),
        *measures.ages(folded, found),
        *read_times(folded, found, now.replace(tzinfo=None)),
    ]
    return sorted(values, key=lambda value: (value.start, -value.end))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _plain(text: str, found: list[numbers.Number], shares: list[numbers.Number]) -> Iterable[Value]:
    taken = {position for share in shares for position in range(share.start, share.end)}
    for number in found:
        if number.kind is Type.NUMBER and number.start not in taken and numbers.stands_alone(number, text):
            yield number.as_value()


_WEIGHT = {
    Type.NUMBER: 0,
    Type.ORDINAL: 1,
    Type.NUMBER_RANGE: 1,
    Type.CURRENCY_RANGE: 1,
    Type.DATE: 3,
    Type.DATETIME: 3,
}


def compact(values: Iterable[Value]) -> list[Value]:
    """Of overlapping values the longest, of equally long ones the most specific; left to right."""
    kept: list[Value] = []
    ranked = sorted(values, key=lambda value: (value.start - value.end, -_WEIGHT.get(value.type, 2)))
    for value in ranked:
        if all(value.end <= other.start or other.end <= value.start for other in kept):
            kept.append(value)
    return sorted(kept, key=lambda value: value.start)
