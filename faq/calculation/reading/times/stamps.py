"""A point or stretch of time as said (some of year, month, day, weekday, hour …) and what it means at a moment.

A reader fills the fields it sees; `resolve` fills the rest from now: the same year, the same month, the weekday to
come.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta

from faq.calculation.calendar import add_days, add_months, days_in_month, from_lunar
from faq.calculation.values import Interval, Scalar, Type

PARTS = {  # part of the day -> first hour, last hour (exclusive), added to a clock hour below 12
    "dawn": (4, 7, 0), "early": (0, 6, 0), "early_morning": (6, 10, 0), "morning": (8, 12, 0), "noon": (12, 14, 12),
    "afternoon": (12, 16, 12), "evening": (16, 20, 12), "night": (20, 24, 12), "daytime": (6, 19, 0),
    "midnight": (0, 3, 0), "breakfast": (8, 12, 0), "lunch": (11, 13, 12), "dinner": (16, 20, 12),
    "small_hours": (2, 5, 0), "am": (8, 12, 0), "pm": (12, 16, 12), "late_evening": (18, 24, 12),
    "forenoon": (6, 12, 0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stamp:
    """What was said of a time; None where nothing was said. `weeks` moves the weekday by whole weeks from this one."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    weeks: int | None = None
    part: str | None = None
    hour: int | None = None
    minute: int | None = None
    second: int | None = None
    lunar: bool = False
    leap: bool = False
    impossible: bool = False

    @property
    def has_date(self) -> bool:
        return any(value is not None for value in (self.year, self.month, self.day, self.weekday, self.weeks))

    @property
    def has_time(self) -> bool:
        return self.hour is not None or self.part is not None

    @property
    def said(self) -> frozenset[str]:
        """The names of the fields that were said."""
        names = (field.name for field in fields(self))
        return frozenset(name for name in names if getattr(self, name) not in (None, False))

    def merge(self, other: "Stamp") -> "Stamp | None":
        """Both together, or None when they say the same field differently."""
        mine, theirs = self.said, other.said
        if any(getattr(self, name) != getattr(other, name) for name in mine & theirs):
            return None
        return replace(self, **{name: getattr(other, name) for name in theirs})

    def filled_from(self, other: "Stamp") -> "Stamp":
        """What is missing above the largest field said, taken from `other` (the first end of a range)."""
        names = ["year", "month", "day", "part", "hour", "minute"]
        own = [at for at, name in enumerate(names) if getattr(self, name) is not None]
        if not own or self.weekday is not None or self.weeks is not None:
            return self
        above = {name: getattr(other, name) for name in names[: own[0]] if name not in {"hour", "part"}}
        if not self.has_date:
            above |= {"weekday": other.weekday, "weeks": other.weeks, "part": self.part or other.part}
        return replace(self, **above, lunar=self.lunar or (other.lunar and self.month is None))


def hour_of(stamp: Stamp) -> int:
    """The hour on the 24-hour clock; afternoon and evening move 1 to 11."""
    hour = stamp.hour or 0
    if stamp.part is None:
        return hour
    first, _, added = PARTS[stamp.part]
    if stamp.part in {"early", "morning", "dawn", "am", "early_morning", "midnight", "forenoon", "small_hours"}:
        return 0 if hour == 12 and stamp.part != "forenoon" else hour
    if stamp.part == "noon":
        return hour + 12 if hour <= 3 else hour
    if stamp.part in {"night", "evening", "late_evening"} and hour == 12:
        return 24
    return hour + added if 1 <= hour < 12 and first > 0 and added else hour


def day_of(stamp: Stamp, now: datetime) -> date | None:
    """The day it falls on, or None when there is no such day."""
    today = now.date()
    if stamp.impossible:
        return None
    if stamp.weekday is not None and stamp.month is None and stamp.day is None:
        return _weekday(stamp, today)
    if stamp.day is None and stamp.month is None and stamp.year is None:
        return today
    year = stamp.year if stamp.year is not None else today.year
    month = stamp.month if stamp.month is not None else today.month
    if not 1 <= year <= 9999 or not 1 <= month <= 12:
        return None
    if stamp.lunar:
        return from_lunar(year, month, stamp.day or 1, stamp.leap)
    if (stamp.day or 1) > days_in_month(year, month):
        return _leap_day(stamp, year) if stamp.year is None else None
    return date(year, month, stamp.day or 1)


