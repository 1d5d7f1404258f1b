"""Which phrasings share rare characters, words or sounds with a text: TF-IDF over an inverted index.

Built once. Among very many phrasings, those that share the rarest grams are found first and compared in full after.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from faq.features import Reader

Scores = NDArray[np.float32]
Rows = NDArray[np.int64]
_LONGEST = 4_000  # phrasings that a gram may be in to find candidates by it
_LOOKED = 6_000  # phrasings looked at to find candidates
_FOUND = 64  # candidates


class Lexicon:
    """The grams of each phrasing, found by gram."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._weights = reader, reader.weights
        columns, rows = reader.grams.values, reader.grams.owners
        length = np.sqrt(np.bincount(rows, self._weights[columns] ** 2, len(reader.grams)))
        self._lengths = np.maximum(length, 1e-6).astype(np.float32)
        self._rows = rows[np.argsort(columns, kind="stable")]  # the phrasings of the first gram, of the second …
        self._ends = np.cumsum(np.bincount(columns, minlength=len(self._weights)))

    def scores(self, weights: Iterable[tuple[str, float]], length: float) -> Scores:
        """Give the cosine of a text, as its weighed grams and their length, with every phrasing; shape (phrasings,)."""
        found, shares = [np.empty(0, np.int32)], [np.empty(0)]
        for column, weight in self._known(weights):
            rows = self._phrasings(column)
            found.append(rows)
            shares.append(np.full(len(rows), weight / length))
        sums = np.bincount(np.concatenate(found), np.concatenate(shares), len(self._lengths))
        return np.asarray(sums / self._lengths, np.float32)

    def likeliest(self, weights: Iterable[tuple[str, float]], hidden: NDArray[np.bool_] | None) -> Rows:
        """Give phrasings that share the rarest grams, without looking at those of frequent ones."""
        found, shares, looked = [np.empty(0, np.int32)], [np.empty(0)], 0
        for column, weight in sorted(self._known(weights), key=lambda known: -known[1]):
            rows = self._phrasings(column)
            if len(rows) > _LONGEST or looked > _LOOKED:
                continue
            looked += len(rows)
            found.append(rows if hidden is None else rows[~hidden[rows]])
            shares.append(np.full(len(found[-1]), weight))
        every, share = np.concatenate(found), np.concatenate(shares)
        if not len(every):
            return np.empty(0, np.int64)
        order = np.argsort(every, kind="stable")  # merges the lists, which are in order already
        every = every[order]
        starts = np.flatnonzero(np.append(True, every[1:] != every[:-1]))
        rows, scores = every[starts], np.add.reduceat(share[order], starts)
        return rows[np.argsort(-scores / self._lengths[rows])[:_FOUND]].astype(np.int64)

    def cosines(self, weights: Iterable[tuple[str, float]], length: float, rows: Rows) -> Scores:
        """As `scores`, of these phrasings alone."""
        known = sorted(self._known(weights))
        if not known or not len(rows):
            return np.zeros(len(rows), np.float32)
        columns, share = np.array([column for column, _ in known]), np.array([weight for _, weight in known])
        lists = [self._reader.grams[int(row)] for row in rows]
        flat = np.concatenate(lists)
        place = np.minimum(np.searchsorted(columns, flat), len(columns) - 1)
        line = np.repeat(np.arange(len(rows)), [len(one) for one in lists])
        sums = np.bincount(line, np.where(columns[place] == flat, share[place], 0), len(rows))
        return np.asarray(sums / length / self._lengths[rows], np.float32)

    def _known(self, weights: Iterable[tuple[str, float]]) -> list[tuple[int, float]]:
        """The columns of the grams that some phrasing has, and their weight in the text times that in phrasings."""
        columns = ((self._reader.column(gram), weight) for gram, weight in weights)
        return [(column, weight * float(self._weights[column])) for column, weight in columns if column is not None]

    def _phrasings(self, column: int) -> NDArray[np.int32]:
        return self._rows[self._ends[column - 1] if column else 0 : self._ends[column]]
