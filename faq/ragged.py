"""Many short lists of numbers in two arrays: a million list objects would cost ten times more."""

from array import array
from collections.abc import Iterable, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]


class Lists(Sequence[Numbers]):
    """Lists of int32, by number; `values` has them one after another."""

    def __init__(self, lists: Iterable[Sequence[int]]) -> None:
        values, ends = array("i"), array("q", [0])
        for one in lists:
            values.extend(one)
            ends.append(len(values))
        self.values = np.array(values, np.int32)
        self._ends = np.array(ends, np.int64)

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, at: int) -> Numbers: ...
    @overload
    def __getitem__(self, at: slice) -> list[Numbers]: ...
    def __getitem__(self, at: int | slice) -> Numbers | list[Numbers]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        return self.values[self._ends[at] : self._ends[at + 1]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self._ends)

    def take(self, lists: NDArray[np.integer]) -> tuple[Numbers, NDArray[np.int64]]:
        """Give the values of these lists, one list after another, and how many each has."""
        first, lengths = self._ends[lists], self._ends[lists + 1] - self._ends[lists]
        before = np.cumsum(lengths) - lengths
        return self.values[np.arange(lengths.sum()) + np.repeat(first - before, lengths)], lengths

    @property
    def owners(self) -> Numbers:
        """The number of the list that each of the values is in."""
        return np.repeat(np.arange(len(self), dtype=np.int32), self.lengths)


def largest(values: NDArray[np.float32], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
    """Give the largest of each stretch of values that are not negative; of nothing 0."""
    found = np.zeros(len(lengths), np.float32)
    some = lengths > 0
    if some.any():
        found[some] = np.maximum.reduceat(values, (np.cumsum(lengths) - lengths)[some])
    return found
