"""The single words of English dates and times: one regular expression each for days, months, clock times and years.

Each function gives the stamps it finds with their spans; faq.calculation.reading.times.english joins them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from faq.calculation.calendar import add_days, add_months
from faq.calculation.reading import english as words
from faq.calculation.reading.times.stamps import Stamp

MONTHS = {
    name: at
    for at, names in enumerate(
        "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|sep sept september|oct october|"
        "nov november|dec december".split("|"),
        1,
    )
    for name in names.split()
}
WEEKDAYS = {
    name: at
    for at, names in enumerate(
        "mon monday|tue tues tuesday|wed weds wednesday|thu thur thurs thursday|fri friday|sat saturday|sun sunday".split("|"),
        1,
    )
    for name in names.split()
}
STEPS = {
    "next": 1, "following": 1, "coming": 1, "upcoming": 1, "this": 0, "current": 0, "the": 0, "that": 0, "last": -1, "previous": -1,
    "past": -1, "prior": -1,
}  # fmt: skip
_STEP = rf"(?P<step>{'|'.join(STEPS)})"


def _any(names: object) -> str:
    return "|".join(sorted(names, key=len, reverse=True))  # type: ignore[call-overload]


_MONTH = rf"(?P<month>{_any(MONTHS)})(?![a-z])"
_SMALL = _any([name for name, value in words.ORDINALS.items() if value <= 20] + ["thirtieth"])
_CARDINAL = _any([*(name for name, value in words.UNITS.items() if value), "thirty"])
_DAY_WORDS = rf"(?:twenty|thirty)[ -](?:{_SMALL}|{_any([name for name, value in words.UNITS.items() if 0 < value < 10])})|{_SMALL}|twentieth|{_CARDINAL}|twenty"
DAY = rf"(?P<day>(?:0?[1-9]|[12]\d|3[01])(?![\d:])(?:st|nd|rd|th)?(?![a-z])|(?:{_DAY_WORDS})(?![a-z]))"
_YEAR_WORDS = rf"(?:(?:nineteen|eighteen|seventeen|sixteen|fifteen|twenty)[ -](?:hundred )?(?:and )?(?:{_any(words.TENS)}|{_CARDINAL})(?:[ -](?:{_CARDINAL}))?|two thousand(?: and)?(?: (?:{_any(words.TENS)}|{_CARDINAL}))?(?:[ -](?:{_CARDINAL}))?)(?![a-z])"
_YEAR = rf"(?P<year>[12]\d{{3}}(?![\d.]?\d)(?! *[:-]\d\d)|'?\d\d(?!\d|:|[ap]\.?m|th|st|nd|rd)(?= *(?:$|[.,;!?)]))|{_YEAR_WORDS})"
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
    re.compile(rf"(?<![a-z$]){_MONTH}\.?{_SEP}{DAY}(?! *(?:%|percent|dollars|people|million|:|[ap]\.?m))(?: *,? *(?:of |in )?{_YEAR})?"),
    re.compile(rf"(?<![a-z$])(?P<month>{_any(MONTHS)})(?P<day>\d{{1,2}})(?!\d) *, *{_YEAR}"),
    re.compile(rf"(?<![a-z$]){_MONTH}\.?(?: *,? *(?:of |in )?|[-/ ]){_YEAR}"),
    re.compile(rf"(?<![\d$])(?P<year>[12]\d{{3}})[ -]{_MONTH}"),
    re.compile(rf"(?<![a-z$])(?:mid[- ])?{_MONTH}"),
    re.compile(r"(?<![\w$./:-])(?P<a>0?[1-9]|1[0-2]|[12]\d|3[01])/(?P<b>0?[1-9]|[12]\d|3[01])(?![\d/.%])"),
    re.compile(r"(?<![\w$./:-])(?P<m>0?[1-9]|1[0-2])[-/](?P<y>(?:19|20)\d\d)(?!\d)(?![-/])"),
    re.compile(rf"(?<=on )the (?P<only>\d{{1,2}})(?:st|nd|rd|th)(?! (?:century|week|quarter|day|of|place|floor|time))(?=[ .?!,]|$)"),
)
_AUX_MAY = re.compile(r"(?<![a-z])(?:in|since|of|from|to|next|last|until|till|by|before|after|through|between|early|late|mid|\d)[ -]*$")
_WEEKDAY = re.compile(rf"(?<![a-z])(?:on )?(?:{_STEP} (?:week )?)?(?P<weekday>{_any(WEEKDAYS)})(?P<s>s)?(?![a-z])")
_WEEKDAY_THE = re.compile(rf" *,? *(?:the )?{DAY}(?! *(?:[:/.]\d|[ap]\.?m|-\d|to|-))")
_RELATIVE = {
    "today": 0, "tomorrow": 1, "tmrw": 1, "tmr": 1, "yesterday": -1, "the day after tomorrow": 2, "day after tomorrow": 2,
    "the day before yesterday": -2, "day before yesterday": -2, "the day before": -1, "the day after": 1, "the next day": 1, "the previous day": -1,
    "the following day": 1, "the day": 0, "current date": 0, "next day": 1, "last day": -1,
}  # fmt: skip
_DAYS = re.compile(rf"(?<![a-z])(?P<name>{_any(_RELATIVE)})(?![a-z])|(?<=and )(?P<now>now)(?![a-z])|(?<=to )now(?![a-z])|(?<=till )now(?![a-z])|(?<![a-z])now(?= and )")
_PARTS = {
    "early morning": "early_morning", "morning": "morning", "afternoon": "afternoon", "evening": "evening", "night": "night", "daytime": "daytime",
    "noonish": "noon", "lunchtime": "lunch", "am": "am", "pm": "pm",
}  # fmt: skip
_PART = re.compile(
    rf"(?<![a-z\d])(?<!good )(?:(?:in|at) (?:the )?|during the )?(?:{_STEP} )?(?P<part>early morning|morning|afternoon|evening|night|daytime|lunchtime)(?P<s>s)?(?![a-z])"
    r"|(?<=today )(?P<half>am|pm)(?![a-z])|(?<=tomorrow )(?P<half2>am|pm)(?![a-z])|(?<![a-z])(?P<tonight>tonight)(?![a-z])"
)
_COUNTED = re.compile(r"(?:\d|one|two|three|four|five|six|seven|some|few|of) $")
_HOUR_WORDS = _any([name for name, value in words.UNITS.items() if 0 < value <= 12])
_MINUTE_WORDS = rf"(?:(?:twenty|thirty|forty|fifty)(?:[ -](?:{_CARDINAL}))?|fifteen|ten|eleven|twelve|thirteen|fourteen|sixteen|seventeen|eighteen|nineteen|oh[ -](?:{_CARDINAL}))"
_AP = r"(?P<ap>[ap])(?: ?\. ?m ?\.?| ?m)(?![a-z])|(?P<ap1>[ap])(?![a-z'])(?!\.[a-z])"
CLOCKS = (
    re.compile(rf"(?<![\d.$:/])(?P<h>\d{{1,2}}):(?P<m>\d\d)(?::(?P<s>\d\d))?(?![\d:])(?: ?(?:{_AP}))?"),
    re.compile(rf"(?<![\d.$:/])(?P<h>\d{{1,2}})\.(?P<m>\d\d) ?(?:{_AP})"),
    re.compile(rf"(?<![\d.$:/])(?P<hm>\d{{3,4}}) ?(?:{_AP})"),
    re.compile(rf"(?<![\d.$:/])(?P<h>\d{{1,2}})\.? ?(?:{_AP})"),
    re.compile(rf"(?<![a-z\d])(?P<half>half|quarter|a quarter|\d{{1,2}}|{_MINUTE_WORDS}(?: minutes)?|(?:{_CARDINAL})(?: minutes)?) (?P<way>past|to) (?P<hw>{_HOUR_WORDS}|\d{{1,2}})(?![a-z\d:])(?: ?o'?clock)?(?: ?(?:{_AP}))?"),
    re.compile(rf"(?<![a-z])(?P<hw>{_HOUR_WORDS}) (?P<mw>{_MINUTE_WORDS})(?![a-z])(?! (?:people|dollars|hours|minutes|days|million|thousand|hundred))(?: ?(?:{_AP}))?"),
    re.compile(rf"(?<![a-z])(?P<hw>{_HOUR_WORDS}) ?(?P<ap>[ap])(?: ?\. ?m ?\.?| ?m)(?![a-z])"),
    re.compile(rf"(?<![a-z\d])(?P<hw>\d{{1,2}}|{_HOUR_WORDS}) ?o'?clock"),
    re.compile(r"(?<![\d.])(?P<h>\d{1,2})ish(?![a-z])"),
    re.compile(r"(?<![a-z])(?P<name>(?:12 )?noon|noonish|mid ?night|(?:12 )?midday)(?![a-z])"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A stamp with its span; `many` when a plural makes it a repetition (tuesdays); `loose` when the hour has no am or pm."""

    start: int
    end: int
    stamp: Stamp
    many: bool = False


