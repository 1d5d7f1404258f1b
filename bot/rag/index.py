"""The passages in memory: found by shared characters and by meaning, and judged whether they answer at all.

An index is built once and never changes; a document that went away is left out by the caller's `alive`.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from bot.rag.bar import PRIOR, Bar
from bot.rag.lexicon import Lexicon, Scores
from bot.rag.meaning import Meaning, Rows
from bot.rag.passages import Found, Passage
from faq.embedding import Embedder, Vectors

MEANING = 0.5  # weight of the cosine beside BM25; any from .3 to .8 beats both alone (benchmarks/rag.py)
LIMIT = 500  # characters of a question that are read

_SAME = 95.0  # rapidfuzz ratio from which two passages say the same

Alive = Callable[[Passage], bool]


@dataclass(frozen=True, slots=True)
class Findings:
    """The best passages, best first. `score`: how sure it is (0 to 1) that they answer at all."""

    found: tuple[Found, ...] = ()
    score: float = 0.0

    @property
    def passages(self) -> tuple[Passage, ...]:
        return tuple(found.passage for found in self.found)


class Index:
    """Passages in rows, each with its words and its vector."""

    def __init__(self, passages: Sequence[Passage], vectors: Vectors, embedder: Embedder, bar: Bar = PRIOR) -> None:
        """`bar` says how much evidence is an answer."""
        self.passages = tuple(passages)
        self._bar = bar
        self._meaning = Meaning(vectors)
        self._embedder = embedder
        self._lexicon = Lexicon([f"{passage.heading}\n{passage.text}" for passage in self.passages])
        self._bases = np.array([passage.knowledge_base for passage in self.passages])

    def find(
        self, question: str, top: int, knowledge_bases: Collection[str] = (), alive: Alive = lambda _: True
    ) -> Findings:
        """Give the `top` passages for a question, of all knowledge bases when none is named."""
        text = question[:LIMIT]
        if not text.strip() or not self.passages:
            return Findings()
        rows, evidence = self.weigh(text, self._embedder.embed([text])[0], 8 * top + 64, knowledge_bases)
        found = tuple(self._best(rows, evidence, top, alive))
        return Findings(found, found[0].score if found else 0.0)

    def weigh(
        self, text: str, vector: Vectors, limit: int, knowledge_bases: Collection[str] = ()
    ) -> tuple[Rows, Scores]:
        """Give the `limit` rows near by words and those near by meaning, unordered, and what speaks for each."""
        words, meaning = self.words(text), self._meaning.roughly(vector)
        if knowledge_bases:
            elsewhere = ~np.isin(self._bases, list(knowledge_bases))
            words[elsewhere] = meaning[elsewhere] = -1.0
        rows = np.union1d(_largest(words, limit), _largest(meaning, limit))
        rows = rows[words[rows] >= 0]
        return rows, words[rows] + np.float32(MEANING) * self._meaning.exactly(vector, rows)

    def words(self, question: str) -> Scores:
        """How much of the question's words each passage holds, shape (passages,)."""
        return self._lexicon.scores(question)

    def meaning(self, question: str) -> Scores:
        """The cosine of the question with each passage, shape (passages,)."""
        return self._meaning.exactly(self._embedder.embed([question])[0])

    def _best(self, rows: Rows, evidence: Scores, top: int, alive: Alive) -> Iterator[Found]:
        """The best rows that are alive and say something new."""
        said: list[str] = []
        for place in np.argsort(-evidence, kind="stable"):
            passage = self.passages[rows[place]]
            if len(said) == top or evidence[place] <= 0:
                return
            if alive(passage) and not any(fuzz.ratio(passage.text, text) >= _SAME for text in said):
                said.append(passage.text)
                yield Found(passage, self._bar.certainty(float(evidence[place])))


def _largest(scores: Scores, limit: int) -> Rows:
    """The rows of the largest scores, unordered."""
    return np.argpartition(-scores, limit)[:limit] if len(scores) > limit else np.arange(len(scores))
