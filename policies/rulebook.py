"""What staff write about words: categories, listed words, and what is wrong with them. Values only, no reading."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from policies.verdict import Action, Direction

LEVELS = (1, 2, 3)  # mild, usual, severe
USUAL = 2
READINGS = ("spaced", "sound", "split", "reversed", "lines", "digits", "emoji", "encoded")
PATTERNS = ("phone", "id_card", "bank_card", "email", "plate", "address", "url", "ip", "number")
LONGEST_WORD = 100
LONGEST_PHRASE = 500

Actions = Mapping[int, Action]  # level of the word -> what happens


class Problem(NamedTuple):
    """One thing wrong with a rule file."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


class RulesError(Exception):
    """The rules are wrong and were not taken; `problems` names all that is wrong with them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)  # as given, so that it can pass from one process to another
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class Word(NamedTuple):
    """One listed word, as staff wrote it, and where."""

    text: str
    level: int
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Category:
    """The words and patterns of one subject, and what happens to a text that has one of them.

    `readings` are the extra ways of reading a text (see docs/policies.md); `whole_words` keeps a Latin word from being
    found inside a longer one; `patterns` names kinds of personal data;
    `orders` are templates of order numbers (`#` a digit, `@` a letter); `phrases` are sentences with gaps.
    Of `words`, those that are `ambiguous` count on the way in only where they are not pieced together from parts of
    other words (segmentation.py).
    """

    id: str
    title: str
    actions: Mapping[Direction, Actions]
    reply: str | None = None
    mask: str = "*"
    readings: frozenset[str] = frozenset()
    whole_words: bool = True
    words: tuple[Word, ...] = ()
    allow: tuple[Word, ...] = ()
    patterns: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    phrases: tuple[Word, ...] = ()
    ambiguous: frozenset[str] = frozenset()


def short(words: Iterable[Word], up_to: int) -> frozenset[str]:
    """Give the Chinese words of at most so many characters: they most often stand across the edges of others."""
    return frozenset(word.text for word in words if len(word.text) <= up_to and not word.text.isascii())


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All categories of a folder, the words allowed for all of them, and what is doubtful but not wrong."""

    categories: tuple[Category, ...]
    allow: tuple[Word, ...] = ()
    warnings: tuple[Problem, ...] = ()
