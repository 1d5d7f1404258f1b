"""Numbers, percentages and ordinals of a text: numerals joined with their sign, fraction, power and suffix.

Chinese: 负三十二, 二分之一, 百分之五, 三成半, 八五折, 第三. English: minus five, 1 4/5, 10k, 2.5 percent, third.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from faq.calculation.reading import english, numerals
from faq.calculation.reading.folding import look_back
from faq.calculation.values import Type, Value


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the text. `upper` closes a spoken span (七八百); `bare` is the span without sign and suffix."""

    start: int
    end: int
    value: Decimal
    upper: Decimal | None = None
    kind: Type = Type.NUMBER

    def as_value(self) -> Value:
        unit = "%" if self.kind is Type.PERCENTAGE else ""
        return Value(self.kind, self.start, self.end, self.value, unit, self.upper is not None)


_STARTS = re.compile(
    rf"[\d.俩仨零一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟廿卅几数]|{english.START.pattern}|[¼½¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]"
)
_VULGAR = dict(
    zip(
        "¼½¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞",
        ["1/4", "1/2", "3/4", "1/3", "2/3", "1/5", "2/5", "3/5", "4/5", "1/6", "5/6", "1/8", "3/8", "5/8", "7/8"],
        strict=True,
    )
)
_ENGLISH_TAIL = re.compile(
    r"[ -]*(?:hundred|thousand|million|billion|trillion|lakh|crore|dozens?|doze?n?s?|dzs?|over)\b"
)
_POWER = re.compile(
    r"(?P<base>[\d.]+)(?:\^(?P<signs>[+-]*)(?P<exponent>\d{1,3})(?!\d)|e(?P<e>[+-]?\d{1,3})(?![\d.a-z])"
    r"|x10\^(?P<ten>-?\d{1,3})(?!\d))"
)
_SLASH = re.compile(r"(?:(?P<whole>\d+) +)?(?P<top>\d+)/(?P<bottom>\d+)(?![\d/.])")
_SPACED = re.compile(r"\d{1,3}(?:[ \u202f]\d{3})+(?!\d|[.,]\d)")
_SUFFIX = re.compile(r"(?P<gap> *)(?P<suffix>mm|mil|[kmwt]|bn)(?![a-z0-9²³/])")
_SUFFIXES = {"k": 10**3, "m": 10**6, "mil": 10**6, "mm": 10**6, "w": 10**4, "bn": 10**9}
_MINUS = re.compile(
    r"(?:(?:minus|negative)\s+|负\s*|(?<![a-z0-9_)%.\-年月日号点时元块万千百十一二三四五六七八九])(?<!\d )-\s*)$"
)
_DOZEN = re.compile(r"打(?![折\d零一二三四五六七八九半对])")
_NOT_NUMBERS = re.compile(
    r"五(?=险)|(?<=五险)一|一(?=[切看下起样般定直些旦致律并再向贯概度经共边面来味会儿]|点[^零一二三四五六七八九\d]"
    r"|路上)|[统万唯专单]一(?!\d)|四(?=[川处周季])|三(?=[明亚星])"
    r"|五(?=[金香官])|九九(?=是)|千(?=万不)|(?<=第)一(?=时间)|十(?=足|分(?:感|满|不|重|简|方|好|抱))|"
    r"(?<=[\u4e00-\u9fff])[伍陆拾]"
    r"(?![十百千万亿佰仟拾元角分整])|[伍陆拾](?=[\u4e00-\u9fff])(?![十百千万亿佰仟拾元角分整点零壹贰叁肆伍陆柒捌玖])"
    r"|(?<=[周])[一二三四五六](?!\d)|两(?=难|口子)"
)
_CODE = re.compile(r"(?<![a-z])(?:usd|eur|cny|rmb|hkd|gbp|jpy|aud|cad|x|y)$")
_ONE = re.compile(r"(?:which|this|that|the|first|last|next|previous|current|another|no|any|every|each|new|old) +$")


def read(text: str, original: str) -> list[Number]:
    """All numbers of the folded `text`, left to right; `original` tells 5M (million) from 5m (metres)."""
    skip = {match.start() for match in _NOT_NUMBERS.finditer(text)}
    found = [_signed(number, text) for number in _scan(text, original, skip)]
    return _join_fractions(found, text)


def _scan(text: str, original: str, skip: set[int]) -> Iterator[Number]:
    position = 0
    while (match := _STARTS.search(text, position)) is not None:
        start = match.start()
        number = None if start in skip else _at(text, original, start)
        if number is None:
            position = match.end()
            continue
        position = number.end
        if not _glued(text, number):
            yield number