def find(text: str, now: datetime) -> list[Found]:
    """All stamps, longest first at each place, none inside another."""
    found: list[Found] = []
    for finder in (_spans, _dates, _weekdays, _days, _clocks, _parts, _years):
        for item in finder(text, now):
            if all(item.end <= other.start or other.end <= item.start for other in found):
                found.append(item)
    return sorted(found, key=lambda item: item.start)


def _dates(text: str, now: datetime) -> Iterator[Found]:
    for pattern in DATES:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            name = groups.get("month")
            if name in {"may", "mar", "sun", "dec"} and groups.get("day") is None and not _AUX_MAY.search(text, 0, match.start()) and not groups.get("year"):
                continue
            if name == "may" and groups.get("day") == "one":
                continue
            stamp = _date(groups)
            if stamp is not None:
                yield Found(match.start(), match.end(), stamp)


def number(text: str) -> int:
    """The whole number of a word or of digits with an ordinal ending."""
    digits = re.match(r"'?(\d+)", text)
    if digits:
        return int(digits[1])
    found = words.scan(text, 0)
    assert found is not None
    return int(found.value)


def _date(groups: dict[str, str | None]) -> Stamp | None:
    if groups.get("a"):
        return _slashed(groups)
    month = MONTHS[groups["month"]] if groups.get("month") else int(groups["m"]) if groups.get("m") else None  # type: ignore[index, arg-type]
    day_text = groups.get("day") or groups.get("d") or groups.get("only")
    year_text = groups.get("year") or groups.get("y")
    day = number(day_text) if day_text else None
    if day is not None and not 1 <= day <= 31 or (month is not None and not 1 <= month <= 12):
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
        rest = [part for part in parts[2:]]
        return 2000 + (number(" ".join(rest)) if rest else 0)
    return number(parts[0]) * 100 + number(" ".join(parts[1:]))


