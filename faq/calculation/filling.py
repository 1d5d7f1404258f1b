"""Puts the values read from a text into the inputs of a template: by type, by what stands beside them, by order."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from faq.calculation import arithmetic
from faq.calculation.conversion import Quantity, UnitError, dimensionality
from faq.calculation.expressions import Item
from faq.calculation.reading.folding import fold
from faq.calculation.reading.measures import bare_units
from faq.calculation.reading.units import MEANT
from faq.calculation.templates import Template, written
from faq.calculation.values import Span, Type, Value
from faq.content import Input

_SLOT = re.compile(r"\{([a-z0-9_]+)\}")
_CONTEXT = 3  # characters beside a slot that are compared
_SECONDS = {
    "year": 31_536_000,
    "quarter": 7_776_000,
    "month": 2_592_000,
    "week": 604_800,
    "day": 86_400,
    "hour": 3_600,
    "minute": 60,
    "second": 1,
}
_PERIODS = re.compile(r" *(?:期|个月)")
_YEARS = re.compile(r" *年")
_MONEY_MINOR = {"CENT": ("USD", Decimal("0.01")), "PENCE": ("GBP", Decimal("0.01"))}


@dataclass(frozen=True, slots=True)
class Filling:
    """Values of inputs, the spans they were read from, values that fit nowhere, and inputs said twice differently."""

    items: Mapping[str, Item] = field(default_factory=dict)
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    left: tuple[Value, ...] = ()
    twice: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()  # inputs whose value does not exist, such as 2月30日


def fill(
    template: Template, text: str, values: Iterable[Value], asked: str | None = None, today: date | None = None
) -> Filling:
    """What `text` says of the inputs of `template`; `asked` is the input it answers, which then may be a
    bare number.
    """
    items: dict[str, Item] = {}
    spans: dict[str, tuple[int, int]] = {}
    _fill_named(template, text, items, spans, today or date.min)
    free = [
        value for value in values if not any(start < value.end and value.start < end for start, end in spans.values())
    ]
    slots = [item for item in template.inputs.values() if item.name not in items]
    offers = list(_offers(template, text, free, slots, asked))
    taken: set[int] = set()
    for offer in sorted(offers, key=lambda offer: (-offer.fitness, offer.order)):
        if offer.order not in taken and offer.name not in items:
            taken.add(offer.order)
            value = free[offer.order]
            items[offer.name], spans[offer.name] = offer.value, (value.start, value.end)
    left = tuple(value for order, value in enumerate(free) if order not in taken)
    wrong = tuple(item.name for item in slots if item.type in {"date", "time"} and any(map(_is_no_date, free)))
    return Filling(items, spans, left, _said_twice(template, left, items, text, asked), wrong)


@dataclass(frozen=True, slots=True)
class _Offer:
    """A value that could fill an input, and how well."""

    fitness: float
    order: int
    name: str
    value: Item


def _offers(
    template: Template, text: str, free: list[Value], slots: list[Input], asked: str | None
) -> Iterator[_Offer]:
    for order, value in enumerate(free):
        for place, item in enumerate(slots):
            taken = as_item(item, value, text, asked == item.name)
            if taken is not None:
                yield _Offer(_fitness(template, item, value, text, asked, order, place), order, item.name, taken)


def _is_no_date(value: Value) -> bool:
    """2月30日 is read as a date that does not exist."""
    return value.value is None and value.type in {Type.DATE, Type.DATETIME, Type.TIME}


def _said_twice(
    template: Template, left: tuple[Value, ...], items: Mapping[str, Item], text: str, asked: str | None
) -> tuple[str, ...]:
    """The asked input, when the text holds a second value for it (3年还是5年)."""
    if asked is None or asked not in items:
        return ()
    others = (as_item(template.inputs[asked], value, text, True) for value in left)
    return (asked,) if any(other is not None and other != items[asked] for other in others) else ()


def _fill_named(
    template: Template, text: str, items: dict[str, Item], spans: dict[str, tuple[int, int]], today: date
) -> None:
    """Choices, units and arithmetic, which are words rather than read values."""
    for item in template.inputs.values():
        if item.type == "choice":
            label = next((label for label in sorted(item.choices, key=len, reverse=True) if label in text), None)
            if label is not None:
                items[item.name], spans[item.name] = (
                    written(item, label, today),
                    (text.index(label), text.index(label) + len(label)),
                )
        elif item.type == "expression" and (found := arithmetic.find(text)) is not None:
            items[item.name], spans[item.name] = found.formula, (found.start, found.end)
        elif item.type == "unit" and (unit := _target_unit(text)) is not None:
            items[item.name] = unit[1]
            spans[item.name] = (unit[0], unit[0] + 1)


_TIMES = {
    "秒": "second", "分钟": "minute", "小时": "hour", "天": "day", "周": "week", "星期": "week", "个月": "month",
    "年": "year",
    "seconds": "second", "minutes": "minute", "hours": "hour", "days": "day", "weeks": "week", "months": "month",
    "years": "year",
}  # fmt: skip
_TIME = re.compile("|".join(_TIMES))
_TARGET = re.compile(
    r"(?:多少个?|几个?|换成|换算成|转换?成|转换为|换算为|折合(?:成)?|合|等于|是|为|how many|to|in|into|=)\s*(?:多少"
    r"|几)?\s*(?:个|degrees? )?\s*$"
)


def _target_unit(text: str) -> tuple[int, str] | None:
    """The unit asked for: 是多少米, to fahrenheit, 换成斤."""
    folded = fold(text)
    for start, unit in (
        *bare_units(folded),
        *((match.start(), _TIMES[match.group()]) for match in _TIME.finditer(folded)),
    ):
        if _TARGET.search(folded, 0, start):
            return start, unit
    return None


def as_item(item: Input, value: Value, text: str, asked: bool) -> Item | None:
    """The value as the input needs it, or None when it is not of that kind."""
    convert = _CONVERT.get(item.type)
    return convert(item, value, text, asked) if convert else None


def _money(item: Input, value: Value, text: str, asked: bool) -> Item | None:
    if value.type is Type.CURRENCY and isinstance(value.value, Decimal):
        return value.value
    follows = text[value.end : value.end + 1]
    return (
        value.value
        if value.type is Type.NUMBER and isinstance(value.value, Decimal) and follows not in {"期", "年", "次", "天"}
        else None
    )


def _percent(item: Input, value: Value, text: str, asked: bool) -> Item | None:
    if value.type is Type.PERCENTAGE and isinstance(value.value, Decimal):
        return value.value / 100
    if asked and value.type is Type.NUMBER and isinstance(value.value, Decimal):
        return value.value / 100 if value.value >= 1 else value.value
    return None


def _number(item: Input, value: Value, text: str, asked: bool) -> Item | None:
    if value.type in {Type.NUMBER, Type.CURRENCY, Type.DIMENSION} and isinstance(value.value, Decimal):
        return value.value
    if value.type is Type.AGE and isinstance(value.value, Decimal):
        return value.value
    return None


def _count(item: Input, value: Value, text: str, asked: bool) -> Item | None:
    if (
        value.type is Type.NUMBER
        and isinstance(value.value, Decimal)
        and value.value == int(value.value)
        and not value.unit
    ):
        return value.value
    return None


def _duration(item: Input, value: Value, text: str, asked: bool) -> Item | None:
    if value.type is Type.DURATION and isinstance(value.value, Span):
        return in_unit(value.value, item.unit)
    if value.type is Type.NUMBER and isinstance(value.value, Decimal):
        if item.unit == "month" and _PERIODS.match(text, value.end):
            return value.value
        if item.unit == "year" and _YEARS.match(text, value.end):
            return value.value
        return value.value if asked else None
    return None


def in_unit(span: Span, unit: str) -> Decimal | None:
    """A length in whole or broken units; months and years by the calendar, not by days."""
    if unit == "working_day" or span.working_days:
        return Decimal(span.working_days) if unit == "working_day" and span.working_days else None
    if unit in {"year", "month", "quarter"} and not span.seconds:
        months = span.all_months + (span.days + span.working_days) / 30
        return months / {"year": 12, "quarter": 3, "month": 1}[unit]
    return span.total_seconds / _SECONDS[unit]


def _date(item: Input, value: Value, text: str, asked: bool) -> Item | None:
    if isinstance(value.value, datetime):
        return value.value.date()
    return value.value if isinstance(value.value, date) else None


def _time(item: Input, value: Value, text: str, asked: bool) -> Item | None:
    if isinstance(value.value, datetime):
        return value.value.time()
    return value.value if isinstance(value.value, time) else None


def _quantity(item: Input, value: Value, text: str, asked: bool) -> Item | None:
    if isinstance(value.value, Span) and not item.unit:
        return _time_quantity(value.value)
    if isinstance(value.value, Span):
        return None
    if value.type in {Type.DIMENSION, Type.TEMPERATURE} and isinstance(value.value, Decimal):
        unit = "C" if value.unit == "Degree" else value.unit
        return _in_unit(item, Quantity(value.value, unit))
    if asked and item.unit and value.type is Type.NUMBER and isinstance(value.value, Decimal):
        return value.value
    return None


def _time_quantity(span: Span) -> Quantity:
    return Quantity(span.total_seconds, "second")


def _in_unit(item: Input, quantity: Quantity) -> Item | None:
    if not item.unit:
        return quantity
    try:
        if dimensionality(item.unit) != dimensionality(quantity.unit):
            return None
        return quantity.to(item.unit).amount
    except UnitError:
        return None


def currency(value: Value) -> Quantity | None:
    """An amount of money with the code of its currency."""
    if value.type is not Type.CURRENCY or not isinstance(value.value, Decimal):
        return None
    code, factor = _MONEY_MINOR.get(value.unit, (MEANT.get(value.unit, value.unit), Decimal(1)))
    return Quantity(value.value * factor, code)


def _currency(item: Input, value: Value, text: str, asked: bool) -> Item | None:
    return MEANT.get(value.unit, value.unit) if value.type is Type.CURRENCY and value.value is None else None


_CONVERT = {
    "money": lambda item, value, text, asked: (
        currency(value) if item.unit == "any" else _money(item, value, text, asked)
    ),
    "percent": _percent,
    "number": _number,
    "count": _count,
    "duration": _duration,
    "date": _date,
    "time": _time,
    "quantity": _quantity,
    "currency": _currency,
}


def _fitness(
    template: Template, item: Input, value: Value, text: str, asked: str | None, order: int, place: int
) -> float:
    """How well a value fits an input: asked for, of the very type, beside the words of the slot, in order."""
    score = 0.0
    if asked == item.name:
        score += 3
    exact = {
        "money": Type.CURRENCY,
        "percent": Type.PERCENTAGE,
        "duration": Type.DURATION,
        "count": Type.NUMBER,
        "number": Type.NUMBER,
    }
    score += 1.5 if exact.get(item.type) is value.type else 0
    score += max((_beside(phrasing, item.name, value, text) for phrasing in template.calculation.phrasings), default=0)
    return score - 0.1 * abs(order - place)


def _beside(phrasing: str, name: str, value: Value, text: str) -> float:
    """How many characters agree with the phrasing directly before and after the slot."""
    for match in _SLOT.finditer(phrasing):
        if match[1] != name:
            continue
        before = _common(phrasing[: match.start()][::-1], text[: value.start][::-1])
        after = _common(phrasing[match.end() :], text[value.end :])
        return before + 0.5 * after
    return 0


def _common(first: str, second: str) -> int:
    count = 0
    for one, other in zip(first[:_CONTEXT], second[:_CONTEXT], strict=False):
        if one != other:
            break
        count += 1
    return count
