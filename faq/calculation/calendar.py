"""Days that are worked in mainland China, months added to dates, lunar dates.

The public holidays and their make-up Saturdays are those of the State Council (package `chinesecalendar`); for years it
does not hold yet, Monday to Friday are worked.
"""

from datetime import date, timedelta

import chinese_calendar
from lunardate import LunarDate

FARTHEST = 3660  # working days or days stepped through one by one


class FarDateError(ValueError):
    """The date leaves the years 1 to 9999, or the count of days is too large."""


def is_working_day(day: date) -> bool:
    """Whether mainland offices work on `day`."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def add_days(day: date, days: int) -> date:
    """`day` plus so many days. Raises FarDateError."""
    try:
        return day + timedelta(days=days)
    except OverflowError as error:
        raise FarDateError(str(days)) from error


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the last of a shorter month. Raises FarDateError."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return day.replace(year=years, month=month + 1, day=min(day.day, days_in_month(years, month + 1)))
    except ValueError as error:
        raise FarDateError(str(months)) from error


def days_in_month(year: int, month: int) -> int:
    """28 to 31. Raises FarDateError for a year outside 1 to 9999."""
    if not 1 <= year <= 9999:
        raise FarDateError(str(year))
    if month == 12:
        return 31
    return (date(year, month + 1, 1) - date(year, month, 1)).days


def add_working_days(day: date, count: int) -> date:
    """The `count`-th working day after `day` (before it when negative). Raises FarDateError."""
    if abs(count) > FARTHEST:
        raise FarDateError(str(count))
    step = 1 if count > 0 else -1
    left = abs(count)
    while left:
        day = add_days(day, step)
        left -= is_working_day(day)
    return day


def count_working_days(first: date, last: date) -> int:
    """Working days from `first` to `last`, both counted; 0 when last is before first. Raises FarDateError."""
    if (last - first).days > FARTHEST:
        raise FarDateError(str(last))
    return sum(is_working_day(add_days(first, offset)) for offset in range((last - first).days + 1))


def from_lunar(year: int, month: int, day: int, leap: bool = False) -> date | None:
    """The day of the lunar date, or None when that lunar month has no such day. Years 1900 to 2099."""
    try:
        solar: date = LunarDate(year, month, day, leap).to_solar_date()
    except (ValueError, IndexError):
        return None
    return solar
