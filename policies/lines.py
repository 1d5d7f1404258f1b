"""Lines: many short texts as two objects: 100,000 words are 2 MB."""

from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple


class Lines(NamedTuple):
    """Texts one behind the other, and where each begins and the last ends."""

    joined: str
    starts: "array[int]"

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Lines":
        return cls("".join(texts), array("I", accumulate(map(len, texts), initial=0)))

    def line(self, number: int) -> str:
        return self.joined[self.starts[number] : self.starts[number + 1]]

    def all(self) -> list[str]:
        return [self.joined[first:after] for first, after in pairwise(self.starts)]
