"""Runs of equal characters: how a word looks when its letters are repeated (赌赌博博), and when that is on purpose."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from policies.lines import Letters

DIGITS = frozenset("〇一二三四五六七八九")
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
LONGEST_DRAWN_OUT = 6
_REPEATED = re.compile(r"(.)\1+", re.DOTALL)


class Runs(NamedTuple):
    """A text by its runs of equal characters: one character a run, and where each run begins."""

    text: str
    starts: Sequence[int]  # one more than there are runs: the last is the end of the text

    def counts(self, start: int, end: int) -> list[int]:
        """Give the lengths of runs `start` to `end`."""
        return [after - before for before, after in pairwise(self.starts[start : end + 1])]


def runs(text: str) -> Runs:
    """Split a text into its runs of equal characters."""
    pieces: list[str] = []
    starts: list[int] = []
    done = 0
    for match in _REPEATED.finditer(text):
        first, after = match.span()
        pieces.append(text[done : first + 1])
        starts += range(done, first + 1)
        done = after
    if not done:
        return Runs(text, range(len(text) + 1))
    return Runs("".join([*pieces, text[done:]]), [*starts, *range(done, len(text) + 1)])


def collapse(texts: Letters) -> Letters:
    """Give each text, none of which is empty, with one letter a run."""
    first = np.append(True, texts.codes[1:] != texts.codes[:-1])[: len(texts.codes)]
    first[texts.starts[:-1]] = True
    return texts.where(first)


def is_stretched(counts: Sequence[int]) -> bool:
    """Say whether runs of these lengths look like repeating on purpose: three of one, or two pairs side by side.

    Nobody writes 看看 or good to hide a word; 赌赌博博 and baaad are written for nothing else.
    """
    return any(count > 2 for count in counts) or any(a > 1 < b for a, b in pairwise(counts))


def may_be_drawn_out(keys: Letters) -> NDArray[np.bool_]:
    """Say of words, given by their runs, whether they are short enough to be repeated or spaced out.

    Of long ones nobody does that, and few signs of it need be known.
    """
    return (keys.lengths <= LONGEST_DRAWN_OUT) | ~keys.having(keys.codes > ord("\x7f"))


def may_one_be_drawn_out(key: str) -> bool:
    """Say it of one word."""
    return len(key) <= LONGEST_DRAWN_OUT or key.isascii()


def stretches(character: str) -> bool:
    """Say whether people repeat this character to hide a word."""
    return character.isalpha() and character not in DIGITS


def fits(key: str, needs: Sequence[int], counts: Sequence[int]) -> bool:
    """Say whether runs of these lengths can be the word whose runs are those of `key`, `needs` long.

    Only letters and characters may be more than in the word, not digits and signs; Latin letters and what lies
    inside a word only when it looks like purpose.
    """
    more = [count - need for count, need in zip(counts, needs, strict=True)]
    if not any(more):
        return True
    if min(more) < 0 or any(extra and not stretches(one) for one, extra in zip(key, more, strict=True)):
        return False
    if not may_one_be_drawn_out(key):
        return False
    unusual = more if LETTERS.issuperset(key) else more[1:-1]
    return not any(unusual) or is_stretched(counts)
