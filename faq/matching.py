"""Which entry answers a question, and how sure that is: answer it, offer a choice, or pass it on.

Pure: a question and a day in, a Decision out. Does not speak to anyone and knows no phrases.
"""

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from faq.content import Content, Entry
from faq.embedding import Embedder, RememberingEmbedder
from faq.index import Candidate, Index
from faq.text import LIMIT, fold, normalise

_CANDIDATES = 30  # phrasings looked at closely, by each of two measures
_ANSWER, _SUGGEST, _MARGIN = 0.80, 0.55, 0.03


class Band(StrEnum):
    """What to do with the matches."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    PASS = "pass"  # noqa: S105 (not a password)


@dataclass(frozen=True, slots=True)
class Match:
    """An entry, how surely it is the right one (0 to 1), by how much it leads the next, and its nearest phrasing."""

    entry: Entry
    score: float
    margin: float
    phrasing: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The band and the distinct entries considered, best first; `detail` says why, for the trace."""

    band: Band
    matches: tuple[Match, ...] = ()
    detail: Mapping[str, object] = field(default_factory=dict)

    @property
    def suggestions(self) -> tuple[Match, ...]:
        """The at most three entries worth offering to the user; empty in the band PASS."""
        if self.band is Band.PASS:
            return ()
        return tuple(match for match in self.matches[:3] if match.score >= _SUGGEST)


class Matcher:
    """Answers from one Content; immutable, so that a new one can replace it between two questions."""

    def __init__(self, content: Content, index: Index) -> None:
        self._content, self._index = content, index
        self._bases = np.array([entry.knowledge_base for entry in index.entries])
        self._valid_on = functools.lru_cache(maxsize=8)(self._validity)

    @classmethod
    def build(cls, content: Content, embedder: Embedder) -> "Matcher":
        return cls(content, Index(content, RememberingEmbedder(embedder)))

    def exact(self, question: str, day: date) -> Entry | None:
        """Give the entry with a phrasing equal to `question`, whatever its case, width, script and punctuation."""
        owners = self._index.exact(question)
        return next((entry for owner in owners if (entry := self._index.entries[owner]).valid_on(day)), None)

    def match(self, question: str, day: date, knowledge_bases: Collection[str] | None = None, top: int = 5) -> Decision:
        """Decide among the entries valid on `day`, of `knowledge_bases` alone when given (empty or None: all)."""
        detail: dict[str, object] = {"capped": len(question) > LIMIT}
        if not normalise(question[:LIMIT]):
            return Decision(Band.PASS, (), detail | {"reason": "nothing to read"})
        matches = self._rank(question, self._allowed(day, knowledge_bases))[:top]
        return Decision(_band(matches), matches, detail)

    def _rank(self, question: str, allowed: NDArray[np.bool_]) -> tuple[Match, ...]:
        text = fold(question[:LIMIT])
        best: dict[int, tuple[float, int]] = {}
        for candidate in self._index.near(question, allowed, _CANDIDATES):
            owner = int(self._index.owners[candidate.row])
            best[owner] = max(best.get(owner, (0.0, 0)), (self._score(text, candidate), candidate.row))
        ranked = sorted(best.items(), key=lambda item: -item[1][0])
        scores = [score for _, (score, _) in ranked] + [0.0]
        return tuple(
            Match(self._index.entries[owner], score, score - scores[rank + 1], self._index.phrasings[row])
            for rank, (owner, (score, row)) in enumerate(ranked)
        )

    def _score(self, text: str, candidate: Candidate) -> float:
        spelling = fuzz.ratio(text, self._index.texts[candidate.row]) / 100
        fused = 0.5 * candidate.semantic + 0.3 * candidate.lexical + 0.2 * spelling
        return min(1.0, max(0.0, fused))

    def _allowed(self, day: date, knowledge_bases: Collection[str] | None) -> NDArray[np.bool_]:
        valid = self._valid_on(day)
        return valid & np.isin(self._bases, list(knowledge_bases)) if knowledge_bases else valid

    def _validity(self, day: date) -> NDArray[np.bool_]:
        return np.array([entry.valid_on(day) for entry in self._index.entries], bool)


def _band(matches: tuple[Match, ...]) -> Band:
    if not matches or matches[0].score < _SUGGEST:
        return Band.PASS
    sure = matches[0].score >= _ANSWER and matches[0].margin >= _MARGIN
    return Band.ANSWER if sure else Band.SUGGEST
