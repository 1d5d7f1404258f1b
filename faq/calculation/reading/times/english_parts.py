"""English stretches with a name of their own (Q1 2019, week 10, the end of the month, 1990s) and
repetitions (every day).
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from faq.calculation.calendar import add_days, add_months
from faq.calculation.reading.times.english_names import MONTHS, STEPS, WEEKDAYS, number
from faq.calculation.values import Interval, Type, Value

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
_UNIT = r"year|quarter|month|week|weekend|day|hour|minute"
_SET = re.compile(
    rf"(?<![a-z])(?:(?:every|each) (?:other |(?:\w+) )?(?:{_UNIT}|{_DAY}|weekend|fortnight)s?(?! (?:ago|later|old))"
    rf"(?: (?:at )?\d{{1,2}}(?::\d\d)? ?[ap]m)?|(?:\d{{1,2}}(?::\d\d)? ?[ap]m )?everyday(?: \d{{1,2}}"
    rf"(?::\d\d)? ?[ap]m)?|once an? (?:{_UNIT})"
    rf"|(?:bi-?)?(?:daily|weekly|monthly|yearly|annually|annual|quarterly)|(?:any|all) weekends?|weekends|"
    rf"(?:{_DAY})s (?:at )?\d{{1,2}} ?[ap]m|(?:{_DAY}) (?:mornings|afternoons|evenings|nights))(?![a-z])"
)
_ORDINAL = r"first|second|third|fourth|fifth|last|\d(?:st|nd|rd|th)"
_QUARTER = re.compile(
    rf"(?<![a-z\d])(?:q(?P<q>[1-4])(?:[- ]?(?P<y>\d{{4}}))?|(?P<y2>\d{{4}})[- ]?q(?P<q2>[1-4])|(?:the )?(?P<o>first"
    rf"|second|third|fourth|\d(?:st|nd|rd|th)) quarter(?: of (?P<of>the year|this year|last year|next year|\d{{4}}))?"
    rf"|(?P<hy>\d{{4}}) h(?P<h>[12])|h(?P<h2>[12]) (?P<hy2>\d{{4}})|"
    rf"(?P<step>{'|'.join(name for name in STEPS if name not in {'the', 'that'})}) quarter)(?![a-z\d])"
)
_WEEK = re.compile(
    rf"(?<![a-z])(?:week (?P<n>\d{{1,2}})(?: of (?P<ny>\d{{4}}))?(?!\d|:)|(?:the )?(?P<o>{_ORDINAL}) week (?:of|in) "
    rf"(?:(?P<m>{_MONTH})\.?(?: (?P<my>\d{{4}}))?|(?P<y>\d{{4}}))(?: on (?P<w>{_DAY}))?"
    rf"|(?:the week (?:beginning|commencing|starting)(?: on)?|w/c) (?P<cm>{_MONTH})\.? (?P<cd>\d{{1,2}}))(?![a-z])"
)
_EDGE = re.compile(
    rf"(?<![a-z])(?:the (?=\w+ of (?:the day|today)))?(?P<edge>end|beginning|start|middle) of (?:the )?(?P<what>day"
    rf"|today|tomorrow|{_DAY}|(?:(?P<step>this|next|last) )?(?P<unit>week|month|year)|(?P<m>{_MONTH})|(?P<y>\d{{4}}))"
    rf"(?![a-z\d])"
    r"|(?<![a-z])(?P<short>eoy|eom|eod)(?![a-z])"
)
_MID = re.compile(
    rf"(?<![a-z])(?P<way>mid|early|late|earlier|later)(?:-| in the | in | )(?:(?P<step>this|next|last|previous"
    rf"|the) )?(?:(?P<m>{_MONTH})|(?P<unit>week|month|year|morning|afternoon|evening))(?![a-z])"
)
_WEEKEND = re.compile(r"(?<![a-z])(?:(?P<step>this|next|last|past|that|the|coming) )?weekend(?![a-z])")
_DECADE = re.compile(r"(?<!\d)(?P<d>(?:1[5-9]|20)\d0) ?'?s(?![a-z])|(?<![\d])(?P<c>\d{1,2})(?:st|nd|rd|th) +century")
_HOLIDAY = re.compile(
    r"(?<![a-z])(?P<name>christmas(?: day| eve)?|new year(?:'s (?:day|eve))?|independence day|halloween|thanksgiving"
    r"|labor day|labour day|valentine'?s day|juneteenth|freedom day|jubilee day|saint patrick(?:'s day)?|easter"
    r"|black friday)(?:,? (?P<y>\d{4})| of (?P<step>this|next|last) year)?(?![a-z\d])"
)
_FIXED = {
    "christmas": (12, 25), "christmas day": (12, 25), "christmas eve": (12, 24), "new year": (1, 1),
    "new year's day": (1, 1), "new year's eve": (12, 31),
    "independence day": (7, 4), "halloween": (10, 31), "valentine's day": (2, 14), "valentines day": (2, 14),
    "juneteenth": (6, 19), "freedom day": (6, 19),
    "jubilee day": (6, 19), "saint patrick": (3, 17), "saint patrick's day": (3, 17),
}  # fmt: skip


def sets(text: str) -> list[Value]:
    """every day, weekly, once a year, tuesdays at 9am."""
    return [Value(Type.SET, match.start(), match.end(), match.group()) for match in _SET.finditer(text)]


def stretches(text: str, now: datetime) -> Iterator[tuple[int, int, Interval]]:
    """Named stretches with their spans, none inside another."""
    taken: list[tuple[int, int]] = []
    for pattern, build in (
        (_EDGE, _edge), (_WEEK, _week), (_QUARTER, _quarter), (_MID, _mid), (_WEEKEND, _weekend), (_DECADE, _decade),
        (_HOLIDAY, _holiday),
    ):  # fmt: skip
        for match in pattern.finditer(text):
            interval = build(match, now)
            if interval is not None and all(match.end() <= start or end <= match.start() for start, end in taken):
                taken.append((match.start(), match.end()))
                yield match.start(), match.end(), interval


def _quarter(match: re.Match[str], now: datetime) -> Interval | None:
    if match["h"] or match["h2"]:
        first = date(int(match["hy"] or match["hy2"]), 6 * int(match["h"] or match["h2"]) - 5, 1)
        return Interval(first, add_months(first, 6))
    if match["step"]:
        first = date(now.year, (now.month - 1) // 3 * 3 + 1, 1)
        first = add_months(first, 3 * STEPS[match["step"]])
        return Interval(first, add_months(first, 3))
    which = match["q"] or match["q2"] or str(number(match["o"]))
    said = match["y"] or match["y2"] or match["of"]
    year = int(said) if said and said.isdigit() else now.year + {"last year": -1, "next year": 1}.get(said or "", 0)
    first = date(year, 3 * int(which) - 2, 1)
    return Interval(first, add_months(first, 3))


def _week(match: re.Match[str], now: datetime) -> Interval | None:
    if match["cm"]:
        day = date(now.year, MONTHS[match["cm"]], int(match["cd"]))
        return Interval(day, add_days(day, 7 - day.weekday()))
    if match["n"]:
        return _iso_week(int(match["ny"] or now.year), int(match["n"]))
    which = 5 if match["o"] == "last" else number(match["o"])
    if match["y"]:
        return _iso_week(int(match["y"]), which)
    first = date(int(match["my"] or now.year), MONTHS[match["m"]], 1)
    monday = add_days(first, -first.weekday() + (7 if first.weekday() > 3 else 0) + 7 * (which - 1))
    if match["w"]:
        day = add_days(monday, WEEKDAYS[match["w"]] - 1)
        return Interval(day, day, end_included=True)
    return Interval(monday, add_days(monday, 7))


def _iso_week(year: int, week: int) -> Interval | None:
    if not 1 <= week <= 53:
        return None
    monday = add_days(date(year, 1, 4), -date(year, 1, 4).weekday() + 7 * (week - 1))
    return Interval(monday, add_days(monday, 7))


def _edge(match: re.Match[str], now: datetime) -> Interval | None:
    today = now.date()
    edge = match["edge"] or "end"
    what = match["what"] or {"eoy": "year", "eom": "month", "eod": "day"}[match["short"]]
    if what in {"day", "today", "tomorrow"} or what in WEEKDAYS:
        return _end_of_day(what, today) if edge == "end" else None
    if match["m"]:
        first = date(now.year, MONTHS[match["m"]], 1)
        return _month_part(edge, first)
    if match["y"]:
        return _year_part(edge, int(match["y"]))
    step = STEPS[match["step"]] if match["step"] else 0
    unit = match["unit"] or what
    if unit == "year":
        return _year_part(edge, now.year + step)
    if unit == "month":
        return _month_part(edge, add_months(today.replace(day=1), step))
    monday = add_days(today, -today.weekday() + 7 * step)
    return (
        Interval(add_days(monday, 3), add_days(monday, 7)) if edge == "end" else Interval(monday, add_days(monday, 3))
    )


def _end_of_day(what: str, today: date) -> Interval:
    ahead = (WEEKDAYS[what] - today.isoweekday()) % 7 if what in WEEKDAYS else int(what == "tomorrow")
    last = datetime.combine(add_days(today, ahead), time(23, 59, 59))
    return Interval(last, last)


def _year_part(edge: str, year: int) -> Interval:
    cuts = {"end": (7, 13), "beginning": (1, 5), "start": (1, 5), "middle": (5, 9)}[edge]
    first = date(year, 1, 1)
    return Interval(add_months(first, cuts[0] - 1), add_months(first, cuts[1] - 1))


def _month_part(edge: str, first: date) -> Interval:
    last = add_months(first, 1)
    if edge == "end":
        return Interval(add_days(first, 15), last)
    if edge == "middle":
        return Interval(add_days(first, 9), add_days(first, 20))
    return Interval(first, add_days(first, 15))


def _mid(match: re.Match[str], now: datetime) -> Interval | None:
    way, step = match["way"], STEPS[match["step"]] if match["step"] else 0
    if match["m"]:
        first = date(now.year, MONTHS[match["m"]], 1)
        return _month_part({"mid": "middle", "early": "beginning", "late": "end"}.get(way, "end"), first)
    if match["unit"] == "week" and way in {"earlier", "later"}:
        monday = add_days(now.date(), -now.weekday() + 7 * step)
        return (
            Interval(monday, add_days(monday, 3))
            if way == "earlier"
            else Interval(add_days(monday, 3), add_days(monday, 7))
        )
    return None


def _weekend(match: re.Match[str], now: datetime) -> Interval:
    step = STEPS[match["step"]] if match["step"] else 0
    saturday = add_days(now.date(), 5 - now.weekday() + 7 * step)
    return Interval(saturday, add_days(saturday, 2))


def _decade(match: re.Match[str], now: datetime) -> Interval:
    first = int(match["d"]) if match["d"] else (int(match["c"]) - 1) * 100
    return Interval(date(max(first, 1), 1, 1), date(first + (10 if match["d"] else 100), 1, 1))


def _holiday(match: re.Match[str], now: datetime) -> Interval:
    name = match["name"]
    year = int(match["y"]) if match["y"] else now.year + (STEPS[match["step"]] if match["step"] else 0)
    day = date(year, *_FIXED[name]) if name in _FIXED else _moving(name, year)
    if not match["y"] and not match["step"] and day < now.date():
        day = date(year + 1, *_FIXED[name]) if name in _FIXED else _moving(name, year + 1)
    return Interval(day, add_days(day, 1))


def _moving(name: str, year: int) -> date:
    if name == "easter":
        return _easter(year)
    if name in {"labor day", "labour day"}:
        first = date(year, 9, 1)
        return first + timedelta(days=-first.weekday() % 7)
    first = date(year, 11, 1)
    thursday = first + timedelta(days=(3 - first.weekday()) % 7 + 21)
    return thursday + timedelta(days=name == "black friday")


def _easter(year: int) -> date:
    """Western Easter by the anonymous Gregorian computus."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)
