"""Asking for what is missing, one value at a time: a pure state machine whose state is kept with the conversation.

A form begins when a template is found and values are missing; it lives on for a while after its answer, so that the
user
may change a value (改成5年). Whatever does not speak to the form leaves it as it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from faq.calculation.conversion import Quantity
from faq.calculation.expressions import Item
from faq.calculation.filling import Filling, fill
from faq.calculation.reading.folding import fold
from faq.calculation.templates import Template, bound_trouble, default_of
from faq.calculation.values import Value
from faq.content import Input

LIFETIME = timedelta(minutes=30)
_LONG = 12  # characters beside the values that make an answer to the form something else


class Move(StrEnum):
    """What a text does to a form."""

    COMPLETE = "complete"  # every value is there: compute
    ASK = "ask"  # ask for the next value
    REFUSE = "refuse"  # say what is wrong, ask again
    ASIDE = "aside"  # the text is about something else
    RESTART = "restart"
    CANCEL = "cancel"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Form:
    """A template being filled in: what is known, what was asked last, whether it has been answered, and until when."""

    template: str
    values: Mapping[str, Item] = field(default_factory=dict)
    asked: str | None = None
    done: bool = False
    currency: str = "CNY"
    until: datetime = datetime(9999, 1, 1)  # noqa: DTZ001 (local time)

    def as_json(self) -> dict[str, object]:
        """Plain JSON, to be kept with the history."""
        return {
            "template": self.template,
            "values": {name: _freeze(value) for name, value in self.values.items()},
            "asked": self.asked,
            "done": self.done,
            "currency": self.currency,
            "until": self.until.isoformat(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> "Form | None":
        """The form as it was stored, or None when it cannot be read (an older version wrote it)."""
        try:
            values = stored["values"]
            assert isinstance(values, Mapping)
            return cls(
                str(stored["template"]),
                {str(name): _thaw(value) for name, value in values.items()},
                None if stored["asked"] is None else str(stored["asked"]),
                bool(stored["done"]),
                str(stored["currency"]),
                datetime.fromisoformat(str(stored["until"])),
            )
        except (KeyError, ValueError, TypeError, AssertionError, InvalidOperation):
            return None


def _freeze(value: Item) -> list[str]:
    match value:
        case Quantity():
            return ["quantity", str(value.amount), value.unit]
        case bool() | str():
            return ["text", str(value)]
        case Decimal():
            return ["number", str(value)]
        case datetime() | date():
            return ["date", value.isoformat()]
        case time():
            return ["time", value.isoformat()]


def _thaw(stored: object) -> Item:
    assert isinstance(stored, list)
    kind, text, *unit = stored
    if kind == "quantity":
        return Quantity(Decimal(text), unit[0])
    if kind == "number":
        return Decimal(text)
    if kind == "date":
        return date.fromisoformat(text)
    return time.fromisoformat(text) if kind == "time" else str(text)


@dataclass(frozen=True, slots=True)
class Words:
    """What users say to a form, each a list of words of the phrases file."""

    restart: tuple[str, ...]
    cancel: tuple[str, ...]
    change: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormStep:
    """The move, the form after it, the input concerned, and for REFUSE the phrase that says why."""

    move: Move
    form: Form
    item: Input | None = None
    trouble: str = ""
    value: Item | None = None


def begin(template: Template, filling: Filling, now: datetime) -> FormStep:
    """A form for a template that was found, with what the question said already."""
    return _settle(template, Form(template.id, until=now + LIFETIME), filling, now)


def advance(form: Form, template: Template, text: str, values: list[Value], now: datetime, words: Words) -> FormStep:
    """What `text` does to the form. Pure: the same arguments give the same step."""
    if now > form.until:
        return FormStep(Move.EXPIRED, form)
    said = fold(text).strip("。.!！,， ~")
    if _is_one_of(said, words.cancel) and not form.done:
        return FormStep(Move.CANCEL, form)
    if _is_one_of(said, words.restart):
        empty = Form(form.template, until=now + LIFETIME)
        return replace(_settle(template, empty, Filling(), now), move=Move.RESTART)
    filling = fill(template, text, values, asked=None if form.done else form.asked, today=now.date())
    if not _speaks_to(form, said, filling, words):
        return FormStep(Move.ASIDE, form, template.inputs.get(form.asked or ""))
    return _settle(template, replace(form, until=now + LIFETIME), filling, now)


def _is_one_of(said: str, words: tuple[str, ...]) -> bool:
    return any(said == word or (said.startswith(word) and len(said) <= len(word) + 4) for word in words)


def _speaks_to(form: Form, said: str, filling: Filling, words: Words) -> bool:
    """Whether the text answers or changes the form: it has a value, and little beside it but words of change."""
    if filling.wrong:
        return True
    if not filling.items:
        return False
    rest = list(said)
    for start, end in filling.spans.values():
        rest[start:end] = [" "] * len(rest[start:end])
    beside = re.sub(r"[\s\W]+", "", "".join(rest))
    changes = any(word in said for word in words.change)
    if form.done and not changes:
        return False
    question = re.search(r"怎么|为什么|吗|哪|谁|如何|什么|how |why |where |can i", beside)
    return (len(beside) <= _LONG and question is None) or (changes and question is None)


def _settle(template: Template, form: Form, filling: Filling, now: datetime) -> FormStep:
    """Takes the new values that are within bounds, then asks for the first that is missing."""
    values, troubles = dict(form.values), dict.fromkeys(filling.wrong, "no_date")
    form = replace(form, currency=filling.currency or form.currency)
    for name, value in filling.items.items():
        trouble = "two_values" if name in filling.twice else bound_trouble(template.inputs[name], value, now)
        values[name] = value
        if trouble:
            troubles[name] = trouble
    for name in template.inputs:
        if name in troubles:
            kept = {key: value for key, value in values.items() if key not in troubles}
            refused = replace(form, values=kept, asked=name, done=False)
            return FormStep(Move.REFUSE, refused, template.inputs[name], troubles[name], values.get(name))
    missing = next(
        (item for item in template.inputs.values() if item.name not in values and item.default is None), None
    )
    if missing is not None:
        return FormStep(Move.ASK, replace(form, values=values, asked=missing.name, done=False), missing)
    return FormStep(Move.COMPLETE, replace(form, values=values, asked=None, done=True))


def complete(form: Form, template: Template, today: date) -> Mapping[str, Item]:
    """The values with the defaults of what was not said."""
    defaults = {name: default_of(item, today) for name, item in template.inputs.items() if name not in form.values}
    return {**form.values, **{name: value for name, value in defaults.items() if value is not None}}
