"""Puts entries into the text of a knowledge base and leaves every other character of it alone.

New entries are written as lines below the last one, replaced ones in the lines of the old: the comments and the layout
of the staff stay as they are, and a file of 20,000 entries is not written anew for one more.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from faq.content import ContentError, Entry, Place, Problem
from faq.content.tree import MappingNode, Node, ScalarNode, SequenceNode, compose

_INDENT = 2  # columns before the '-' in a file that has no entry yet
_EMPTY = re.compile(r"^(\s*entries\s*:)\s*\[\s*\]")
_FRAGILE = re.compile("[\t\x85\u2028\u2029\ufeff]")


def new_text(knowledge_base: str, entries: Sequence[Entry]) -> str:
    """The text of a new file."""
    head = _dump({"knowledge_base": knowledge_base}) + "entries:\n"
    return head + "\n".join(_block(entry, _INDENT) for entry in entries)


def changed_text(text: str, path: str, added: Sequence[Entry], replaced: Mapping[str, Entry]) -> str:
    """`text`, which loads, with `added` below its entries and `replaced` (by id) in their place.

    Raises ContentError when the entries are written in brackets and so have no lines of their own.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    layout = _layout(text if text.endswith("\n") else text + newline, path)
    lines = layout.lines
    lines[layout.end : layout.end] = [line.replace("\n", newline) for line in layout.below(added)]
    for start, end, id in reversed(layout.items):
        if id in replaced:
            lines[start:end] = [_block(replaced[id], layout.indent).replace("\n", newline)]
    return "".join(lines)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the entries stand: (start, end, id) of each in `lines`, and the index at which a new one goes."""

    lines: list[str]
    indent: int
    items: tuple[tuple[int, int, str], ...]
    end: int
    key: str = ""  # the line of the key itself, where there is none

    def below(self, entries: Sequence[Entry]) -> list[str]:
        """The text of new entries, a blank line before each if the staff write one."""
        last = self.items[-1][0] if self.items else 0
        gap = [] if len(self.items) > 1 and self.lines[last - 1].strip() else ["\n"]
        lines = [line for entry in entries for line in (*gap, _block(entry, self.indent))]
        return lines if self.items or not lines else [self.key, *lines[1:]]


def _layout(text: str, path: str) -> _Layout:
    root = compose(text, path)
    assert isinstance(root, MappingNode), "the text loads"
    lines = text.splitlines(keepends=True)
    keys = {key.text: (index, key.line - 1, node) for index, (key, node) in enumerate(root.pairs)}
    if root.flow:
        raise _in_brackets(path, root)
    if "entries" not in keys:
        return _Layout(lines, _INDENT, (), _before_remarks(lines, _document_end(lines), 0), "entries:\n")
    index, line, node = keys["entries"]
    assert isinstance(node, SequenceNode), "the text loads"
    if not node.items and (emptied := _EMPTY.sub(r"\1", lines[line])) != lines[line]:
        lines[line] = emptied
        return _Layout(lines, _INDENT, (), line + 1)
    if node.flow:
        raise _in_brackets(path, node)
    after = root.pairs[index + 1][0].line - 1 if index + 1 < len(root.pairs) else _document_end(lines)
    return _block_layout(lines, node, _before_remarks(lines, after, 0))


def _block_layout(lines: list[str], node: SequenceNode, end: int) -> _Layout:
    first = lines[node.line - 1]
    indent = len(first) - len(first.lstrip(" "))
    starts = [_dash(lines, item.line - 1, indent) for item in node.items]
    ends = [_before_remarks(lines, start, indent) for start in (*starts[1:], end)]
    return _Layout(lines, indent, tuple(zip(starts, ends, map(_id, node.items), strict=True)), end)


def _in_brackets(path: str, node: Node) -> ContentError:
    text = "written in brackets, import cannot add lines to it; write it as '- id: …' lines first"
    return ContentError((Problem(Place(path, node.line), text),))


def _id(item: Node) -> str:
    assert isinstance(item, MappingNode), "the text loads"
    return next(value.text.strip() for key, value in item.pairs if key.text == "id" and isinstance(value, ScalarNode))


def _dash(lines: Sequence[str], index: int, indent: int) -> int:
    """The line of the '-' of an item whose first key is at `index`: the same, or above when it stands alone."""
    while not lines[index].startswith(" " * indent + "-"):
        index -= 1
    return index


def _document_end(lines: Sequence[str]) -> int:
    return next((index for index, line in enumerate(lines) if line.rstrip() == "..."), len(lines))


def _before_remarks(lines: Sequence[str], end: int, indent: int) -> int:
    """`end` without the blank lines and comments above it, which belong to what follows.

    A comment is no deeper than `indent`: a deeper '#' may be the text of an answer.
    """
    while not (line := lines[end - 1]).strip() or (line.lstrip(" ").startswith("#") and line.index("#") <= indent):
        end -= 1
    return end


def _block(entry: Entry, indent: int) -> str:
    """One entry as lines, its '-' at column `indent`."""
    valid = {"from": entry.valid_from, "until": entry.valid_until}
    fields = {
        "id": entry.id,
        "question": _styled(entry.question),
        "variants": list(map(_styled, entry.variants)),
        "negatives": list(map(_styled, entry.negatives)),
        "answer": _styled(entry.answer),
        "answers": {platform: _styled(text) for platform, text in entry.answers.items()},
        "valid": {name: day for name, day in valid.items() if day},
        "examples": list(map(_styled, entry.examples)),
    }
    dumped = _dump([{name: value for name, value in fields.items() if value}])
    lines = dumped.split("\n")[:-1]
    return "".join(" " * indent + line[_INDENT:] + "\n" if line.strip() else "\n" for line in lines)


def _styled(text: str) -> str:
    """Several lines as a block after '|'; in double quotes what would not survive in another style."""
    styled: str = text
    if _FRAGILE.search(text):
        styled = DoubleQuotedScalarString(text)
    elif "\n" in text:
        styled = LiteralScalarString(text + "\n")
    return styled


def _dump(value: object) -> str:
    stream, yaml = io.StringIO(), YAML(plug_ins=[])
    yaml.width = 1_000_000  # a text stays in its line
    yaml.indent(mapping=2, sequence=_INDENT + 2, offset=_INDENT)
    yaml.dump(value, stream)
    return stream.getvalue()
