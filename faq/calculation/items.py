"""What a read value is to an input: 36期 is a number of months, 4.35% a fraction, 500克 half a
kilogram, or nothing at all.
"""

import re
from datetime import date, datetime, time
from decimal import Decimal

from faq.calculation.conversion import Quantity, UnitError, dimensionality
from faq.calculation.expressions import Item
from faq.calculation.reading.units import MEANT
from faq.calculation.values import Span, Type, Value
from faq.content import Input

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
_COUNTED = frozenset("期年次天个家本位只件张条部名种样份人")  # 3本 is no money
_MONEY_MINOR = {"CENT": ("USD", Decimal("0.01")), "PENCE": ("GBP", Decimal("0.01"))}


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
        if value.type is Type.NUMBER and isinstance(value.value, Decimal) and follows not in _COUNTED
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
    """In the largest unit that it is a whole number of."""
    seconds = span.total_seconds
    unit = next(
        name for name in ("day", "hour", "minute", "second") if not seconds % _SECONDS[name] or name == "second"
    )
    return Quantity(seconds / _SECONDS[unit], unit)


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
