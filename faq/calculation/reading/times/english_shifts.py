"""English times counted from a moment by a length: 3 days ago, in two weeks, next 3 days, 2 weeks before Christmas."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from faq.calculation.calendar import FarDateError
from faq.calculation.reading.numbers import Number
from faq.calculation.reading.times.durations import Duration, scale
from faq.calculation.reading.times.english_names import Found
from faq.calculation.reading.times.shifts import shift
from faq.calculation.reading.times.stamps import day_of
from faq.calculation.values import Interval, Span, Type, Value

_AGO = re.compile(r" (?:ago|earlier)(?![a-z])")
_LATER = re.compile(r" (?:later|from now|hence)(?![a-z])")
_ANCHOR = re.compile(r" (?P<way>before|after|from|since) ")
_IN = re.compile(r"(?<![a-z])(?P<in>in) $")
_WITHIN = re.compile(r"(?<![a-z])within (?:the )?$")
_NEXT = re.compile(r"(?<![a-z])(?:within the )?(?P<way>next|coming|following|upcoming|last|past|previous) $")
_UNITS = r"minutes?|hours?|days?|weeks?|fortnights?|months?|years?"
_INSIDE = re.compile(rf" (?P<way>next|coming|upcoming|following|last|past|previous) (?P<unit>{_UNITS})(?![a-z])")
_SINGLE = re.compile(
    r"(?<![a-z])(?P<way>next|last|past|previous|coming|following) (?P<unit>hour|minute|fortnight)(?![a-z])"
)
_FUTURE = {"next", "coming", "following", "upcoming"}


def shifted(
    text: str, numbers: list[Number], lengths: list[Duration], stamps: list[Found], now: datetime
) -> Iterator[Value]:
    """Every time that a length is counted to; a length too long for the calendar gives none."""
    for length in lengths:
        try:
            value = _from_length(text, length, stamps, now)
        except FarDateError:
            continue
        if value is not None:
            yield value
    for number in numbers:
        if (match := _INSIDE.match(text, number.end)) and 0 < number.value < 1000:
            span = scale(match["unit"].removesuffix("s"), number.value)
            yield _stretch(number.start, match.end(), span, match["way"] in _FUTURE, now)
    for match in _SINGLE.finditer(text):
        count = 2 if match["unit"] == "fortnight" else 1
        span = scale("week" if match["unit"] == "fortnight" else match["unit"], count)  # type: ignore[arg-type]
        yield _stretch(match.start(), match.end(), span, match["way"] in _FUTURE, now)


def _from_length(text: str, length: Duration, stamps: list[Found], now: datetime) -> Value | None:
    before = text[: length.start]
    if way := _NEXT.search(before):
        return _stretch(way.start(), length.end, length.span, way["way"] in _FUTURE, now)
    if ago := _AGO.match(text, length.end):
        return _point(length.start, ago.end(), length.span, shift(now, length.span, -1))
    if later := _LATER.match(text, length.end):
        return _point(length.start, later.end(), length.span, shift(now, length.span, 1))
    within = _WITHIN.search(before)
    if within is not None:
        return _stretch(within.start(), length.end, length.span, True, now)
    into = _IN.search(before)
    if (anchor := _ANCHOR.match(text, length.end)) and (value := _anchored(length, anchor, into, stamps, now)):
        return value
    if into is not None:
        return _point(into.start(), length.end, length.span, shift(now, length.span, 1))
    return None


def _anchored(
    length: Duration, anchor: re.Match[str], into: re.Match[str] | None, stamps: list[Found], now: datetime
) -> Value | None:
    """two days after today, 2 weeks before Christmas."""
    stamp = next((found for found in stamps if anchor.end() <= found.start <= anchor.end() + 4), None)
    if stamp is None or length.span.seconds or stamp.stamp.has_time:
        return None
    day = day_of(stamp.stamp, now)
    if day is None:
        return None
    sign = -1 if anchor["way"] == "before" else 1
    moved = shift(datetime.combine(day, datetime.min.time()), length.span, sign)
    start = into.start() if into is not None and anchor["way"] == "since" else length.start
    return Value(Type.DATE, start, stamp.end, moved.date())


def _point(start: int, end: int, span: Span, moment: datetime) -> Value:
    if not span.seconds:
        return Value(Type.DATE, start, end, moment.date())
    return Value(Type.DATETIME, start, end, moment.replace(microsecond=0))


def _stretch(start: int, end: int, span: Span, future: bool, now: datetime) -> Value:
    if span.seconds:
        ends = (now, shift(now, span, 1)) if future else (shift(now, span, -1), now)
        low, high = (moment.replace(microsecond=0) for moment in ends)
        return Value(Type.DATETIME_RANGE, start, end, Interval(low, high))
    first = now + timedelta(days=1) if future else shift(now, span, -1)
    last = shift(first, span, 1) if future else now
    return Value(Type.DATE_RANGE, start, end, Interval(first.date(), last.date()))
