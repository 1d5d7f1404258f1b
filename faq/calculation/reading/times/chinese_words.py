"""The words of Chinese dates and times: one regular expression for a point as said, and the stamp it means."""

import re
from dataclasses import replace
from datetime import datetime

from faq.calculation.calendar import add_days, add_months
from faq.calculation.reading import numerals
from faq.calculation.reading.times.festivals import ERAS, FESTIVALS, festival
from faq.calculation.reading.times.stamps import Stamp

N = r"(?:\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|卅[一]?|[零一二两三四五六七八九])"
D4 = r"(?:\d{4}|[零一二三四五六七八九]{4}|[零一二三四五六七八九]{2})"
YEARS = {
    "大前年": -3, "前年": -2, "去年": -1, "上一年": -1, "上年": -1, "今年": 0, "本年度": 0, "本年": 0, "这一年": 0,
    "当年": 0, "同年": 0,
    "明年": 1, "次年": 1, "来年": 1, "下一年": 1, "下年": 1, "后年": 2, "大后年": 3,
}  # fmt: skip
DAYS = {
    "大前天": -3, "前天": -2, "前日": -2, "昨天": -1, "昨日": -1, "今天": 0, "今日": 0, "今儿": 0, "本日": 0, "当天": 0,
    "当日": 0, "同日": 0,
    "明天": 1, "明日": 1, "明儿": 1, "次日": 1, "翌日": 1, "第二天": 1, "后天": 2, "后日": 2, "大后天": 3,
    "当": 0, "今": 0, "明": 1, "昨": -1,
}  # fmt: skip
PARTS = {
    "后半夜": "small_hours", "前半夜": "night", "凌晨": "early", "清晨": "early_morning", "清早": "early_morning",
    "早晨": "early_morning",
    "早上": "early_morning", "早间": "morning", "早": "morning", "晨": "early_morning", "上午": "morning",
    "午前": "morning", "中午": "noon", "正午": "noon",
    "午间": "noon", "下午": "afternoon", "午后": "afternoon", "傍晚": "evening", "黄昏": "evening",
    "晚上": "late_evening",
    "晚间": "late_evening", "夜晚": "night", "夜里": "night", "夜间": "night", "深夜": "night", "半夜": "midnight",
    "午夜": "midnight", "晚": "late_evening",
    "黎明": "dawn", "拂晓": "dawn", "白天": "daytime",
}  # fmt: skip
_STEPS = {"上上": -2, "上": -1, "本": 0, "这": 0, "当": 0, "同": 0, "该": 0, "下": 1, "次": 1, "下下": 2}
_STEP = r"(?:上上|下下|上|下|本|这)(?:一)? ?个?"


def any_of(names: object) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))  # type: ignore[call-overload]


