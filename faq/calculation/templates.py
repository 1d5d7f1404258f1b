"""A calculation of the staff, compiled: formula, what its inputs are, how its answer is written.

Compiling finds everything that can be known to be wrong before anyone asks; each problem names the line it was
written at.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Context, Decimal, localcontext

from faq.calculation import checking, working
from faq.calculation.conversion import Quantity, Rates, UnitError
from faq.calculation.expressions import Evaluation, Expression, ExpressionError, Item, TroubleError, parse
from faq.calculation.functions import build
from faq.calculation.reading.units import MEANT, UNITS
from faq.calculation.values import digits
from faq.content import Calculation, Input, Place, Problem

_SHOWN = re.compile(r"\{(?P<name>[a-z][a-z0-9_]*)(?::(?P<form>[^{}]*))?\}")
_FORMS = re.compile(r"money|percent|date|integer|number|unit|\.\d+f")
_DIGITS = Context(prec=20)
_LARGEST = Decimal("1e26")  # beyond it a sum of money is written as a number
DURATION_UNITS = ("working_day", "year", "quarter", "month", "week", "day", "hour", "minute", "second")


@dataclass(frozen=True, slots=True)
class Result:
    """What was computed: the value, its unit, the finished sentence and the working."""

    value: Item
    unit: str
    text: str
    working: str
    values: Mapping[str, Item]


class Template:
    """One calculation ready to compute; immutable."""

    def __init__(self, calculation: Calculation, expression: Expression, unit_names: Mapping[str, str]) -> None:
        self.calculation, self.expression = calculation, expression
        self.inputs: Mapping[str, Input] = {item.name: item for item in calculation.inputs}
        self._unit_names = unit_names
        self._percents = frozenset(item.name for item in calculation.inputs if item.type == "percent")

    @property
    def id(self) -> str:
        return self.calculation.id

    def compute(self, values: Mapping[str, Item], today: date, rates: Rates, currency: str = "CNY") -> Result:
        """The answer for these values; defaults are already in them. Raises TroubleError."""
        functions = build(today, self.calculation.tiers, rates)
        if currency == "mixed":
            raise TroubleError("currencies")
        written, values = values, dict(values)
        for name, value in values.items():
            if self.inputs[name].type == "expression" and isinstance(value, str):
                values[name] = _computed(value)
        known = Evaluation(values, functions).run(self.expression)
        said = working.show(self.expression, {**known, **written}, functions, self._percents)
        result = _rounded(known["result"])
        known = {**known, "result": result, "working": said, "rate_date": rates.day}
        text = _SHOWN.sub(lambda match: self._format(known, match, currency), self.calculation.answer)
        return Result(result, self._unit_of(result, currency), text.strip(), said, known)

    def _unit_of(self, value: Item, currency: str) -> str:
        if isinstance(value, Quantity):
            return value.unit
        if isinstance(value, date):
            return "date"
        form = next(
            (match["form"] for match in _SHOWN.finditer(self.calculation.answer) if match["name"] == "result"), ""
        )
        return {"money": currency, "percent": "%"}.get(form or "", "")

    def _format(self, known: Mapping[str, Item], match: re.Match[str], currency: str) -> str:
        value, form = known[match["name"]], match["form"] or ""
        if form == "unit":
            unit = value.unit if isinstance(value, Quantity) else str(value)
            return self._unit_names.get(unit, unit)
        if form == "money" and isinstance(value, Decimal):
            return f"{_formatted(value, form)} {self._unit_names.get(currency, currency)}"
        if isinstance(value, Quantity):
            return f"{_formatted(value.amount, form)}{self._unit_names.get(value.unit, value.unit)}"
        return _formatted(value, form)


def _rounded(value: Item) -> Item:
    """Twenty digits: what is beyond them is the rounding of the way there."""
    if isinstance(value, Quantity):
        return Quantity(_DIGITS.plus(value.amount), value.unit)
    if not isinstance(value, Decimal) or value == value.to_integral_value():
        return value
    return _DIGITS.plus(value)


def _computed(formula: str) -> Decimal:
    functions = build(date.min, {}, Rates(date.min, {}))
    value = Evaluation({}, functions).run(parse(formula))["result"]
    assert isinstance(value, Decimal)
    return value


def _formatted(value: Item, form: str) -> str:
    if not isinstance(value, Decimal) or abs(value) >= _LARGEST:
        return working.number(value)
    with localcontext(prec=60):
        if form == "money":
            return f"{value.quantize(Decimal('0.01'), 'ROUND_HALF_UP'):,f}"
        if form == "percent":
            return f"{digits((value * 100).quantize(Decimal('0.01'), 'ROUND_HALF_UP'))}%"
        if form == "integer":
            return f"{value.to_integral_value('ROUND_HALF_UP'):f}"
        if form.startswith("."):
            return f"{value.quantize(Decimal(1).scaleb(-int(form[1:-1])), 'ROUND_HALF_UP'):f}"
    return working.number(value)


def compile_all(
    calculations: Iterable[Calculation], unit_names: Mapping[str, str]
) -> tuple[tuple[Template, ...], tuple[Problem, ...]]:
    """Every calculation that is sound, and every problem of the others."""
    templates: list[Template] = []
    problems: list[Problem] = []
    for calculation in calculations:
        found = list(_problems(calculation))
        problems += found
        if not found:
            templates.append(Template(calculation, parse(calculation.formula), unit_names))
    return tuple(templates), tuple(problems)


def _problems(calculation: Calculation) -> Iterator[Problem]:
    place = calculation.place
    formula = Place(place.path, calculation.lines.get("formula", place.line))
    measures: dict[str, checking.Measure] = {}
    for item in calculation.inputs:
        for text in _input_problems(item):
            yield Problem(item.place, f"{calculation.id}: {text}")
        try:
            measures[item.name] = checking.measure_of(item.type, item.unit)
        except UnitError as error:
            measures[item.name] = None
            yield Problem(item.place, f"{calculation.id}: {error}; write one such as kilogram, meter or mu")
    try:
        expression = parse(calculation.formula)
    except ExpressionError as error:
        yield Problem(formula, f"{calculation.id}: the formula {error}")
        return
    shown = {match["name"]: match["form"] for match in _SHOWN.finditer(calculation.answer)}
    tables = frozenset(calculation.tiers)
    for text in checking.problems(expression, measures, tables, frozenset(shown)):
        yield Problem(formula, f"{calculation.id}: {text}")
    known = {*measures, *(name for name, _ in expression.steps), "result", "working", "rate_date"}
    for name, form in shown.items():
        if name not in known:
            yield Problem(
                place, f"{calculation.id}: the answer shows {{{name}}}, which is neither input nor line of the formula"
            )
        if form and not _FORMS.fullmatch(form):
            yield Problem(
                place, f"{calculation.id}: {{{name}:{form}}} is no format; write money, percent, date, integer or .2f"
            )


def _input_problems(item: Input) -> Iterator[str]:
    if item.type == "duration" and item.unit not in DURATION_UNITS:
        yield f"the duration {item.name} needs a unit: {', '.join(DURATION_UNITS)}"
    if item.type == "unit" and item.default and item.default not in UNITS:
        yield f"{item.default} is not a unit"
    if item.type == "money" and item.unit and item.unit not in {"CNY", "any", *MEANT.values()}:
        yield f"{item.unit} is not the code of a currency such as CNY"


def default_of(item: Input, today: date) -> Item | None:
    """The default as a value of the formula, or None when there is none."""
    default = item.default
    if default is None or isinstance(default, Decimal):
        return default
    return written(item, default, today)


def written(item: Input, text: str, today: date) -> Item:
    """A bound, default or choice written by the staff, as a value of the formula."""
    if item.type == "date":
        return today if text == "today" else date.fromisoformat(text)
    if item.type == "time":
        return time.fromisoformat(text)
    if item.type == "choice":
        chosen = item.choices.get(text, text)
        try:
            return Decimal(chosen)
        except ArithmeticError:
            return chosen
    return text


def bound_trouble(item: Input, value: Item, now: datetime) -> str | None:
    """`too_small` or `too_big` when the value is outside the bounds of its input."""
    for bound, kind in ((item.minimum, "too_small"), (item.maximum, "too_big")):
        if bound is None:
            continue
        limit = bound if isinstance(bound, Decimal) else written(item, bound, now.date())
        amount = value.amount if isinstance(value, Quantity) else value
        if type(limit) is not type(amount) and not (isinstance(limit, date) and isinstance(amount, date)):
            continue
        if (amount < limit) if kind == "too_small" else (amount > limit):  # type: ignore[operator]
            return kind
    return None


__all__ = [
    "DURATION_UNITS",
    "Result",
    "Template",
    "TroubleError",
    "bound_trouble",
    "compile_all",
    "default_of",
    "written",
]
