"""Chinese dates and times: 2024年5月1日, 下周三下午3点半, 明年春节后第三天, 上个月底, 3天后, 五月到七月.

`_STAMP` reads one point as said; ends, parts and directions around it turn points into stretches.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from faq.calculation.calendar import add_days, add_months
from faq.calculation.reading import numerals
from faq.calculation.reading.numbers import Number
from faq.calculation.reading.times import stretches
from faq.calculation.reading.times.durations import Duration
from faq.calculation.reading.times.festivals import ERAS, FESTIVALS, festival
from faq.calculation.reading.times.shifts import shifted
from faq.calculation.reading.times.stamps import Stamp, day_of, moment_of, resolve, stretch
from faq.calculation.values import Interval, Scalar, Type, Value

_N = (
    r"(?:\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|卅[一]?|[零一二两三四五六七八九])"
)
_D4 = r"(?:\d{4}|[零一二三四五六七八九]{4}|[零一二三四五六七八九]{2})"
YEARS = {
    "大前年": -3, "前年": -2, "去年": -1, "上一年": -1, "上年": -1, "今年": 0, "本年度": 0, "本年": 0, "这一年": 0, "当年": 0, "同年": 0,
    "明年": 1, "次年": 1, "来年": 1, "下一年": 1, "下年": 1, "后年": 2, "大后年": 3,
}  # fmt: skip
DAYS = {
    "大前天": -3, "前天": -2, "前日": -2, "昨天": -1, "昨日": -1, "今天": 0, "今日": 0, "今儿": 0, "本日": 0, "当天": 0, "当日": 0, "同日": 0,
    "明天": 1, "明日": 1, "明儿": 1, "次日": 1, "翌日": 1, "第二天": 1, "后天": 2, "后日": 2, "大后天": 3,
    "当": 0, "今": 0, "明": 1, "昨": -1,
}  # fmt: skip
PARTS = {
    "后半夜": "small_hours", "前半夜": "night", "凌晨": "early", "清晨": "early_morning", "清早": "early_morning", "早晨": "early_morning",
    "早上": "early_morning", "早间": "morning", "早": "morning", "晨": "early_morning", "上午": "morning", "午前": "morning", "中午": "noon", "正午": "noon",
    "午间": "noon", "下午": "afternoon", "午后": "afternoon", "傍晚": "evening", "黄昏": "evening", "晚上": "late_evening",
    "晚间": "late_evening", "夜晚": "night", "夜里": "night", "夜间": "night", "深夜": "night", "半夜": "midnight", "午夜": "midnight", "晚": "late_evening",
    "黎明": "dawn", "拂晓": "dawn", "白天": "daytime",
}  # fmt: skip
_STEPS = {"上上": -2, "上": -1, "本": 0, "这": 0, "当": 0, "同": 0, "该": 0, "下": 1, "次": 1, "下下": 2}
_STEP = r"(?:上上|下下|上|下|本|这)(?:一)? ?个?"


def _any(names: object) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))  # type: ignore[call-overload]


_WEEK = r"(?:周|星期|礼拜)"
_STAMP = re.compile(
    rf"(?P<lunar>农历|阴历|旧历)?"
    rf"(?:(?P<iso>(?P<iy>\d{{4}})(?P<sep>[-/.])(?P<im>\d{{1,2}})[-/.](?P<id>\d{{1,2}})(?:(?=\d\d:\d)|(?!\d))|(?<!\d)(?P<ymy>(?:19|20)\d\d)[-./](?P<ymm>0[1-9]|1[0-2])(?![\d])(?![-./]\d\d?(?!\d))|(?<![\d.])(?P<mdm>0?[1-9]|1[0-2])(?:-(?=\d\d? +\d\d?:\d)|·)(?P<mdd>[0-3]?\d)(?!\d)|(?<!\d)(?P<cy>(?:19|20)\d\d)(?P<cm>0[1-9]|1[0-2])(?P<cd>[0-3]\d)(?!\d)|(?<!\d)(?P<ud>\d{{1,2}})/(?P<um>\d{{1,2}})/(?P<uy>\d{{4}})(?!\d))"
    rf"|(?P<era>{_any(ERAS)})(?P<eray>元|{_N}) ?年 ?|(?P<year>{_any(YEARS)})的?|(?<!\d)(?P<y>{_D4}|\d{{2}}) ?年(?!级|代|期|利)(?:农历|阴历)?)?"
    rf"[, ]*(?P<lunar2>农历|阴历|大年(?!三十))?"
    rf"(?:(?<![\d个])(?P<m>闰?{_N}|正|腊|冬) ?月份?(?!饼|嫂|薪|供|利|租)|(?P<mstep>上上|下下|上|下|本|这|当|同|次)(?:一)?个?月份?|(?P<feast>{_any(FESTIVALS)}))?(?:的)?"
    rf"[, ]*(?:(?P<d>{_N}) ?[日号](?![楼线店])|(?P<chu>初{_N}|廿[一二三四五六七八九]|三十(?=晚|$)|十五(?=晚))|(?P<day>{_any(DAYS)})|(?<=[月份])(?P<bare>{_N})(?![\d.零一二三四五六七八九十]* ?[点时分天个月年周号元块万千百%度小:人次件折成]))?"
    rf"[,( ]*(?:(?P<wstep>{_STEP})?{_WEEK}(?P<w>[一二三四五六日天末])|(?P<wk>{_STEP}){_WEEK}(?!岁|年|末|[一二三四五六日天]))?[) ]*"
    rf"(?P<part>{_any(PARTS)})? *"
    rf"(?:(?P<h>{_N}|\d{{1,2}}) ?(?:点(?!(?!零)[零一二三四五六七八九]{{2,}}|\d{{3}}|评|击|赞|餐|菜|了)|时(?![候间期代段装不机区]))(?:钟|整|多钟?|许)?(?:(?P<half>半)|(?P<ke>[一三])刻|(?P<mi>{_N})(?: ?分钟?)?(?!钟头|天|月|折|个|[%元块])(?:(?P<s>{_N})秒)?)?"
    rf"|(?:(?<![\d:])|(?<=[-/.]\d\d))(?P<ch>\d{{1,2}}):(?P<cmi>\d{{2}})(?::(?P<cs>\d{{2}}))?(?![\d:]))?"
    rf"(?P<tail>左右|前后|许|整)?"
)
_ONLY_HINT = re.compile(
    rf"[年月日号周]|星期|礼拜|[点时]|\d:\d|\d[-/.]\d|\d{{8}}|{_any(DAYS)}|{_any(PARTS)}|{_any(FESTIVALS)}|季|世纪|最近|近|前|后|过去|未来|半年|现在|目前|内|里|以来|每|·"
)
_TO = re.compile(r" *(?:起|止)? *(?:到|至|~|-+|—+|——) *")
_AND = re.compile(r" *[和与至到] *")
_BETWEEN = re.compile(r" *之间")
FESTIVAL = re.compile(_any(FESTIVALS))
_TO_END = re.compile(r"[到至~-]$")
_YEAR_BEFORE = re.compile(rf"(?P<y>{_D4}) ?年 *$")
_SHORT = re.compile(rf"(?P<n>\d{{4}}|{_N}) *(?:到|至|~|-+|—+) *$")
_FROM = re.compile(r"(?:从|自从|自|由|打) *$")
_NOW = re.compile(r"现在|目前|此刻|当前|如今|至今|迄今")
_RECENT = re.compile(r"最近(?!的|[一二三四五六七八九十几两\d]|个)")
_EVERY = re.compile(
    rf"每(?:个|隔|一)?(?P<unit>年|季度|月|周|星期|礼拜|天|日|小时|分钟)(?P<w>[一二三四五六日天])?|每隔?(?P<n>{_N}|\d+) ?(?P<unit2>年|个月|周|天|小时|分钟|秒)"
)
_WEEKDAYS = {char: at for at, char in enumerate("一二三四五六日", 1)} | {"天": 7, "末": 6}


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


def number(text: str) -> int:
    """The whole number of a short numeral; digits are read one by one without a unit (二零二四)."""
    text = text.replace(" ", "")
    if text.isdigit() and text.isascii():
        return int(text)
    numeral = numerals.scan(text, 0)
    assert numeral is not None
    return int(numeral.value)


def _points(text: str, now: datetime) -> Iterator[Point]:
    position = 0
    while position < len(text):
        match = None if text[position] in ", ()的" else _STAMP.match(text, position)
        end = match.end() if match else position
        while match and end > position and text[end - 1] in ", (的":
            end -= 1
        stamp = _stamp(match, now) if match and end > position else None
        if match is not None and match["w"] == "末" and stamp is not None and not stamp.has_time:
            saturday = day_of(stamp, now)
            assert saturday is not None
            yield Point(position, end, None, Type.DATE_RANGE, Interval(saturday, add_days(saturday, 2)))
            position = end
            continue
        inner = stretches.read(text, position, end if stamp else position, stamp, now)
        if inner is not None:
            yield Point(position, inner[0], None, inner[1], inner[2])
            position = inner[0]
        elif stamp is not None:
            yield Point(position, end, stamp)
            position = end
        elif now_word := _NOW.match(text, position):
            yield Point(position, now_word.end(), None, Type.DATETIME, now)
            position = now_word.end()
        else:
            position += 1


def _stamp(match: re.Match[str], now: datetime) -> Stamp | None:
    """The fields of a match, or None when what matched is too little to be a time (三, 今, 早)."""
    stamp = _date_fields(match, now)
    stamp = replace(stamp, **_clock_fields(match))
    if not _is_enough(match, stamp):
        return None
    return stamp


def _is_enough(match: re.Match[str], stamp: Stamp) -> bool:
    groups = {name for name, value in match.groupdict().items() if value}
    groups -= {
        "lunar",
        "lunar2",
        "iy",
        "sep",
        "im",
        "id",
        "tail",
        "mi",
        "half",
        "ke",
        "s",
        "cs",
        "cmi",
        "wstep",
        "iso",
        "cy",
        "cm",
        "cd",
        "eray",
        "um",
        "uy",
        "ud",
    }
    if match["iso"]:
        return True
    if groups <= {"bare"} or ("bare" in groups and not groups & {"m", "feast", "mstep"}):
        return False
    if match["day"] in {"当", "今", "明", "昨"}:
        return bool(match["part"]) and len(groups) >= 2
    if groups == {"part"}:
        return len(match["part"]) > 1
    if groups == {"y"}:
        whole = len(match["y"]) == 4 or match["y"].startswith("0") or not match["y"].isdigit()
        return whole or match.string[match.end() : match.end() + 1] in set("底初末春夏秋冬第")
    if groups == {"d"}:
        before = match.string[max(0, match.start() - 2) : match.start()]
        return "日" in match.group() or bool(match["lunar"]) or bool(_TO_END.search(before))
    return bool(groups)


def _date_fields(match: re.Match[str], now: datetime) -> Stamp:
    today = now.date()
    if match["iso"]:
        return _numeric(match)
    year = _year(match, now)
    lunar = bool(match["lunar"] or match["lunar2"] or match["chu"])
    month, leap = _month(match, now)
    if match["m"] in {"正", "腊", "冬"} or leap:
        lunar = True
    if match["feast"]:
        day = festival(match["feast"], year if year is not None else today.year)
        if day is not None and year is None and day < today:
            day = festival(match["feast"], today.year + 1)
        return Stamp(year=day.year, month=day.month, day=day.day) if day else Stamp(impossible=True)
    if match["mstep"]:
        moved = add_months(today.replace(day=1), _STEPS[match["mstep"]])
        year, month = moved.year, moved.month
    if match["day"]:
        moved = add_days(today, DAYS[match["day"]])
        return Stamp(year=moved.year, month=moved.month, day=moved.day)
    said = match["d"] or match["bare"] or (match["chu"] or "").removeprefix("初")
    day_number = number(said) if said else None
    if (
        match["bare"]
        and month is not None
        and not said.isdigit()
        and month <= 12
        and day_number == 15
        and not match["y"]
    ):
        lunar = True
    if match["lunar2"] == "大年" and month is None:
        month = 1
    weekday, weeks = _week(match)
    if lunar and year is None and month is not None:
        year = today.year
    return Stamp(year, month, day_number, weekday, weeks, lunar=lunar, leap=leap)


def _numeric(match: re.Match[str]) -> Stamp:
    if match["ymy"]:
        return Stamp(int(match["ymy"]), int(match["ymm"]))
    if match["mdm"]:
        return Stamp(month=int(match["mdm"]), day=int(match["mdd"]))
    if match["iy"]:
        return Stamp(int(match["iy"]), int(match["im"]), int(match["id"]))
    if match["cy"]:
        return Stamp(int(match["cy"]), int(match["cm"]), int(match["cd"]))
    return Stamp(int(match["uy"]), int(match["um"]), int(match["ud"]))


def _year(match: re.Match[str], now: datetime) -> int | None:
    if match["year"]:
        return now.year + YEARS[match["year"]]
    if match["era"]:
        return ERAS[match["era"]] + (1 if match["eray"] == "元" else number(match["eray"])) - 1
    if not match["y"]:
        return None
    year = number(match["y"]) if len(match["y"]) == 4 or match["y"].isdigit() else number(match["y"])
    if len(match["y"]) == 2:
        return year + (2000 if year <= now.year % 100 + 10 else 1900)
    return year


def _month(match: re.Match[str], now: datetime) -> tuple[int | None, bool]:
    said = match["m"]
    if not said:
        return None, False
    named = {"正": 1, "冬": 11, "腊": 12}.get(said)
    return named or number(said.removeprefix("闰")), said.startswith("闰")


def _week(match: re.Match[str]) -> tuple[int | None, int | None]:
    if match["w"]:
        step = re.sub(r"[一个 ]", "", match["wstep"] or "")
        return _WEEKDAYS[match["w"]], _STEPS[step] if step else None
    if match["wk"]:
        return None, _STEPS[re.sub(r"[一个 ]", "", match["wk"])]
    return None, None


def _clock_fields(match: re.Match[str]) -> dict[str, int | str | None]:
    fields: dict[str, int | str | None] = {"part": PARTS[match["part"]] if match["part"] else None}
    if match["ch"]:
        fields |= {"hour": int(match["ch"]), "minute": int(match["cmi"])}
        return fields | {"second": int(match["cs"]) if match["cs"] else None}
    if not match["h"]:
        return fields
    fields["hour"] = number(match["h"])
    if match["half"]:
        fields["minute"] = 30
    elif match["ke"]:
        fields["minute"] = {"一": 15, "三": 45}[match["ke"]]
    elif match["mi"]:
        fields["minute"] = number(match["mi"])
        fields["second"] = number(match["s"]) if match["s"] else None
    return fields


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
    if day.type is not Type.DATE or not isinstance(day.interval, date) or day.end != clock.start or stamp is None or stamp.has_date:
        return None
    first = day.interval
    return moment_of(replace(stamp, year=first.year, month=first.month, day=first.day), _moment(first)) if stamp.hour else None


def _short_range(text: str, point: Point, now: datetime) -> Value | None:
    """1-9月, 1985到89年9月, 9~12点半: the first end is a bare number of the field that the second begins with."""
    stamp = point.stamp
    before = _SHORT.search(text, max(0, point.start - 8), point.start)
    if stamp is None or before is None or text[before.start() - 1 : before.start()].isdigit() and before.start():
        return None
    field = next((name for name in ("year", "month", "day", "hour") if getattr(stamp, name) is not None), None)
    if field is None or (field != "year" and len(before["n"]) == 4 and before["n"].isdigit()):
        return None
    start, head = before.start(), _YEAR_BEFORE.search(text, 0, before.start())
    low_stamp = replace(Stamp(part=stamp.part), **{field: number(before["n"])})
    if head is not None and field == "month":
        start = head.start()
        year = number(head["y"])
        low_stamp, stamp = replace(low_stamp, year=year), replace(stamp, year=year)
    return _range(text, Point(start, before.end("n"), low_stamp), Point(point.start, point.end, stamp), now)


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
        filled = second.stamp.filled_from(first.stamp)
        if FESTIVAL.match(text, second.start) and first.stamp.year is not None and filled.year is not None and filled.year > first.stamp.year:
            filled = replace(filled, year=first.stamp.year, **_feast_day(FESTIVAL.match(text, second.start), first.stamp.year))
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


def _feast_day(match: re.Match[str] | None, year: int) -> dict[str, int]:
    """A festival at the end of a range lies in the year the range begins in."""
    day = festival(match.group(), year) if match else None
    return {"month": day.month, "day": day.day} if day else {}


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
