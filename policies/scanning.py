"""Scanner: the automaton that finds many words in one pass (daachorse), laid out after ordinary text.

`unfolding` makes one that reads a text as it came. The automaton numbers the characters of its words; there the
characters that a table folds into one get the number of that one, so that scanning folds at no cost.
"""

from collections.abc import Sequence

import daachorse
import numpy as np
from numpy.typing import NDArray

Scanner = daachorse.CharwiseDoubleArrayAhoCorasick
Match = tuple[int, int, int]  # start, end, and which pattern

UNEVEN = "\0"  # stands for every character that is not folded into exactly one; every table drops it
_STATE_BYTES = 16
_NO_NUMBER = 0xFFFFFFFF


def build_scanner(patterns: Sequence[str], corpus: Sequence[str] = ()) -> Scanner:
    """Build the automaton of `patterns`; `corpus` is ordinary text after which it lays out its states."""
    return Scanner(list(patterns) or [UNEVEN], daachorse.MATCH_KIND_STANDARD, list(corpus) or None, use_prefilter=False)


def unfolding(scanner: Scanner, images: NDArray[np.uint32]) -> Scanner:
    """Make of a scanner of folded words, UNEVEN among them, one for texts that were not folded.

    `images` gives by code point the one that it is folded into, 0 when that is not exactly one. Of the matches in such
    texts only the ends are right. The bytes of daachorse 0.5 are: how many states, the states, how many code points,
    the number of each (from 0 on, or none), how many numbers, outputs. Raises ValueError if they are not.
    """
    data = scanner.serialize()
    start = 4 + _STATE_BYTES * _integer(data, 0)
    count = _integer(data, start)
    after = start + 4 + 4 * count
    numbers = np.frombuffer(data[start + 4 : after] if after < len(data) else b"", "<u4")
    known = np.sort(numbers[numbers != _NO_NUMBER])
    if not (len(numbers) == count > 0 and np.array_equal(known, np.arange(_integer(data, after)))):
        raise ValueError("another form of automaton than that of daachorse 0.5, which pyproject.toml asks for")
    folded = np.full(len(images), _NO_NUMBER, "<u4")
    inside = images < count
    folded[inside] = numbers[images[inside]]
    return Scanner.deserialize(b"".join([data[:start], len(folded).to_bytes(4, "little"), folded.data, data[after:]]))


def _integer(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