def _weekdays(text: str, now: datetime) -> Iterator[Found]:
    for match in _WEEKDAY.finditer(text):
        if match["weekday"] in {"sat", "sun", "wed", "mon", "fri", "thu", "tue"} and match.group().endswith(".") is False and re.match(r"[a-z]", text[match.end() : match.end() + 1]):
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


def _clocks(text: str, now: datetime) -> Iterator[Found]:
    for pattern in CLOCKS:
        for match in pattern.finditer(text):
            stamp = _clock({name: value for name, value in match.groupdict().items() if value})
            if stamp is not None and (stamp.hour or 0) <= 24 and (stamp.minute or 0) < 60:
                yield Found(match.start(), match.end(), stamp)


def _clock(groups: dict[str, str]) -> Stamp | None:
    if "name" in groups:
        return Stamp(hour=0 if "night" in groups["name"] else 12)
    if "hm" in groups:
        hour, minute = int(groups["hm"][:-2]), int(groups["hm"][-2:])
        return _with_half(Stamp(hour=hour, minute=minute), groups)
    hour = number(groups.get("h") or groups["hw"])
    if "way" in groups:
        minutes = {"half": 30, "quarter": 15, "a quarter": 15}.get(groups["half"]) or number(groups["half"].removesuffix(" minutes"))
        hour, minute = (hour, minutes) if groups["way"] == "past" else (hour - 1, 60 - minutes)
        return _with_half(Stamp(hour=hour, minute=minute), groups)
    said = groups.get("m") or groups.get("mw")
    minute_said = number(said.removeprefix("oh ").removeprefix("oh-")) if said else None
    return _with_half(Stamp(hour=hour, minute=minute_said, second=int(groups["s"]) if "s" in groups else None), groups)