_WEEK = r"(?:周|星期|礼拜)"
STAMP = re.compile(
    rf"(?P<lunar>农历|阴历|旧历)?"
    rf"(?:(?P<iso>(?P<iy>\d{{4}})(?P<sep>[-/.])(?P<im>\d{{1,2}})[-/.](?P<id>\d{{1,2}})(?:(?=\d\d:\d)|(?!\d))|(?<!\d)"
    rf"(?P<ymy>(?:19|20)\d\d)[-./](?P<ymm>0[1-9]|1[0-2])(?![\d])(?![-./]\d\d?(?!\d))|(?<![\d.])(?P<mdm>0?[1-9]"
    rf"|1[0-2])(?:-(?=\d\d? +\d\d?:\d)|·)(?P<mdd>[0-3]?\d)(?!\d)|(?<!\d)(?P<cy>(?:19|20)\d\d)(?P<cm>0[1-9]|1[0-2])"
    rf"(?P<cd>[0-3]\d)(?!\d)|(?<!\d)(?P<ud>\d{{1,2}})/(?P<um>\d{{1,2}})/(?P<uy>\d{{4}})(?!\d))"
    rf"|(?P<era>{any_of(ERAS)})(?P<eray>元|{N}) ?年 ?|(?P<year>{any_of(YEARS)})的?|(?<!\d)(?P<y>{D4}|\d{{2}}) ?年(?!级"
    rf"|代|期"
    rf"|利)(?:农历|阴历)?)?"
    rf"[, ]*(?P<lunar2>农历|阴历|大年(?!三十))?"
    rf"(?:(?<![\d个])(?P<m>闰?{N}|正|腊|冬) ?月份?(?!饼|嫂|薪|供|利|租)|(?P<mstep>上上|下下|上|下|本|这|当|同|次)"
    rf"(?:一)?个?月份?|"
    rf"(?P<feast>{any_of(FESTIVALS)}))?(?:的)?"
    rf"[, ]*(?:(?P<d>{N}) ?[日号](?![楼线店])|(?P<chu>初{N}|廿[一二三四五六七八九]|三十(?=晚|$)|十五(?=晚))|"
    rf"(?P<day>{any_of(DAYS)})|"
    rf"(?<=[月份])(?P<bare>{N})(?![\d.零一二三四五六七八九十]* ?[点时分天个月年周号元块万千百%度小:人次件折成]))?"
    rf"[,( ]*(?:(?P<wstep>{_STEP})?{_WEEK}(?P<w>[一二三四五六日天末])|(?P<wk>{_STEP}){_WEEK}(?!岁|年|末"
    rf"|[一二三四五六日天]))?[) ]*"
    rf"(?P<part>{any_of(PARTS)})? *"
    rf"(?:(?P<h>{N}|\d{{1,2}}) ?(?:点(?!(?!零)[零一二三四五六七八九]{{2,}}|\d{{3}}|评|击|赞|餐|菜|了)|时"
    rf"(?![候间期代段装不机区]))(?:钟|整|多钟?|许)?"
    rf"(?:(?P<half>半)|(?P<ke>[一三])刻|(?P<mi>{N})(?: ?分钟?)?(?!钟头|天|月|折|个|[%元块])(?:(?P<s>{N})秒)?)?"
    rf"|(?:(?<![\d:])|(?<=[-/.]\d\d))(?P<ch>\d{{1,2}}):(?P<cmi>\d{{2}})(?::(?P<cs>\d{{2}}))?(?![\d:]))?"
    rf"(?P<tail>左右|前后|许|整)?"
)
_TO_END = re.compile(r"[到至~-]$")
_WEEKDAYS = {char: at for at, char in enumerate("一二三四五六日", 1)} | {"天": 7, "末": 6}


def number(text: str) -> int:
    """The whole number of a short numeral; digits are read one by one without a unit (二零二四)."""
    text = text.replace(" ", "")
    if text.isdigit() and text.isascii():
        return int(text)
    numeral = numerals.scan(text, 0)
    assert numeral is not None
    return int(numeral.value)


def stamp_of(match: re.Match[str], now: datetime) -> Stamp | None:
    """The fields of a match, or None when what matched is too little to be a time (三, 今, 早)."""
    stamp = _with_clock(_date_fields(match, now), match)
    if not _is_enough(match, stamp):
        return None
    return stamp


_SAYING = frozenset(
    ("era", "year", "y", "m", "mstep", "feast", "d", "chu", "day", "bare", "w", "wk", "part", "h", "ch")
)


def _is_enough(match: re.Match[str], stamp: Stamp) -> bool:
    """Whether what matched is a time and not a numeral or a word that could be part of one."""
    if match["iso"]:
        return True
    groups = {name for name, value in match.groupdict().items() if value and name in _SAYING}
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
    return bool(groups - {"bare"})


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
    year = number(match["y"])
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


def _with_clock(stamp: Stamp, match: re.Match[str]) -> Stamp:
    stamp = replace(stamp, part=PARTS[match["part"]] if match["part"] else None)
    if match["ch"]:
        second = int(match["cs"]) if match["cs"] else None
        return replace(stamp, hour=int(match["ch"]), minute=int(match["cmi"]), second=second)
    if not match["h"]:
        return stamp
    stamp = replace(stamp, hour=number(match["h"]))
    if match["half"]:
        return replace(stamp, minute=30)
    if match["ke"]:
        return replace(stamp, minute={"一": 15, "三": 45}[match["ke"]])
    if match["mi"]:
        return replace(stamp, minute=number(match["mi"]), second=number(match["s"]) if match["s"] else None)
    return stamp
