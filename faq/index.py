"""Every phrasing of every entry, searchable three ways: equal text, shared characters, near meaning.

An index is built once from a Content and never changes. It finds candidates; it does not decide (faq/matching.py does).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from faq.content import Content, Entry
from faq.embedding import Embedder, Vectors
from faq.text import LIMIT, fold, normalise

Scores = NDArray[np.float32]
_WORD = re.compile(r"[a-z0-9][a-z0-9.%+]*|\S")


def grams(text: str) -> list[str]:
    """Tokens of a folded text and their neighbours: ideographs and pairs of them, Latin words and pairs of them."""
    words = _WORD.findall(text)
    return words + [f"{one} {other}" for one, other in pairwise(words)]


class Lexicon:
    """TF-IDF over `grams`: what a text shares with each phrasing, weighted by how rare it is there."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [Counter(grams(text)) for text in texts]
        self._ids: dict[str, int] = {}
        for count in counts:
            for gram in count:
                self._ids.setdefault(gram, len(self._ids))
        documents = Counter(gram for count in counts for gram in count)
        total = 1 + len(texts)
        self._idf = np.array([1 + np.log(total / (1 + documents[gram])) for gram in self._ids], np.float32)
        self._matrix = self._rows(counts).tocsc()

    def scores(self, text: str) -> Scores:
        """Give the cosine of `text` with every phrasing, shape (phrasings,)."""
        columns, weights = self._weigh(Counter(grams(text)))
        scores = np.zeros(self._matrix.shape[0], np.float32)
        start, rows, values = self._matrix.indptr, self._matrix.indices, self._matrix.data
        for column, weight in zip(columns, weights, strict=True):
            span = slice(start[column], start[column + 1])
            scores[rows[span]] += weight * values[span]
        return scores

    def _rows(self, counts: Sequence[Mapping[str, int]]) -> sparse.csr_array:
        weighed = [self._weigh(count) for count in counts]
        indptr = np.cumsum([0, *(len(columns) for columns, _ in weighed)])
        indices = np.concatenate([columns for columns, _ in weighed] or [np.empty(0, np.int64)])
        data = np.concatenate([weights for _, weights in weighed] or [np.empty(0, np.float32)])
        return sparse.csr_array((data, indices, indptr), shape=(len(counts), len(self._ids)))

    def _weigh(self, count: Mapping[str, int]) -> tuple[NDArray[np.int64], Scores]:
        known = [(self._ids[gram], times) for gram, times in count.items() if gram in self._ids]
        columns = np.array([column for column, _ in known], np.int64)
        weights = np.array([1 + np.log(times) for _, times in known], np.float32) * self._idf[columns]
        unknown = sum(1 for gram in count if gram not in self._ids) * float(self._idf.max(initial=1.0)) ** 2
        norm = np.sqrt(float(weights @ weights) + unknown)
        return columns, (weights / norm if norm else weights).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One phrasing near the question: its row in the index and how near, each 0 to 1."""

    row: int
    lexical: float
    semantic: float


class Index:
    """The phrasings of a Content in rows: `phrasings[row]`, folded in `texts[row]`, of `entries[owners[row]]`."""

    def __init__(self, content: Content, embedder: Embedder) -> None:
        self.entries: tuple[Entry, ...] = content.entries
        rows = [(owner, phrasing) for owner, entry in enumerate(self.entries) for phrasing in entry.phrasings]
        self.owners = np.array([owner for owner, _ in rows], np.int64)
        self.phrasings = tuple(phrasing for _, phrasing in rows)
        self.texts = tuple(fold(phrasing[:LIMIT]) for phrasing in self.phrasings)
        self._lexicon = Lexicon(self.texts)
        self._vectors: Vectors = embedder.embed(self.phrasings)
        self._exact = _by_text(rows)
        self._embedder = embedder

    def exact(self, question: str) -> tuple[int, ...]:
        """Give the owners of the phrasings equal to `question` once both are normalised, in order."""
        return self._exact.get(normalise(question[:LIMIT]), ())

    def near(self, question: str, allowed: NDArray[np.bool_], limit: int) -> list[Candidate]:
        """Give the `limit` nearest phrasings by characters and by meaning among the `allowed` owners, unordered."""
        text = fold(question[:LIMIT])[:LIMIT]
        open_rows = np.flatnonzero(allowed[self.owners])
        lexical = self._lexicon.scores(text)[open_rows]
        semantic = (self._vectors @ self._embedder.embed([text])[0])[open_rows]
        chosen = np.union1d(_largest(lexical, limit), _largest(semantic, limit))
        return [
            Candidate(int(row), float(one), float(other))
            for row, one, other in zip(open_rows[chosen], lexical[chosen], semantic[chosen], strict=True)
        ]


def _by_text(rows: Iterable[tuple[int, str]]) -> dict[str, tuple[int, ...]]:
    exact: dict[str, tuple[int, ...]] = {}
    for owner, phrasing in rows:
        key = normalise(phrasing[:LIMIT])
        if key and owner not in exact.get(key, ()):
            exact[key] = (*exact.get(key, ()), owner)
    return exact


def _largest(scores: Scores, limit: int) -> NDArray[np.int64]:
    if len(scores) <= limit:
        return np.arange(len(scores))
    return np.argpartition(scores, -limit)[-limit:]
