"""Times counted from now by a length: 3天后, 两小时前, 过去十年, 未来7天, 最近三个月, 半小时内, 还剩5分钟."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from faq.calculation.calendar import FarDateError, add_days, add_months, add_working_days
from faq.calculation.reading.times.durations import Duration
from faq.calculation.values import Interval, Span, Type, Value

_LATER = re.compile(r" *(?:以|之)?后(?!面|台|续|者|半)| *过后")
_EARLIER = re.compile(r" *(?:以|之)?前(?!面|台|者|后|[一二三四五六七八九十\d]|半)")
_SINCE = re.compile(r" *(?:以来|来(?!自|到|的))")
_WITHIN = re.compile(r" *(?:以|之)?(?:内|里)(?!面|边)")
_PAST = re.compile(r"(?:过去|最近|近|(?<!以)(?<!之)前|(?<!以)上|之前|此前|以前)(?:的|这)? *$")
_FUTURE = re.compile(r"(?:未来|接下来|今后|往后|后|还剩|之后)(?:的)? *$")
_PASSED = re.compile(r"(?<!超)(?<!通)再?过 *$")


def shift(now: datetime, span: Span, sign: int) -> datetime:
    """`now` moved by the length, months by the calendar. Raises FarDateError."""
    months = span.all_months * sign
    whole = int(months)
    day = add_months(now.date(), whole) if whole else now.date()
    day = add_days(day, int((months - whole) * 30))
    if span.working_days:
        day = add_working_days(day, sign * span.working_days)
    try:
        return datetime.combine(day, now.time()) + timedelta(seconds=float((span.days * 86400 + span.seconds) * sign))
    except OverflowError as error:
        raise FarDateError(str(span)) from error


def shifted(text: str, lengths: list[Duration], now: datetime) -> Iterator[Value]:
    for length in lengths:
        try:
            yield from _shifted(text, length, now)
        except FarDateError:
            continue


def _shifted(text: str, length: Duration, now: datetime) -> Iterator[Value]:
    if text[length.start] == "半" and length.start and text[length.start - 1] in "上下前后":
        return  # 上半年
    past = _PAST.search(text, max(0, length.start - 4), length.start)
    future = _FUTURE.search(text, max(0, length.start - 4), length.start)
    within = _WITHIN.match(text, length.end)
    end = within.end() if within else length.end
    if past is not None:
        yield _stretch(past.start(), end, length, shift(now, length.span, -1), now, True)
    elif future is not None or within is not None:
        yield from _ahead(length, future, end, now)
    else:
        yield from _turned_by(text, length, now)


def _ahead(length: Duration, future: re.Match[str] | None, end: int, now: datetime) -> Iterator[Value]:
    """未来7天, 后1年 (which begins tomorrow), 三天内; 还剩8天 is only a length."""
    said = future.group().strip() if future else ""
    if said == "还剩" and length.unit not in {"hour", "minute", "second"}:
        return
    first = now + timedelta(days=1) if said == "后" and _is_days(length.span) else now
    start = future.start() if future else length.start
    yield _stretch(start, end, length, first, shift(first, length.span, 1))


def _turned_by(text: str, length: Duration, now: datetime) -> Iterator[Value]:
    if passed := _PASSED.search(text, max(0, length.start - 3), length.start):
        point = _point(passed.start(), length.end, length.span, shift(now, length.span, 1))
        yield point
        assert isinstance(point.value, date)
        kind = Type.DATETIME_RANGE if point.type is Type.DATETIME else Type.DATE_RANGE
        yield Value(kind, point.start, point.end, Interval(point.value, None))
        return
    for pattern, sign in ((_LATER, 1), (_EARLIER, -1)):
        if match := pattern.match(text, length.end):
            yield from _turned(length, match, shift(now, length.span, sign), sign)
            return
    if since := _SINCE.match(text, length.end):
        yield _stretch(length.start, since.end(), length, shift(now, length.span, -1), now, True)


def _is_days(span: Span) -> bool:
    return span.seconds == 0 and span.days % 1 == 0


def _turned(length: Duration, match: re.Match[str], moment: datetime, sign: int) -> Iterator[Value]:
    """3年后 is a day and, said loosely, the year it is in; 3天以后 is a day and all that follows."""
    point = _point(length.start, match.end(), length.span, moment)
    yield point
    assert isinstance(point.value, date)
    kind = Type.DATETIME_RANGE if point.type is Type.DATETIME else Type.DATE_RANGE
    if match.group().strip()[0] in "以之":
        low = (
            point.value.replace(day=1)
            if (length.unit == "year" or (length.unit == "month" and length.count % 1 == 0)) and kind is Type.DATE_RANGE
            else point.value
        )
        yield Value(kind, point.start, point.end, Interval(low, None) if sign > 0 else Interval(None, point.value))
    elif length.unit == "week" and length.count % 1 == 0:
        monday = add_days(moment.date(), -moment.weekday())
        yield Value(kind, point.start, point.end, Interval(monday, add_days(monday, 7)))
    elif length.unit in {"year", "month"} and kind is Type.DATE_RANGE:
        if length.unit == "month" and length.count % 1:  # 两个半月后: the month from that day on
            ends = (
                (add_days(moment.date(), -31), moment.date())
                if sign < 0
                else (moment.date(), add_months(moment.date(), 1))
            )
            yield Value(kind, point.start, point.end, Interval(*ends, end_included=sign < 0))
            return
        months = 12 if length.unit == "year" and length.count % 1 == 0 else 1
        first = moment.date().replace(day=1, month=1 if months == 12 else moment.month)
        yield Value(kind, point.start, point.end, Interval(first, add_months(first, months)))


def _point(start: int, end: int, span: Span, moment: datetime) -> Value:
    if span.seconds == Decimal(0) and span.days % 1 == 0:
        return Value(Type.DATE, start, end, moment.date())
    return Value(Type.DATETIME, start, end, moment.replace(microsecond=0))


def _stretch(start: int, end: int, length: Duration, low: datetime, high: datetime, to_now: bool = False) -> Value:
    if _is_days(length.span):
        days: tuple[date, date] = (low.date(), high.date())
        return Value(Type.DATE_RANGE, start, end, Interval(*days, end_included=to_now))
    return Value(Type.DATETIME_RANGE, start, end, Interval(low.replace(microsecond=0), high.replace(microsecond=0)))
