"""The file of currency rates: `date: 2026-01-31`, and under `yuan:` what one unit of each currency was worth on it."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from faq.calculation.conversion import Rates
from faq.content import ContentError, Place, Problem, read
from faq.content.tree import MappingNode, Node, ScalarNode, compose

EXAMPLE = Path(__file__).with_name("rates.yaml")
_CODE = re.compile("[A-Z]{3}")
_WORTH = re.compile(r"[0-9]+(\.[0-9]+)?")


def read_rates(path: Path) -> Rates:
    """Raises ContentError with all problems of the file."""
    document = _pairs(compose(read(path), str(path)))
    problems = tuple(Problem(Place(str(path), line), text) for line, text in _faults(document))
    if problems:
        raise ContentError(problems)
    worth = {code: Decimal(_text(node)) for code, (_, node) in _pairs(document["yuan"][1]).items()}
    return Rates(_day(document["date"][1]) or date.min, MappingProxyType(worth | {"CNY": Decimal(1)}))


def lint_rates(path: Path, today: date, days: int) -> tuple[Problem, ...]:
    """What is wrong with the file, or a warning when its rates are more than `days` old or of a day to come."""
    try:
        age = (today - read_rates(path).day).days
    except ContentError as error:
        return error.problems
    line, _ = _pairs(compose(read(path), str(path)))["date"]
    if age < 0:
        return (Problem(Place(str(path), line), f"the rates are of a day to come, {-age} days from now", warning=True),)
    if age > days:
        where = " into a file of your own, named by content.rates: these ship as an example" * (
            path.resolve() == EXAMPLE
        )
        text = f"the rates are {age} days old; write those of today and their date{where}"
        return (Problem(Place(str(path), line), text, warning=True),)
    return ()


def _faults(document: dict[str, tuple[int, Node]]) -> Iterator[tuple[int, str]]:
    for key, (line, _) in document.items():
        if key not in {"date", "yuan"}:
            yield line, f"unknown key {key}; write date: 2026-01-31 and, under yuan:, lines such as USD: 7.1"
    line, day = document.get("date", (1, None))
    if _day(day) is None:
        yield line, "write the day of the rates as date: 2026-01-31"
    line, worth = document.get("yuan", (1, None))
    rates = _pairs(worth)
    if not rates:
        yield line, "write under yuan: what one unit of each currency is worth, such as USD: 7.1"
    for code, (line, node) in rates.items():
        if not _CODE.fullmatch(code):
            yield line, f"{code} is not the code of a currency; write three capital letters such as USD"
        if not _WORTH.fullmatch(_text(node)) or not Decimal(_text(node)):
            yield line, f"{code}: write how many yuan one is worth, a number above 0 such as 7.1"


def _pairs(node: Node | None) -> dict[str, tuple[int, Node]]:
    """The keys of a block with their line and value; empty for anything else."""
    pairs = node.pairs if isinstance(node, MappingNode) else ()
    return {key.text: (key.line, value) for key, value in pairs}


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, ScalarNode) else ""


def _day(node: Node | None) -> date | None:
    try:
        return date.fromisoformat(_text(node))
    except ValueError:
        return None
