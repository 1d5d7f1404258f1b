"""Many short texts as a few objects: Lines to keep them (100,000 words are 2 MB), Letters to work on all at once."""

import sys
from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Lines(NamedTuple):
    """Texts one behind the other, and where each begins and the last ends."""

    joined: str
    starts: "array[int]"

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Lines":
        return cls("".join(texts), array("I", accumulate(map(len, texts), initial=0)))

    def line(self, number: int) -> str:
        return self.joined[self.starts[number] : self.starts[number + 1]]


class Letters(NamedTuple):
    """The code points of texts, one text behind the other, and where each text begins and the last ends."""

    codes: NDArray[np.uint32]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Letters":
        ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
        return cls(encode("".join(texts)), np.append(0, ends))

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.starts)

    def texts(self, flags: NDArray[np.bool_]) -> list[str]:
        """Give the flagged texts. They have no \\0: no folded text has."""
        lengths = self.lengths
        letters, ends = self.codes[np.repeat(flags, lengths)], np.cumsum(lengths[flags])
        return decode(np.insert(letters, ends, 0)).split("\0")[:-1]

    def used(self, flags: NDArray[np.bool_]) -> set[str]:
        """Give the letters that the flagged texts have."""
        has = np.zeros(sys.maxunicode + 1, bool)
        has[self.codes[np.repeat(flags, self.lengths)]] = True
        return set(map(chr, np.flatnonzero(has).tolist()))

    def having(self, flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Say of each text whether one of its letters is flagged."""
        before = np.append(0, np.cumsum(flags))[self.starts]
        return before[1:] > before[:-1]

    def where(self, flags: NDArray[np.bool_]) -> "Letters":
        """Keep the flagged letters of each text."""
        return Letters(self.codes[flags], np.append(0, np.cumsum(flags))[self.starts])


def encode(text: str) -> NDArray[np.uint32]:
    """Give the code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint32, copy=False)


def decode(codes: NDArray[np.uint32]) -> str:
    """Give the text of these code points."""
    return codes.astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")
