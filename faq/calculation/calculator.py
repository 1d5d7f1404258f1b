"""The calculator: a question and the form of the conversation in, an outcome out. Pure but for what `build` reads.

`answer` gives None when the question is none of its business; then an FAQ entry may answer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from faq.calculation import loading
from faq.calculation.conversion import Quantity, Rates, UnitError
from faq.calculation.detection import is_computation
from faq.calculation.expressions import Item, TroubleError
from faq.calculation.finding import Finder
from faq.calculation.forms import Form, FormStep, Move, Words, advance, begin, complete
from faq.calculation.rates import EXAMPLE, read_rates
from faq.calculation.reading import compact, read
from faq.calculation.reading.units import CURRENCIES, UNITS
from faq.calculation.templates import Result, Template, compile_all, written
from faq.calculation.values import Interval, Type, Value, digits, plain
from faq.calculation.working import number
from faq.content import Content, ContentError, Input, Problem

_UNREAD = frozenset((Type.ORDINAL, Type.NUMBER_RANGE, Type.CURRENCY_RANGE, Type.SET))
_NAMES = {
    "C": "℃",
    "F": "℉",
    "K": "K",
    "CNY": "元",
    "second": "秒",
    "minute": "分钟",
    "hour": "小时",
    "day": "天",
    "gigabyte": "GB",
    "megabyte": "MB",
    "kilobyte": "KB",
    "terabyte": "TB",
}
_LONGEST = 500  # characters of a question that may be a calculation
_LINK = re.compile(r"到|至|~|—+|和|与| to | and | until | till ")
_TOWARDS = re.compile(r"(?:until|till|before|after|since|by) +", re.IGNORECASE)
_FROM_THEN = re.compile(r"(?:以|之)?[前后]$|起$|以来$|开始$")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the calculator says, and why.

    `aside`: the text was about something else; `text` then reminds of the open form, to be said after another answer,
    or alone when there is none. `template` is empty when a computation was recognised for which there is no template.
    `began`: the template was found in this text, `score` being the probability that it is meant; else a form goes on.
    """

    text: str
    score: float = 0.0
    template: str = ""
    knowledge_base: str = ""
    value: object = None
    unit: str = ""
    working: str = ""
    missing: tuple[str, ...] = ()
    form: Form | None = None
    aside: bool = False
    began: bool = False
    read: tuple[Mapping[str, object], ...] = field(default=())


class Calculator:
    """Answers from one Content; immutable, so that a new one can replace it between two questions."""

    def __init__(
        self,
        templates: Sequence[Template],
        finder: Finder,
        rates: Rates,
        phrases: Mapping[str, str],
        words: Words,
    ) -> None:
        self._templates = {template.id: template for template in templates}
        self._finder, self._rates, self._phrases, self._words = finder, rates, phrases, words

    @classmethod
    def build(cls, content: Content, *, folder: Path | None = None, rates: Rates | None = None) -> "Calculator":
        """Compile the calculations of the content and the built-in ones. Raises ContentError with all problems.

        What is learnt of their phrasings is kept in `folder`.
        """
        templates, problems = compile_content(content)
        if problems:
            raise ContentError(problems)
        return cls(templates, Finder(templates, folder), rates or read_rates(EXAMPLE), *loading.phrases())

    def answer(self, text: str, now: datetime, form: Form | None = None) -> Outcome | None:
        """What to say to `text` at local time `now`, with the open form of the conversation if there is one."""
        now, text = now.replace(tzinfo=None), text if len(text) <= _LONGEST else ""
        values = usable(text, read(text, now), now)
        if form is not None and (template := self._templates.get(form.template)) is not None:
            step = advance(form, template, text, values, now, self._words)
            if step.move not in {Move.ASIDE, Move.EXPIRED}:
                return self._outcome(step, template, text, values, now, 1.0)
            if step.move is Move.ASIDE and not form.done:
                fresh = self._fresh(text, values, now)
                return fresh if fresh is not None and fresh.template else self._reminder(step)
        return self._fresh(text, values, now)

    def is_computation(self, text: str, now: datetime) -> bool:
        """Whether the answer has to be computed, with or without a template for it."""
        return is_computation(text, usable(text, read(text, now), now))

    def _fresh(self, text: str, values: list[Value], now: datetime) -> Outcome | None:
        found = self._finder.find(text, values, now.date())
        if found is not None:
            step = begin(found.template, found.filling, now)
            return replace(self._outcome(step, found.template, text, values, now, found.score), began=True)
        if is_computation(text, values):
            return Outcome(self._phrases["no_template"], read=_seen(text, values))
        return None

    def _outcome(
        self, step: FormStep, template: Template, text: str, values: list[Value], now: datetime, score: float
    ) -> Outcome:
        seen = _seen(text, values)
        base = template.calculation.knowledge_base
        if step.move is Move.COMPLETE:
            try:
                result = template.compute(
                    complete(step.form, template, now.date()), now.date(), self._rates, step.form.currency
                )
            except TroubleError as error:
                said = self._phrases.get(error.kind, self._phrases["type"])
                return Outcome(said, score, template.id, base, form=None, read=seen)
            return self._computed(result, template, step.form, score, seen)
        if step.move is Move.CANCEL:
            return Outcome(self._phrases["cancel"], score, template.id, base, form=None, read=seen)
        missing = tuple(
            item.name for item in template.inputs.values() if item.name not in step.form.values and item.default is None
        )
        return Outcome(self._ask(step, now), score, template.id, base, missing=missing, form=step.form, read=seen)

    def _computed(
        self, result: Result, template: Template, form: Form, score: float, seen: tuple[Mapping[str, object], ...]
    ) -> Outcome:
        value = result.value.amount if isinstance(result.value, Quantity) else result.value
        shown = value if isinstance(value, bool | str) else plain(value)
        return Outcome(
            result.text, score, template.id, template.calculation.knowledge_base, shown, result.unit, result.working,
            (), form, read=seen,
        )  # fmt: skip

    def _ask(self, step: FormStep, now: datetime) -> str:
        assert step.item is not None
        if step.move is Move.ASK:
            return step.item.ask
        name = "restart" if step.move is Move.RESTART else step.trouble
        if step.item.type == "date":
            name = {"too_small": "too_early", "too_big": "too_late"}.get(name, name)
        bound = step.item.minimum if step.trouble == "too_small" else step.item.maximum
        said = {"ask": step.item.ask, "bound": _said(step.item, bound, now), "value": _said(step.item, step.value, now)}
        return self._phrases[name].format(**said).strip()

    def _reminder(self, step: FormStep) -> Outcome:
        ask = step.item.ask if step.item else ""
        return Outcome(self._phrases["resume"].format(ask=ask), template=step.form.template, form=step.form, aside=True)


