"""English dates and times (to be filled)."""

from datetime import datetime

from faq.calculation.reading.numbers import Number
from faq.calculation.reading.times.durations import Duration
from faq.calculation.values import Value


def read(text: str, numbers: list[Number], lengths: list[Duration], now: datetime) -> list[Value]:
    return []
