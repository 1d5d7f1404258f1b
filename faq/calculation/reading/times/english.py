"""English dates and times: next Monday 1-3 pm, from May 1 to May 5, 3 days ago, before 2010, the end of the month.

Stamps that stand together join (tomorrow at 8:00am); two with a link between make a range; words before and after a
stamp
give it a direction.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from faq.calculation.reading.folding import look_back
from faq.calculation.reading.numbers import Number
from faq.calculation.reading.times.durations import Duration
from faq.calculation.reading.times.english_names import Found
from faq.calculation.reading.times.english_parts import sets, stretches
from faq.calculation.reading.times.english_ranges import Item, bounds, half_range, range_of
from faq.calculation.reading.times.english_shifts import shifted
from faq.calculation.reading.times.english_words import find
from faq.calculation.reading.times.stamps import Stamp, resolve
from faq.calculation.values import Interval, Type, Value

_HINT = re.compile(
    r"\d|day|week|month|year|night|morning|noon|evening|now|morrow|tmr|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov"
    r"|dec|mon|tue|wed|thu|fri|sat|sun|hour|minute|quarter|date|eoy|eom|daily|annual|clock|christmas|easter|past"
    r"|dinner|lunch|breakfast|teenth|thousand|twenty|nineteen"
)
_GLUE = re.compile(r"[ ,]*(?:(?:of|at|on|in|the|around|by|for|from)(?: the)? *)?[ ,(]*")
_NUMBERED = re.compile(
    r"(?:(?:at|around|by) )(?P<h>[1-9]|1[0-2])(?![\d:./%]|[a-z])(?! *(?:dollars|people|%|percent|of))"
)
_NAMED_HOUR = re.compile(r"(?<![a-z])(?P<h>one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) $")
_LEADING_HOUR = re.compile(r"(?<![\d:./$])(?P<h>[1-9]|1[0-2]),? $")
_BEFORE_WORDS = re.compile(
    r"(?<![a-z])(?:(?P<before>before|no later than|prior to|earlier than|by(?= ))|(?P<until>until|till|as late as"
    r"|up to)|(?P<after>after|later than|greater than|> ?)"
    r"|(?P<since>since|as early as|starting(?: on| from)?|beginning(?: on)?|from))(?: the| around)? *$"
)
_OR_LATER = re.compile(r" *(?:or|and) (?P<way>later|after|newer|earlier|before)(?! my| \d| \w+ \w+ is)")


def read(text: str, numbers: list[Number], lengths: list[Duration], now: datetime) -> list[Value]:
    """All times of the folded text but the lengths that stand alone."""
    if not _HINT.search(text):
        return []
    found = sets(text)
    named = [(start, end, interval) for start, end, interval in stretches(text, now) if _free(start, end, found)]
    stamps = [_as_stamp(*item) for item in named if _is_day(item[2])]
    items = [Item(start, end, None, interval) for start, end, interval in named if not _is_day(interval)]
    stamps += [stamp for stamp in find(text, now) if _clear(stamp, items) and _clear(stamp, stamps)]
    stamps.sort(key=lambda stamp: stamp.start)
    found += [value for value in shifted(text, numbers, lengths, stamps, now) if _free(value.start, value.end, found)]
    items = [item for item in items if _free(item.start, item.end, found)]
    items += _join(text, [stamp for stamp in stamps if _free(stamp.start, stamp.end, found)], now)
    items.sort(key=lambda item: item.start)
    values = [value for value in _values(text, items, now) if _free(value.start, value.end, found)]
    return [*found, *_dated_hours(text, values), *_moments(text, now)]


def _is_day(interval: Interval) -> bool:
    start, end = interval.start, interval.end
    return type(start) is date and type(end) is date and end - start <= timedelta(days=1)


def _as_stamp(start: int, end: int, interval: Interval) -> Found:
    assert isinstance(interval.start, date)
    return Found(start, end, Stamp(interval.start.year, interval.start.month, interval.start.day))


_BESIDE = re.compile(r"[ ,]*(?:(?:on|at|from|for) )? *")
_HOURS_AFTER = re.compile(
    r"[ ,]*(?:(?:from|between) )?(?P<h>\d{1,2})(?::(?P<m>\d\d))?(?: *(?:-|to|till|until) *| and )(?P<h2>\d{1,2})(?::"
    r"(?P<m2>\d\d))?(?![\d:/-]|[a-z]| *[ap]\.?m)"
)
_HOURS_BEFORE = re.compile(
    r"(?:(?<![a-z])(?P<word>from|between) )?(?<![\d:/$-])(?P<h>\d{1,2})(?::(?P<m>\d\d))?(?: *(?:-|to|till|until) *|"
    r"(?P<and> and ))(?P<h2>\d{1,2})(?::(?P<m2>\d\d))? $"
)


def _dated_hours(text: str, values: list[Value]) -> Iterator[Value]:
    """Hours beside a day are hours of that day: monday 8-9am, today before 4pm, 6-8 next monday."""
    at = 0
    while at < len(values):
        value, after = values[at], values[at + 1] if at + 1 < len(values) else None
        joined = _beside(text, value, after) if after is not None else None
        if joined is not None:
            yield joined
            at += 2
            continue
        yield _with_hours(text, value) if value.type is Type.DATE and value.value is not None else value
        at += 1


def _beside(text: str, first: Value, second: Value) -> Value | None:
    if not _BESIDE.fullmatch(text, first.end, second.start):
        return None
    for day, hours in ((first, second), (second, first)):
        moment = _day_of(day)
        if moment is not None and hours.type is Type.TIME_RANGE and isinstance(hours.value, Interval):
            low, high = _on(moment, hours.value.start), _on(moment, hours.value.end)
            if low and high and high < low:
                high += timedelta(days=1)
            return Value(Type.DATETIME_RANGE, first.start, second.end, Interval(low, high))
    return None


def _on(day: date, hour: object) -> datetime | None:
    return datetime.combine(day, hour) if isinstance(hour, time) else None


def _day_of(value: Value) -> date | None:
    """The day of a date, or of a part of a day (yesterday afternoon)."""
    if value.type is Type.DATE and isinstance(value.value, date):
        return value.value
    if (
        value.type is Type.DATETIME_RANGE
        and isinstance(value.value, Interval)
        and isinstance(value.value.start, datetime)
    ):
        end = value.value.end
        return (
            value.value.start.date()
            if isinstance(end, datetime) and end - value.value.start < timedelta(hours=8)
            else None
        )
    return None


def _with_hours(text: str, value: Value) -> Value:
    assert isinstance(value.value, date)
    after, before = _HOURS_AFTER.match(text, value.end), look_back(_HOURS_BEFORE, text, value.start)
    match = after or before
    if match is None or (before is match and match["and"] and match["word"] != "between"):
        return value
    first, last = (int(match["h"]), int(match["m"] or 0)), (int(match["h2"]), int(match["m2"] or 0))
    if max(first[0], last[0]) > 23 or max(first[1], last[1]) > 59 or first >= last:
        return value
    low, high = (datetime.combine(value.value, time(*hour)) for hour in (first, last))
    return Value(Type.DATETIME_RANGE, min(value.start, match.start()), max(value.end, match.end()), Interval(low, high))


def _free(start: int, end: int, values: list[Value]) -> bool:
    return all(end <= value.start or value.end <= start for value in values)


def _clear(stamp: Found, items: Sequence[Item | Found]) -> bool:
    return all(stamp.end <= item.start or item.end <= stamp.start for item in items)


def _moments(text: str, now: datetime) -> Iterator[Value]:
    for match in re.finditer(r"(?<![a-z])(?:right )?now(?![a-z])", text):
        before = text[: match.start()].rstrip()
        if not before.endswith(("from", "and", "between", "for", "until", "till", "to")) and not text[
            match.end() :
        ].startswith((",", " and")):
            yield Value(Type.DATETIME, match.start(), match.end(), now.replace(microsecond=0))


def _join(text: str, stamps: list[Found], now: datetime) -> list[Item]:
    """Neighbours that say different things of one time: tuesday, jan 15, 1:00 pm."""
    items: list[Item] = []
    for found in stamps:
        item = Item(found.start, found.end, found.stamp, many=found.many)
        last = items[-1] if items else None
        if last is not None and last.stamp is not None and _GLUE.fullmatch(text, last.end, item.start):
            merged = _merge(last.stamp, found.stamp, text[last.end : item.start])
            if merged is not None:
                items[-1] = Item(last.start, item.end, merged, many=last.many or item.many)
                continue
        items.append(item)
    return [_with_hour(text, item) for item in items]


def _merge(first: Stamp, second: Stamp, gap: str) -> Stamp | None:
    if first.weekday and second.day and second.month:
        first = replace(first, weekday=None, weeks=None)
    elif second.weekday and first.day and first.month:
        second = replace(second, weekday=None, weeks=None)
    if first.day and second.day and "," in gap and first.month and second.month:
        first = replace(first, year=None, month=None, day=None)  # tomorrow, 13/04/21
    if (first.hour is not None and second.hour is not None) or (
        first.weeks is not None and first.weekday is None and second.has_time and second.weekday is None
    ):
        return None
    if second.weeks is not None and second.weekday is None and first.has_time and first.weekday is None:
        return None
    if {first.has_time, second.has_time} == {True, False}:
        dated = second if first.has_time else first
        if dated.day is None and dated.weekday is None and (first if first.has_time else second).weekday is None:
            return None
    hour = first.hour if first.hour is not None else second.hour
    if hour is not None and hour <= 5 and "night" in (first.part, second.part):
        first, second = replace(first, part=None), replace(second, part=None)
    if first.part and second.part:
        second = replace(second, part=None)
    return first.merge(second)


def _with_hour(text: str, item: Item) -> Item:
    """tomorrow at 3; 10, tonight: a bare number beside a day is its hour."""
    stamp = item.stamp
    if stamp is None or stamp.hour is not None or not (stamp.day or stamp.weekday or stamp.part):
        return item
    glue = re.compile(r" *,? *").match(text, item.end)
    after = _NUMBERED.match(text, glue.end() if glue else item.end)
    if after is not None:
        return replace(item, end=after.end(), stamp=replace(stamp, hour=int(after["h"])))
    before = look_back(_LEADING_HOUR, text, item.start) or look_back(_NAMED_HOUR, text, item.start)
    said = text[item.start : item.end]
    if before is not None and stamp.part and ("in the" in said or "tonight" in said or "this" in said):
        hour = int(before["h"]) if before["h"].isdigit() else _HOURS[before["h"]]
        return replace(item, start=before.start("h"), stamp=replace(stamp, hour=hour))
    return item


_HOURS = {
    name: at
    for at, name in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
    )
}


def _values(text: str, items: list[Item], now: datetime) -> Iterator[Value]:
    at, free = 0, 0
    while at < len(items):
        item = items[at]
        following = items[at + 1] if at + 1 < len(items) else None
        ranged = range_of(text, item, following, now) if following is not None else None
        step = 2
        if ranged is None:
            ranged, step = half_range(text, item, now), 1
        value = ranged or _alone(text, item, now, free)
        if value is not None and value.start >= free:
            yield value
            free = value.end
        at += step


def _alone(text: str, item: Item, now: datetime, free: int) -> Value | None:
    if item.many:
        return Value(Type.SET, item.start, item.end, text[item.start : item.end])
    whole = bounds(item, now)
    if whole is not None and (directed := _directed(text, item, whole, free)) is not None:
        return directed
    if item.stamp is None:
        exact = item.interval is not None and item.interval.start == item.interval.end
        if exact and item.interval is not None:
            return Value(Type.DATETIME, item.start, item.end, item.interval.start)
        return Value(Type.DATE_RANGE, item.start, item.end, item.interval)
    kind, value = resolve(item.stamp, now)
    return Value(kind, item.start, item.end, value)


def _directed(text: str, item: Item, whole: Interval, free: int) -> Value | None:
    """before 2010, after 3pm, since August, 2012 or later."""
    clock = item.stamp is not None and item.stamp.has_time and not item.stamp.has_date
    kind = Type.TIME_RANGE if clock else Type.DATETIME_RANGE if isinstance(whole.start, datetime) else Type.DATE_RANGE
    point = item.stamp is not None and (
        item.stamp.day is not None or item.stamp.weekday is not None or item.stamp.hour is not None
    )
    low, high = whole.start, whole.end
    if clock:
        assert isinstance(low, datetime)
        assert isinstance(high, datetime)
        low, high = low.time(), high.time()
    if later := _OR_LATER.match(text, item.end):
        interval = (
            Interval(low, None)
            if later["way"] in {"later", "after", "newer"}
            else Interval(None, low if point else high, end_included=True)
        )
        return Value(kind, item.start, later.end(), interval)
    word = _BEFORE_WORDS.search(text, free, item.start)
    if word is None or (word["since"] == "from"):
        return None
    if word["before"] or word["until"]:
        return Value(kind, word.start(), item.end, Interval(None, high if item.stamp is None else low))
    if word["after"]:
        return Value(kind, word.start(), item.end, Interval(low if point else high, None))
    return Value(kind, word.start(), item.end, Interval(low, None))
