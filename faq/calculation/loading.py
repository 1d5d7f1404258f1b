"""Reads the built-in calculations and phrases."""

from pathlib import Path

import yaml

from faq.calculation.forms import Words
from faq.content import Calculation, parse, read

_HERE = Path(__file__).parent


def builtin() -> tuple[Calculation, ...]:
    """The calculations of builtin.yaml."""
    path = _HERE / "builtin.yaml"
    return parse(read(path), path.name).calculations


def phrases() -> tuple[dict[str, str], Words]:
    """The sentences, and the words users say to a form."""
    stored = yaml.safe_load((_HERE / "phrases.yaml").read_text("utf-8"))
    said = {name: tuple(words) for name, words in stored.pop("words").items()}
    return stored, Words(**said)
