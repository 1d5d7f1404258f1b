"""Compares what a reader gives with what the specifications expect: Recognizers-Text, cn2an, JioNLP.

A case counts when every expected value is given with its span and nothing else of that kind. Where a specification
lists
several readings (10点 is ten in the morning or at night, 五月 the last or the next one) any one of them is right.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from faq.calculation.reading.folding import fold
from faq.calculation.values import Interval, Span, Type, Value, plain

Row = Mapping[str, object]
MODELS: Mapping[str, frozenset[Type]] = {
    "Number": frozenset((Type.NUMBER,)),
    "NumberRange": frozenset((Type.NUMBER_RANGE,)),
    "Ordinal": frozenset((Type.ORDINAL,)),
    "Percent": frozenset((Type.PERCENTAGE,)),
    "Currency": frozenset((Type.CURRENCY,)),
    "Dimension": frozenset((Type.DIMENSION,)),
    "Temperature": frozenset((Type.TEMPERATURE,)),
    "Age": frozenset((Type.AGE,)),
    "DateTime": frozenset(
        (
            Type.DATE, Type.TIME, Type.DATETIME, Type.DATE_RANGE, Type.TIME_RANGE, Type.DATETIME_RANGE,
            Type.DURATION, Type.SET,
        )
    ),
}  # fmt: skip


def model_of(row: Row) -> str:
    """NumberModelExperimentalMode -> Number."""
    return str(row["model"]).split("Model")[0]


def reference(row: Row) -> datetime:
    context = row["context"]
    said = context.get("ReferenceDateTime") if isinstance(context, Mapping) else None
    return datetime.fromisoformat(str(said)[:19]) if said else datetime(2020, 1, 1)  # noqa: DTZ001 (local time)


def recognized(row: Row, values: Iterable[Value]) -> bool:
    """Whether the values of the kind the row is about are the expected ones, all of them and in order."""
    text, expected = str(row["input"]), row["results"]
    assert isinstance(expected, list)
    kinds = MODELS[model_of(row)]
    given = [value for value in values if value.type in kinds]
    return len(given) == len(expected) and all(
        fold(text[value.start : value.end]) == fold(str(want["Text"])) and _same(value, want.get("Resolution") or {})
        for value, want in zip(given, expected, strict=True)
    )


def _same(value: Value, wanted: Mapping[str, object]) -> bool:
    if "values" in wanted:
        options = wanted["values"]
        assert isinstance(options, list)
        return any(_same_time(value, option) for option in options)
    if value.type is Type.NUMBER_RANGE:
        return _ends(value) == str(wanted["value"])[1:-1]
    if not _same_unit(value, wanted):
        return False
    number = wanted.get("value") if wanted.get("value") is not None else wanted.get("offset")
    if value.value is None or number is None:
        return value.value is None and number is None
    return isinstance(value.value, Decimal) and close(value.value, str(number).rstrip("%"))


def close(given: Decimal, wanted: str) -> bool:
    """Equal to twelve digits, which is what the specifications write."""
    try:
        number = Decimal(wanted)
    except ArithmeticError:
        return False
    return abs(given - number) <= abs(number) * Decimal("1e-12")


def _same_unit(value: Value, wanted: Mapping[str, object]) -> bool:
    if value.type is Type.CURRENCY:
        return wanted.get("isoCurrency") in (None, value.unit)
    if value.type in {Type.DIMENSION, Type.TEMPERATURE, Type.AGE}:
        return value.unit.lower() == str(wanted.get("unit")).lower().replace(" ", "_")
    return True


def _ends(value: Value) -> str:
    interval = value.value
    assert isinstance(interval, Interval)
    return ",".join(
        "" if end is None else f"{Decimal(str(end)).normalize():f}" for end in (interval.start, interval.end)
    )


def _same_time(value: Value, option: Mapping[str, object]) -> bool:
    if option.get("value") == "not resolved":
        return value.type is Type.SET or value.value is None
    given = plain(value.value)
    if isinstance(given, dict):
        return {key: str(end) for key, end in given.items()} == {
            key: option[key] for key in ("start", "end") if key in option
        }
    if value.type is Type.DURATION:
        return "value" in option and close(Decimal(str(given)), str(option["value"]))
    return str(given) == option.get("value")


def time_base(row: Row) -> datetime:
    """The moment a JioNLP case is read at."""
    base = row["time_base"]
    if isinstance(base, Mapping):
        said = {name: int(base.get(name, least)) for name, least in _LEAST.items()}
        return datetime(**said)  # type: ignore[arg-type]  # noqa: DTZ001
    if isinstance(base, list):
        return datetime(*(base + [1] * (3 - len(base))))  # noqa: DTZ001
    return datetime.fromisoformat(str(base)) if base and base != "NOW" else datetime(2021, 6, 14, 1, 6, 40)  # noqa: DTZ001


_LEAST = {"year": 2021, "month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0}
_EDGE = timedelta(seconds=60)


def timed(row: Row, values: Sequence[Value]) -> bool:
    """Whether one of the values says the JioNLP time: its point, stretch, length or repetition."""
    wanted = row["expected"]
    assert isinstance(wanted, Mapping)
    kind, now = wanted["type"], time_base(row)
    if kind == "time_period":
        return any(value.type is Type.SET for value in values)
    if kind == "time_delta":
        return _lengths(wanted["time"], [value.value for value in values if isinstance(value.value, Span)])
    low, high = (None if "inf" in end else datetime.fromisoformat(end) for end in wanted["time"])
    return any(_stretch(value, low, high, now) for value in values if value.type in MODELS["DateTime"])


def _lengths(wanted: object, given: Sequence[Span]) -> bool:
    """A length, or the two ends of one (三到六个月)."""
    needed: list[Mapping[str, float]] = wanted if isinstance(wanted, list) else [wanted]  # type: ignore[list-item]
    ends = [end for end in needed if "zero" not in end]
    return len(given) >= len(ends) and all(any(_length(end, span) for span in given) for end in ends)


def _length(wanted: Mapping[str, float], span: Span) -> bool:
    seconds = wanted.get("hour", 0) * 3600 + wanted.get("minute", 0) * 60 + wanted.get("second", 0)
    pairs = (
        (span.years, wanted.get("year", 0)), (span.months, wanted.get("month", 0)),
        (span.days + span.working_days, wanted.get("day", 0)), (span.seconds, seconds),
    )  # fmt: skip
    return all(abs(float(mine) - float(theirs)) < 1e-6 for mine, theirs in pairs)


def _stretch(value: Value, low: datetime | None, high: datetime | None, now: datetime) -> bool:
    if isinstance(value.value, datetime):
        return value.value in (low, high)  # 6小时前 is the hour that ends then
    if isinstance(value.value, time):
        return datetime.combine(now.date(), value.value) == low
    first, last = _bounds(value, now)
    return _meets(first, low, now) and _meets(last, high, now)


def _bounds(value: Value, now: datetime) -> tuple[datetime | None, datetime | None]:
    if isinstance(value.value, Interval):
        inclusive = timedelta(days=1) if value.value.end_included else timedelta()
        last = _moment(value.value.end, now)
        exact = isinstance(value.value.end, datetime)
        if last is not None and value.type is Type.TIME_RANGE:
            first, exact = _moment(value.value.start, now), True
            last += timedelta(days=1) if first is not None and last < first else timedelta()
        return _moment(value.value.start, now), last and last + inclusive - timedelta(seconds=0 if exact else 1)
    day = _moment(value.value, now) if isinstance(value.value, date) else None
    return day, day and day + timedelta(days=1, seconds=-1)


def _moment(end: object, now: datetime) -> datetime | None:
    if isinstance(end, datetime) or end is None:
        return end
    if isinstance(end, time):
        return datetime.combine(now.date(), end)
    assert isinstance(end, date)
    return datetime.combine(end, time())


def _meets(given: datetime | None, wanted: datetime | None, now: datetime) -> bool:
    """Equal to a minute; an end that is now may be left open or be today."""
    if wanted is None or given is None:
        return given is None and wanted in (None, now)
    return abs(given - wanted) <= _EDGE or (wanted.date() == now.date() == given.date())
