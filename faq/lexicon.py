"""Which phrasings share rare characters, words or sounds with a text: TF-IDF over an inverted index.

Built once. A gram that very many phrasings hold is passed over in a large index: it costs most and says least.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from faq.features import Reader, grams

Scores = NDArray[np.float32]
_SMALL = 20_000  # phrasings up to which every gram is looked at
_LONGEST = 4_000  # postings of a gram looked at in a larger index


class Lexicon:
    """The grams of each phrasing, found by gram."""

    def __init__(self, texts: Sequence[str], reader: Reader) -> None:
        self._reader = reader
        self._ids: dict[str, int] = {}
        lists = [[self._ids.setdefault(gram, len(self._ids)) for gram in set(grams(text))] for text in texts]
        weights = np.array([reader.weight(gram) for gram in self._ids], np.float32)
        columns = np.fromiter((gram for ids in lists for gram in ids), np.int32)
        rows = np.repeat(np.arange(len(texts), dtype=np.int32), [len(ids) for ids in lists])
        values = weights[columns]
        length = np.sqrt(np.bincount(rows, values**2, len(texts))).astype(np.float32)
        shape = (len(texts), len(self._ids))
        self._matrix = sparse.csc_array((values / length[rows], (rows, columns)), shape=shape)

    def scores(self, weights: Iterable[tuple[str, float]], length: float) -> Scores:
        """Give the cosine of a text, as its weighed grams and their length, with every phrasing; shape (phrasings,)."""
        scores = np.zeros(self._matrix.shape[0], np.float32)
        start, rows, values = self._matrix.indptr, self._matrix.indices, self._matrix.data
        longest = _LONGEST if len(scores) > _SMALL else len(scores)
        for gram, weight in weights:
            column = self._ids.get(gram)
            if column is not None and start[column + 1] - start[column] <= longest:
                span = slice(start[column], start[column + 1])
                scores[rows[span]] += (weight / length) * values[span]
        return scores
