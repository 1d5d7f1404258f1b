"""BM25 over ideographs and their pairs, and over Latin words: what a question shares with each passage.

Built in one pass over arrays, because a hundred thousand passages are rebuilt while the service answers.
Formula: Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from faq.text import fold

Scores = NDArray[np.float32]
Ids = NDArray[np.int64]
Pairable = TypeVar("Pairable", Ids, int)

# Short passages of one subject: a word said twice says little more than once.
K1, B = 0.6, 0.4

_WORD = re.compile(r"[a-z0-9][a-z0-9.%+]*|\S")
_BITS = 21  # of a passage and of each word: two words and a passage are one number
_MOST = 2**_BITS - 1
_LONG = 20_000  # characters of a text that are read


class Lexicon:
    """The words of the passages, weighed. A column is a word or a pair: its passages and what it weighs in each."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._words: dict[str, int] = {}
        self._size = len(texts)
        rows, keys = self._read(texts)
        cells, counts = _counted(keys << _BITS | rows)
        self._passages = (cells & _MOST).astype(np.int32)
        self._keys, starts = np.unique(cells >> _BITS, return_index=True)
        self._starts = np.append(starts, len(cells))
        found = np.diff(self._starts)
        self._rarity = _rarity(found, self._size)
        lengths = np.bincount(rows, minlength=self._size)
        length = 1 - B + B * lengths[self._passages] / max(len(rows) / max(self._size, 1), 1.0)
        weights = (K1 + 1) * counts / (counts + K1 * length) * np.repeat(self._rarity, found)
        self._weights: Scores = weights.astype(np.float32)

    def scores(self, question: str) -> Scores:
        """Give how much of the question each passage holds, shape (passages,): 1 is all of it, about once."""
        scores = np.zeros(self._size, np.float32)
        keys = np.unique(self._question_keys(question))
        columns = np.searchsorted(self._keys, keys)
        known = columns < len(self._keys)
        known[known] = self._keys[columns[known]] == keys[known]
        for column in columns[known]:
            span = slice(self._starts[column], self._starts[column + 1])
            scores[self._passages[span]] += self._weights[span]
        ideal = self._rarity[columns[known]].sum() + float(_rarity(np.zeros(1), self._size)[0]) * np.sum(~known)
        return scores / np.float32(ideal) if ideal else scores

    def _read(self, texts: Sequence[str]) -> tuple[Ids, Ids]:
        """The passage and the key of every word and every pair of neighbours."""
        ids = [self._number(text) for text in texts]
        lengths = np.array([len(words) for words in ids], np.int64)
        flat = np.concatenate([*ids, np.empty(0, np.int64)])
        rows = np.repeat(np.arange(len(texts)), lengths)
        wide = np.array([not word.isascii() for word in self._words] + [False])[flat]
        inside = (rows[:-1] == rows[1:]) & (wide[:-1] | wide[1:])
        pairs = _pair(flat[:-1], flat[1:])[inside]
        return np.concatenate([rows, rows[:-1][inside]]), np.concatenate([flat, pairs])

    def _number(self, text: str) -> Ids:
        words = self._words
        return np.array([words.setdefault(word, min(len(words), _MOST - 1)) for word in tokens(text)], np.int64)

    def _question_keys(self, question: str) -> Ids:
        """As `_read` for one question; what no passage has gets a key of its own, below zero."""
        words = list(tokens(question))
        strange: dict[str, int] = {}
        ids = [self._words.get(word, strange.setdefault(word, ~len(strange))) for word in words]
        pairs = [
            strange.setdefault(f"{one} {other}", ~len(strange)) if min(left, right) < 0 else _pair(left, right)
            for (one, left), (other, right) in pairwise(zip(words, ids, strict=True))
            if not (one.isascii() and other.isascii())
        ]
        return np.array(ids + pairs, np.int64)


def tokens(text: str) -> Iterator[str]:
    """Single ideographs, signs and Latin words of a text, folded."""
    return (found[0].rstrip(".") or "." for found in _WORD.finditer(fold(text[:_LONG])))


def _pair(left: Pairable, right: Pairable) -> Pairable:
    """One number for two neighbours, above every number of a word."""
    return (left + 1 << _BITS) + right


def _rarity(documents: NDArray[np.generic], total: int) -> Scores:
    found = documents.astype(np.float32)
    rarity: Scores = np.log1p((total - found + 0.5) / (found + 0.5)).astype(np.float32)
    return rarity


def _counted(numbers: Ids) -> tuple[Ids, Ids]:
    """The distinct numbers in their order, and how often each stands there."""
    numbers.sort()
    firsts = np.flatnonzero(np.diff(numbers, prepend=-1))
    return numbers[firsts], np.diff(np.append(firsts, len(numbers)))
