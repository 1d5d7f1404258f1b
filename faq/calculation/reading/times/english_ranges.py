"""Ranges of English times: from X to Y, between X and Y, X - Y, and those with a bare number as one end (5 to 6pm)."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from faq.calculation.calendar import add_months
from faq.calculation.reading.folding import look_back
from faq.calculation.reading.times.english_names import DAY, number
from faq.calculation.reading.times.stamps import Stamp, stretch
from faq.calculation.values import Interval, Type, Value

_TO = r" *(?:to|till|until|through|thru|-|~|and) *(?:the )?"
_LINK = re.compile(_TO)
_FROM = re.compile(r"(?<![a-z])(?P<word>from|between|in|on|for)(?P<the> the)? +$")
_BARE_DAY = re.compile(rf"{DAY}(?![\d:/])")
_AFTER_HOUR = re.compile(r"(?P<h>[1-9]|1[0-2])(?:[:.](?P<m>\d\d))?(?![\d:./]|(?:st|nd|rd|th))")


@dataclass(frozen=True, slots=True)
class Item:
    """Stamps joined, or a finished stretch, with the span of the text."""

    start: int
    end: int
    stamp: Stamp | None
    interval: Interval | None = None
    many: bool = False


def range_of(text: str, first: Item, second: Item, now: datetime) -> Value | None:
    """from X to Y, between X and Y, X - Y."""
    link = _LINK.fullmatch(text, first.end, second.start)
    before = look_back(_FROM, text, first.start)
    if link is None or ("and" in link.group() and (before is None or before["word"] != "between")):
        return None
    if first.many or second.many:
        return None
    one, two = first, second
    if one.stamp is not None and two.stamp is not None:
        one, two = _share(one, two, now)
    low, high = bounds(one, now), bounds(two, now)
    if low is None or high is None or low.start is None:
        return None
    start = before.start() if before is not None and before["word"] in {"from", "between"} else first.start
    return _build(start, second.end, one, two, low, high)


def _share(first: Item, second: Item, now: datetime) -> tuple[Item, Item]:
    """What one end leaves out is taken from the other: jan-feb 2017, 5 to 6pm tomorrow, monday 8-9am."""
    one, two = first.stamp, second.stamp
    assert one is not None
    assert two is not None
    if two.year is not None and one.year is None and one.month is not None:
        one = replace(one, year=two.year - (one.month > (two.month or 12)))
    if one.has_time and two.has_time:
        dated = two if two.has_date and not one.has_date else one if one.has_date and not two.has_date else None
        if dated is two:
            one = replace(
                one,
                year=two.year,
                month=two.month,
                day=two.day,
                weekday=two.weekday,
                weeks=two.weeks,
                part=one.part or two.part,
            )
        elif dated is one:
            two = replace(two, year=one.year, month=one.month, day=one.day, weekday=one.weekday, weeks=one.weeks)
        if (
            one.hour is not None
            and two.hour is not None
            and two.hour >= 12
            and one.hour < 12
            and one.hour + 12 <= two.hour
            and not _says_half(one, first)
        ):
            one = replace(one, hour=one.hour + 12)
    else:
        two = two.filled_from(one)
    return replace(first, stamp=one), replace(second, stamp=two)


def _says_half(stamp: Stamp, item: Item) -> bool:
    return stamp.part in {"morning", "am"}


def bounds(item: Item, now: datetime) -> Interval | None:
    return stretch(item.stamp, now) if item.stamp is not None else item.interval


def _build(start: int, end: int, first: Item, second: Item, low: Interval, high: Interval) -> Value:
    if isinstance(low.start, datetime) or isinstance(high.start, datetime):
        begin, finish = _moment(low.start), _moment(high.start)
        dated = (first.stamp is None or first.stamp.has_date) or (second.stamp is None or second.stamp.has_date)
        if dated:
            finish += timedelta(days=1) if finish < begin else timedelta()
            return Value(Type.DATETIME_RANGE, start, end, Interval(begin, finish))
        return Value(Type.TIME_RANGE, start, end, Interval(begin.time(), finish.time()))
    finish_day = high.start if isinstance(high.start, date) else None
    if (
        isinstance(low.start, date)
        and finish_day is not None
        and finish_day < low.start
        and (second.stamp is None or second.stamp.year is None)
    ):
        finish_day = add_months(finish_day, 12)
    return Value(Type.DATE_RANGE, start, end, Interval(low.start, finish_day, end_included=True))


def _moment(end: object) -> datetime:
    if isinstance(end, datetime):
        return end
    assert isinstance(end, date)
    return datetime.combine(end, time())


def half_range(text: str, item: Item, now: datetime) -> Value | None:
    """One end is a bare number: 5 to 6pm, 3-8pm yesterday, november 18-19, tomorrow from 7 to 8."""
    stamp = item.stamp
    if stamp is None:
        return None
    return _number_before(text, item, stamp, now) or _number_after(text, item, stamp, now)


_NUMBER_TO = re.compile(r"(?<![a-z])(?P<h>\d{1,2})(?::(?P<m>\d\d))?(?P<link> *(?:to|-|till|until|and|through) *)$")


def _number_before(text: str, item: Item, stamp: Stamp, now: datetime) -> Value | None:
    link = look_back(_NUMBER_TO, text, item.start)
    if link is None or (text[link.start() - 1 : link.start()] in {"/", "-", ".", ":", "$"} and link.start() > 0):
        return None
    before = look_back(_FROM, text, link.start())
    if "and" in link["link"] and (before is None or before["word"] != "between"):
        return None
    start = before.start() if before and before["word"] in {"from", "between"} else link.start()
    if stamp.hour is not None:
        hour = int(link["h"])
        if hour < 12 <= stamp.hour and hour + 12 <= stamp.hour:
            hour += 12
        first = replace(
            stamp,
            hour=hour,
            minute=int(link["m"]) if link["m"] else None,
            second=None,
            part=stamp.part if stamp.hour < 12 else None,
        )
    elif stamp.day is not None and stamp.month is not None and not stamp.has_time and int(link["h"]) <= 31:
        first = replace(stamp, day=int(link["h"]))
    else:
        return None
    low, high = stretch(first, now), stretch(stamp, now)
    if low is None or high is None:
        return None
    one = replace(item, stamp=first)
    return _build(start, item.end, one, item, low, high)


def _number_after(text: str, item: Item, stamp: Stamp, now: datetime) -> Value | None:
    link = re.compile(r" *(?:to|-|till|until|through) *(?:the )?").match(text, item.end)
    if link is None or not link.group().strip():
        return None
    before = look_back(_FROM, text, item.start)
    start = (
        before.start()
        if before and before["word"] in {"from", "between", "on"} and (before["word"] != "on" or not stamp.has_time)
        else item.start
    )
    if stamp.hour is not None and (after := _AFTER_HOUR.match(text, link.end())):
        hour = int(after["h"])
        hour += 12 if hour < (stamp.hour % 24) and hour < 12 else 0
        second = replace(stamp, hour=hour, minute=int(after["m"]) if after["m"] else None, second=None, part=None)
    elif stamp.day is not None and not stamp.has_time and (after := _BARE_DAY.match(text, link.end())):
        day = number(after["day"])
        second = replace(stamp, day=day)
        if day < stamp.day and stamp.month is not None:
            second = replace(second, month=stamp.month % 12 + 1)
    else:
        return None
    low, high = stretch(stamp, now), stretch(second, now)
    return _build(start, after.end(), item, replace(item, stamp=second), low, high) if low and high else None
