"""Dates of a text in one form, so that a day of one sentence and a year of another make no date that nobody wrote."""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        r"(?:(?P<year>\d{4})\s*年\s*)?(?P<month>\d{1,2})\s*月(?:\s*(?P<day>\d{1,2})(?:\s*[日号]?\s*[-~至到]\s*(?P<last>\d{1,2})(?!\s*[\d月]))?)?",
        r"(?<!\d)(?P<year>(?:19|20)\d{2})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
        rf"\b{_NAME}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:\s*[-~]\s*(?P<last>\d{{1,2}})\b)?(?:,?\s+(?P<year>\d{{4}}))?",
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_NAME}(?:,?\s+(?P<year>\d{{4}}))?",
        rf"(?<!\d\s)\b{_NAME},?\s+(?P<year>\d{{4}})",
    )
)


class Date(NamedTuple):
    """A date as far as it is said."""

    year: int | None
    month: int
    day: int | None


def dates(plain: str) -> Iterator[Date]:
    """The dates of a folded text with numerals as digits; a month alone is none."""
    for form in _FORMS:
        for found in form.finditer(plain):
            said = found.groupdict()
            month = _MONTHS.index(said["name"]) + 1 if said.get("name") else int(said["month"])
            year = int(said["year"]) if said.get("year") else None
            days: list[int | None] = [int(said[key]) for key in ("day", "last") if said.get(key)]
            yield from (Date(year, month, day) for day in days or ([None] if year else []))


def stands(date: Date, written: Collection[Date]) -> bool:
    """Whether a date is one of those written, as far as both say; only the year may stand apart from month and day."""
    return any(
        other.month == date.month
        and date.day in (None, other.day)
        and (other.year == date.year or date.year is None or (other.year is None and date.day is not None))
        for other in written
    )
