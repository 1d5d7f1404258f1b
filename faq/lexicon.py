"""Which phrasings share rare characters, words or sounds with a text: TF-IDF over an inverted index.

Built once. A gram that very many phrasings hold is passed over in a large index: it costs most and says least.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from faq.features import Reader, grams

Scores = NDArray[np.float32]
_SMALL = 20_000  # phrasings up to which every gram is looked at
_LONGEST = 4_000  # postings of a gram looked at in a larger index


class Lexicon:
    """The grams of each phrasing, found by gram."""

    def __init__(self, texts: Sequence[str], reader: Reader) -> None:
        self._ids: dict[str, int] = {}
        lists = [[self._ids.setdefault(gram, len(self._ids)) for gram in set(grams(text))] for text in texts]
        grams_of = [len(ids) for ids in lists]
        columns = np.fromiter(chain.from_iterable(lists), np.int32, sum(grams_of))
        rows = np.repeat(np.arange(len(texts), dtype=np.int32), grams_of)
        self._weights = np.array([reader.weight(gram) for gram in self._ids], np.float32)
        length = np.sqrt(np.bincount(rows, self._weights[columns] ** 2, len(texts)))
        self._lengths = np.maximum(length, 1e-6).astype(np.float32)
        self._rows = rows[np.argsort(columns, kind="stable")]  # the phrasings of the first gram, of the second …
        self._ends = np.cumsum(np.bincount(columns, minlength=len(self._ids)))

    def scores(self, weights: Iterable[tuple[str, float]], length: float) -> Scores:
        """Give the cosine of a text, as its weighed grams and their length, with every phrasing; shape (phrasings,)."""
        longest = _LONGEST if len(self._lengths) > _SMALL else len(self._lengths)
        found, shares = [np.empty(0, np.int32)], [np.empty(0)]
        for gram, weight in weights:
            column = self._ids.get(gram)
            if column is None:
                continue
            rows = self._rows[self._ends[column - 1] if column else 0 : self._ends[column]]
            if len(rows) <= longest:
                found.append(rows)
                shares.append(np.full(len(rows), weight / length * self._weights[column]))
        sums = np.bincount(np.concatenate(found), np.concatenate(shares), len(self._lengths))
        return np.asarray(sums / self._lengths, np.float32)
