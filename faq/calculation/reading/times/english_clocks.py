"""English clock times and parts of the day: 7:56:30 pm, half past seven, 1140 a.m., tonight, in the morning."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from faq.calculation.reading import english as words
from faq.calculation.reading.folding import look_back
from faq.calculation.reading.times.english_names import CARDINAL, STEP, STEPS, Found, any_of, number
from faq.calculation.reading.times.stamps import Stamp

_PARTS = {
    "early morning": "early_morning", "morning": "morning", "afternoon": "afternoon", "evening": "evening",
    "night": "night", "daytime": "daytime",
    "noonish": "noon", "lunchtime": "lunch", "am": "am", "pm": "pm",
}  # fmt: skip
_PART = re.compile(
    rf"(?<![a-z\d])(?<!good )(?:(?:in|at) (?:the )?|during the )?(?:{STEP} )?(?P<part>early morning|morning|afternoon"
    rf"|evening|night|daytime|lunchtime)(?P<s>s)?(?![a-z])"
    r"|(?<=today )(?P<half>am|pm)(?![a-z])|(?<=tomorrow )(?P<half2>am|pm)(?![a-z])|(?<![a-z])(?P<tonight>tonight)"
    r"(?![a-z])"
)
_COUNTED = re.compile(r"(?:\d|one|two|three|four|five|six|seven|some|few|of) $")
_HOUR_WORDS = any_of([name for name, value in words.UNITS.items() if 0 < value <= 12])
_MINUTE_WORDS = (
    rf"(?:(?:twenty|thirty|forty|fifty)(?:[ -](?:{CARDINAL}))?|fifteen|ten|eleven|twelve|thirteen|fourteen|sixteen"
    rf"|seventeen|eighteen|nineteen|oh[ -](?:{CARDINAL}))"
)
_AP = r"(?P<ap>[ap])(?: ?\. ?m ?\.?| ?m)(?![a-z])|(?P<ap1>[ap])(?![a-z'])(?!\.[a-z])"
CLOCKS = (
    re.compile(rf"(?<![\d.$:/])(?P<h>\d{{1,2}}):(?P<m>\d\d)(?::(?P<s>\d\d))?(?![\d:])(?: ?(?:{_AP}))?"),
    re.compile(rf"(?<![\d.$:/])(?P<h>\d{{1,2}})\.(?P<m>\d\d) ?(?:{_AP})"),
    re.compile(rf"(?<![\d.$:/])(?P<hm>\d{{3,4}}) ?(?:{_AP})"),
    re.compile(rf"(?<![\d.$:/])(?P<h>\d{{1,2}})\.? ?(?:{_AP})"),
    re.compile(
        rf"(?<![a-z\d])(?P<half>half|quarter|a quarter|\d{{1,2}}|{_MINUTE_WORDS}(?: minutes)?|(?:{CARDINAL})"
        rf"(?: minutes)?) (?P<way>past|to) (?P<hw>{_HOUR_WORDS}|\d{{1,2}})(?![a-z\d:])(?: ?o'?clock)?(?: ?(?:{_AP}))?"
    ),
    re.compile(
        rf"(?<![a-z])(?P<hw>{_HOUR_WORDS}) (?P<mw>{_MINUTE_WORDS})(?![a-z])(?! (?:people|dollars|hours|minutes|days"
        rf"|million|thousand|hundred))(?: ?(?:{_AP}))?"
    ),
    re.compile(rf"(?<![a-z])(?P<hw>{_HOUR_WORDS}) ?(?P<ap>[ap])(?: ?\. ?m ?\.?| ?m)(?![a-z])"),
    re.compile(rf"(?<![a-z\d])(?P<hw>\d{{1,2}}|{_HOUR_WORDS}) ?o'?clock"),
    re.compile(r"(?<![\d.])(?P<h>\d{1,2})ish(?![a-z])"),
    re.compile(r"(?<![a-z])(?P<name>(?:12 )?noon|noonish|mid ?night|(?:12 )?midday)(?![a-z])"),
)


def clocks(text: str, now: datetime) -> Iterator[Found]:
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
        minutes = {"half": 30, "quarter": 15, "a quarter": 15}.get(groups["half"]) or number(
            groups["half"].removesuffix(" minutes")
        )
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


def parts(text: str, now: datetime) -> Iterator[Found]:
    for match in _PART.finditer(text):
        if match["tonight"]:
            yield Found(match.start(), match.end(), Stamp(now.year, now.month, now.day, part="night"))
            continue
        part = _PARTS[match["part"] or match["half"] or match["half2"]]
        step = match["step"]
        if match["s"] and look_back(_COUNTED, text, match.start()):
            continue
        stamp = Stamp(part=part)
        if step and step not in {"the", "that"}:
            day = now.date() + timedelta(days=STEPS[step])
            stamp = replace(stamp, year=day.year, month=day.month, day=day.day)
        yield Found(match.start(), match.end(), stamp, many=bool(match["s"]))
