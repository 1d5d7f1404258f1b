"""What was read from a text: a value with its type, unit and span. Computes nothing, formats nothing but JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum


class Type(StrEnum):
    """What kind of value a span of text is."""

    NUMBER = "number"
    ORDINAL = "ordinal"
    PERCENTAGE = "percentage"
    CURRENCY = "currency"
    DIMENSION = "dimension"
    TEMPERATURE = "temperature"
    AGE = "age"
    NUMBER_RANGE = "numberrange"
    CURRENCY_RANGE = "currencyrange"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    DATE_RANGE = "daterange"
    TIME_RANGE = "timerange"
    DATETIME_RANGE = "datetimerange"
    DURATION = "duration"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Interval:
    """From `start` to `end`, either may be open (None). Number ranges say whether their ends belong to them."""

    start: Decimal | date | datetime | time | None = None
    end: Decimal | date | datetime | time | None = None
    start_included: bool = True
    end_included: bool = False  # of days: the end is the last day; else the first moment after


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as said: months and days are not interchangeable until there is a date to count from."""

    years: Decimal = Decimal(0)
    months: Decimal = Decimal(0)
    days: Decimal = Decimal(0)
    seconds: Decimal = Decimal(0)
    working_days: int = 0

    @property
    def all_months(self) -> Decimal:
        """The years and months, in months."""
        return self.years * 12 + self.months

    @property
    def total_seconds(self) -> Decimal:
        """Seconds, a month taken as 30 days and a year as 365 (Recognizers-Text counts so)."""
        return (self.years * 365 + self.months * 30 + self.days + self.working_days) * 86400 + self.seconds


Scalar = Decimal | date | datetime | time | Interval | Span | str | None


@dataclass(frozen=True, slots=True)
class Value:
    """One reading of `text[start:end]`. A percentage of 5 % has the value 5 and the unit `%`."""

    type: Type
    start: int
    end: int
    value: Scalar
    unit: str = ""
    approximate: bool = False

    def as_json(self, text: str) -> Mapping[str, object]:
        """The keys of `calc --read`; offsets count characters of the original text."""
        return {
            "text": text[self.start : self.end],
            "start": self.start,
            "end": self.end,
            "type": str(self.type),
            "value": plain(self.value),
            "unit": self.unit,
        }


def plain(value: Scalar) -> object:
    """A value as JSON holds it: numbers as text without exponent, dates in ISO form, durations in seconds."""
    match value:
        case Decimal():
            return digits(value)
        case datetime():
            return value.isoformat(" ", "seconds")
        case date() | time():
            return value.isoformat()
        case Span():
            return digits(value.total_seconds)
        case Interval():
            ends = {"start": plain(value.start), "end": plain(value.end)}
            return {name: end for name, end in ends.items() if end is not None}
    return value


def digits(number: Decimal) -> str:
    """`1E+5` -> `100000`, `2.50` -> `2.5`."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
