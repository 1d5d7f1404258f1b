"""From what a system says to a sentence of the staff: the fields that were asked for, nothing else."""

from bot.tools.arguments import Values
from bot.tools.requests import fill
from faq.content import Tool

_LONGEST = 500  # characters of one field


def sentence(tool: Tool, values: Values, data: object) -> str | None:
    """The answer for the user; None when a field is missing for which no words are written."""
    picked: dict[str, str] = {}
    for name, path in tool.pick.items():
        found, words = _text(_at(data, path)), tool.words.get(name, {})
        if not found and "" not in words:
            return None
        picked[name] = words.get(found, found)
    return fill(tool.answer, {**values, **picked})


def _at(data: object, path: str) -> object:
    for step in path.split("."):
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step.isdecimal() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def _text(value: object) -> str:
    """A plain value as one line; empty for what is none."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        return ""
    return " ".join("".join(char if char.isprintable() else " " for char in str(value)[:_LONGEST]).split())