def _at(text: str, original: str, start: int) -> Number | None:
    char = text[start]
    if char in _VULGAR:
        top, bottom = _VULGAR[char].split("/")
        return Number(start, start + 1, Decimal(top) / Decimal(bottom))
    if text.startswith("百", start) and text[start - 1 : start] == "半":
        return Number(start - 1, start + 1, Decimal(50))
    if char.isascii() and char.isalpha():
        return _words(text, start)
    for pattern, build in ((_POWER, _power), (_SLASH, _slash), (_SPACED, _spaced)):
        if (match := pattern.match(text, start)) and (number := build(match)) is not None:
            return number
    numeral = numerals.scan(text, start)
    if numeral is None:
        return None
    if numeral.plain and _ENGLISH_TAIL.match(text, numeral.end) and (words := _words(text, start)):
        return words
    return _suffixed(Number(start, numeral.end, numeral.value, numeral.upper), text, original, numeral.plain)


def _words(text: str, start: int) -> Number | None:
    words = english.scan(text, start)
    if words is None or (text[words.start : words.end] == "one" and look_back(_ONE, text, words.start)):
        return None
    return Number(words.start, words.end, words.value, kind=Type.ORDINAL if words.ordinal else Type.NUMBER)


def _power(match: re.Match[str]) -> Number | None:
    try:
        base = Decimal(match["base"])
    except ArithmeticError:
        return None
    if match["exponent"]:
        sign = -1 if match["signs"].count("-") % 2 else 1
        power = sign * int(match["exponent"])
        value = base**power if base else Decimal(0)
    else:
        value = base.scaleb(int(match["e"] or match["ten"]))
    return Number(match.start(), match.end(), value)


def _slash(match: re.Match[str]) -> Number | None:
    before = match.string[max(0, match.start() - 1) : match.start()]
    if (before in {"/", "-", "."} and before) or not int(match["bottom"]) or len(match["bottom"]) > 3:
        return None if before != "-" or not int(match["bottom"]) or match.start() > 1 else _fraction(match)
    return _fraction(match)


def _fraction(match: re.Match[str]) -> Number:
    value = Decimal(match["whole"] or 0) + Decimal(match["top"]) / Decimal(match["bottom"])
    return Number(match.start(), match.end(), value)


def _spaced(match: re.Match[str]) -> Number:
    return Number(match.start(), match.end(), Decimal(re.sub(r"\D", "", match.group())))


def _suffixed(number: Number, text: str, original: str, plain: bool) -> Number:
    suffix = _SUFFIX.match(text, number.end) if plain else None
    if suffix is not None:
        name = suffix["suffix"]
        written = original[suffix.start("suffix") : suffix.end()]
        if name != "t" and not (written == "m" or (name == "mm" and written == "mm")):
            return replace(number, end=suffix.end(), value=number.value * _SUFFIXES[name])
    dozen = _DOZEN.match(text, number.end)
    return replace(number, end=dozen.end(), value=number.value * 12) if dozen else number


def _glued(text: str, number: Number) -> bool:
    """Digits inside a word (a1b2) are nobody's number."""
    before = text[number.start - 1 : number.start]
    inside = text[number.start].isascii() and before.isascii() and (before.isalpha() or before == "_")
    return inside and not look_back(_CODE, text, number.start)


def stands_alone(number: Number, text: str) -> bool:
    """29km is a length: its number belongs to the unit."""
    after = text[number.end : number.end + 1]
    return not (text[number.end - 1].isdigit() and after.isascii() and after.isalpha())


def _signed(number: Number, text: str) -> Number:
    minus = _MINUS.search(text, max(0, number.start - 12), number.start)
    return replace(number, start=minus.start(), value=-number.value) if minus else number


def _join_fractions(numbers: list[Number], text: str) -> list[Number]:
    """三分之一, 3又1/2, 一又二分之一."""
    joined: list[Number] = []
    for number in numbers:
        if joined and re.fullmatch(r"\s*分\s*之\s*", text[joined[-1].end : number.start]) and joined[-1].value:
            under = joined.pop()
            if _OF.match(text, under.start):
                joined.append(number)  # 百万分之五 is a percentage
                continue
            number = Number(under.start, number.end, number.value / under.value)
            if joined and re.fullmatch(r"\s*又\s*", text[joined[-1].end : number.start]):
                whole = joined.pop()
                part = number.value if whole.value >= 0 else -number.value
                number = Number(whole.start, number.end, whole.value + part)
        joined.append(number)
    return joined


