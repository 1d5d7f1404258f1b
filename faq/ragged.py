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
    def owners(self) -> Numbers:
        """The number of the list that each of the values is in."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self._ends))
