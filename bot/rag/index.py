"""The passages in memory: found by shared characters and by meaning, and judged whether they answer at all.

An index is built once and never changes; a document that went away is left out by the caller's `alive`.
"""

import bisect
import random
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from bot.rag.lexicon import Lexicon, Scores
from bot.rag.passages import Found, Passage
from faq.embedding import Embedder, Vectors

MEANING = 0.5  # weight of the cosine beside BM25; any from .3 to .8 beats both alone (benchmarks/rag.py)
LIMIT = 500  # characters of a question that are read

_SAMPLE = 300  # clauses asked as questions that no other document answers
_CLAUSE = re.compile(r"[^，。、；：！？,.;:!?\s「」“”()（）]{6,30}")
_SAME = 95.0  # rapidfuzz ratio from which two passages say the same
_NO_SAMPLE = tuple(float(level) for level in np.linspace(0.25, 0.65, 41))  # evidence of strangers in a middling folder

Alive = Callable[[Passage], bool]


@dataclass(frozen=True, slots=True)
class Findings:
    """The best passages, best first. `score`: the share of questions answered nowhere that find less than this one."""

    found: tuple[Found, ...] = ()
    score: float = 0.0

    @property
    def passages(self) -> tuple[Passage, ...]:
        return tuple(found.passage for found in self.found)


class Index:
    """Passages in rows, each with its words and its vector."""

    def __init__(self, passages: Sequence[Passage], vectors: Vectors, embedder: Embedder) -> None:
        self.passages = tuple(passages)
        self._vectors = vectors
        self._embedder = embedder
        self._lexicon = Lexicon([f"{passage.heading}\n{passage.text}" for passage in self.passages])
        self._bases = np.array([passage.knowledge_base for passage in self.passages])
        self._strangers = self._ask_strangers()

    def find(
        self, question: str, top: int, knowledge_bases: Collection[str] = (), alive: Alive = lambda _: True
    ) -> Findings:
        """Give the `top` passages for a question, of all knowledge bases when none is named."""
        text = question[:LIMIT]
        if not text.strip() or not self.passages:
            return Findings()
        evidence = self._evidence(text, self._embedder.embed([text])[0])
        if knowledge_bases:
            evidence[~np.isin(self._bases, list(knowledge_bases))] = -1.0
        found = tuple(self._best(evidence, top, alive))
        return Findings(found, found[0].score if found else 0.0)

    def _evidence(self, text: str, vector: Vectors) -> Scores:
        evidence: Scores = self._lexicon.scores(text) + np.float32(MEANING) * (self._vectors @ vector)
        return evidence

    def _best(self, evidence: Scores, top: int, alive: Alive) -> Iterator[Found]:
        """The best rows that are alive and say something new."""
        said: list[str] = []
        for row in _descending(evidence, 4 * top + 8):
            passage = self.passages[row]
            if evidence[row] <= 0 or len(said) == top:
                return
            if alive(passage) and not any(fuzz.ratio(passage.text, text) >= _SAME for text in said):
                said.append(passage.text)
                yield Found(passage, self._certainty(float(evidence[row])))

    def _certainty(self, evidence: float) -> float:
        return bisect.bisect_left(self._strangers, evidence) / len(self._strangers)

    def _ask_strangers(self) -> Sequence[float]:
        """The evidence that clauses of these documents find in the other documents, which do not answer them."""
        owners = np.array([f"{passage.knowledge_base}\n{passage.document}" for passage in self.passages])
        if len(set(owners)) < 20:
            return _NO_SAMPLE
        chance = random.Random(len(self.passages))
        rows = chance.sample(range(len(self.passages)), min(_SAMPLE, len(self.passages)))
        asked = [(row, chance.choice(found)) for row in rows if (found := _CLAUSE.findall(self.passages[row].text))]
        vectors = self._embedder.embed([clause for _, clause in asked])
        return (
            sorted(
                float(self._evidence(clause, vector)[owners != owners[row]].max())
                for (row, clause), vector in zip(asked, vectors, strict=True)
            )
            or _NO_SAMPLE
        )


def _descending(scores: Scores, limit: int) -> NDArray[np.int64]:
    if len(scores) > limit:
        rows = np.argpartition(-scores, limit)[:limit]
        return rows[np.argsort(-scores[rows], kind="stable")]
    return np.argsort(-scores, kind="stable")
