"""Which phrasings share rare characters, words or sounds with a text: TF-IDF over an inverted index.

Built once. Among very many phrasings, those that share the rarest grams are found first and compared in full after.
"""

import numpy as np
from numpy.typing import NDArray

from faq.grams import Grams, Weighed

Scores = NDArray[np.float32]
Rows = NDArray[np.int64]
_LONGEST = 4_000  # phrasings that a gram may be in to find candidates by it
_LOOKED = 6_000  # phrasings looked at to find candidates
_FOUND = 64  # candidates


class Lexicon:
    """The grams of each phrasing, found by gram."""

    def __init__(self, grams: Grams) -> None:
        self._lengths = grams.lengths
        columns, rows = grams.lists.values, grams.lists.owners
        self._rows = rows[np.argsort(columns, kind="stable")]  # the phrasings of the first gram, of the second …
        self._ends = np.cumsum(np.bincount(columns, minlength=len(grams.weights)))

    def scores(self, text: Weighed) -> Scores:
        """Give the cosine of a text with every phrasing; shape (phrasings,)."""
        columns, weights = text.known
        found = [self._phrasings(column) for column in columns.tolist()]
        shares = np.repeat(weights**2 / text.length, [len(rows) for rows in found])
        sums = np.bincount(np.concatenate([np.empty(0, np.int32), *found]), shares, len(self._lengths))
        return np.asarray(sums / self._lengths, np.float32)

    def likeliest(self, text: Weighed, hidden: NDArray[np.bool_] | None) -> Rows:
        """Give phrasings that share the rarest grams, without looking at those of frequent ones."""
        found, shares, looked = [np.empty(0, np.int32)], [np.empty(0)], 0
        columns, weights = text.known
        shared = zip(columns.tolist(), (weights**2).tolist(), strict=True)
        for column, weight in sorted(shared, key=lambda known: -known[1]):
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

    def _phrasings(self, column: int) -> NDArray[np.int32]:
        return self._rows[self._ends[column - 1] if column else 0 : self._ends[column]]
