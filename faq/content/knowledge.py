"""What one knowledge-base file may hold, read strictly from its nodes."""

from collections.abc import Iterator
from datetime import date
from pathlib import PurePosixPath

from faq.content.calculations import read_calculations
from faq.content.model import Entry, Intent, KnowledgeBase
from faq.content.reading import ANSWER_LIMIT, Fields, Report, knowledge_base_fault, platform_fault, read_text
from faq.content.tools import read_tools
from faq.content.tree import Node, SequenceNode
from faq.text import normalise

_FILE_KEYS = "knowledge_base title entries synonyms intents calculations tools documents wrong_answers"
_ENTRY_KEYS = "id question variants negatives answer answers valid examples"
_ID_MISSING = "write a short unique name such as reset-password"


def read_knowledge_base(node: Node, report: Report) -> KnowledgeBase:
    """Everything in one file; wrong parts read as empty ones and are in the report."""
    fields = Fields(node, "the file", _FILE_KEYS, report)
    id = fields.id("knowledge_base", "write 'knowledge_base: name' at the top", knowledge_base_fault)
    return KnowledgeBase(
        id=id,
        title=fields.text("title") or id,
        entries=tuple(_entry(item, id, report) for item in fields.items("entries")),
        synonyms=tuple(_synonyms(fields)),
        intents=tuple(_intent(item, report) for item in fields.items("intents")),
        calculations=tuple(read_calculations(fields, id)),
        documents=tuple(_documents(fields)),
        wrong_answers=_share(fields),
        place=report.place(fields.line_of("knowledge_base")),
        tools=tuple(read_tools(fields, id)),
    )


def _entry(node: Node, knowledge_base: str, report: Report) -> Entry:
    fields = Fields(node, "an entry", _ENTRY_KEYS, report)
    id = fields.id("id", _ID_MISSING)
    question = fields.text("question", missing="write the question as a customer would ask it")
    variants, negatives, examples = (fields.texts(key) for key in ("variants", "negatives", "examples"))
    answer = fields.text("answer", ANSWER_LIMIT, missing="write the answer that customers get")
    valid_from, valid_until = _valid(fields)
    for text, line in ((question, fields.line_of("question")), *variants):
        if text and not normalise(text):
            report.add(line, f"{text[:40]!r} has no letter or digit that could be compared; write it in words")
    return Entry(
        id=id,
        knowledge_base=knowledge_base,
        question=question,
        variants=tuple(text for text, _ in variants),
        negatives=tuple(text for text, _ in negatives),
        answer=answer,
        answers=_answers(fields),
        valid_from=valid_from,
        valid_until=valid_until,
        examples=tuple(text for text, _ in examples),
        place=report.place(fields.line),
        lines={**dict((*examples, *negatives, *variants)), question: fields.line_of("question")},
    )


def _valid(fields: Fields) -> tuple[date | None, date | None]:
    if "valid" not in fields:
        return None, None
    days = Fields(fields.node("valid"), "valid", "from until", fields.report)
    first, last = days.date("from"), days.date("until")
    if first and last and first > last:
        fields.report.add(days.line_of("until"), f"valid until {last} is before from {first}; exchange or correct them")
    return first, last


def _answers(fields: Fields) -> dict[str, str]:
    answers = {}
    for platform, node in fields.pairs("answers", "platform: text"):
        if wrong := platform_fault(platform.text):
            fields.report.add(platform.line, wrong)
        answers[platform.text] = read_text(node, f"the answer for {platform.text}", fields.report, ANSWER_LIMIT)
    return answers


def _synonyms(fields: Fields) -> Iterator[tuple[str, ...]]:
    """Groups of words; a word in two groups would mean both, so it is refused."""
    seen: dict[str, int] = {}
    for node in fields.items("synonyms"):
        if not isinstance(node, SequenceNode) or len(node.items) < 2:
            fields.report.add(node.line, "a group of synonyms is a list of two words or more, such as [快递, 包裹]")
            continue
        group = tuple((read_text(item, "a synonym", fields.report), item.line) for item in node.items)
        for word, line in group:
            if (key := normalise(word)) in seen:
                fields.report.add(line, f"{word!r} is already a synonym at line {seen[key]}; one word, one group")
            seen[key or word] = line
        yield tuple(word for word, _ in group)


def _intent(node: Node, report: Report) -> Intent:
    fields = Fields(node, "an intent", "id examples", report)
    id = fields.id("id", "write a short unique name such as complaint")
    if "examples" not in fields:
        report.add(fields.line, "examples is missing in an intent; write what customers say who mean it")
    return Intent(id, tuple(text for text, _ in fields.texts("examples")), report.place(fields.line))


def _documents(fields: Fields) -> Iterator[str]:
    for pattern, line in fields.texts("documents"):
        path = PurePosixPath(pattern)
        if path.is_absolute() or ".." in path.parts or "\\" in pattern or ":" in pattern:
            fields.report.add(
                line, f"{pattern!r} must be a path below this file's folder, with '/', such as account/*.pdf"
            )
        yield pattern


def _share(fields: Fields) -> float | None:
    share = fields.number("wrong_answers")
    if share is not None and not 0 < share < 0.5:
        fields.report.add(
            fields.line_of("wrong_answers"), f"wrong_answers {share:g} must be between 0 and 0.5, such as 0.05"
        )
        return None
    return share
