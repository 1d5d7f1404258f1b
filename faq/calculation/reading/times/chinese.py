"""Chinese dates and times: 2024年5月1日, 下周三下午3点半, 明年春节后第三天, 上个月底, 3天后, 五月到七月.

`STAMP` reads one point as said; ends, parts and directions around it turn points into stretches.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from faq.calculation.calendar import add_days
from faq.calculation.reading.folding import look_back
from faq.calculation.reading.numbers import Number
from faq.calculation.reading.times import stretches
from faq.calculation.reading.times.chinese_words import D4, DAYS, PARTS, STAMP, YEARS, N, any_of, number, stamp_of
from faq.calculation.reading.times.durations import Duration
from faq.calculation.reading.times.festivals import ERAS, FESTIVALS, festival
from faq.calculation.reading.times.shifts import shifted
from faq.calculation.reading.times.stamps import Stamp, day_of, moment_of, resolve, stretch
from faq.calculation.values import Interval, Scalar, Type, Value

_ONLY_HINT = re.compile(
    rf"[年月日号周]|星期|礼拜|[点时]|\d:\d|\d[-/.]\d|\d{{8}}|{any_of(DAYS)}|{any_of(PARTS)}|{any_of(FESTIVALS)}|季|世纪"
    rf"|最近|近|前|后|过去"
    rf"|未来|半年|现在|目前|内|里|以来|每|·"
)
_TO = re.compile(r" *(?:起|止)? *(?:到|至|~|-+|—+|——) *")
_AND = re.compile(r" *[和与至到] *")
_BETWEEN = re.compile(r" *之间")
FESTIVAL = re.compile(any_of(FESTIVALS))
_YEAR_BEFORE = re.compile(rf"(?P<y>{D4}) ?年 *$")
_SHORT = re.compile(rf"(?P<n>\d{{4}}|{N}) *(?:到|至|~|-+|—+) *$")
_FROM = re.compile(r"(?:从|自从|自|由|打) *$")
_NOW = re.compile(r"现在|目前|此刻|当前|如今|至今|迄今")
_HOURS = "零一两三四五六七八九十"
_TWO_HOURS = re.compile(rf"(?P<one>[{_HOURS}])(?P<two>[{_HOURS}])点(?:多?钟)?(?![评击赞餐菜了零一二三四五六七八九\d])")
_RECENT = re.compile(r"最近(?!的|[一二三四五六七八九十几两\d]|个)")
_EVERY = re.compile(
    rf"每(?:个|隔|一)?(?P<unit>年|季度|月|周|星期|礼拜|天|日|小时|分钟)(?P<w>[一二三四五六日天])?|每隔?(?P<n>{N}|\d+) ?"
    rf"(?P<unit2>年|个月|周|天|小时|分钟|秒)"
)
_BEGINNINGS = frozenset(
    "0123456789零一二两三四五六七八九十廿卅闰正腊冬初农阴旧周星礼上下本这当同次第首中春夏秋年月现目此如至迄"
) | {name[0] for name in (*FESTIVALS, *ERAS, *YEARS, *DAYS, *PARTS)}


def read(text: str, numbers: list[Number], lengths: list[Duration], now: datetime) -> list[Value]:
    """All times of the folded text but the lengths that stand alone."""
    if not _ONLY_HINT.search(text):
        return []
    found = list(_sets(text))
    points = [point for point in _points(text, now) if not _overlaps(point.start, point.end, found)]
    begun = {
        at for point in points if point.stamp is None or point.stamp.has_date for at in range(point.start, point.end)
    }
    moved = [
        value
        for value in shifted(text, lengths, now)
        if value.start - 1 not in begun and not (value.start in begun and value.start + 1 in begun)
    ]
    found += moved
    points = [point for point in points if not _overlaps(point.start, point.end, moved)]
    at = 0
    while at < len(points):
        step, value = _value(text, points, at, now)
        at += step
        if value is not None and not _overlaps(value.start, value.end, found):
            found.append(value)
    found += [Value(Type.DATE, m.start(), m.end(), now.date()) for m in _RECENT.finditer(text)]
    return found


class Point:
    """A stamp or a finished stretch with its span."""

    __slots__ = ("end", "interval", "stamp", "start", "type")

    def __init__(
        self, start: int, end: int, stamp: Stamp | None, type_: Type | None = None, interval: Scalar = None
    ) -> None:
        self.start, self.end, self.stamp, self.type, self.interval = start, end, stamp, type_, interval


def _overlaps(start: int, end: int, values: list[Value]) -> bool:
    return any(start < value.end and value.start < end for value in values)


def _stamp_at(text: str, position: int, now: datetime) -> tuple[Stamp | None, int]:
    """The stamp that begins there, and its end without what only leads on to the next word."""
    match = STAMP.match(text, position)
    end = match.end() if match else position
    while match and end > position and text[end - 1] in ", (的":
        end -= 1
    return (stamp_of(match, now) if match and end > position else None), end


def _points(text: str, now: datetime) -> Iterator[Point]:
    position = 0
    while position < len(text):
        if text[position] not in _BEGINNINGS:
            position += 1
            continue
        stamp, end = _stamp_at(text, position, now)
        inner = stretches.read(text, position, end if stamp else position, stamp, now)
        if inner is not None:
            yield Point(position, inner[0], None, inner[1], inner[2])
            position = inner[0]
        elif hours := _two_hours(text, position, end, now):
            yield hours
            position = hours.end
        elif stamp is not None:
            yield _weekend(text, position, end, stamp, now) or Point(position, end, stamp)
            position = end
        elif now_word := _NOW.match(text, position):
            yield Point(position, now_word.end(), None, Type.DATETIME, now)
            position = now_word.end()
        else:
            position += 1


def _two_hours(text: str, start: int, end: int, now: datetime) -> Point | None:
    """明天下午七八点 is the two hours from seven."""
    pair = _TWO_HOURS.match(text, end)
    if pair is None or _HOURS.index(pair["one"]) + 1 != _HOURS.index(pair["two"]):
        return None
    stamp, _ = _stamp_at(f"{text[start:end]}{pair['one']}点", 0, now)
    first = moment_of(stamp, now) if stamp is not None else None
    if first is None:
        return None
    return Point(start, pair.end(), None, Type.DATETIME_RANGE, Interval(first, first + timedelta(hours=2)))


def _weekend(text: str, start: int, end: int, stamp: Stamp, now: datetime) -> Point | None:
    """周末 is two days."""
    saturday = day_of(stamp, now) if text[start:end].endswith("末") and stamp.weekday == 6 else None
    if saturday is None:
        return None
    return Point(start, end, None, Type.DATE_RANGE, Interval(saturday, add_days(saturday, 2)))


def _value(text: str, points: list[Point], at: int, now: datetime) -> tuple[int, Value | None]:
    """The value that begins with a point: a range with the next one, or itself with its direction."""
    point = points[at]
    if at + 1 < len(points) and (short := _short_range(text, points[at + 1], now)) and short.start <= point.start:
        return 2, short
    if at + 1 < len(points) and (timed := _day_with_time(point, points[at + 1])) is not None:
        return 2, Value(Type.DATETIME, point.start, points[at + 1].end, timed)
    if at + 1 < len(points) and _links(text, point, points[at + 1]):
        ranged = _range(text, point, points[at + 1], now)
        if ranged is not None:
            return 2, ranged
    return 1, _short_range(text, point, now) or _alone(text, point, now)


def _day_with_time(day: Point, clock: Point) -> datetime | None:
    """2025年第一天早上8点半: a day that is no stamp, and the hour beside it."""
    stamp = clock.stamp
    if (
        day.type is not Type.DATE
        or not isinstance(day.interval, date)
        or day.end != clock.start
        or stamp is None
        or stamp.has_date
    ):
        return None
    first = day.interval
    return (
        moment_of(replace(stamp, year=first.year, month=first.month, day=first.day), _moment(first))
        if stamp.hour
        else None
    )


def _short_range(text: str, point: Point, now: datetime) -> Value | None:
    """1-9月, 1985到89年9月, 9~12点半: the first end is a bare number of the field that the second begins with."""
    stamp = point.stamp
    before = _SHORT.search(text, max(0, point.start - 8), point.start)
    if stamp is None or before is None or (text[before.start() - 1 : before.start()].isdigit() and before.start()):
        return None
    field = next((name for name in ("year", "month", "day", "hour") if getattr(stamp, name) is not None), None)
    if field is None or (field != "year" and len(before["n"]) == 4 and before["n"].isdigit()):
        return None
    start, head = before.start(), look_back(_YEAR_BEFORE, text, before.start())
    low_stamp = _with_field(Stamp(part=stamp.part), field, number(before["n"]))
    if head is not None and field == "month":
        start = head.start()
        year = number(head["y"])
        low_stamp, stamp = replace(low_stamp, year=year), replace(stamp, year=year)
    return _range(text, Point(start, before.end("n"), low_stamp), Point(point.start, point.end, stamp), now)


def _with_field(stamp: Stamp, name: str, value: int) -> Stamp:
    match name:
        case "year":
            return replace(stamp, year=value)
        case "month":
            return replace(stamp, month=value)
        case "day":
            return replace(stamp, day=value)
    return replace(stamp, hour=value)


def _links(text: str, first: Point, second: Point) -> bool:
    if _BETWEEN.match(text, second.end) and _AND.fullmatch(text, first.end, second.start):
        return True
    return (
        bool(_TO.fullmatch(text, first.end, second.start))
        and second.start > first.end
        and bool(text[first.end : second.start].strip())
    )


def _range(text: str, first: Point, second: Point, now: datetime) -> Value | None:
    if first.stamp is not None and second.stamp is not None:
        filled = _in_year_of(text, second.start, second.stamp.filled_from(first.stamp), first.stamp)
        second = Point(second.start, second.end, filled)
    start, end = bounds(first, now), bounds(second, now)
    if start is None or end is None or start.start is None:
        return None
    before = _FROM.search(text, max(0, first.start - 3), first.start)
    begin = before.start() if before else first.start
    if isinstance(start.start, datetime) or isinstance(end.end, datetime):
        return _clock_range(begin, first, second, start, end)
    one_day = second.stamp is not None and (second.stamp.day is not None or second.stamp.weekday is not None)
    high = end.start if one_day else end.end
    return Value(Type.DATE_RANGE, begin, second.end, Interval(start.start, high, end_included=one_day))


def _in_year_of(text: str, start: int, stamp: Stamp, first: Stamp) -> Stamp:
    """A festival at the end of a range lies in the year the range begins in."""
    match = FESTIVAL.match(text, start)
    if match is None or first.year is None or stamp.year is None or stamp.year <= first.year:
        return stamp
    day = festival(match.group(), first.year)
    if day is None or (day.year, day.month, day.day) < (first.year, first.month or 1, first.day or 1):
        return stamp
    return replace(stamp, year=day.year, month=day.month, day=day.day)


def _clock_range(begin: int, first: Point, second: Point, start: Interval, end: Interval) -> Value:
    exact = second.stamp is None or second.stamp.hour is not None
    low, high = _moment(start.start), _moment(end.start if exact else end.end)
    dated = not first.stamp or not second.stamp or first.stamp.has_date or second.stamp.has_date
    if dated and high < low:
        high += timedelta(days=1)
    kind = Type.DATETIME_RANGE if dated else Type.TIME_RANGE
    return Value(kind, begin, second.end, stretches.clock(Interval(low, high), kind))


def _moment(end: Scalar) -> datetime:
    if isinstance(end, datetime):
        return end
    assert isinstance(end, date)
    return datetime(end.year, end.month, end.day)  # noqa: DTZ001 (local time throughout)


def bounds(point: Point, now: datetime) -> Interval | None:
    """From the first to the (exclusive) last moment of a point."""
    if point.stamp is not None:
        return stretch(point.stamp, now)
    if isinstance(point.interval, Interval):
        return point.interval
    return Interval(point.interval, point.interval) if isinstance(point.interval, datetime) else None


def _alone(text: str, point: Point, now: datetime) -> Value | None:
    directed = stretches.directed(text, point.start, point.end, bounds(point, now), point.stamp is None)
    if directed is not None:
        return directed
    if point.stamp is None:
        assert point.type is not None
        return Value(point.type, point.start, point.end, point.interval)
    kind, value = resolve(point.stamp, now)
    return Value(kind, point.start, point.end, value)


_UNITS = {
    "年": "year",
    "季度": "quarter",
    "月": "month",
    "个月": "month",
    "周": "week",
    "星期": "week",
    "礼拜": "week",
    "天": "day",
    "日": "day",
    "小时": "hour",
    "分钟": "minute",
    "秒": "second",
}


def _sets(text: str) -> Iterator[Value]:
    for match in _EVERY.finditer(text):
        unit = _UNITS[match["unit"] or match["unit2"]]
        yield Value(Type.SET, match.start(), match.end(), f"{number(match['n']) if match['n'] else 1} {unit}", "")
