"""Words without their sentence: the pieces of a text and a vector for each, from the embedded model's own table.

A sentence embedding says what a text is about; the rare words of two texts, side by side, say whether it is the same.
"""

import functools
import threading
from collections.abc import Sequence

import numpy as np
import threadpoolctl
from numpy.typing import NDArray

from faq.encoding import PIECES, WIDTH, Encoder

Ids = NDArray[np.int32]

_SHELF = 4096  # rows of pieces kept ready, 8 MB


@functools.cache
def model() -> Encoder:
    """The one copy of the embedded model in this process; loads 13 MB of weights on the first call.

    From then on numpy multiplies on one thread: the matrices of a question are small, and threads that wait for one
    another on a busy machine make each question ten times slower.
    """
    threadpoolctl.threadpool_limits(limits=1, user_api="blas")
    return Encoder()


def pieces(text: str) -> Ids:
    """Give the ids of the word pieces of a folded text, in order."""
    return model().pieces(text)


def vectors(ids: Ids) -> NDArray[np.float32]:
    """Give one unit row a piece, shape (len(ids), WIDTH)."""
    return _shelf().rows(ids)


def blend(ids: Sequence[Ids], rarity: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give one unit row a text: the mean of its pieces, each weighted by `rarity[id]`, shape (len(ids), WIDTH)."""
    rows = np.zeros((len(ids), WIDTH), np.float32)
    for row, text in enumerate(ids):
        rows[row] = rarity[text] @ vectors(text)
    return unit(rows)


def size() -> int:
    """How many pieces there are."""
    return PIECES


class _Shelf:
    """Unit rows of the pieces asked for most recently: a content has some thousands. Thread-safe."""

    def __init__(self) -> None:
        self._rows = np.empty((_SHELF, WIDTH), np.float32)
        self._place = np.full(PIECES, -1, np.int32)
        self._filled = 0
        self._lock = threading.Lock()

    def rows(self, ids: Ids) -> NDArray[np.float32]:
        with self._lock:
            places = self._place[ids]
            if len(places) and places.min() < 0:
                if not self._fill(np.unique(ids[places < 0])):
                    return unit(model().rows(ids))
                places = self._place[ids]
            return self._rows[places]

    def _fill(self, missing: Ids) -> bool:
        """Put pieces on the shelf, if they all fit there; a full one is emptied first."""
        if self._filled + len(missing) > _SHELF:
            self._place[:], self._filled = -1, 0
            return False
        places = slice(self._filled, self._filled + len(missing))
        self._rows[places] = unit(model().rows(missing))
        self._place[missing] = np.arange(places.start, places.stop)
        self._filled = places.stop
        return True


_shelf = functools.cache(_Shelf)


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the rows at length one; a row of nothing stays nothing."""
    length = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    return np.asarray(rows / length, np.float32)
