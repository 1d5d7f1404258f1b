"""How large each unit is beside the first of its kind; the names it is said with stand in reading/units.py.

The Chinese units are the metric ones (市制): 斤 500 g, 亩 2000/3 m². A test holds the table against pint.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Units that convert into each other: what they measure, as powers, and their sizes as exact fractions."""

    powers: Mapping[str, int]
    units: Mapping[str, str]


SCALES = (
    Scale({"[length]": 1}, {
        "meter": "1", "kilometer": "1000", "decimeter": "0.1", "centimeter": "0.01", "millimeter": "0.001",
        "micrometer": "1e-6", "nanometer": "1e-9",
        "inch": "0.0254", "foot": "0.3048", "yard": "0.9144", "mile": "1609.344", "nautical_mile": "1852",
        "li": "500", "zhang": "10/3", "chi": "1/3", "cun": "1/30",
    }),
    Scale({"[length]": 2}, {
        "square_meter": "1", "square_kilometer": "1e6", "square_decimeter": "0.01", "square_centimeter": "1e-4",
        "square_millimeter": "1e-6", "hectare": "10000",
        "square_inch": "0.00064516", "square_foot": "0.09290304", "square_mile": "2589988.110336",
        "acre": "4046.8564224", "mu": "2000/3", "qing": "200000/3",
    }),
    Scale({"[length]": 3}, {
        "cubic_meter": "1", "cubic_decimeter": "0.001", "liter": "0.001", "cubic_centimeter": "1e-6",
        "milliliter": "1e-6", "cubic_inch": "0.000016387064", "cubic_foot": "0.028316846592",
        "gallon": "0.003785411784", "quart": "0.000946352946", "pint": "0.000473176473", "barrel": "0.158987294928",
        "fluid_ounce": "0.0000295735295625", "tablespoon": "0.00001478676478125",
        "teaspoon": "0.00000492892159375",
    }),
    Scale({"[mass]": 1}, {
        "gram": "1", "kilogram": "1000", "milligram": "0.001", "microgram": "1e-6", "ton": "1e6", "metric_ton": "1e6",
        "jin": "500", "liang": "50", "dan": "50000",
        "pound": "453.59237", "ounce": "28.349523125", "dram": "1.7718451953125", "carat": "0.2",
    }),
    Scale({"[time]": 1}, {
        "second": "1", "minute": "60", "hour": "3600", "day": "86400", "week": "604800", "month": "2628000",
        "year": "31536000",
    }),
    Scale({"[length]": 1, "[time]": -1}, {
        "meter_per_second": "1", "kilometer_per_hour": "5/18", "mile_per_hour": "0.44704", "knot": "1852/3600",
        "meter_per_millisecond": "1000", "centimeter_per_millisecond": "10", "kilometer_per_millisecond": "1e6",
    }),
    Scale({"[information]": 1}, {
        "bit": "1", "kilobit": "1e3", "megabit": "1e6", "gigabit": "1e9",
        "byte": "8", "kilobyte": "8192", "megabyte": "8388608", "gigabyte": "8589934592", "terabyte": "8796093022208",
    }),
    Scale({}, {
        "radian": "1", "degree": "0.01745329251994329576923690768488612713", "turn": "6.283185307179586476925286766559"
    }),
    Scale({"[time]": -1}, {"hertz": "1", "kilohertz": "1e3", "megahertz": "1e6", "gigahertz": "1e9"}),
    Scale({"[mass]": 1, "[length]": 2, "[time]": -2}, {
        "joule": "1", "kilojoule": "1000", "calorie": "4.184", "kilocalorie": "4184", "kilowatt_hour": "3600000",
    }),
    Scale({"[mass]": 1, "[length]": 2, "[time]": -3}, {
        "watt": "1", "kilowatt": "1000", "horsepower": "735.49875",
    }),
    Scale({"[currency]": 1}, {"yuan": "1", "CNY": "1"}),
)  # fmt: skip