def _said(item: Input, value: Item | None, now: datetime) -> str:
    """A bound or a refused value as a person reads it."""
    if isinstance(value, str):
        value = written(item, value, now.date())
    if item.type == "percent" and isinstance(value, Decimal):
        return f"{digits(value * 100)}%"
    return "" if value is None else number(value)


def usable(text: str, values: Sequence[Value], now: datetime) -> list[Value]:
    """The readings a calculation can use; a range of days is its two ends."""
    usable = _compound(compact(value for value in values if value.type not in _UNREAD))
    return [part for value in usable for part in _ends(text, value, now)]


def _compound(values: list[Value]) -> list[Value]:
    """5英尺10英寸 is one length."""
    joined: list[Value] = []
    for value in values:
        last = joined[-1] if joined else None
        if last is not None and last.end == value.start and last.type is value.type is Type.DIMENSION:
            together = _sum(last, value)
            if together is not None:
                joined[-1] = together
                continue
        joined.append(value)
    return joined


def _sum(first: Value, second: Value) -> Value | None:
    if not isinstance(first.value, Decimal) or not isinstance(second.value, Decimal):
        return None
    try:
        more = Quantity(second.value, second.unit).to(first.unit).amount
    except UnitError:
        return None
    return Value(Type.DIMENSION, first.start, second.end, first.value + more, first.unit)


def _ends(text: str, value: Value, now: datetime) -> list[Value]:
    if value.type is not Type.DATE_RANGE or not isinstance(value.value, Interval):
        return [value]
    if value.value.start is None or value.value.end is None:  # until Christmas: the day is what is asked about
        word, last = _TOWARDS.match(text, value.start, value.end), _FROM_THEN.search(text, value.start, value.end)
        span = (word.end() if word else value.start, last.start() if last else value.end)
        return [Value(Type.DATE, *span, value.value.start or value.value.end)]
    if not value.value.end_included:
        return [_day(value, value.value)]
    link = _LINK.search(text, value.start + 1, value.end)
    if link is None:
        return [value]
    begin = value.start + (text[value.start] in "从自")
    return [
        Value(Type.DATE, begin, link.start(), value.value.start),
        Value(Type.DATE, link.end(), value.end, value.value.end),
    ]


def _day(value: Value, days: Interval) -> Value:
    """上个月最后一天 is a range of one day: a day."""
    first, last = days.start, days.end
    if type(first) is date and type(last) is date and last - first == timedelta(days=1):
        return Value(Type.DATE, value.start, value.end, first)
    return value


def _seen(text: str, values: Sequence[Value]) -> tuple[Mapping[str, object], ...]:
    return tuple(value.as_json(text) for value in values)


def unit_names() -> Mapping[str, str]:
    """The name each unit and currency is written with: its first one."""
    tables = {**UNITS, **CURRENCIES}
    return {unit: names.split("|")[0] for unit, names in tables.items()} | _NAMES


def compile_content(content: Content) -> tuple[tuple[Template, ...], tuple[Problem, ...]]:
    """The templates of the staff and, where they have none of that id, the built-in ones; and all problems."""
    own = [calculation for base in content.knowledge_bases for calculation in base.calculations]
    ids = {calculation.id for calculation in own}
    return compile_all([*own, *(item for item in loading.builtin() if item.id not in ids)], unit_names())
