"""Cosines over many passages: all of them while that is quick, else the near ones of a narrow picture, then exactly.

A hundred thousand rows of 512 numbers are 200 MB to walk through for each question; their 96 main directions are 40.
einsum, because a product by BLAS waits for threads that a busy machine does not have (16 ms against 2).
"""

import numpy as np
from numpy.typing import NDArray

from faq.embedding import Vectors

NARROW = 96  # directions of the picture
_MANY = 20_000  # rows from which the picture is used
_SAMPLE = 20_000  # rows from which the directions are learnt

Rows = NDArray[np.int64]
Cosines = NDArray[np.float32]


class Meaning:
    """Unit rows, compared with the vector of a question."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        self._directions = _main_directions(vectors) if len(vectors) > _MANY else None
        self._picture = None if self._directions is None else vectors @ self._directions

    def roughly(self, vector: Vectors) -> Cosines:
        """The cosine with every row, shape (rows,): exact for few rows, else as the picture shows it."""
        if self._directions is None or self._picture is None:
            return self.exactly(vector)
        cosines: Cosines = np.einsum("ij,j->i", self._picture, vector @ self._directions)
        return cosines

    def exactly(self, vector: Vectors, rows: Rows | slice = slice(None)) -> Cosines:
        """The cosine with the given rows, in their order."""
        cosines: Cosines = np.einsum("ij,j->i", self._vectors[rows], vector)
        return cosines


def _main_directions(vectors: Vectors) -> Vectors:
    """The directions in which the rows differ most, shape (width, NARROW)."""
    sample = vectors[:: max(1, len(vectors) // _SAMPLE)]
    _, directions = np.linalg.eigh(sample.T @ sample)  # eigenvalues ascend
    narrow: Vectors = np.ascontiguousarray(directions[:, -NARROW:], dtype=np.float32)
    return narrow
