"""Dates, times, lengths of time and repetitions, Chinese and English."""

import re
from datetime import datetime

from faq.calculation.reading.numbers import Number
from faq.calculation.reading.times import chinese, durations, english
from faq.calculation.values import Type, Value

_LATIN_OR_SLASH = re.compile(r"[a-z]|(?<!\d{4})(?<!\d)(?<!\d{4}[.-])\d{1,2}[/.-]\d{1,2}(?!\d? *\d\d:)")


def read_times(text: str, numbers: list[Number], now: datetime) -> list[Value]:
    """Every time in the folded text; a length inside a longer reading (三天后) is not repeated."""
    lengths = durations.read(text, numbers)
    reader = chinese if _is_chinese(text) else english
    found = reader.read(text, numbers, lengths, now)
    taken = {position for value in found for position in range(value.start, value.end)}
    alone = (
        Value(Type.DURATION, length.start, length.end, length.span, "second")
        for length in lengths
        if length.start not in taken and length.end - 1 not in taken
    )
    return [*found, *alone]


def _is_chinese(text: str) -> bool:
    """Digits alone are read the Chinese way, year first; 2/29 and 12/31/2020 are English."""
    if any("\u4e00" <= char <= "\u9fff" for char in text):
        return True
    return not _LATIN_OR_SLASH.search(text)
