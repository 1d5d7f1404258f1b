"""The `calculations:` of a knowledge base, read strictly into plain values. Formulas stay text."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from faq.content.model import INPUT_TYPES, Calculation, Input
from faq.content.reading import ANSWER_LIMIT, Fields, read_items, read_text
from faq.content.tree import MappingNode, Node, ScalarNode

_KEYS = "id question variants inputs tiers formula answer"
_INPUT_KEYS = "type ask min max default unit choices"
_NAME = re.compile("[a-z][a-z0-9_]{0,31}")
_SLOT = re.compile(r"\{([^{}]*)\}")
_RESERVED = frozenset(("result", "working"))
_FORMULA_LIMIT = 2_000  # characters
_FORMS = {
    "percent": (re.compile(r"-?[0-9]+(\.[0-9]+)?%|0"), "a percentage such as 4.35%"),
    "date": (re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}|today"), "a date such as 2026-01-31, or today"),
    "time": (re.compile("([01][0-9]|2[0-3]):[0-5][0-9]"), "a time in quotes such as '09:30'"),
}
_TIERS_FORM = "name: [{up_to: 36000, value: 3%}, {value: 10%}]"
_TIER_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?%?")
_NUMBER = (re.compile(r"-?[0-9]+(\.[0-9]+)?"), "a number")


def read_calculations(fields: Fields, knowledge_base: str) -> Iterator[Calculation]:
    for node in fields.items("calculations"):
        yield _calculation(Fields(node, "a calculation", _KEYS, fields.report), knowledge_base)


def _calculation(fields: Fields, knowledge_base: str) -> Calculation:
    id = fields.id("id", "write a short unique name such as monthly-payment")
    question = fields.text(
        "question", missing="write it with a slot for each value, such as 贷款{principal}每月还多少？"
    )
    variants = fields.texts("variants")
    inputs = tuple(_inputs(fields))
    formula = fields.text("formula", _FORMULA_LIMIT, missing="write it with the names of the inputs")
    answer = fields.text("answer", ANSWER_LIMIT, missing="write it with {result}, such as 每月还款 {result:money}。")
    names = {item.name for item in inputs}
    for text, line in ((question, fields.line_of("question")), *variants):
        _check_slots(text, line, names, fields)
    return Calculation(
        id=id,
        knowledge_base=knowledge_base,
        question=question,
        variants=tuple(text for text, _ in variants),
        inputs=inputs,
        formula=formula,
        answer=answer,
        place=fields.report.place(fields.line),
        lines={**dict(variants), question: fields.line_of("question"), "formula": fields.line_of("formula")},
        tiers={name.text: tuple(_rows(node, name.text, fields)) for name, node in fields.pairs("tiers", _TIERS_FORM)},
    )


def _rows(node: Node, name: str, fields: Fields) -> Iterator[tuple[Decimal | None, Decimal]]:
    """The rows of one table, limits rising, only the last without one."""
    items = read_items(node, name, fields.report)
    before: Decimal | None = None
    for at, item in enumerate(items):
        row = Fields(item, f"a row of {name}", "up_to value", fields.report)
        limit, value = _row_number(row, "up_to"), _row_number(row, "value")
        if value is None:
            fields.report.add(item.line, f"a row of {name} has no value; write {{up_to: 36000, value: 3%}}")
            continue
        if (limit is None) != (at == len(items) - 1) or (limit is not None and before is not None and limit <= before):
            fields.report.add(item.line, f"the limits of {name} must rise, and only the last row has none")
        before = limit
        yield limit, value


def _row_number(row: Fields, key: str) -> Decimal | None:
    if key not in row:
        return None
    node = row.node(key)
    text = node.text.strip() if isinstance(node, ScalarNode) else ""
    if not _TIER_NUMBER.fullmatch(text):
        row.report.add(node.line, f"{key} must be a number or a percentage such as 3%")
        return None
    return Decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1)


def _check_slots(text: str, line: int, names: set[str], fields: Fields) -> None:
    for slot in _SLOT.findall(text):
        if slot not in names:
            fields.report.add(
                line, f"{{{slot}}} is not one of the inputs; they are {', '.join(sorted(names)) or 'none'}"
            )


def _inputs(fields: Fields) -> Iterator[Input]:
    for name, node in fields.pairs("inputs", "name: {type: …, ask: …}"):
        if not _NAME.fullmatch(name.text) or name.text in _RESERVED:
            fields.report.add(name.line, f"{name.text[:40]!r} cannot name an input; write a-z, digits and '_'")
        yield _input(name.text, Fields(node, f"input {name.text}", _INPUT_KEYS, fields.report))


def _input(name: str, fields: Fields) -> Input:
    kind = fields.text("type", missing=f"write one of {', '.join(INPUT_TYPES)}")
    if kind and kind not in INPUT_TYPES:
        fields.report.add(
            fields.line_of("type"), f"type {kind[:40]!r} is unknown; write one of {', '.join(INPUT_TYPES)}"
        )
    if "ask" not in fields and "default" not in fields:
        fields.report.add(fields.line, f"input {name} has no ask; write the sentence that asks for it, or a default")
    item = Input(
        name=name,
        type=kind,
        ask=fields.text("ask"),
        minimum=_value(fields, "min", kind),
        maximum=_value(fields, "max", kind),
        default=_value(fields, "default", kind),
        unit=fields.text("unit"),
        choices=dict(_choices(fields, kind)),
        place=fields.report.place(fields.line),
    )
    _check_range(item, fields)
    return item


def _value(fields: Fields, key: str, kind: str) -> Decimal | str | None:
    """A bound or default in the form its type has; None when absent or wrong."""
    if key not in fields:
        return None
    node = fields.node(key)
    if kind in ("choice", "unit", "currency") or kind not in INPUT_TYPES:
        return fields.text(key) or None
    pattern, form = _FORMS.get(kind, _NUMBER)
    text = node.text.strip() if isinstance(node, ScalarNode) else ""
    if not pattern.fullmatch(text) or (kind == "date" and not _is_day(text)):
        fields.report.add(node.line, f"{key} of a {kind} must be {form}")
        return None
    if kind in ("date", "time"):
        return text
    return Decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1)


def _is_day(text: str) -> bool:
    try:
        return text == "today" or bool(date.fromisoformat(text))
    except ValueError:
        return False


def _choices(fields: Fields, kind: str) -> Iterator[tuple[str, str]]:
    """label -> value as written; a list gives each label itself as its value."""
    if ("choices" in fields) != (kind == "choice"):
        remedy = "write them as [标准, 加急] or {标准: 5, 加急: 12}" if kind == "choice" else "only a choice has them"
        fields.report.add(fields.line_of("choices"), f"choices: {remedy}")
    if "choices" not in fields:
        return
    if isinstance(fields.node("choices"), MappingNode):
        for label, node in fields.pairs("choices", "label: value"):
            yield label.text, _choice_value(node, label.text, fields)
        return
    for item in read_items(fields.node("choices"), "choices", fields.report):
        text = read_text(item, "a choice", fields.report)
        yield text, text


def _choice_value(node: Node, label: str, fields: Fields) -> str:
    if isinstance(node, ScalarNode) and _NUMBER[0].fullmatch(node.text):
        return node.text
    return read_text(node, f"the value of {label}", fields.report)


def _check_range(item: Input, fields: Fields) -> None:
    low, high, start = item.minimum, item.maximum, item.default
    if item.type == "choice":
        if start is not None and start not in item.choices:
            fields.report.add(fields.line_of("default"), f"default {start!r} is not one of the choices")
        if low is not None or high is not None:
            fields.report.add(fields.line, "a choice has no min or max; delete them")
    elif _after(low, high):
        fields.report.add(fields.line_of("max"), f"max {high} is below min {low}; exchange or correct them")
    elif _after(low, start) or _after(start, high):
        fields.report.add(fields.line_of("default"), f"default {start} is outside min and max")


def _after(first: Decimal | str | None, second: Decimal | str | None) -> bool:
    """Whether two values of one form are in the wrong order; a date against `today` is not judged."""
    if isinstance(first, Decimal) and isinstance(second, Decimal):
        return first > second
    return isinstance(first, str) and isinstance(second, str) and "today" not in (first, second) and first > second
