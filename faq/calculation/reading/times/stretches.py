"""Parts of a year, month or day and open ends: 年初, 月底, 上旬, 三季度, 上半年, 80年代, 前两个月; 之前, 以后, 起."""

import re
from datetime import date, datetime, timedelta

from faq.calculation.calendar import add_days, add_months, add_working_days, days_in_month
from faq.calculation.reading import numerals
from faq.calculation.reading.times.festivals import solar_term
from faq.calculation.reading.times.stamps import Stamp, stretch
from faq.calculation.values import Interval, Type, Value

_N = r"(?:\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_YEAR_PART = re.compile(
    rf" *(?:的)?(?:(?P<half>上|下|前|后)(?P<ge>个)?半年|(?:年)?(?P<edge>初|底|末|尾|中(?!旬|秋|午))(?!级)|第?(?P<q>{_N}"
    rf"|首) ?个?季度?"
    rf"(?P<qedge>初|末|底)?(?![节军])"
    rf"|(?P<qs>前|后|最后)(?P<qn>{_N})(?P<qu>个?季度|个?月|天|日|周|个?星期)|第(?P<nth>{_N})(?P<nu>周|个?星期|天|日"
    rf"|个?月)(?![一二三四五六日天])|"
    rf"(?P<season>春|夏|秋|冬)(?:季|天)?(?!节|分|至|风|菜|运))"
)
_MONTH_PART = re.compile(
    rf" *(?:的)?(?:月)?(?:(?P<edge>初(?![一二三四五六七八九十\d])|底|末|尾|中(?!旬|秋|午))|(?P<third>上|中|下)旬|"
    rf"(?P<half>上|下|前|后)半月|第"
    rf"(?P<nth>{_N})(?P<nu>周|个?星期|天|日)(?![一二三四五六日天])"
    rf"|(?P<qs>前|后|最后)(?P<qn>{_N})(?P<qu>天|日|周|个?星期)|最后一个?(?:周|星期|礼拜)(?P<lastw>[一二三四五六日天]))"
)
_OWN = re.compile(
    rf"(?:(?P<c>{_N}|上|本)个?世纪)?(?P<dec>\d0|[一二三四五六七八九]十|零零)年代(?P<dedge>初|末|前期|后期|中期)?|"
    rf"(?P<c2>{_N}|上|本)个?世纪(?P<cedge>初"
    rf"|末|中叶?)?"
    rf"|(?P<qstep>上|本|这|下)(?:一)?个?季度(?P<sedge>初|末|底)?|(?P<half>上|下|前|后)(?P<ge>个)?半(?P<hu>年|月)|年"
    rf"(?P<yedge>初|底|末|中"
    rf"(?!级))|月(?P<medge>初|底|末|中)(?!奖)|第?(?P<q>[一二三四1-4]|首)季度(?P<qedge>初|末|底)?|(?P<third>上|中|下)旬|"
    rf"(?P<season>春|夏|秋|冬)"
    rf"(?:季|天)"
)
_BEFORE = re.compile(r" *(?:(?P<or>或|及)?(?:以|之)前|前(?!面|台|者|后|[一二三四五六七八九十两\d]))")
_AFTER = re.compile(r" *(?:(?P<or>或|及)?(?:以|之)后|后(?!面|台|者|[一二三四五六七八九十两\d半天年]))")
_SINCE = re.compile(r" *(?:以来|起(?!飞|床|来)|开始)")
_FROM_BEFORE = re.compile(r"(?:从|自从|自) *$")
_NTH_AFTER = re.compile(rf" *(?:以|之)?(?P<way>后|前)(?:的)?第?(?P<n>{_N})(?:个)?(?P<unit>天|日|周|工作日)")


def number(text: str) -> int:
    numeral = numerals.scan(text, 0)
    assert numeral is not None
    return int(numeral.value)


def read(
    text: str, start: int, end: int, stamp: Stamp | None, now: datetime
) -> tuple[int, Type, Interval | date | None] | None:
    """The stretch that begins at `start`, inside the stamp that ends at `end` if there is one; its end and type."""
    if stamp is None:
        match = _OWN.match(text, start)
        return (match.end(), Type.DATE_RANGE, _own(match, now)) if match and match.end() > start else None
    if stamp.has_time or stamp.day is not None or stamp.weekday is not None or stamp.lunar:
        return None
    whole = stretch(stamp, now)
    if whole is None or not isinstance(whole.start, date):
        return None
    pattern = _MONTH_PART if stamp.month is not None else _YEAR_PART if stamp.year is not None else None
    match = pattern.match(text, end) if pattern else None
    if match is None:
        return None
    part = _month_part(match, whole.start) if stamp.month is not None else _year_part(match, whole.start)
    if part is None:
        return None
    single = (match["nth"] and match["nu"] in {"天", "日"}) or (stamp.month is not None and match["lastw"])
    return (match.end(), Type.DATE, part.start) if single else (match.end(), Type.DATE_RANGE, part)  # type: ignore[return-value]


