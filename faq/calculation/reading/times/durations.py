"""Lengths of time: 3年半, 两个半小时, 一年又一个月21天, 半个月, 2h30m, one and a half hours, two weeks and 3 days."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from faq.calculation.reading.numbers import Number
from faq.calculation.reading.numerals import DIGITS
from faq.calculation.values import Span, Type

_CHINESE = {
    "世纪": "century", "周年": "year", "年": "year", "载": "year", "季度": "quarter", "个月": "month", "月": "month",
    "星期": "week", "礼拜": "week", "周": "week", "工作日": "working_day", "交易日": "working_day", "天": "day",
    "日": "day",
    "晚": "day", "小时": "hour", "钟头": "hour", "刻钟": "quarter_hour", "分钟": "minute", "分": "minute",
    "秒钟": "second", "秒": "second",
    "昼夜": "day", "分半钟": "minute",
}  # fmt: skip
_ENGLISH = {
    "centuries": "century", "century": "century", "decades": "decade", "decade": "decade", "years": "year",
    "year": "year",
    "yrs": "year", "yr": "year", "quarters": "quarter", "quarter": "quarter", "months": "month", "month": "month",
    "mos": "month",
    "fortnights": "fortnight", "fortnight": "fortnight", "weeks": "week", "week": "week", "wks": "week", "wk": "week",
    "weekends": "weekend",
    "business days": "working_day", "working days": "working_day", "days": "day", "day": "day", "nights": "day",
    "night": "day", "hours": "hour", "hour": "hour", "hrs": "hour", "hr": "hour", "h": "hour", "minutes": "minute",
    "minute": "minute", "mins": "minute", "min": "minute", "seconds": "second", "second": "second", "secs": "second",
    "sec": "second", "d": "day", "m": "minute", "s": "second",
}  # fmt: skip
SPANS: dict[str, Span] = {
    "century": Span(years=Decimal(100)), "decade": Span(years=Decimal(10)), "year": Span(years=Decimal(1)),
    "quarter": Span(months=Decimal(3)), "month": Span(months=Decimal(1)), "fortnight": Span(days=Decimal(14)),
    "week": Span(days=Decimal(7)), "weekend": Span(days=Decimal(2)), "working_day": Span(working_days=1),
    "day": Span(days=Decimal(1)),
    "hour": Span(seconds=Decimal(3600)), "quarter_hour": Span(seconds=Decimal(900)),
    "minute": Span(seconds=Decimal(60)),
    "second": Span(seconds=Decimal(1)),
}  # fmt: skip
_UNIT = re.compile(
    r" *(?:多|余)? *(?:个 *)?(?:多 *)?(?P<half>半 *)?(?P<ge>个 *)?(?P<zh>分半钟|分(?=$|\d|[,.;。，]|[后前之以内])|周年"
    r"|季度|个月|(?<=个)月|"
    r"(?<=多)月|(?<=[俩仨])月|(?<=半)月|(?<=3)月|星期|礼拜|工作日|交易日|小时|钟头|刻钟|分钟|秒钟|世纪|年|载|周|天|日"
    r"|秒|昼夜)(?P<zhong>多)?(?P<after>半(?!月"
    r"|年|天))?"
    r"|[ -]*(?:more |full |whole |)(?P<en>centur(?:y|ies)|decades?|years?|yrs?|quarters?|months?|mos|fortnights?"
    r"|weekends?|weeks?|wks?|(?:business|working) days?|days?|nights?|hours?|hrs?|minutes?|mins?|seconds?|secs?)"
    r"(?![a-z])"
    r"|(?P<short>[hds])(?![a-z])"
)
_HALF = re.compile(
    r"(?P<big>大)?半 *(?:个 *)?(?P<zh>世纪|年|月|季度|星期|礼拜|周|天|日|小时|钟头|分钟)(?!时)"
    r"|(?:half an?|a half|half) +(?P<en>years?|months?|hours?|days?|weeks?|minutes?)(?![a-z])"
)
_ONE = re.compile(
    r"(?<![a-z])(?P<word>an?|another|one and half|some|several|a few|a couple of|couple of) +(?P<en>[a-z]+)(?![a-z])"
)
_COUNTS = {
    "some": Decimal(3), "several": Decimal(3), "a few": Decimal(3), "a couple of": Decimal(2), "couple of": Decimal(2),
    "one and half": Decimal("1.5"),
}  # fmt: skip
_PAIR = re.compile("[一二两三四五六七八九]{2}")
_TO = re.compile(r" *(?:~|-|到|至) *")
_LINK = re.compile(r"[ ,]*(?:又|零|and )? *")
_AND_PART = re.compile(
    r" and (?:(?P<half>a half)|(?P<quarter>a quarter)|(?P<three>three quarters))(?![a-z])(?! (?:year|hour|month|day"
    r"|week|mil))"
)
_NOT = re.compile(
    r"(?:年(?:级|份|代|化|费|纪|轻|龄|薪|终|报|检|货|糕|息|度|假|会|味)|天(?:然|猫|下|气|空|津|才|使|河|安)|日(?:元|本"
    r"|常|利|用|报|币|语|均|化|租)|周(?:岁|边|围|转"
    r"|杰|到|[一二三四五六日末1-6])|月(?:利|薪|费|供|租|息|卡|饼|亮|份|嫂)|秒(?:杀|懂|到|回|批)|分(?:之|期|享|配|类|数)"
    r"|刻(?:意|苦))"
)


@dataclass(frozen=True, slots=True)
class Duration:
    """`text[start:end]` says the length `span`; `unit` is the smallest unit said, `count` how many of it."""

    start: int
    end: int
    span: Span
    unit: str
    count: Decimal


def scale(unit: str, count: Decimal) -> Span:
    """`count` of a unit; fractions of a year are months, of other units seconds."""
    one = SPANS[unit]
    if unit == "working_day":
        return Span(working_days=int(count))
    return Span(one.years * count, one.months * count, one.days * count, one.seconds * count)


def add(first: Span, second: Span) -> Span:
    """Both lengths together."""
    return Span(
        first.years + second.years,
        first.months + second.months,
        first.days + second.days,
        first.seconds + second.seconds,
        first.working_days + second.working_days,
    )


def read(text: str, numbers: list[Number]) -> list[Duration]:
    """All lengths of time of the folded text; neighbours join (8天20小时)."""
    parts = sorted(_parts(text, numbers), key=lambda part: (part.start, -part.end))
    joined: list[Duration] = []
    for part in parts:
        last = joined[-1] if joined else None
        if last is not None and part.start < last.end:
            continue
        if last is not None and _LINK.fullmatch(text, last.end, part.start) and last.unit != part.unit:
            joined[-1] = Duration(last.start, part.end, add(last.span, part.span), part.unit, part.count)
        else:
            joined.append(part)
    return joined


def _parts(text: str, numbers: list[Number]) -> Iterator[Duration]:
    before: Number | None = None
    for number in numbers:
        if number.kind is Type.NUMBER and number.value >= 0 and (part := _counted(text, number)) is not None:
            yield from _spread(text, number, part)
            if before is not None and _TO.fullmatch(text, before.end, number.start) and before.value < number.value:
                yield Duration(before.start, before.end, scale(part.unit, before.value), part.unit, before.value)
        before = number
    for match in _HALF.finditer(text):
        unit = _CHINESE[match["zh"]] if match["zh"] else _ENGLISH[match["en"]]
        yield Duration(match.start(), match.end(), scale(unit, Decimal("0.5")), unit, Decimal("0.5"))
    for match in _ONE.finditer(text):
        if match["en"] in _ENGLISH and len(match["en"]) > 2 and match.group() != "a second":
            unit, count = _ENGLISH[match["en"]], _COUNTS.get(match["word"], Decimal(1))
            end, count = _with_part(text, match.end(), count)
            yield Duration(match.start(), end, scale(unit, count), unit, count)


def _spread(text: str, number: Number, part: Duration) -> Iterator[Duration]:
    """三四天 is three days or four."""
    if _PAIR.fullmatch(text, number.start, number.end) and text[number.start + 1] != "十":
        first, second = (Decimal(DIGITS[char]) for char in text[number.start : number.end])
        if second - first == 1:
            yield Duration(part.start, part.end, scale(part.unit, first), part.unit, first)
            return
    yield part


def _counted(text: str, number: Number) -> Duration | None:
    match = _UNIT.match(text, number.end)
    if match is None or (match["zh"] and _NOT.match(text, match.start("zh"))):
        return None
    if text[number.start] == "0" and match["zh"] == "年":
        return None  # 07年
    if match["zh"] in {"日", "号"} or (match["zh"] == "年" and number.value > 200):
        return None
    unit = _CHINESE[match["zh"]] if match["zh"] else _ENGLISH[match["en"] or match["short"]]
    after_hour = re.search(r"(?:小时|钟头)$", text[: number.start])
    if match["zh"] == "分" and not after_hour and not re.compile(r"\d+ ?秒").match(text, match.end()):
        return None
    count = number.value + (Decimal("0.5") if match["half"] or match["after"] or match["zh"] == "分半钟" else 0)
    end, count = _with_part(text, match.end(), count)
    return Duration(number.start, end, scale(unit, count), unit, count)


def _with_part(text: str, end: int, count: Decimal) -> tuple[int, Decimal]:
    """one hour and a half."""
    part = _AND_PART.match(text, end)
    if part is None:
        return end, count
    fraction = "0.5" if part["half"] else "0.25" if part["quarter"] else "0.75"
    return part.end(), count + Decimal(fraction)