def _weekday(stamp: Stamp, today: date) -> date:
    assert stamp.weekday is not None
    monday = add_days(today, -today.weekday())
    day = add_days(monday, stamp.weekday - 1)
    if stamp.weeks is not None:
        return add_days(day, 7 * stamp.weeks)
    return day if day >= today else add_days(day, 7)


def _leap_day(stamp: Stamp, year: int) -> date | None:
    if (stamp.month, stamp.day) != (2, 29):
        return None
    return next((date(near, 2, 29) for near in range(year, year - 9, -1) if days_in_month(near, 2) == 29), None)


def resolve(stamp: Stamp, now: datetime) -> tuple[Type, Scalar]:
    """The type and value: a day, a clock time, both, or the stretch a year, month or part of the day is."""
    if stamp.has_time:
        return _timed(stamp, now)
    interval = stretch(stamp, now)
    if interval is None:
        return Type.DATE, None
    if stamp.day is not None or stamp.weekday is not None:
        return Type.DATE, interval.start
    return Type.DATE_RANGE, interval


def _timed(stamp: Stamp, now: datetime) -> tuple[Type, Scalar]:
    dated = stamp.has_date
    if stamp.hour is None:
        interval = stretch(stamp, now)
        if interval is None:
            return Type.DATETIME_RANGE, None
        if dated:
            return Type.DATETIME_RANGE, interval
        assert isinstance(interval.start, datetime)
        assert isinstance(interval.end, datetime)
        return Type.TIME_RANGE, Interval(interval.start.time(), interval.end.time())
    moment = moment_of(stamp, now)
    if moment is None:
        return (Type.DATETIME if dated else Type.TIME), None
    return (Type.DATETIME, moment) if dated else (Type.TIME, moment.time())


def moment_of(stamp: Stamp, now: datetime) -> datetime | None:
    """The moment it begins."""
    day = day_of(stamp, now)
    if day is None:
        return None
    hour = hour_of(stamp) if stamp.hour is not None else PARTS[stamp.part][0] if stamp.part else 0
    if hour > 24 or (stamp.minute or 0) > 59 or (stamp.second or 0) > 59:
        return None
    start = datetime.combine(add_days(day, hour // 24), time(hour % 24))
    return start.replace(minute=stamp.minute or 0, second=stamp.second or 0)


def stretch(stamp: Stamp, now: datetime) -> Interval | None:
    """From its first day (or moment) to the one after its last."""
    day = day_of(stamp, now)
    if day is None:
        return None
    if stamp.has_time:
        return _hours(stamp, day, now)
    if stamp.day is not None or stamp.weekday is not None:
        return Interval(day, add_days(day, 1))
    if stamp.weeks is not None:
        monday = add_days(now.date(), 7 * stamp.weeks - now.weekday())
        return Interval(monday, add_days(monday, 7))
    if stamp.month is not None:
        return Interval(day, _lunar_month_end(stamp, day) if stamp.lunar else add_months(day, 1))
    return Interval(day.replace(month=1, day=1), add_months(day.replace(month=1, day=1), 12))


def _lunar_month_end(stamp: Stamp, first: date) -> date:
    assert stamp.month is not None
    thirtieth = from_lunar(stamp.year or first.year, stamp.month, 30, stamp.leap)
    return add_days(first, 30 if thirtieth else 29)


def _hours(stamp: Stamp, day: date, now: datetime) -> Interval | None:
    start = moment_of(stamp, now)
    if start is None:
        return None
    if stamp.hour is not None:
        step = timedelta(seconds=1) if stamp.second is not None else timedelta(minutes=1)
        return Interval(start, start + (timedelta(hours=1) if stamp.minute is None else step))
    assert stamp.part is not None
    last = PARTS[stamp.part][1]
    midnight = datetime.combine(day, time())
    end = midnight + timedelta(hours=last)
    return Interval(start, end - timedelta(seconds=1) if last == 24 else end)
