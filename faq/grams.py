"""The grams of a text: its ideographs and words, and pairs of neighbours, weighed by how rare the content has them.

`overlap` says what a question shares with phrasings, many at once. Nothing here decides.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

import numpy as np
from numpy.typing import NDArray

from faq.ragged import Lists, largest

Values = NDArray[np.float32]
Columns = NDArray[np.int64]
Flags = NDArray[np.bool_]

OVERLAP = (
    "shared",  # cosine of the TF-IDF of grams
    "question_covered",  # share of the weight of the question's grams that the phrasing has
    "phrasing_covered",
    "overlap",
    "missing_most",  # weight of the rarest ideograph or word of the question that the phrasing lacks
    "extra_most",
    "missing",
    "extra",
)
_LEAST = 100  # phrasings below which how often a gram occurs says little
_STRANGE = -1  # column of the grams that no phrasing has
_WORD = re.compile(r"[a-z0-9][a-z0-9.%+]*|\S")


def tokens(text: str) -> list[str]:
    """Ideographs and Latin words of a folded text, in order."""
    return _WORD.findall(text)


def grams(text: str) -> list[str]:
    """Tokens of a folded text and pairs of neighbours."""
    single = tokens(text)
    return single + [f"{one} {other}" for one, other in pairwise(single)]


@dataclass(frozen=True, slots=True)
class Weighed:
    """The grams of a text, each once, by rising column. Weights are inverse document frequencies."""

    columns: Columns
    weights: Values
    single: Flags  # the tokens
    weight: float  # of all
    length: float  # of the vector of weights

    @property
    def known(self) -> tuple[Columns, Values]:
        """The columns, and weights, of the grams that some phrasing has."""
        first = int(np.searchsorted(self.columns, 0))
        return self.columns[first:], self.weights[first:]


class Grams:
    """The grams of the phrasings of a content, and how rare each is."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._columns: dict[str, int] = {}
        self._spare: list[NDArray[np.int16]] = []  # of `_places_in`: 6 MB for a million phrasings
        self.lists = Lists(self._place(grams(text)) for text in texts)
        self._single = np.fromiter((" " not in gram for gram in self._columns), bool, len(self._columns))
        documents = np.bincount(self.lists.values, minlength=len(self._columns))
        self.weights = rarity(documents, len(texts))
        own = self.weights[self.lists.values]
        self._total, squares = (
            np.bincount(self.lists.owners, some, len(self.lists)).astype(np.float32) for some in (own, own**2)
        )
        self.lengths = np.maximum(np.sqrt(squares), 1e-6)

    def weight(self, gram: str) -> float:
        column = self._columns.get(gram)
        return 1.0 if column is None else float(self.weights[column])

    def weigh(self, text: str) -> Weighed:
        """Read a text, folded as the phrasings are."""
        found = dict.fromkeys(grams(text))
        columns = np.fromiter((self._columns.get(gram, _STRANGE) for gram in found), np.int64, len(found))
        single = np.arange(len(found)) < len(set(tokens(text)))  # these come first
        order = np.argsort(columns, kind="stable")
        columns, single = columns[order], single[order]
        weights = np.ones(len(found), np.float32)
        weights[columns >= 0] = self.weights[columns[columns >= 0]]
        length = float(np.sqrt(weights @ weights))
        return Weighed(columns, weights, single, float(weights.sum()) or 1.0, length or 1.0)

    def overlap(self, question: Weighed, rows: NDArray[np.integer]) -> tuple[Values, Values]:
        """Give OVERLAP of the question with each of these phrasings, shape (rows, len(OVERLAP)).

        Also what each lacks: the weights of the question's tokens that it has not, shape (rows, tokens).
        """
        flat, lengths = self.lists.take(rows)
        line = np.repeat(np.arange(len(rows)), lengths)
        at = self._places_in(question, flat)
        has, weight = at >= 0, self.weights[flat]
        both, own, total = np.where(has, weight, 0), self._total[rows], question.weight
        shared = np.bincount(line, both, len(rows))
        extra = np.where(has | ~self._single[flat], 0, weight)
        lacks = np.repeat(question.weights[None], len(rows), axis=0)
        lacks[line[has], at[has]] = 0
        missing = lacks[:, question.single]
        values = [
            np.bincount(line, both * weight, len(rows)) / (question.length * self.lengths[rows]),
            shared / total,
            shared / np.maximum(own, 1e-6),
            shared / (total + own - shared),
            missing.max(axis=1, initial=0),
            largest(extra, lengths),
            missing.sum(axis=1),
            np.bincount(line, extra, len(rows)),
        ]
        return np.asarray(values, np.float32).T, missing

    def _places_in(self, question: Weighed, columns: NDArray[np.integer]) -> NDArray[np.int16]:
        """Say where in the question each of these grams stands; negative where it does not."""
        try:
            places = self._spare.pop()
        except IndexError:  # other threads have them all
            places = np.full(len(self.weights), _STRANGE, np.int16)
        known, _ = question.known
        places[known] = np.arange(len(question.columns) - len(known), len(question.columns))
        found: NDArray[np.int16] = places[columns]
        places[known] = _STRANGE
        self._spare.append(places)
        return found

    def _place(self, found: Iterable[str]) -> list[int]:
        return [self._columns.setdefault(gram, len(self._columns)) for gram in dict.fromkeys(found)]


def rarity(documents: NDArray[np.integer], texts: int) -> Values:
    """Inverse document frequency of what occurs in so many of the texts, brought to about 0 to 1 for any number."""
    total = max(_LEAST, 1 + texts)
    return np.maximum(0.01, np.log(total / (1 + documents)) / log(total)).astype(np.float32)
