"""The same cases read by other libraries, where they are installed: none of them is a dependency of Zhida.

cn2an, JioNLP, dateparser, quantulum3 and recognizers-text (which needs emoji 1.x).
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from decimal import Decimal
from types import ModuleType
from typing import Any

from benchmarks import calculation_specs as specs
from faq.calculation.reading.folding import fold
from faq.calculation.values import Type, Value


def library(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def cn2an_numeral(row: specs.Row) -> bool:
    mode = next((mode for mode in ("strict", "normal") if mode in str(row["group"])), "smart")
    try:
        given = _module("cn2an").cn2an(row["input"], mode)
    except (ValueError, TypeError, IndexError):
        return row["expected"] == "<error>"
    return row["expected"] != "<error>" and float(given) == float(str(row["expected"]))


def jionlp_numeral(row: specs.Row) -> bool:
    try:
        given = _module("jionlp").parse_money(str(row["input"]))["num"]
        return bool(abs(float(given) - float(str(row["expected"]))) < 1e-9)
    except (ValueError, TypeError, KeyError):
        return row["expected"] == "<error>"


def _module(name: str) -> Any:
    return importlib.import_module(name)


def jionlp_time(row: specs.Row) -> bool:
    base = copy(row["time_base"]) if isinstance(row["time_base"], dict | list) else specs.time_base(row).timestamp()
    try:
        return bool(_module("jionlp").parse_time(str(row["text"]), time_base=base) == row["expected"])
    except (ValueError, TypeError, KeyError):
        return False


def dateparser_time(row: specs.Row) -> bool:
    settings = {"RELATIVE_BASE": specs.time_base(row)}
    given = _module("dateparser").parse(str(row["text"]), languages=["zh"], settings=settings)
    return given is not None and specs.timed(row, [Value(Type.DATETIME, 0, 1, given)])


def jionlp_money(row: specs.Row) -> bool:
    try:
        return bool(_module("jionlp").parse_money(str(row["text"])) == row["expected"])
    except (ValueError, TypeError, KeyError):
        return False


def quantulum_money(row: specs.Row) -> bool:
    parser = importlib.import_module("quantulum3.parser")
    wanted = row["expected"]
    assert isinstance(wanted, dict)
    given = [str(Decimal(str(quantity.value)).quantize(Decimal("0.01"))) for quantity in parser.parse(str(row["text"]))]
    return given[:1] == [wanted["num"]]


_RECOGNIZERS: Mapping[str, tuple[str, str]] = {
    "Number": ("recognizers_number", "recognize_number"),
    "Ordinal": ("recognizers_number", "recognize_ordinal"),
    "Percent": ("recognizers_number", "recognize_percentage"),
    "Currency": ("recognizers_number_with_unit", "recognize_currency"),
    "Dimension": ("recognizers_number_with_unit", "recognize_dimension"),
    "Temperature": ("recognizers_number_with_unit", "recognize_temperature"),
    "Age": ("recognizers_number_with_unit", "recognize_age"),
    "DateTime": ("recognizers_date_time", "recognize_datetime"),
}
_CULTURES = {"chinese": "zh-cn", "english": "en-us"}


def recognizers_text(language: str) -> Callable[[specs.Row], bool] | None:
    """Judges recognizers-text on its own specification, or None when it is not installed."""
    if library("recognizers_date_time") is None:
        return None

    def judge(row: specs.Row) -> bool:
        name = _RECOGNIZERS.get(specs.model_of(row))
        if name is None:
            return False
        recognize = getattr(_module(name[0]), name[1])
        extra = {"reference": specs.reference(row)} if name[1] == "recognize_datetime" else {}
        try:
            given = recognize(str(row["input"]), _CULTURES[language], **extra)
        except (ValueError, TypeError, AttributeError, KeyError, IndexError):
            return False
        return _agrees(row["results"], [(item.text, item.resolution or {}) for item in given])

    return judge


def _agrees(expected: object, given: Sequence[tuple[str, Mapping[str, Any]]]) -> bool:
    assert isinstance(expected, list)
    return len(given) == len(expected) and all(
        fold(text) == fold(str(want["Text"])) and _same(resolution, want.get("Resolution") or {})
        for (text, resolution), want in zip(given, expected, strict=True)
    )


def _same(given: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    if "values" in wanted:
        keys = ("value", "start", "end")
        said = [tuple(option.get(key) for key in keys) for option in given.get("values") or []]
        return any(tuple(option.get(key) for key in keys) in said for option in wanted["values"])
    first, second = given.get("value"), wanted.get("value", wanted.get("offset"))
    if first is None or second is None:
        return first is second
    try:
        return specs.close(Decimal(str(first).rstrip("%")), str(second).rstrip("%"))
    except ArithmeticError:
        return bool(first == second)
