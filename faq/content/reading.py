"""Reads the keys of a node, each by the type it must have; what is wrong is collected, never raised.

A wrong value reads as an empty one, so that one mistake does not hide the next.
"""

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from faq.content.model import Place, Problem
from faq.content.tree import MappingNode, Node, ScalarNode, SequenceNode

QUESTION_LIMIT = 1_000  # characters
ANSWER_LIMIT = 20_000
ID_LIMIT = 128

_ID = re.compile(rf"\w[\w./:-]{{0,{ID_LIMIT - 1}}}")
_PLATFORM = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_NOT_TEXT = (
    ("a number", _NUMBER),
    ("yes or no", re.compile("true|True|TRUE|false|False|FALSE")),
    ("nothing", re.compile("~|null|Null|NULL")),
)


@dataclass(frozen=True, slots=True)
class Report:
    """The problems of one file, in the order found."""

    path: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, line: int, text: str) -> None:
        self.problems.append(Problem(Place(self.path, line), text))

    def place(self, line: int) -> Place:
        return Place(self.path, line)


def fault(text: str, limit: int) -> str:
    """What keeps a text out of the content, with the remedy; '' when nothing does."""
    if found := _CONTROL.search(text):
        return f"holds the invisible character U+{ord(found[0]):04X}; delete it"
    if len(text) > limit:
        return f"is {len(text)} characters long; {limit} at most, shorten or split it"
    return ""


def id_fault(text: str) -> str:
    """As `fault`, for ids."""
    if _ID.fullmatch(text):
        return ""
    return f"{text[:40]!r} is not an id; write letters, digits and '-', such as reset-password (at most {ID_LIMIT})"


def knowledge_base_fault(text: str) -> str:
    """As `fault`, for names of knowledge bases, which are names of files too."""
    return id_fault(text) or ("holds '/' or ':'; write '-' instead" if re.search("[/:]", text) else "")


def platform_fault(name: str) -> str:
    """As `fault`, for the names of platforms."""
    return "" if _PLATFORM.fullmatch(name) else f"{name[:40]!r} is not a platform's name; write one such as wechat"


def read_text(node: Node, what: str, report: Report, limit: int = QUESTION_LIMIT) -> str:
    """The text of a scalar, stripped; '' when it is wrong. `what` names it in the problem."""
    if not isinstance(node, ScalarNode):
        report.add(node.line, f"{what} {_not_one_text(node)}")
        return ""
    text = node.text.strip()
    if not text:
        report.add(node.line, f"{what} is empty; write a text or delete it")
    elif kind := _mistaken_type(node):
        report.add(node.line, f"{what} is {kind} to YAML; write it in quotes: '{text}'")
    elif wrong := fault(text, limit):
        report.add(node.line, f"{what} {wrong}")
    else:
        return text
    return ""


def read_items(node: Node, what: str, report: Report) -> tuple[Node, ...]:
    """The items of a list; () when it is none."""
    if not isinstance(node, SequenceNode):
        written = node.text[:20] if isinstance(node, ScalarNode) and node.text else "…"
        report.add(node.line, f"{what} must be a list; write [{written}], or one '- ' line for each item")
        return ()
    return node.items


def _not_one_text(node: MappingNode | SequenceNode) -> str:
    if node.flow:
        return "must be one text; a text that begins with '{' or '[' needs quotes"
    if isinstance(node, MappingNode):
        return "must be one text; a text with ': ' in it needs quotes"
    return "must be one text, not a list"


def _mistaken_type(node: ScalarNode) -> str:
    if not node.plain:
        return ""
    return next((kind for kind, pattern in _NOT_TEXT if pattern.fullmatch(node.text)), "")


class Fields:
    """The keys of one mapping. Unknown and repeated keys are reported at once, the values as they are read."""

    def __init__(self, node: Node, what: str, known: str, report: Report) -> None:
        self.line = node.line
        self.what = what
        self.report = report
        self._values: dict[str, Node] = {}
        self._mistyped: set[str] = set()  # known keys that an unknown one was meant to be: not missing as well
        if isinstance(node, MappingNode):
            self._take(node, known.split())
        else:
            self._mistyped.update(known.split())
            report.add(
                node.line, f"{what} must be 'key: text' lines; the keys are {', '.join(known.split())}{_colon(node)}"
            )

    def _take(self, node: MappingNode, known: list[str]) -> None:
        for key, value in node.pairs:
            if key.text not in known:
                self._refuse(key, known)
            elif key.text in self._values:
                self.report.add(key.line, f"{key.text} is written twice in {self.what}; keep one")
            else:
                self._values[key.text] = value

    def _refuse(self, key: ScalarNode, known: list[str]) -> None:
        close = difflib.get_close_matches(key.text.lower(), known, n=1, cutoff=0.5)
        self._mistyped.update(close)
        remedy = f"did you mean {close[0]}?" if close else f"the keys are {', '.join(known)}"
        self.report.add(key.line, f"unknown key {key.text[:40]!r} in {self.what}; {remedy}")

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def node(self, key: str) -> Node:
        return self._values[key]

    def line_of(self, key: str) -> int:
        return self._values[key].line if key in self else self.line

    def text(self, key: str, limit: int = QUESTION_LIMIT, missing: str = "") -> str:
        """A text; '' when absent. `missing` says what to write when it may not be absent."""
        if key in self:
            return read_text(self._values[key], key, self.report, limit)
        if missing and key not in self._mistyped:
            self.report.add(self.line, f"{key} is missing in {self.what}; {missing}")
        return ""

    def id(self, key: str, missing: str, check: Callable[[str], str] = id_fault) -> str:
        text = self.text(key, missing=missing)
        if text and (wrong := check(text)):
            self.report.add(self.line_of(key), f"{key} {wrong}")
            return ""
        return text

    def items(self, key: str) -> tuple[Node, ...]:
        return read_items(self._values[key], key, self.report) if key in self else ()

    def texts(self, key: str) -> tuple[tuple[str, int], ...]:
        """(text, line) of each item of a list of texts."""
        read = ((read_text(item, f"an item of {key}", self.report), item.line) for item in self.items(key))
        return tuple((text, line) for text, line in read if text)

    def pairs(self, key: str, what: str) -> Iterator[tuple[ScalarNode, Node]]:
        """The pairs of a mapping whose keys the staff choose."""
        if key not in self:
            return
        node = self._values[key]
        if not isinstance(node, MappingNode) or not node.pairs:
            self.report.add(node.line, f"{key} must be '{what}' lines{_colon(node)}")
            return
        seen: set[str] = set()
        for name, value in node.pairs:
            if name.text in seen:
                self.report.add(name.line, f"{name.text} is written twice in {key}; keep one")
            seen.add(name.text)
            yield name, value

    def date(self, key: str) -> date | None:
        text = self.text(key)
        if not text:
            return None
        if not _DATE.fullmatch(text):
            self.report.add(self.line_of(key), f"{key} {text[:40]!r} is not a date; write it as 2026-01-31")
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.report.add(self.line_of(key), f"{key} {text} is no day of the calendar; write one that exists")
            return None

    def number(self, key: str) -> float | None:
        """A number; None when absent or wrong."""
        if key not in self:
            return None
        node = self._values[key]
        if isinstance(node, ScalarNode) and node.plain and _DECIMAL.fullmatch(node.text):
            return float(node.text)
        self.report.add(node.line, f"{key} must be a number, such as 0.05")
        return None


def _colon(node: Node) -> str:
    if isinstance(node, ScalarNode) and "：" in node.text:
        return " (the colon '：' is full-width; write ': ')"
    return ""