def _with_half(stamp: Stamp, groups: dict[str, str]) -> Stamp | None:
    half = groups.get("ap") or groups.get("ap1")
    if half is None or stamp.hour is None:
        return stamp
    if stamp.hour > 12:
        return stamp
    return replace(stamp, hour=stamp.hour % 12 + (12 if half == "p" else 0))


def _parts(text: str, now: datetime) -> Iterator[Found]:
    for match in _PART.finditer(text):
        if match["tonight"]:
            yield Found(match.start(), match.end(), Stamp(now.year, now.month, now.day, part="night"))
            continue
        part = _PARTS[match["part"] or match["half"] or match["half2"]]
        step = match["step"]
        if match["s"] and _COUNTED.search(text, 0, match.start()):
            continue
        stamp = Stamp(part=part)
        if step and step not in {"the", "that"}:
            day = now.date() + timedelta(days=STEPS[step])
            stamp = replace(stamp, year=day.year, month=day.month, day=day.day)
        yield Found(match.start(), match.end(), stamp, many=bool(match["s"]))


_SPAN = re.compile(rf"(?<![a-z]){_STEP} (?:calendar |working )?(?P<unit>week|month|year)(?![a-z])(?! (?:old|ago|before last)|(?<=the year) (?:of )?\d{{4}})|(?<![a-z])(?P<step2>this|next|last) (?P<month>{_any(MONTHS)})(?![a-z])(?! *\d)")


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
        start = match.start() if match["step"] != "that" else match.start()
        yield Found(start + (4 if match["step"] == "the" and step else 0), match.end(), stamp)


_YEAR_ALONE = re.compile(
    rf"(?:(?<=in )|(?<=since )|(?<=before )|(?<=after )|(?<=of )|(?<=by )|(?<=from )|(?<=to )|(?<=till )|(?<=than )|(?<=until )|(?<=and )|(?<=between )|(?<=or )|(?<=not )|(?<=through )|(?<=-)|(?<=~)|(?<=cy )|^)(?P<y>(?:1[5-9]|20)\d\d)(?![\d.,]?\d|%|[a-z]| ?[-/:]\d\d?(?!\d))"
    rf"|(?P<named>(?:(?<=before )the )?year (?P<y2>\d{{4}}))(?!\d)|(?<![\w>])(?P<eq>= ?(?P<y3>(?:19|20)\d\d))(?!\d)|(?<=in )(?P<yw>{_YEAR_WORDS})|(?P<y4>(?:1[5-9]|20)\d\d)(?=(?: ?[-~]|(?: till| through| or later| to)) ?)|(?<=in the )(?P<y5>(?:1[5-9]|20)\d\d)(?!\d)"
)


def _years(text: str, now: datetime) -> Iterator[Found]:
    for match in _YEAR_ALONE.finditer(text):
        said = match["y"] or match["y2"] or match["y3"] or match["y4"] or match["y5"]
        year = int(said) if said else _year_number(match["yw"])
        if re.match(r" (?:pieces|people|dollars|yuan|meters|units|points|times|words|square|items)", text[match.end() :]):
            continue
        yield Found(match.start(), match.end(), Stamp(year))
