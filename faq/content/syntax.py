"""What libyaml's complaints mean to someone who writes answers, not YAML: the line to look at and the remedy."""

import re
from collections.abc import Sequence

import yaml

_QUOTES = "put the whole text in 'single quotes'"
_REMEDIES = (
    ("tab", "a tab character in the indentation; indent with spaces"),
    ("mapping values are not allowed", f"a second ': ' in one line; {_QUOTES}, or check the indentation"),
    (
        "sequence entries are not allowed",
        f"'- ' after a key in one line; start the list on the next line, or {_QUOTES}",
    ),
    ("escape character", "a backslash in double quotes; use 'single quotes' or write it twice"),
    ("escaped character", "a backslash in double quotes; use 'single quotes' or write it twice"),
    ("invalid Unicode character", "this escape is not a character; write the character itself"),
    ("a quoted scalar", "a quote is opened here and never closed; close it, or double a quote inside the text"),
    (
        "flow sequence",
        "'[' is opened here and never closed, or a comma is missing; a text beginning with '[' needs quotes",
    ),
    (
        "flow mapping",
        "'{' is opened here and never closed, or a comma is missing; a text beginning with '{' needs quotes",
    ),
    ("expected node content", "a value is missing, or a bracket is opened before this and never closed"),
    ("an alias", f"a text cannot begin with '*'; {_QUOTES}"),
    ("an anchor", f"a text cannot begin with '&'; {_QUOTES}"),
    ("a tag", f"a text cannot begin with '!'; {_QUOTES}"),
    ("a directive", f"a line cannot begin with '%'; {_QUOTES}"),
    ("cannot start any token", f"a text cannot begin with this character; {_QUOTES}"),
    ("a block scalar", "after '|' or '>' the text starts on the next line, indented with spaces"),
    ("could not find expected ':'", "a key without ': '; write 'key: text' with a half-width colon and a space"),
    (
        "expected '-' indicator",
        "this line is not part of the list above; check its indentation, or begin it with '- ' under the other items'",
    ),
    ("expected key", "not a 'key: text' line; check the indentation, and that nothing follows a closing quote"),
)
_OPENED = ("a quoted scalar", "flow sequence", "flow mapping", "could not find expected ':'")
_FULL_WIDTH_COLON = re.compile(r"\s*(?:- )?[\w-]+：")
_NO_SPACE = re.compile(r"\s*(?:- )?[a-z_]+:[^\s/]")


def explain(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> tuple[int, str]:
    """(line from 1, what is wrong and what to write instead) of a syntax error in the text of `lines`."""
    line = min(_line(error), len(lines))
    for nearby in (line, line - 1):  # a key without a colon is noticed one line later
        if hint := _colon(lines, nearby):
            return nearby, hint
    said = f"{error.context or ''} {error.problem or ''}"
    remedy = next((remedy for part, remedy in _REMEDIES if part in said), "not YAML; check quotes and indentation")
    if tabbed := _tab(lines, line):
        return tabbed, _REMEDIES[0][1]
    return line, f"{remedy} ({error.problem})"


def _line(error: yaml.MarkedYAMLError) -> int:
    """Where the mistake is, which for something never closed is where it was opened."""
    opened = any(part in f"{error.context} {error.problem}" for part in _OPENED)
    mark = error.context_mark if opened and error.context_mark else error.problem_mark
    return int(mark.line) + 1 if mark else 1


def _colon(lines: Sequence[str], line: int) -> str:
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    if _FULL_WIDTH_COLON.match(text):
        return "the colon '：' is full-width; write ': ' (half-width, then a space)"
    return "no space after the colon; write 'key: text'" if _NO_SPACE.match(text) else ""


def _tab(lines: Sequence[str], line: int) -> int:
    """The line, this one or the one before, whose indentation holds a tab; 0 if none."""
    for nearby in (line, line - 1):
        if 0 < nearby <= len(lines) and "\t" in lines[nearby - 1][: -len(lines[nearby - 1].lstrip()) or None]:
            return nearby
    return 0
