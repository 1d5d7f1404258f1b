"""Puts the values read from a text into the inputs of a template: by type, by what stands beside them, by order."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from faq.calculation import arithmetic
from faq.calculation.expressions import Item
from faq.calculation.items import as_item
from faq.calculation.reading.folding import fold
from faq.calculation.reading.measures import bare_units
from faq.calculation.reading.units import MEANT
from faq.calculation.templates import Template, written
from faq.calculation.values import Type, Value
from faq.content import Input

_SLOT = re.compile(r"\{([a-z0-9_]+)\}")
_OR = re.compile(r"[\s,，]*(?:还是|或者?|or)[\s,，]*")
_CONTEXT = 3  # characters beside a slot that are compared


@dataclass(frozen=True, slots=True)
class Filling:
    """Values of inputs, the spans they were read from, values that fit nowhere, and inputs said twice differently."""

    items: Mapping[str, Item] = field(default_factory=dict)
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    left: tuple[Value, ...] = ()
    twice: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()  # inputs whose value does not exist, such as 2月30日
    currency: str = ""  # of the money that was said; empty when none was named


def fill(
    template: Template, text: str, values: Iterable[Value], asked: str | None = None, today: date | None = None
) -> Filling:
    """What `text` says of the inputs of `template`; `asked` is the input it answers, which then may be a
    bare number.
    """
    items: dict[str, Item] = {}
    spans: dict[str, tuple[int, int]] = {}
    _fill_named(template, text, items, spans, today or date.min)
    free = [
        value for value in values if not any(start < value.end and value.start < end for start, end in spans.values())
    ]
    slots = [item for item in template.inputs.values() if item.name not in items]
    offers = list(_offers(template, text, free, slots, asked))
    taken: set[int] = set()
    for offer in sorted(offers, key=lambda offer: (-offer.fitness, offer.order)):
        if offer.order not in taken and offer.name not in items:
            taken.add(offer.order)
            value = free[offer.order]
            items[offer.name], spans[offer.name] = offer.value, (value.start, value.end)
    left = tuple(value for order, value in enumerate(free) if order not in taken)
    wrong = tuple(item.name for item in slots if item.type in {"date", "time"} and any(map(_is_no_date, free)))
    twice = (*_said_twice(template, left, items, text, asked), *_alternatives(template, left, items, spans, text))
    return Filling(items, spans, left, twice, wrong, _currency_of(template, free, taken, items))


def _alternatives(
    template: Template,
    left: tuple[Value, ...],
    items: Mapping[str, Item],
    spans: Mapping[str, tuple[int, int]],
    text: str,
) -> Iterator[str]:
    """Inputs given as one value or another: 10万还是20万."""
    for name, (start, end) in spans.items():
        for value in left:
            between = text[end : value.start] if end <= value.start else text[value.end : start]
            if _OR.fullmatch(between) and as_item(template.inputs[name], value, text, True) not in (None, items[name]):
                yield name


def _currency_of(template: Template, free: list[Value], taken: set[int], items: Mapping[str, Item]) -> str:
    """The currency of the money in the inputs; yuan and a foreign currency together are `mixed`."""
    money = any(template.inputs[name].type == "money" and template.inputs[name].unit != "any" for name in items)
    units = (
        {MEANT.get(free[at].unit, free[at].unit) for at in taken if free[at].type is Type.CURRENCY} if money else set()
    )
    return "mixed" if len(units) > 1 else next(iter(units), "")


@dataclass(frozen=True, slots=True)
class _Offer:
    """A value that could fill an input, and how well."""

    fitness: float
    order: int
    name: str
    value: Item


def _offers(
    template: Template, text: str, free: list[Value], slots: list[Input], asked: str | None
) -> Iterator[_Offer]:
    for order, value in enumerate(free):
        for place, item in enumerate(slots):
            taken = as_item(item, value, text, asked == item.name)
            if taken is not None:
                yield _Offer(_fitness(template, item, value, text, asked, order, place), order, item.name, taken)


def _is_no_date(value: Value) -> bool:
    """2月30日 is read as a date that does not exist."""
    return value.value is None and value.type in {Type.DATE, Type.DATETIME, Type.TIME}


def _said_twice(
    template: Template, left: tuple[Value, ...], items: Mapping[str, Item], text: str, asked: str | None
) -> tuple[str, ...]:
    """The asked input, when the text holds a second value for it (3年还是5年)."""
    if asked is None or asked not in items:
        return ()
    others = (as_item(template.inputs[asked], value, text, True) for value in left)
    return (asked,) if any(other is not None and other != items[asked] for other in others) else ()


def _fill_named(
    template: Template, text: str, items: dict[str, Item], spans: dict[str, tuple[int, int]], today: date
) -> None:
    """Choices, units and arithmetic, which are words rather than read values."""
    for item in template.inputs.values():
        if item.type == "choice":
            label = next((label for label in sorted(item.choices, key=len, reverse=True) if label in text), None)
            if label is not None:
                items[item.name], spans[item.name] = (
                    written(item, label, today),
                    (text.index(label), text.index(label) + len(label)),
                )
        elif item.type == "expression" and (found := arithmetic.find(text)) is not None:
            items[item.name], spans[item.name] = found.formula, (found.start, found.end)
        elif item.type == "unit" and (unit := target_unit(text)) is not None:
            start, end, items[item.name] = unit
            spans[item.name] = (start, end)


_TIMES = {
    "秒": "second", "分钟": "minute", "小时": "hour", "天": "day", "周": "week", "星期": "week", "个月": "month",
    "年": "year",
    "seconds": "second", "minutes": "minute", "hours": "hour", "days": "day", "weeks": "week", "months": "month",
    "years": "year",
}  # fmt: skip
_TIME = re.compile("|".join(_TIMES))
_TARGET = re.compile(
    r"(?:多少个?|几个?|换成|换算成|转换?成|转换为|换算为|折合(?:成)?|合|等于|是|为|how many|to|in|into|=)\s*(?:多少"
    r"|几)?\s*(?:个|degrees? )?\s*$"
)

_LEAD = 24  # characters before a unit in which it may be asked for


def target_unit(text: str) -> tuple[int, int, str] | None:
    """The unit asked for and where: 是多少米, to fahrenheit, 换成斤."""
    folded = fold(text)
    times = ((match.start(), match.end(), _TIMES[match.group()]) for match in _TIME.finditer(folded))
    named = (unit for unit in (*bare_units(folded), *times) if _TARGET.search(folded, max(0, unit[0] - _LEAD), unit[0]))
    return next(named, None)


def _fitness(
    template: Template, item: Input, value: Value, text: str, asked: str | None, order: int, place: int
) -> float:
    """How well a value fits an input: asked for, of the very type, beside the words of the slot, in order."""
    score = 0.0
    if asked == item.name:
        score += 3
    exact = {
        "money": Type.CURRENCY,
        "percent": Type.PERCENTAGE,
        "duration": Type.DURATION,
        "count": Type.NUMBER,
        "number": Type.NUMBER,
    }
    score += 1.5 if exact.get(item.type) is value.type else 0
    score += max((_beside(phrasing, item.name, value, text) for phrasing in template.calculation.phrasings), default=0)
    return score - 0.1 * abs(order - place)


def _beside(phrasing: str, name: str, value: Value, text: str) -> float:
    """How many characters agree with the phrasing directly before and after the slot."""
    for match in _SLOT.finditer(phrasing):
        if match[1] != name:
            continue
        before = _common(phrasing[: match.start()][::-1], text[: value.start][::-1])
        after = _common(phrasing[match.end() :], text[value.end :])
        return before + 0.5 * after
    return 0


def _common(first: str, second: str) -> int:
    count = 0
    for one, other in zip(first[:_CONTEXT], second[:_CONTEXT], strict=False):
        if one != other:
            break
        count += 1
    return count
