"""Money, quantities with a unit, temperatures and ages of a text: a number and the name beside it."""

import re
from collections.abc import Iterator
from decimal import Decimal

from faq.calculation.reading.english import SCALES
from faq.calculation.reading.folding import look_back
from faq.calculation.reading.numbers import Number
from faq.calculation.reading.units import CURRENCIES, UNITS, alternation, names_of
from faq.calculation.values import Interval, Type, Value

_CURRENCY_NAMES = names_of(CURRENCIES)
_UNIT_NAMES = names_of(UNITS)
_PREFIXES = {
    name: unit for name, unit in _CURRENCY_NAMES.items() if name not in {"块", "元", "块钱", "元钱", "¢", "yuan"}
}
_BEFORE = re.compile(rf"(?:(?<![a-z])|(?<=\d)|(?=[^a-z]))(?P<name>{alternation(_PREFIXES)}) *$")
_AFTER = re.compile(
    rf" *(?P<more>多|余|来)?(?:个)?-? *(?P<name>{alternation(_CURRENCY_NAMES)})(?! *[$￥]|(?<=[$￥])\d)[整正]?(?: *"
    rf"(?:人民币"
    rf"|rmb))?"
    r"(?: (?P<scale>thousand|million|billion|trillion)\b)?"
)
_WORDS = {
    "won",
    "rand",
    "rands",
    "kip",
    "mop",
    "try",
    "php",
    "lak",
    "sterling",
    "penny",
    "buck",
    "bucks",
    "元钱",
    "块钱",
    "gal",
    "cents",
    "cent",
}
_BARE_CURRENCY = re.compile(
    rf"(?<![a-z])(?P<name"
    rf">{alternation({name: unit for name, unit in _CURRENCY_NAMES.items() if len(name) > 1 and name not in _WORDS})})"
    rf"(?![a-z])"
)
_MINOR = re.compile(r" *(?P<name>角|毛钱?|分钱?|cents?\b|美分|pence\b|便士)(?!钟|之|期)")
_MINOR_FACTORS = {"角": Decimal("0.1"), "毛": Decimal("0.1")}
_AND = re.compile(r"[ ,]*(?:又|and)?[ ]*")
_MEASURE = re.compile(rf" *-? *(?P<open>[({{<])?(?P<name>{alternation(_UNIT_NAMES)})(?(open)[)}}>])")
_BARE_MEASURE = re.compile(rf"(?<![a-z0-9])(?:{_MEASURE.pattern})")
_HALF_OF = re.compile(r"(?<![一二两三四五六七八九十\d大])半个?(?P<name>斤|公斤|米|公里|亩|吨|升|两|里|尺)(?!径)")
_HALF = re.compile(r"半(?!径|天|年|月|小时|个)")
_NOT_MEASURE = re.compile(
    r"(?:里(?=面|边|外|头)|两(?=[个位种次天年周人者])|[mlg](?=')|尺(?=寸|码)|寸(?=步)|兆(?=头)|克(?=服|制|隆)|升(?=级"
    r"|学|值|职|降)|米(?=饭|粉|线|其|色)|斤"
    r"(?=两|斤)|码(?=头)|卡(?=路)|lb(?=\d)|立方(?=程)|瓦(?=片))"
)

_SCALE = re.compile(r" *(?:[cf]\b|celsius|fahrenheit|centigrade)")
_CELSIUS = (
    r"摄氏度|℃|°c|degrees? celsius|degrees? c(?![a-z])|degrees? centigrade|celsius|celcius|centigrade|centigrates?|摄氏"
)
_FAHRENHEIT = r"华氏度|℉|°f|degrees? fahrenheit|degrees? f(?![a-z])|fahrenheit|farenheit|华氏"
_KELVIN = r"开尔文|kelvin"
_TEMPERATURE = re.compile(
    rf" *(?:(?P<celsius>{_CELSIUS})|(?P<fahrenheit>{_FAHRENHEIT})|(?P<kelvin>{_KELVIN})|(?P<degree>度(?!电|角|数|假|过)"
    rf"|degrees?(?! angle)\b))"
)
_SCALE_BEFORE = re.compile(r"(?P<below>零下)? *$")
_SCALE_NAME_BEFORE = re.compile(r"(?P<name>华氏|摄氏)(?:温度|度)? *(?P<below>零下)? *$")
_BARE_SCALE = re.compile(
    r"(?:(?P<celsius>摄氏度|degrees? celsius|celsius)|(?P<fahrenheit>华氏度|degrees? fahrenheit|fahrenheit|farenheit))"
)
_SCALES = {"celsius": "C", "fahrenheit": "F", "kelvin": "K", "degree": "Degree"}
_WARM = re.compile(r"温|热|冷|度(?!角)|temperature|heat|weather|warm|cold|texas|\bset\b|raise|lower")

