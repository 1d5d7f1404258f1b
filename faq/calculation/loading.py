"""Reads the built-in calculations, rates and phrases, and the rates of the staff when they have their own."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import yaml

from faq.calculation.conversion import Rates
from faq.calculation.forms import Words
from faq.content import Calculation, ContentError, Place, Problem, parse, read

_HERE = Path(__file__).parent


def builtin() -> tuple[Calculation, ...]:
    """The calculations of builtin.yaml."""
    path = _HERE / "builtin.yaml"
    return parse(read(path), path.name).calculations


def rates(path: Path = _HERE / "rates.yaml") -> Rates:
    """A file of rates: `date`, and `yuan` with the worth of one unit of each currency. Raises ContentError."""
    problem = "write date: 2026-01-31 and under yuan: lines such as USD: 7.1"
    try:
        stored = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 (texts only, no objects)
        day = date.fromisoformat(stored["date"])
        worth = {code: Decimal(value) for code, value in stored["yuan"].items()}
        sound = all(value > 0 for value in worth.values())
    except (OSError, yaml.YAMLError, KeyError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise ContentError((Problem(Place(str(path), 1), problem),)) from error
    if not sound:
        raise ContentError((Problem(Place(str(path), 1), problem),))
    return Rates(day, MappingProxyType(worth | {"CNY": Decimal(1)}))


def phrases() -> tuple[dict[str, str], Words]:
    """The sentences, and the words users say to a form."""
    stored = yaml.safe_load((_HERE / "phrases.yaml").read_text("utf-8"))
    said = {name: tuple(words) for name, words in stored.pop("words").items()}
    return stored, Words(**said)
