"""One FAQ as another system wrote it, tidied and checked as the content will be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from faq.content import (
    ANSWER_LIMIT,
    QUESTION_LIMIT,
    Place,
    Problem,
    fault,
    id_fault,
    knowledge_base_fault,
    platform_fault,
)


@dataclass(frozen=True, slots=True)
class Row:
    """`knowledge_base` and `id` are '' when the file names none; None is what the file does not speak of."""

    place: Place
    question: str
    answer: str
    knowledge_base: str = ""
    id: str = ""
    variants: tuple[str, ...] | None = None
    negatives: tuple[str, ...] | None = None
    examples: tuple[str, ...] | None = None
    answers: Mapping[str, str] | None = None
    valid: tuple[date | None, date | None] | None = None


@dataclass(slots=True)
class Reading:
    """What a file gave: rows to import, and what is wrong with those that are not among them."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, place: Place, text: str) -> None:
        self.problems.append(Problem(place, text))

    def warn(self, place: Place, text: str) -> None:
        self.problems.append(Problem(place, text, warning=True))

    def add(self, row: Row) -> None:
        """Take the row without the sentences that may not stand in the content, or say why not to take it at all."""
        faults = [f"{what} {wrong}" for what, wrong in _faults(row) if wrong]
        if faults:
            self.refuse(row.place, f"row skipped: {'; '.join(faults)}")
            return
        lists = (row.variants, row.negatives, row.examples)
        variants, negatives, examples = (self._allowed(texts, row.place) for texts in lists)
        self.rows.append(replace(row, variants=variants, negatives=negatives, examples=examples))

    def _allowed(self, texts: tuple[str, ...] | None, place: Place) -> tuple[str, ...] | None:
        return None if texts is None else tuple(text for text in texts if self._allows(text, place))

    def _allows(self, text: str, place: Place) -> bool:
        wrong = fault(text, QUESTION_LIMIT)
        if wrong:
            self.warn(place, f"{text[:40]!r} dropped: it {wrong}")
        return not wrong


def tidy(text: str) -> str:
    """Line ends as \\n, no space around the text nor at the end of its lines."""
    lines = re.split("\r\n|\r|\n", text.replace("_x000D_", ""))  # Excel's spelling of a carriage return
    return "\n".join(line.rstrip() for line in lines).strip()


def sentence(text: str) -> str:
    """A question in one line."""
    return re.sub(r"\s*\n\s*", " ", tidy(text))


def _faults(row: Row) -> list[tuple[str, str]]:
    """(which text, what is wrong with it or '') of what a row cannot do without."""
    return [
        ("question", _fault(row.question, QUESTION_LIMIT)),
        ("answer", _fault(row.answer, ANSWER_LIMIT)),
        ("id", id_fault(row.id) if row.id else ""),
        ("knowledge base", knowledge_base_fault(row.knowledge_base) if row.knowledge_base else ""),
        *(("", platform_fault(name)) for name in row.answers or ()),
        *((f"answer for {name[:40]!r}", _fault(text, ANSWER_LIMIT)) for name, text in (row.answers or {}).items()),
    ]


def _fault(text: str, limit: int) -> str:
    return fault(text, limit) if text else "is empty; write one"