_AGE = re.compile(
    r" *(?:(?P<year>周岁|岁半?|虚岁|(?:- *)?years?[ -]old|years? of age|y/?o\b)|(?P<month>个?月大|months?[ -]old"
    r"|months? of age)"
    r"|(?P<week>个?(?:周|星期)大|weeks?[ -]old|weeks? of age)|(?P<day>天大|days?[ -]old|days? of age))"
)
_AGE_BEFORE = re.compile(r"\b(?:of )?(?P<name>age) *$")


def currencies(text: str, numbers: list[Number]) -> list[Value]:
    """All amounts of money, joined with their minor parts (五元三毛), and currencies named without an amount."""
    found: list[Value] = []
    for at, number in enumerate(numbers):
        if number.kind is not Type.NUMBER or (found and number.start < found[-1].end):
            continue
        if (value := _amount(text, numbers, at, found[-1].end if found else 0)) is not None:
            found.append(value)
    taken = [(value.start, value.end) for value in found]
    found.extend(
        Value(Type.CURRENCY, match.start(), match.end(), None, _CURRENCY_NAMES[_name(match)])
        for match in _BARE_CURRENCY.finditer(text)
        if not any(start < match.end() and match.start() < end for start, end in taken)
    )
    return sorted(found, key=lambda value: value.start)


def _name(match: re.Match[str]) -> str:
    return re.sub(" +", " ", match["name"])


def _amount(text: str, numbers: list[Number], at: int, free: int) -> Value | None:
    number = numbers[at]
    before = _BEFORE.search(text, max(free, number.start - 24), number.start)
    after = _AFTER.match(text, number.end)
    vague = number.upper is not None
    if after is not None and not (before is not None and before["name"] in "￥¥$" and after["name"] not in {"元"}):
        unit = _CURRENCY_NAMES[_name(after)]
        start = number.start
        if before is not None and (after["name"] in {"元", "块", "块钱"} or _CURRENCY_NAMES[_name(before)] == unit):
            start, unit = before.start("name"), _CURRENCY_NAMES[_name(before)]
        end, value = _with_minor(text, numbers, at, after.end(), number.value)
        value *= SCALES.get(after["scale"], 1)
        return Value(Type.CURRENCY, start, end, value, unit, vague)
    if before is not None:
        return Value(
            Type.CURRENCY, before.start("name"), number.end, number.value, _CURRENCY_NAMES[_name(before)], vague
        )
    minor = _MINOR.match(text, number.end)
    if minor is not None and minor["name"] in {"角", "毛", "毛钱", "分钱"}:
        end, value = _with_minor(text, numbers, at - 1, number.start, Decimal(0))
        return Value(Type.CURRENCY, number.start, end, value, "CNY") if end > number.start else None
    return None


def _with_minor(text: str, numbers: list[Number], at: int, end: int, value: Decimal) -> tuple[int, Decimal]:
    """Adds the 角 and 分, or the cents, that follow position `end`."""
    for number in numbers[at + 1 : at + 3]:
        gap = _AND.match(text, end)
        if gap is None or number.start != gap.end() or not 0 < number.value < 100:
            break
        minor = _MINOR.match(text, number.end)
        if minor is None:
            if text[end - 1] in "块毛" and gap.end() == end and number.end - number.start == 1:
                return number.end, value + number.value / (10 if text[end - 1] == "块" else 100)
            break
        value += number.value * _MINOR_FACTORS.get(minor["name"][0], Decimal("0.01"))
        end = minor.end()
    return end, value


def dimensions(text: str, numbers: list[Number]) -> list[Value]:
    """All quantities with a unit of length, area, volume, mass, speed, data, angle, energy or power."""
    found = [value for number in numbers if (value := _quantity(text, number)) is not None]
    found.extend(
        Value(Type.DIMENSION, match.start(), match.end(), Decimal("0.5"), _UNIT_NAMES[match["name"]])
        for match in _HALF_OF.finditer(text)
        if all(match.start() >= value.end or match.end() <= value.start for value in found)
    )
    return sorted(found, key=lambda value: value.start)


