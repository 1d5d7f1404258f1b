"""What the staff guide shows is what the staff get."""

import re
from pathlib import Path

import pytest

from faq.content import Content, ContentError, KnowledgeBase, assemble, parse
from faq.expectations import read_expectations

_GUIDE = Path(__file__).parent.parent / "docs/zh/staff-guide.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _blocks(language: str) -> list[str]:
    return [text for name, text in _BLOCK.findall(_GUIDE.read_text(encoding="utf-8")) if name == language]


def _file(knowledge_base: str) -> str:
    return next(text for text in _blocks("yaml") if text.startswith(f"knowledge_base: {knowledge_base}\n"))


@pytest.mark.parametrize("name", ["parking", "loans"])
def test_example_files_are_valid(name: str) -> None:
    """A knowledge base copied from the guide is accepted as it stands."""
    assert parse(_file(name), f"{name}.yaml").id == name


def test_fragments_are_valid() -> None:
    """The fragments that explain single keys fit into an entry."""
    fragments = [text for text in _blocks("yaml") if text.startswith(("answer:", "valid:"))]
    assert len(fragments) == 3
    for fragment in fragments:
        entry = _entry(fragment if fragment.startswith("answer") else f"answer: 好的。\n{fragment}")
        assert len(entry.entries) == 1


def _entry(fields: str) -> KnowledgeBase:
    head = "knowledge_base: shop\nentries:\n  - id: one\n    question: 几点开门？\n"
    return parse(head + "".join(f"    {line}\n" for line in fields.splitlines()), "shop.yaml")


def test_mistakes_are_reported_as_shown() -> None:
    """The wrong file of the guide gives the messages printed below it, word for word."""
    with pytest.raises(ContentError) as raised:
        assemble({"shop.yaml": _file("shop")})
    assert [str(problem) for problem in raised.value.problems] == _blocks("text")[0].splitlines()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("knowledge_base: a\nentries:\n  - id: a\n    question：怎么付款？\n", "the colon '：' is full-width"),
        ("knowledge_base: a\ntitle: 电话: 1\n", "a second ': ' in one line"),
        ("knowledge_base: a\nentries:\n\t- id: a\n", "a tab character in the indentation"),
        ("knowledge_base: a\ndocuments: [a.md, b.md\n", "'[' is opened here and never closed"),
    ],
)
def test_syntax_mistakes_are_reported_as_shown(text: str, message: str) -> None:
    """Each mistake of the guide's table gives the message of its first column."""
    assert f"| `{message}" in _GUIDE.read_text(encoding="utf-8")
    with pytest.raises(ContentError, match=re.escape(message)):
        parse(text, "a.yaml")


def test_the_table_of_expectations_is_read_as_shown() -> None:
    """The CSV of the guide fits its parking example, and the mistake below it is told word for word."""
    taught = Content((parse(_file("parking"), "parking.yaml"),), "guide")
    (table,) = _blocks("csv")
    assert [row.expected for row in read_expectations(table.encode(), "asked.csv", taught)] == [
        *("parking/parking-fee", "parking/parking-booking", "none"),
    ]
    with pytest.raises(ContentError) as raised:
        read_expectations(table.replace("parking-fee", "parking-free").encode(), "asked.csv", taught)
    assert f"{raised.value}\n" in _blocks("console")
