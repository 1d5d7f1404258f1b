"""Quantities and their conversion by pint, in Decimal; currencies by a file of rates with a date.

The unit names are those of the reading tables; the Chinese units are the metric ones (市制): 斤 500 g, 亩 2000/3 m².
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

import pint

_DEFINITIONS = """
meter = [length]
kilometer = 1000 * meter
decimeter = 0.1 * meter
centimeter = 0.01 * meter
millimeter = 0.001 * meter
micrometer = 0.000001 * meter
nanometer = 0.000000001 * meter
inch = 0.0254 * meter
foot = 12 * inch
yard = 3 * foot
mile = 1760 * yard
nautical_mile = 1852 * meter
li = 500 * meter
chi = meter / 3
zhang = 10 * chi
cun = 0.1 * chi
square_kilometer = kilometer ** 2
square_meter = meter ** 2
square_decimeter = decimeter ** 2
square_centimeter = centimeter ** 2
square_millimeter = millimeter ** 2
square_foot = foot ** 2
square_inch = inch ** 2
square_mile = mile ** 2
hectare = 10000 * meter ** 2
acre = 4840 * yard ** 2
mu = 2000 * meter ** 2 / 3
qing = 100 * mu
cubic_meter = meter ** 3
cubic_decimeter = decimeter ** 3
cubic_centimeter = centimeter ** 3
cubic_foot = foot ** 3
cubic_inch = inch ** 3
liter = decimeter ** 3
milliliter = centimeter ** 3
gallon = 231 * inch ** 3
quart = gallon / 4
pint_us = gallon / 8
barrel = 42 * gallon
fluid_ounce = gallon / 128
tablespoon = fluid_ounce / 2
teaspoon = tablespoon / 3
gram = [mass]
kilogram = 1000 * gram
milligram = 0.001 * gram
microgram = 0.000001 * gram
ton = 1000000 * gram
metric_ton = ton
jin = 500 * gram
liang = 50 * gram
dan = 50000 * gram
pound = 453.59237 * gram
ounce = pound / 16
dram = ounce / 16
carat = 0.2 * gram
second = [time]
minute = 60 * second
hour = 60 * minute
day = 24 * hour
week = 7 * day
year = 365 * day
month = year / 12
kilometer_per_hour = kilometer / hour
meter_per_second = meter / second
mile_per_hour = mile / hour
knot = nautical_mile / hour
meter_per_millisecond = 1000 * meter / second
centimeter_per_millisecond = 10 * meter / second
kilometer_per_millisecond = 1000000 * meter / second
bit = [information]
kilobit = 1000 * bit
megabit = 1000000 * bit
gigabit = 1000000000 * bit
byte = 8 * bit
kilobyte = 1024 * byte
megabyte = 1024 * kilobyte
gigabyte = 1024 * megabyte
terabyte = 1024 * gigabyte
radian = []
degree = 3.14159265358979323846264338327950288 / 180 * radian
turn = 360 * degree
hertz = 1 / second
kilohertz = 1000 * hertz
megahertz = 1000000 * hertz
gigahertz = 1000000000 * hertz
joule = kilogram * meter ** 2 / second ** 2
kilojoule = 1000 * joule
calorie = 4.184 * joule
kilocalorie = 1000 * calorie
watt = joule / second
kilowatt = 1000 * watt
kilowatt_hour = kilowatt * hour
horsepower = 735.49875 * watt
yuan = [currency]
"""
_TEMPERATURES = {
    "C": (Decimal(1), Decimal("273.15")),
    "F": (Decimal(5) / 9, Decimal("459.67") * 5 / 9),
    "K": (Decimal(1), Decimal(0)),
}
_ALIASES = {"pint": "pint_us", "CNY": "yuan"}


class UnitError(ValueError):
    """The units do not fit together, or one is unknown."""


@lru_cache(maxsize=1)
def registry() -> "pint.UnitRegistry[Decimal]":
    """The units of Zhida alone: what the reader cannot read is no unit of a formula either."""
    return pint.UnitRegistry(_DEFINITIONS.strip().splitlines(), non_int_type=Decimal, cache_folder=None)


def dimensionality(unit: str) -> Mapping[str, int]:
    """{'[length]': 2} of a unit. Raises UnitError when it is unknown."""
    if unit in _TEMPERATURES:
        return {"[temperature]": 1}
    try:
        return {
            name: int(str(power)) for name, power in registry().get_dimensionality(_ALIASES.get(unit, unit)).items()
        }
    except pint.UndefinedUnitError as error:
        raise UnitError(f"unit {unit!r} is unknown") from error


@lru_cache(maxsize=4096)
def factor(unit: str, other: str) -> Decimal:
    """How many `other` one `unit` is. Raises UnitError when they measure different things."""
    units = registry()
    try:
        return Decimal(units.Quantity(Decimal(1), _ALIASES.get(unit, unit)).to(_ALIASES.get(other, other)).magnitude)
    except (pint.DimensionalityError, pint.UndefinedUnitError) as error:
        raise UnitError(f"{unit} cannot be converted to {other}") from error


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
        return Quantity(self.amount * factor(self.unit, unit), unit)

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