def _quantity(text: str, number: Number) -> Value | None:
    if number.kind is not Type.NUMBER:
        return None
    if _NOT_MEASURE.match(text, number.end):
        return None
    match = _MEASURE.match(text, number.end)
    if match is None:
        return None
    unit = _UNIT_NAMES[_name(match)]
    if unit == "degree" and (_WARM.search(text) or _SCALE.match(text, match.end())):
        return None
    half = _HALF.match(text, match.end())
    value = number.value + (Decimal("0.5") if half else 0)
    return Value(
        Type.DIMENSION, number.start, half.end() if half else match.end(), value, unit,
        number.upper is not None,
    )  # fmt: skip


def bare_units(text: str) -> Iterator[tuple[int, int, str]]:
    """Units and temperature scales named without a number (是多少米): span and canonical unit."""
    for match in _BARE_MEASURE.finditer(text):
        yield match.start("name"), match.end("name"), _UNIT_NAMES[_name(match)]
    for match in _BARE_SCALE.finditer(text):
        yield match.start(), match.end(), _SCALES[str(match.lastgroup)]


def temperatures(text: str, numbers: list[Number]) -> list[Value]:
    """All temperatures; the unit is C, F, K or Degree. A scale named alone (换成华氏度) has no value."""
    found = [value for number in numbers if (value := _temperature(text, number)) is not None]
    taken = {position for value in found for position in range(value.start, value.end)}
    for match in _BARE_SCALE.finditer(text):
        if found and match.start() not in taken:
            found.append(Value(Type.TEMPERATURE, match.start(), match.end(), None, _SCALES[str(match.lastgroup)]))
    return sorted(found, key=lambda value: value.start)


def _temperature(text: str, number: Number) -> Value | None:
    if number.kind is not Type.NUMBER:
        return None
    match = _TEMPERATURE.match(text, number.end)
    if match is None or (
        match.lastgroup == "degree"
        and not _WARM.search(text.replace(match.group(), " ", 1))
        and text[match.end() - 1] != "度"
    ):
        return None
    unit, start, value = _SCALES[str(match.lastgroup)], number.start, number.value
    named = look_back(_SCALE_NAME_BEFORE, text, number.start)
    below = named or look_back(_SCALE_BEFORE, text, number.start)
    if named is not None:
        start, unit = named.start(), "F" if named["name"] == "华氏" else "C"
    if below is not None and below["below"]:
        start, value = min(start, below.start("below")), -value
    return Value(Type.TEMPERATURE, start, match.end(), value, unit)


def ages(text: str, numbers: list[Number]) -> list[Value]:
    """All ages: 五岁, 十个月大, 29 years old; the unit is year, month, week or day."""
    found: list[Value] = []
    for number in numbers:
        if number.kind is not Type.NUMBER:
            continue
        if match := _AGE.match(text, number.end):
            half = Decimal("0.5") if match.group().endswith("岁半") else Decimal(0)
            found.append(Value(Type.AGE, number.start, match.end(), number.value + half, str(match.lastgroup)))
        elif before := look_back(_AGE_BEFORE, text, number.start):
            found.append(Value(Type.AGE, before.start("name"), number.end, number.value, "age"))
    return found


def currency_ranges(text: str, numbers: list[Number], amounts: list[Value], ranges: list[Value]) -> list[Value]:
    """Spoken spans of money (三千多欧元, 十几块) and ranges with a currency after them (从8500到3万港元)."""
    by_start = {number.start: number for number in numbers}
    found: list[Value] = []
    for amount in amounts:
        number = next((by_start[at] for at in range(amount.start, amount.end) if at in by_start), None)
        if number is None or not isinstance(amount.value, Decimal):
            continue
        upper = number.upper or _more(text, number)
        if upper is not None:
            found.append(
                Value(Type.CURRENCY_RANGE, amount.start, amount.end, Interval(number.value, upper), amount.unit)
            )
        found.extend(
            Value(Type.CURRENCY_RANGE, wide.start, amount.end, wide.value, amount.unit)
            for wide in ranges
            if wide.start < amount.start < wide.end <= amount.end and isinstance(wide.value, Interval)
        )
    return found


def _more(text: str, number: Number) -> Decimal | None:
    """3000多: up to the next round number."""
    match = _AFTER.match(text, number.end)
    if match is None or not match["more"]:
        return None
    said = f"{number.value:f}"
    return number.value + Decimal(10) ** (len(said) - len(said.rstrip("0")))
