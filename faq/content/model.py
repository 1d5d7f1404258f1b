"""What the staff taught, as values: entries in knowledge bases, each with the place it was written at.

Values compare by what they say; where it was written does not count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a content file, counted from 1."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place and what to write instead. A warning does not make the content unusable."""

    place: Place
    text: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {'warning: ' if self.warning else ''}{self.text}"


class ContentError(Exception):
    """The content cannot be used: keep the old one, show `problems` to the staff."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


@dataclass(frozen=True, slots=True)
class Entry:
    """One FAQ item. `answers` holds the wording for single platforms; `lines` where each sentence was written."""

    id: str
    knowledge_base: str
    question: str
    variants: tuple[str, ...]
    negatives: tuple[str, ...]
    answer: str
    answers: Mapping[str, str] = field(hash=False)
    valid_from: date | None
    valid_until: date | None
    examples: tuple[str, ...]
    place: Place = field(compare=False)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def phrasings(self) -> tuple[str, ...]:
        return (self.question, *self.variants)

    def valid_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )

    def answer_for(self, platform: str) -> str:
        return self.answers.get(platform, self.answer)

    def place_of(self, sentence: str) -> Place:
        """Where a phrasing, negative or example of this entry was written."""
        return Place(self.place.path, self.lines.get(sentence, self.place.line))


@dataclass(frozen=True, slots=True)
class Intent:
    """A kind of request that belongs to a knowledge base without being one question."""

    id: str
    examples: tuple[str, ...]
    place: Place = field(compare=False)


Rows = tuple[tuple[Decimal | None, Decimal], ...]
INPUT_TYPES = (
    "money", "percent", "number", "count", "date", "time", "duration", "quantity", "choice", "expression",
    "unit", "currency",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Input:
    """One value a calculation needs.

    `minimum`, `maximum`, `default`: a Decimal for numbers (percent as a fraction: 4.35% is 0.0435), else as written.
    `choices`: label -> value as written; empty unless `type` is choice.
    """

    name: str
    type: str
    ask: str
    minimum: Decimal | str | None
    maximum: Decimal | str | None
    default: Decimal | str | None
    unit: str
    choices: Mapping[str, str] = field(hash=False)
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Calculation:
    """A template whose answer is computed. The formula is kept as text: faq.calculation compiles it.

    `tiers`: table name -> rows (up to and including, value), the last without a limit (None).
    """

    id: str
    knowledge_base: str
    question: str
    variants: tuple[str, ...]
    inputs: tuple[Input, ...]
    formula: str
    answer: str
    place: Place = field(compare=False)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)
    tiers: Mapping[str, Rows] = field(default_factory=dict, hash=False)

    @property
    def phrasings(self) -> tuple[str, ...]:
        return (self.question, *self.variants)

    def place_of(self, sentence: str) -> Place:
        """Where a phrasing of this calculation was written."""
        return Place(self.place.path, self.lines.get(sentence, self.place.line))


@dataclass(frozen=True, slots=True)
class Argument:
    """One value that a tool needs: said by the user, or told by the channel when `source` names what of it.

    `type` is text, integer, number or choice. A text with a `pattern` must stand in what the user said.
    """

    name: str
    type: str
    about: str
    ask: str
    source: str  # user or platform, else empty
    pattern: str
    choices: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    required: bool
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Tool:
    """A question to one of the company's systems over HTTP. {name} is an argument, ${NAME} a secret.

    `examples` are questions for it; `body` is JSON; `pick`: name -> where it stands in the answer; `words`: name ->
    code -> what customers read.
    """

    id: str
    knowledge_base: str
    description: str
    examples: tuple[str, ...]
    arguments: tuple[Argument, ...]
    method: str
    url: str
    query: Mapping[str, str] = field(hash=False)
    headers: Mapping[str, str] = field(hash=False)
    body: object = field(hash=False)
    pick: Mapping[str, str] = field(hash=False)
    words: Mapping[str, Mapping[str, str]] = field(hash=False)
    answer: str
    not_found: str
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """One file: entries and documents of one subject. `wrong_answers` is the accepted share, 0 to 0.5."""

    id: str
    title: str
    entries: tuple[Entry, ...]
    synonyms: tuple[tuple[str, ...], ...]
    intents: tuple[Intent, ...]
    calculations: tuple[Calculation, ...]
    documents: tuple[str, ...]
    wrong_answers: float | None
    place: Place = field(compare=False)
    tools: tuple[Tool, ...] = ()

    @property
    def answering(self) -> tuple[Entry | Calculation, ...]:
        """All that questions land on; they share one space of ids and of phrasings."""
        return (*self.entries, *self.calculations)


@dataclass(frozen=True)
class Content:
    """Everything the staff taught. `version` names it: equal files give an equal version, wherever they lie."""

    knowledge_bases: tuple[KnowledgeBase, ...]
    version: str

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(entry for base in self.knowledge_bases for entry in base.entries)

    def entry(self, knowledge_base: str, id: str) -> Entry | None:
        return self._by_id.get((knowledge_base, id))

    @cached_property
    def _by_id(self) -> dict[tuple[str, str], Entry]:
        return {(entry.knowledge_base, entry.id): entry for entry in self.entries}

    @property
    def tools(self) -> tuple[Tool, ...]:
        return tuple(tool for base in self.knowledge_bases for tool in base.tools)
