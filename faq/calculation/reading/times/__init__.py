"""Dates, times, lengths of time and repetitions, Chinese and English."""

from datetime import datetime

from faq.calculation.reading.numbers import Number
from faq.calculation.reading.times import chinese, durations, english
from faq.calculation.values import Type, Value


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
    return any("\u4e00" <= char <= "\u9fff" for char in text)
