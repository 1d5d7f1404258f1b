"""Quantities and their conversion, exact; currencies by a file of rates with a date."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from faq.calculation.scales import SCALES

_TEMPERATURES = {
    "C": (Decimal(1), Decimal("273.15")),
    "F": (Decimal(5) / 9, Decimal("459.67") * 5 / 9),
    "K": (Decimal(1), Decimal(0)),
}
_UNITS = {unit: (scale.powers, Fraction(size)) for scale in SCALES for unit, size in scale.units.items()}


class UnitError(ValueError):
    """The units do not fit together, or one is unknown."""


def dimensionality(unit: str) -> Mapping[str, int]:
    """{'[length]': 2} of a unit. Raises UnitError when it is unknown."""
    if unit in _TEMPERATURES:
        return {"[temperature]": 1}
    return _unit(unit)[0]


def factor(unit: str, other: str) -> Fraction:
    """How many `other` one `unit` is. Raises UnitError when they measure different things."""
    (powers, size), (other_powers, other_size) = _unit(unit), _unit(other)
    if powers != other_powers:
        raise UnitError(f"{unit} cannot be converted to {other}")
    return size / other_size


def _unit(name: str) -> tuple[Mapping[str, int], Fraction]:
    try:
        return _UNITS[name]
    except KeyError as error:
        raise UnitError(f"unit {name!r} is unknown") from error


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount of a unit; an amount of money has the code of its currency as unit."""

    amount: Decimal
    unit: str

    def to(self, unit: str) -> "Quantity":
        """The same in another unit. Raises UnitError."""
        if self.unit in _TEMPERATURES and unit in _TEMPERATURES:
            scale, offset = _TEMPERATURES[self.unit]
            other_scale, other_offset = _TEMPERATURES[unit]
            return Quantity((self.amount * scale + offset - other_offset) / other_scale, unit)
        if {self.unit, unit} & {*_TEMPERATURES}:
            raise UnitError(f"{self.unit} cannot be converted to {unit}")
        times = factor(self.unit, unit)
        return Quantity(self.amount * times.numerator / times.denominator, unit)

    def combine(self, kind: ast.operator, other: object) -> "Quantity":
        """Adding and subtracting like quantities, scaling by numbers. Raises UnitError, TypeError."""
        if isinstance(other, Decimal) and isinstance(kind, ast.Mult | ast.Div):
            return Quantity(self.amount * other if isinstance(kind, ast.Mult) else self.amount / other, self.unit)
        if isinstance(other, Quantity) and isinstance(kind, ast.Add | ast.Sub):
            more = other.to(self.unit).amount
            return Quantity(self.amount + more if isinstance(kind, ast.Add) else self.amount - more, self.unit)
        raise TypeError("these quantities do not combine so")


@dataclass(frozen=True, slots=True)
class Rates:
    """What one unit of each currency was worth in yuan on `day`."""

    day: date
    yuan: Mapping[str, Decimal]

    def exchange(self, amount: Quantity, currency: str) -> Quantity:
        """The amount in another currency. Raises UnitError when a rate is missing."""
        try:
            return Quantity(amount.amount * self.yuan[amount.unit] / self.yuan[currency], currency)
        except KeyError as error:
            raise UnitError(f"no rate of {error}") from error
