"""The single words of English dates and times: one regular expression each for days, months, clock times and years.

Each function gives the stamps it finds with their spans; faq.calculation.reading.times.english joins them.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from faq.calculation.calendar import add_days, add_months
from faq.calculation.reading import english as words
from faq.calculation.reading.folding import look_back
from faq.calculation.reading.times.english_clocks import clocks, parts
from faq.calculation.reading.times.english_names import (
    CARDINAL,
    DAY,
    MONTHS,
    STEP,
    STEPS,
    WEEKDAYS,
    Found,
    any_of,
    number,
)
from faq.calculation.reading.times.stamps import Stamp

_MONTH = rf"(?P<month>{any_of(MONTHS)})(?![a-z])"
_YEAR_WORDS = (
    rf"(?:(?:nineteen|eighteen|seventeen|sixteen|fifteen|twenty)[ -](?:hundred )?(?:and )?(?:{any_of(words.TENS)}"
    rf"|{CARDINAL})(?:[ -](?:{CARDINAL}))?|two thousand(?: and)?(?: (?:{any_of(words.TENS)}|{CARDINAL}))?(?:[ -]"
    rf"(?:{CARDINAL}))?)(?![a-z])"
)
_YEAR = (
    rf"(?P<year>[12]\d{{3}}(?![\d.]?\d)(?! *[:-]\d\d)|'?\d\d(?!\d|:|[ap]\.?m|th|st|nd|rd)(?= *(?:$|[.,;!?)]))"
    rf"|{_YEAR_WORDS})"
)
_SEP = r" *(?:[.,]|of|in|the|[-/])? *(?:of|in|the)? *"
DATES = (
    re.compile(r"(?<![\d$])(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<![\d$])(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)(?!\d)"),
    re.compile(r"(?<![\d$])(?P<y>(?:19|20)\d\d) (?P<m>\d\d) (?P<d>\d\d)(?!\d)"),
    re.compile(r"(?<![\d$./])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d{4}|\d\d)(?![\d])"),
    re.compile(r"(?<![\d$./-])(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4}|\d\d)(?![\d])"),
    re.compile(rf"(?<![\d$])(?P<y>\d{{4}})(?P<s>[-/ ]){_MONTH}(?P=s)(?P<d>\d{{1,2}})(?!\d)"),
    re.compile(rf"(?<![\d$])(?P<y>\d{{4}})[-/](?P<d>\d{{1,2}})[-/]{_MONTH}"),
    re.compile(rf"(?<![\w$.])(?:the )?{DAY}(?: day)?{_SEP}{_MONTH}(?:\.?{_SEP}{_YEAR})?"),
    re.compile(
        rf"(?<![a-z$]){_MONTH}\.?{_SEP}{DAY}(?! *(?:%|percent|dollars|people|million|:|[ap]\.?m))(?: *,? *(?:of "
        rf"|in )?{_YEAR})?"
    ),
    re.compile(rf"(?<![a-z$])(?P<month>{any_of(MONTHS)})(?P<day>\d{{1,2}})(?!\d) *, *{_YEAR}"),
    re.compile(rf"(?<![a-z$]){_MONTH}\.?(?: *,? *(?:of |in )?|[-/ ]){_YEAR}"),
    re.compile(rf"(?<![\d$])(?P<year>[12]\d{{3}})[ -]{_MONTH}"),
    re.compile(rf"(?<![a-z$])(?:mid[- ])?{_MONTH}"),
    re.compile(r"(?<![\w$./:-])(?P<a>0?[1-9]|1[0-2]|[12]\d|3[01])/(?P<b>0?[1-9]|[12]\d|3[01])(?![\d/.%])"),
    re.compile(r"(?<![\w$./:-])(?P<m>0?[1-9]|1[0-2])[-/](?P<y>(?:19|20)\d\d)(?!\d)(?![-/])"),
    re.compile(
        r"(?<=on )the (?P<only>\d{1,2})(?:st|nd|rd|th)(?! (?:century|week|quarter|day|of|place|floor|time))"
        r"(?=[ .?!,]|$)"
    ),
)
_AUX_MAY = re.compile(
    r"(?<![a-z])(?:in|since|of|from|to|next|last|until|till|by|before|after|through|between|early|late|mid|\d)[ -]*$"
)
_WEEKDAY = re.compile(rf"(?<![a-z])(?:on )?(?:{STEP} (?:week )?)?(?P<weekday>{any_of(WEEKDAYS)})(?P<s>s)?(?![a-z])")
_WEEKDAY_THE = re.compile(rf" *,? *(?:the )?{DAY}(?! *(?:[:/.]\d|[ap]\.?m|-\d|to|-))")
_RELATIVE = {
    "today": 0, "tomorrow": 1, "tmrw": 1, "tmr": 1, "yesterday": -1, "the day after tomorrow": 2,
    "day after tomorrow": 2,
    "the day before yesterday": -2, "day before yesterday": -2, "the day before": -1, "the day after": 1,
    "the next day": 1, "the previous day": -1,
    "the following day": 1, "the day": 0, "current date": 0, "next day": 1, "last day": -1,
}  # fmt: skip
_DAYS = re.compile(
    rf"(?<![a-z])(?P<name>{any_of(_RELATIVE)})(?![a-z])|(?<=and )(?P<now>now)(?![a-z])|(?<=to )now(?![a-z])|"
    rf"(?<=till )now(?![a-z])|(?<![a-z])now(?= and )"
)


def find(text: str, now: datetime) -> list[Found]:
    """All stamps, longest first at each place, none inside another."""
    found: list[Found] = []
    for finder in (_spans, _dates, _weekdays, _days, clocks, parts, _years):
        for item in finder(text, now):
            if all(item.end <= other.start or other.end <= item.start for other in found):
                found.append(item)
    return sorted(found, key=lambda item: item.start)


def _dates(text: str, now: datetime) -> Iterator[Found]:
    for pattern in DATES:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            name = groups.get("month")
            if (
                name in {"may", "mar", "sun", "dec"}
                and groups.get("day") is None
                and not look_back(_AUX_MAY, text, match.start())
                and not groups.get("year")
            ):
                continue
            if name == "may" and groups.get("day") == "one":
                continue
            stamp = _date(groups)
            if stamp is not None:
                yield Found(match.start(), match.end(), stamp)


def _date(groups: dict[str, str | None]) -> Stamp | None:
    if groups.get("a"):
        return _slashed(groups)
    month = MONTHS[groups["month"]] if groups.get("month") else int(groups["m"]) if groups.get("m") else None  # type: ignore[index, arg-type]
    day_text = groups.get("day") or groups.get("d") or groups.get("only")
    year_text = groups.get("year") or groups.get("y")
    day = number(day_text) if day_text else None
    if (day is not None and not 1 <= day <= 31) or (month is not None and not 1 <= month <= 12):
        return None
    return Stamp(_year_number(year_text) if year_text else None, month, day)


def _slashed(groups: dict[str, str | None]) -> Stamp | None:
    first, second = int(groups["a"] or 0), int(groups["b"] or 0)
    month, day = (second, first) if first > 12 else (first, second)
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    year = groups.get("y")
    return Stamp(_year_number(year) if year else None, month, day)


def _year_number(text: str) -> int:
    text = text.strip("'")
    if text.isdigit():
        year = int(text)
        return year if len(text) == 4 else year + (1900 if year >= 40 else 2000)
    parts = re.sub(r"hundred|and", " ", text).replace("-", " ").split()
    if parts[0] == "two":
        return 2000 + (number(" ".join(parts[2:])) if parts[2:] else 0)
    return number(parts[0]) * 100 + number(" ".join(parts[1:]))


def _weekdays(text: str, now: datetime) -> Iterator[Found]:
    for match in _WEEKDAY.finditer(text):
        if (
            match["weekday"] in {"sat", "sun", "wed", "mon", "fri", "thu", "tue"}
            and match.group().endswith(".") is False
            and re.match(r"[a-z]", text[match.end() : match.end() + 1])
        ):
            continue
        if match["weekday"] == "sun" and match["step"] == "the":
            continue
        weekday = WEEKDAYS[match["weekday"]]
        step = match["step"]
        weeks = STEPS[step] if step not in {None, "the", "that", "coming", "upcoming"} else None
        stamp, end = Stamp(weekday=weekday, weeks=weeks), match.end()
        start = match.start("step") if step and step not in {"the", "that"} else match.start("weekday")
        if step in {"coming", "upcoming"} and now.isoweekday() == weekday:
            stamp = replace(stamp, weeks=1)
        if weeks is None and (day := _WEEKDAY_THE.match(text, end)) and not match["s"]:
            moved = _weekday_on(weekday, number(day["day"]), now.date())
            if moved is not None:
                stamp, end = Stamp(moved.year, moved.month, moved.day), day.end()
        yield Found(start, end, stamp, many=bool(match["s"]) and len(match["weekday"]) > 4)


def _weekday_on(weekday: int, day: int, today: date) -> date | None:
    """tuesday the eleventh: the next month whose eleventh is a Tuesday."""
    first = today.replace(day=1)
    for months in range(24):
        month = add_months(first, months)
        moved = add_days(month, day - 1)
        if moved.month == month.month and moved.isoweekday() == weekday:
            return moved
    return None


def _days(text: str, now: datetime) -> Iterator[Found]:
    for match in _DAYS.finditer(text):
        day = now.date() + timedelta(days=_RELATIVE.get(match["name"], 0))
        yield Found(match.start(), match.end(), Stamp(day.year, day.month, day.day))


_SPAN = re.compile(
    rf"(?<![a-z]){STEP} (?:calendar |working )?(?P<unit>week|month|year)(?![a-z])(?! (?:old|ago|before last)|"
    rf"(?<=the year) (?:of )?\d{{4}})|(?<![a-z])(?P<step2>this|next|last) (?P<month>{any_of(MONTHS)})(?![a-z])"
    rf"(?! *\d)"
)


def _spans(text: str, now: datetime) -> Iterator[Found]:
    for match in _SPAN.finditer(text):
        if match["month"]:
            month = MONTHS[match["month"]]
            yield Found(match.start(), match.end(), Stamp(now.year + STEPS[match["step2"]], month))
            continue
        step = STEPS[match["step"]]
        if match["unit"] == "week":
            stamp = Stamp(weeks=step)
        elif match["unit"] == "month":
            moved = add_months(now.date().replace(day=1), step)
            stamp = Stamp(moved.year, moved.month)
        else:
            stamp = Stamp(now.year + step)
        yield Found(match.start() + (4 if match["step"] == "the" and step else 0), match.end(), stamp)


_YEAR_ALONE = re.compile(
    rf"(?:(?<=in )|(?<=since )|(?<=before )|(?<=after )|(?<=of )|(?<=by )|(?<=from )|(?<=to )|(?<=till )|(?<=than )|"
    rf"(?<=until )|(?<=and )|(?<=between )|(?<=or )|(?<=not )|(?<=through )|(?<=-)|(?<=~)|(?<=cy )|^)(?P<y>(?:1[5-9]"
    rf"|20)\d\d)(?![\d.,]?\d|%|[a-z]| ?[-/:]\d\d?(?!\d))"
    rf"|(?P<named>(?:(?<=before )the )?year (?P<y2>\d{{4}}))(?!\d)|(?<![\w>])(?P<eq>= ?(?P<y3>(?:19|20)\d\d))(?!\d)|"
    rf"(?<=in )(?P<yw>{_YEAR_WORDS})|(?P<y4>(?:1[5-9]|20)\d\d)(?=(?: ?[-~]|(?: till| through| or later| to)) ?)|"
    rf"(?<=in the )(?P<y5>(?:1[5-9]|20)\d\d)(?!\d)"
)


def _years(text: str, now: datetime) -> Iterator[Found]:
    for match in _YEAR_ALONE.finditer(text):
        said = match["y"] or match["y2"] or match["y3"] or match["y4"] or match["y5"]
        year = int(said) if said else _year_number(match["yw"])
        if re.match(
            r" (?:pieces|people|dollars|yuan|meters|units|points|times|words|square|items)", text[match.end() :]
        ):
            continue
        yield Found(match.start(), match.end(), Stamp(year))