_PERCENT = re.compile(r"\s*(?:%|per ?cents?\b|percents?\b|个?\s*百\s*分\s*点|pct\b)")
_PERMILLE = re.compile(r"\s*‰")
_OF = re.compile(
    r"(?<![零一二三四五六七八九十百千万\d])(?P<unit>百万|千万|十万|百|佰|千|万|亿)\s*分\s*之\s*(?P<sign>负|-)?\s*"
)
_TENTHS = re.compile(
    r"\s*成(?![功立都为长员本交人熟绩就果套语见效份品分年])(?P<half>半)?\s*(?P<more>[一二三四五六七八九\d])?(?![\d])"
)
_DISCOUNT = re.compile(r"\s*折(?![扣腾磨旧线叠返合射])")
_WORD_DISCOUNT = re.compile(r"(?P<name>对折|半折)")
_PERCENT_OF = re.compile(r"per ?cents? of (?=(?P<number>\S))")


def percentages(text: str, numbers: list[Number]) -> list[Number]:
    """All percentages of the folded text; the value is the number of hundredths. A discount is what is
    paid: 八折 80.
    """
    found = [share for number in numbers if (share := _percentage(number, text)) is not None]
    for match in _OF.finditer(text):
        found.extend(_hundredths(match, text, numbers))
    found.extend(
        Number(match.start(), match.end(), Decimal(50), kind=Type.PERCENTAGE)
        for match in _WORD_DISCOUNT.finditer(text)
        if match["name"] == "半折" or text[match.start() - 1 : match.start()] == "打"
    )
    for match in _PERCENT_OF.finditer(text):
        found.extend(
            replace(number, start=match.start(), kind=Type.PERCENTAGE)
            for number in numbers
            if number.start == match.end()
        )
    return sorted(found, key=lambda number: number.start)


def _percentage(number: Number, text: str) -> Number | None:
    if number.kind is not Type.NUMBER:
        return None
    made = Type.PERCENTAGE
    if match := _PERCENT.match(text, number.end):
        return None if number.upper else replace(number, end=match.end(), kind=made)
    if match := _PERMILLE.match(text, number.end):
        return replace(number, end=match.end(), value=number.value / 10, kind=made)
    if match := _TENTHS.match(text, number.end):
        more = Decimal("0.5") if match["half"] else Decimal(numerals.DIGITS.get(match["more"], match["more"]) or 0) / 10
        return replace(
            number,
            end=match.end() if match["more"] else match.end("half") if match["half"] else _trim(match),
            value=(number.value + more) * 10,
            kind=made,
        )
    if match := _DISCOUNT.match(text, number.end):
        value = number.value * (10 if number.value < 10 else 1)
        return replace(number, end=match.end(), value=value, kind=made)
    return None


def _trim(match: re.Match[str]) -> int:
    return match.start() + len(match.group().rstrip())


def _hundredths(match: re.Match[str], text: str, numbers: list[Number]) -> Iterator[Number]:
    unit = {"十万": 10**5, "百万": 10**6, "千万": 10**7, "佰": 100}.get(match["unit"], 0) or (
        numerals.SMALL | numerals.BIG
    )[match["unit"]]
    sign = -1 if match["sign"] else 1
    for number in numbers:
        if number.start <= match.end() < number.end and number.upper is None:
            value = abs(number.value) * sign * 100 / unit
            yield Number(match.start(), number.end, value, kind=Type.PERCENTAGE)
            return
    if text.startswith("百", match.end()):
        yield Number(match.start(), match.end() + 1, Decimal(100) * 100 / unit, kind=Type.PERCENTAGE)


_NTH = re.compile(r"第\s*$")
_DIGIT_ORDINAL = re.compile(r"(?<![\w.])(\d+)(?:st|nd|rd|th)\b")


def ordinals(text: str, numbers: list[Number]) -> list[Number]:
    """第三, 第250, third, 21st."""
    found = [number for number in numbers if number.kind is Type.ORDINAL]
    found.extend(
        replace(number, start=nth.start(), kind=Type.ORDINAL)
        for number in numbers
        if (nth := _NTH.search(text, max(0, number.start - 3), number.start))
    )
    found.extend(
        Number(match.start(), match.end(), Decimal(match[1]), kind=Type.ORDINAL)
        for match in _DIGIT_ORDINAL.finditer(text)
    )
    return sorted(found, key=lambda number: number.start)