def _own(match: re.Match[str], now: datetime) -> Interval | None:
    today = now.date()
    if match["dec"] or match["c2"]:
        return _century(match, today)
    if match["qstep"]:
        first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
        first = add_months(first, 3 * {"上": -1, "本": 0, "这": 0, "下": 1}[match["qstep"]])
        return _quarter_edge(Interval(first, add_months(first, 3)), match["sedge"])
    if match["third"]:
        return _third(match["third"], today.replace(day=1))
    if match["hu"] == "月":
        first = today.replace(day=1)
        return _split(match["half"], first, add_days(first, 15), add_months(first, 1))
    if match["half"]:
        return _half_year(match["half"], bool(match["ge"]), today)
    if match["medge"]:
        return _month_edge(match["medge"], today.replace(day=1))
    january = date(today.year, 1, 1)
    if match["yedge"]:
        return _year_edge(match["yedge"], january)
    if match["season"]:
        return _season(match["season"], today.year)
    quarter = _quarter(match["q"], january)
    return quarter and _quarter_edge(quarter, match["qedge"])


def _quarter_edge(quarter: Interval, edge: str | None) -> Interval:
    """The first or last month of a quarter."""
    if edge is None:
        return quarter
    assert isinstance(quarter.start, date)
    first = add_months(quarter.start, 0 if edge == "初" else 2)
    return Interval(first, add_months(first, 1))


def _third(which: str, first: date) -> Interval:
    cuts = [first, add_days(first, 10), add_days(first, 20), add_months(first, 1)]
    at = "上中下".index(which)
    return Interval(cuts[at], cuts[at + 1])


def _half_year(which: str, single: bool, today: date) -> Interval:
    january = date(today.year, 1, 1)
    if single:  # 上个半年: the half before this one
        first = add_months(january, 0 if today.month <= 6 else 6)
        first = add_months(first, -6 if which == "上" else 6)
        return Interval(first, add_months(first, 6))
    return _split(which, january, add_months(january, 6), add_months(january, 12))


def _split(which: str, first: date, middle: date, last: date) -> Interval:
    return Interval(first, middle) if which in {"上", "前"} else Interval(middle, last)


def _century(match: re.Match[str], today: date) -> Interval | None:
    said = match["c"] or match["c2"]
    if said is None:
        base = today.year // 100 * 100 - (100 if _decade(match["dec"]) > today.year % 100 else 0)
    elif said in {"上", "本"}:
        base = today.year // 100 * 100 - (100 if said == "上" else 0)
    else:
        base = (number(said) - 1) * 100
    first, years = base, 100
    edge = match["cedge"]
    if match["dec"]:
        first, years, edge = base + _decade(match["dec"]), 10, match["dedge"]
    if edge:
        first, years = _edge_years(edge, first, years)
    return Interval(date(max(first, 1), 1, 1), date(first + years, 1, 1)) if first + years <= 9999 else None


def _edge_years(edge: str, first: int, years: int) -> tuple[int, int]:
    short = 20 if years == 100 else 3
    if edge in {"初", "前期"}:
        return first, short
    if edge in {"末", "后期"}:
        return first + years - short, short
    return first + years * 2 // 5, years // 5 or 3


def _decade(text: str) -> int:
    return 0 if text == "零零" else number(text)


def _year_part(match: re.Match[str], january: date) -> Interval | None:
    end = add_months(january, 12)
    if match["half"]:
        return _split(match["half"], january, add_months(january, 6), end)
    if match["edge"]:
        return _year_edge(match["edge"], january)
    if match["q"]:
        quarter = _quarter(match["q"], january)
        return quarter and _quarter_edge(quarter, match["qedge"])
    if match["qn"]:
        return _some(match, january, end)
    if match["nth"]:
        return _nth(match, january)
    return _season(match["season"], january.year)


def _year_edge(edge: str, january: date) -> Interval:
    if edge == "初":
        return Interval(january, add_months(january, 2))
    if edge == "中":
        return Interval(add_months(january, 5), add_months(january, 7))
    return Interval(add_months(january, 10), add_months(january, 12))


def _quarter(said: str, january: date) -> Interval | None:
    which = 1 if said == "首" else number(said)
    if not 1 <= which <= 4:
        return None
    return Interval(add_months(january, 3 * which - 3), add_months(january, 3 * which))


