"""The arguments of a tool: what a model is told of them, and whether what it wrote may be used.

A model is never asked for what the channel knows (who the user is), and a text with a pattern must stand, whole, in
what the user said: a number that a model makes up is nobody's order.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bot.tools.calling import Fault
from faq.content import Argument, Tool
from faq.text import fold

Value = str | int | float
Values = Mapping[str, Value]

_LONGEST = 200  # characters of a text
_LARGEST = 2**53  # of a number that JSON carries exactly
_LOOSE = re.compile(r"[\s-]")
_TYPES = {"text": "string", "choice": "string", "integer": "integer", "number": "number"}


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as the channel knows it, and all that they said that may be meant.

    A model may have been shown labels for a user's numbers: `restore` gives what they stand for.
    """

    user: str
    platform: str
    said: tuple[str, ...]
    restore: Callable[[str], str] = str

    def told(self, source: str) -> str:
        return {"user": self.user, "platform": self.platform}[source]


def schema(tool: Tool) -> Mapping[str, object]:
    """The arguments that a model fills in, as JSON schema."""
    asked = [argument for argument in tool.arguments if not argument.source]
    return {
        "type": "object",
        "properties": {argument.name: dict(_property(argument)) for argument in asked},
        "required": [argument.name for argument in asked if argument.required],
        "additionalProperties": False,
    }


def needs(tool: Tool, said: str) -> bool:
    """Whether what was said holds a text that this tool asks for by its pattern."""
    patterns = [argument.pattern for argument in tool.arguments if argument.pattern and argument.required]
    return bool(patterns) and all(_bounded(pattern).search(said[:500]) for pattern in patterns)


def read(tool: Tool, written: str, asker: Asker) -> Values | Fault:
    """The values of a call, or what is wrong with it."""
    try:
        given = json.loads(written)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        return Fault(tool.id, "the arguments are no JSON object", _ask(tool))
    asked = {argument.name: argument for argument in tool.arguments if not argument.source}
    if unknown := given.keys() - asked.keys():
        return Fault(tool.id, f"there is no argument {', '.join(sorted(unknown))[:100]}", _ask(tool))
    values: dict[str, Value] = {}
    for argument in asked.values():
        value = given.get(argument.name)
        value = asker.restore(value) if isinstance(value, str) else value
        if value is None or value == "":
            if argument.required:
                return Fault(tool.id, f"{argument.name} is missing", argument.ask, missing=True)
        elif wrong := _wrong(argument, value, asker):
            return Fault(tool.id, f"{argument.name} {wrong}", argument.ask)
        else:
            values[argument.name] = value
    known = {argument.name: asker.told(argument.source) for argument in tool.arguments if argument.source}
    return {**values, **known}


def _property(argument: Argument) -> Iterator[tuple[str, object]]:
    yield "type", _TYPES[argument.type]
    if argument.about:
        yield "description", argument.about
    if argument.pattern:
        yield "pattern", f"^(?:{argument.pattern})$"
    if argument.choices:
        yield "enum", list(argument.choices)
    if argument.minimum is not None:
        yield "minimum", argument.minimum
    if argument.maximum is not None:
        yield "maximum", argument.maximum


def _wrong(argument: Argument, value: object, asker: Asker) -> str:
    """What keeps a value from being used; empty when nothing does."""
    if argument.type in ("integer", "number"):
        return _wrong_number(argument, value)
    if not isinstance(value, str):
        return "must be a string"
    if argument.type == "choice":
        return "" if value in argument.choices else f"must be one of {', '.join(argument.choices)}"
    if len(value) > _LONGEST or not value.isprintable() or value.strip(" .") == "":
        return f"must be a text of at most {_LONGEST} characters"
    if argument.pattern and not re.fullmatch(argument.pattern, value):
        return f"must match {argument.pattern}"
    if argument.pattern and not _was_said(value, asker.said):
        return "was not said by the user"
    return ""


def _wrong_number(argument: Argument, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int if argument.type == "integer" else int | float):
        return f"must be of type {argument.type}"
    if not math.isfinite(value) or abs(value) > _LARGEST:
        return "is too large"
    low, high = argument.minimum, argument.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        return f"must be from {low} to {high}"
    return ""


def _was_said(value: str, said: tuple[str, ...]) -> bool:
    """Whether a text stands in what was said, whole; spaces and hyphens within it do not matter."""
    plain, bare = fold(value), _LOOSE.sub("", fold(value))
    return any(
        _stands(plain, text) or _stands(bare, _LOOSE.sub("", text)) for text in map(fold, said) if plain and bare
    )


def _stands(value: str, text: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(value)}(?![a-z0-9])", text) is not None


def _bounded(pattern: str) -> re.Pattern[str]:
    """A pattern that finds no part of a longer number or word."""
    return re.compile(rf"(?<![A-Za-z0-9])(?:{pattern})(?![A-Za-z0-9])")


def _ask(tool: Tool) -> str:
    """What a user is asked when nothing can be made of a call."""
    return next((argument.ask for argument in tool.arguments if argument.ask and argument.required), "")
