"""The functions of the formula language, and what their result measures. Nothing else can be called."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from faq.calculation import calendar, finance
from faq.calculation.conversion import Quantity, Rates, UnitError
from faq.calculation.expressions import Function, Item, Rows, TroubleError

_ROUNDING = {"half_up": "ROUND_HALF_UP", "half_even": "ROUND_HALF_EVEN", "up": "ROUND_UP", "down": "ROUND_DOWN"}


@dataclass(frozen=True, slots=True)
class Signature:
    """How many arguments a function takes, and what the result measures.

    `gives`: `first` as the first argument, `money` as the argument that is money, `number`, `date`, or `any`.
    """

    least: int
    most: int
    gives: str


SIGNATURES: Mapping[str, Signature] = {
    "abs": Signature(1, 1, "first"),
    "add_months": Signature(2, 2, "date"),
    "add_workdays": Signature(2, 2, "date"),
    "bracket": Signature(2, 2, "any"),
    "ceil": Signature(1, 1, "first"),
    "convert": Signature(2, 2, "any"),
    "days": Signature(2, 2, "number"),
    "exchange": Signature(2, 2, "any"),
    "floor": Signature(1, 1, "first"),
    "fv": Signature(4, 5, "money"),
    "ipmt": Signature(4, 6, "money"),
    "irr": Signature(1, 240, "number"),
    "max": Signature(2, 20, "first"),
    "min": Signature(2, 20, "first"),
    "nper": Signature(3, 5, "number"),
    "pmt": Signature(3, 5, "money"),
    "ppmt": Signature(4, 6, "money"),
    "progressive": Signature(2, 2, "second"),
    "pv": Signature(3, 5, "money"),
    "rate": Signature(3, 6, "number"),
    "rate_day": Signature(0, 0, "date"),
    "round": Signature(1, 3, "first"),
    "sqrt": Signature(1, 1, "number"),
    "sum": Signature(4, 4, "first"),
    "today": Signature(0, 0, "date"),
    "weekday": Signature(1, 1, "number"),
    "workdays": Signature(2, 2, "number"),
}


def build(today: date, tiers: Mapping[str, Rows], rates: Rates) -> Mapping[str, Function]:
    """Every function, bound to the day, the tables of the template and the rates."""
    return {
        **_ARITHMETIC,
        **{name: _finance(getattr(finance, name)) for name in ("pmt", "ipmt", "ppmt", "fv", "pv", "nper", "rate")},
        "irr": _irr,
        "today": lambda: today,
        "days": lambda first, last: Decimal((_date(last) - _date(first)).days),
        "workdays": lambda first, last: Decimal(calendar.count_working_days(_date(first), _date(last))),
        "add_workdays": lambda day, count: calendar.add_working_days(_date(day), _whole(count)),
        "add_months": lambda day, count: calendar.add_months(_date(day), _whole(count)),
        "weekday": lambda day: Decimal(_date(day).isoweekday()),
        "progressive": lambda name, amount: _progressive(tiers[_text(name)], _number(amount)),
        "bracket": lambda name, amount: _bracket(tiers[_text(name)], _number(amount)),
        "convert": lambda amount, unit: _quantity(amount).to(_text(unit)),
        "exchange": lambda amount, currency: rates.exchange(_quantity(amount), _text(currency)),
        "rate_day": lambda: rates.day,
    }


def _round(value: Item, places: Item = Decimal(0), mode: Item = "half_up") -> Item:
    rounding = _ROUNDING.get(_text(mode))
    if rounding is None:
        raise TroubleError("type")
    return _number(value).quantize(Decimal(1).scaleb(-_whole(places)), rounding=rounding)


def _sqrt(value: Item) -> Item:
    if _number(value) < 0:
        raise TroubleError("no_solution")
    return _number(value).sqrt()


_ARITHMETIC: Mapping[str, Function] = {
    "abs": lambda value: abs(_number(value)),
    "ceil": lambda value: _number(value).to_integral_value("ROUND_CEILING"),
    "floor": lambda value: _number(value).to_integral_value("ROUND_FLOOR"),
    "max": lambda *values: max(values),
    "min": lambda *values: min(values),
    "round": _round,
    "sqrt": _sqrt,
}


def _finance(function: Callable[..., Decimal]) -> Function:
    def call(*values: Item) -> Item:
        return function(*map(_number, values))

    return call


def _irr(*flows: Item | Sequence[Item]) -> Item:
    listed = flows[0] if len(flows) == 1 and isinstance(flows[0], list) else flows
    return finance.irr([_number(flow) for flow in listed])  # type: ignore[arg-type]


def _progressive(rows: Rows, amount: Decimal) -> Decimal:
    """What each part of the amount costs at the rate of its own row."""
    total, lower = Decimal(0), Decimal(0)
    for upper, rate in rows:
        part = (amount if upper is None else min(amount, upper)) - lower
        if part <= 0:
            break
        total += part * rate
        lower = upper or lower
    return total


def _bracket(rows: Rows, amount: Decimal) -> Decimal:
    """The value of the row the amount falls in (up to and including its limit)."""
    for upper, value in rows:
        if upper is None or amount <= upper:
            return value
    raise TroubleError("out_of_table")


def _number(value: Item) -> Decimal:
    if not isinstance(value, Decimal):
        raise TypeError(f"{value!r} is not a number")
    return value


def _whole(value: Item) -> int:
    number = _number(value)
    if number != int(number):
        raise TroubleError("not_whole")
    return int(number)


def _date(value: Item) -> date:
    if not isinstance(value, date):
        raise TypeError(f"{value!r} is not a date")
    return value


def _text(value: Item) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def _quantity(value: Item) -> Quantity:
    if not isinstance(value, Quantity):
        raise UnitError(f"{value!r} has no unit")
    return value