def _season(name: str, year: int) -> Interval:
    """From the solar term that begins the season to the next one, by its usual date."""
    at = "春夏秋冬".index(name)
    first = solar_term(2 + 6 * at, year) or date(year, 2 + 3 * at, 4)
    following = year + (name == "冬")
    return Interval(first, solar_term(2 + 6 * ((at + 1) % 4), following) or date(following, (2 + 3 * (at + 1)) % 12, 4))


def _some(match: re.Match[str], first: date, end: date) -> Interval:
    """前两个季度, 后三月, 最后五天."""
    count, unit = number(match["qn"]), match["qu"].removeprefix("个")
    front = match["qs"] == "前"
    if unit in {"季度", "月"}:
        months = count * (3 if unit == "季度" else 1)
        return Interval(first, add_months(first, months)) if front else Interval(add_months(end, -months), end)
    days = count * (1 if unit in {"天", "日"} else 7)
    return Interval(first, add_days(first, days)) if front else Interval(add_days(end, -days), end)


def _nth(match: re.Match[str], first: date) -> Interval:
    nth, unit = number(match["nth"]), match["nu"].removeprefix("个")
    if unit in {"天", "日"}:
        return Interval(add_days(first, nth - 1), add_days(first, nth))
    if unit == "月":
        return Interval(add_months(first, nth - 1), add_months(first, nth))
    monday = add_days(first, (7 - first.weekday()) % 7 + 7 * (nth - 1))
    return Interval(monday, add_days(monday, 7))


def _month_part(match: re.Match[str], first: date) -> Interval | None:
    end = add_months(first, 1)
    if match["edge"]:
        return _month_edge(match["edge"], first)
    if match["third"]:
        return _third(match["third"], first)
    if match["half"]:
        return _split(match["half"], first, add_days(first, 15), end)
    if match["lastw"]:
        last = add_days(end, -1)
        weekday = "一二三四五六日天".index(match["lastw"]) % 7 if match["lastw"] != "天" else 6
        day = add_days(last, -((last.weekday() - weekday) % 7))
        return Interval(day, add_days(day, 1))
    return _some(match, first, end) if match["qn"] else _nth(match, first)


def _month_edge(edge: str, first: date) -> Interval:
    last = days_in_month(first.year, first.month)
    if edge == "初":
        return Interval(first, add_days(first, 5))
    if edge == "中":
        return Interval(add_days(first, 9), add_days(first, 20))
    return Interval(add_days(first, min(24, last - 6)), add_days(first, last))


def directed(text: str, start: int, end: int, whole: Interval | None, is_part: bool = False) -> Value | None:
    """A point with a direction: 2018年之后, 五一之前, 今晚八点以后, 从2015年起, 春节后第三天."""
    if whole is None or whole.start is None:
        return None
    if (nth := _NTH_AFTER.match(text, end)) and not isinstance(whole.start, datetime):
        return _nth_from(nth, start, whole)
    kind = Type.DATETIME_RANGE if isinstance(whole.start, datetime) else Type.DATE_RANGE
    if match := _BEFORE.match(text, end):
        high = (
            whole.end
            if (match["or"] and not _is_short(whole)) or is_part or match.group().strip() == "前"
            else whole.start
        )
        return Value(kind, start, match.end(), Interval(None, high, end_included=bool(match["or"])))
    if match := _AFTER.match(text, end):
        low = whole.start if match["or"] or _is_short(whole) else whole.end
        return Value(kind, start, match.end(), Interval(low, None))
    since, before = _SINCE.match(text, end), _FROM_BEFORE.search(text, max(0, start - 3), start)
    if since is not None and (before is None or before.group().strip() != "自从"):
        from_ = before.start() if before and since.group().strip() == "开始" else start
        return Value(kind, from_, since.end(), Interval(whole.start, None))
    if before is not None and before.group().strip() == "自从":
        return Value(kind, before.start(), end, Interval(whole.start, None))
    return None


def _is_short(whole: Interval) -> bool:
    """A day or less: what comes after it is counted from it."""
    if isinstance(whole.start, datetime):
        return True
    assert isinstance(whole.start, date)
    assert isinstance(whole.end, date)
    return whole.end - whole.start <= timedelta(days=1)


def _nth_from(match: re.Match[str], start: int, whole: Interval) -> Value:
    assert isinstance(whole.start, date)
    count = number(match["n"]) * (1 if match["way"] == "后" else -1)
    if match["unit"] == "工作日":
        day = add_working_days(whole.start, count)
    else:
        day = add_days(whole.start, count * (7 if match["unit"] == "周" else 1))
    return Value(Type.DATE, start, match.end(), day)


def clock(interval: Interval, kind: Type) -> Interval:
    """A range of clock times without its days."""
    if kind is not Type.TIME_RANGE:
        return interval
    assert isinstance(interval.start, datetime)
    assert isinstance(interval.end, datetime)
    return Interval(interval.start.time(), interval.end.time())
