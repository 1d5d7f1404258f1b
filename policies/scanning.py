"""Scanner: the automaton that finds many words in one pass (daachorse), laid out after ordinary text.

Two more are made of one by rewriting its bytes, which takes milliseconds: `unfolding` reads a text as it came,
`Beginnings` tells what a text that is still being written may yet become.
"""

from collections.abc import Sequence
from typing import NamedTuple

import daachorse
import numpy as np
from numpy.typing import NDArray

Scanner = daachorse.CharwiseDoubleArrayAhoCorasick
Match = tuple[int, int, int]  # start, end, and which pattern
Column = NDArray[np.uint32]

UNEVEN = "\0"  # stands for every character that is not folded into exactly one; every table drops it
_NO_NUMBER = 0xFFFFFFFF
_ROOT, _NOWHERE = 0, 1  # states; the second is the parent of the root and of unused ones
_FOREIGN = "another form of automaton than that of daachorse 0.5, which pyproject.toml asks for"


def build_scanner(patterns: Sequence[str], corpus: Sequence[str] = ()) -> Scanner:
    """Build the automaton of `patterns`; `corpus` is ordinary text after which it lays out its states."""
    return Scanner(list(patterns) or [UNEVEN], daachorse.MATCH_KIND_STANDARD, list(corpus) or None, use_prefilter=False)


def unfolding(scanner: Scanner, images: Column) -> Scanner:
    """Make of a scanner of folded words, UNEVEN among them, one for texts that were not folded.

    The automaton numbers the characters of its words; those that the table folds into one get the number of that one.
    `images` gives by code point the one that it is folded into, 0 when that is not exactly one. Of the matches in such
    texts only the ends are right. Raises ValueError if the bytes are not those of daachorse 0.5.
    """
    form = _Form.read(scanner)
    numbers = np.full(len(images), _NO_NUMBER, "<u4")
    inside = images < len(form.numbers)
    numbers[inside] = form.numbers[images[inside]]
    return form._replace(numbers=numbers).make()


class Beginnings(NamedTuple):
    """What of the words of a scanner a text may end with.

    `scanner.find_overlapping_no_suffix` gives (_, end, 2 * length + found): the longest beginning of a word that ends
    there, and whether a pattern does. `firsts` are the characters that words begin with, as the scanner reads them.
    """

    scanner: Scanner
    firsts: Sequence[str]

    @classmethod
    def of(cls, scanner: Scanner, words: int, beside: int = 0, signals: int = 0) -> "Beginnings":
        """Take a scanner's patterns for: words, UNEVEN, words `beside` them, signals (which end nothing), others.

        Raises ValueError as `unfolding` does.
        """
        form = _Form.read(scanner)
        base, parents, fails, ends = form.states.T
        is_word, found = form.meaning(words, beside, signals)
        own = ends != ends[fails]  # without a pattern of its own a state has that of its longest suffix
        depths, begins = _depths(parents, is_word[ends] & own)
        begins |= parents == _NOWHERE
        longest = np.where(begins, np.arange(len(begins), dtype=np.uint32), fails)
        while (lost := np.flatnonzero(~begins[longest])).size:
            longest[lost] = fails[longest[lost]]
        told = 2 * depths[longest] + found[ends]
        outputs = np.zeros((int(told.max()), 3), np.uint32)
        outputs[:, 0] = np.arange(1, len(outputs) + 1)
        states = np.stack([base, parents, fails, told], axis=1)
        roots = np.flatnonzero(begins & (parents == _ROOT)).astype(np.uint32)
        codes = np.flatnonzero(np.isin(form.numbers, roots ^ base[_ROOT]))
        return cls(form._replace(states=states, outputs=outputs).make(), list(map(chr, codes.tolist())))

    def growth(self, text: str) -> int:
        """Give the length of the longest beginning of a word that `text` ends with."""
        matches = self.scanner.find_overlapping_no_suffix(text)
        return matches[-1][2] >> 1 if matches and matches[-1][1] == len(text) else 0


class _Form(NamedTuple):
    """An automaton as its bytes tell it."""

    states: NDArray[np.uint32]  # a row each: base, parent, state of the longest suffix, 1 + first output or 0
    numbers: Column  # by code point the number of the character, if it has one
    alphabet: int  # how many numbers there are
    outputs: NDArray[np.uint32]  # a row each: pattern, its length, 1 + the next output of the same state or 0
    rest: bytes

    @classmethod
    def read(cls, scanner: Scanner) -> "_Form":
        """Take a scanner apart. Raises ValueError if its bytes are not those of daachorse 0.5."""
        data = scanner.serialize()
        try:
            states, at = _rows(data, 0, 4)
            numbers, at = _rows(data, at, 1)
            alphabet = int.from_bytes(data[at : at + 4], "little")
            outputs, at = _rows(data, at + 4, 3)
        except ValueError as error:
            raise ValueError(_FOREIGN) from error
        if not (len(states) and len(numbers) and numbers[numbers != _NO_NUMBER].max(initial=0) < alphabet):
            raise ValueError(_FOREIGN)
        return cls(states, numbers[:, 0], alphabet, outputs, data[at:])

    def make(self) -> Scanner:
        """Put the automaton together."""
        counted = [(len(part).to_bytes(4, "little"), part.astype("<u4", copy=False).data) for part in self[:2]]
        outputs = (len(self.outputs).to_bytes(4, "little"), self.outputs.astype("<u4", copy=False).data)
        alphabet = self.alphabet.to_bytes(4, "little")
        return Scanner.deserialize(b"".join([*counted[0], *counted[1], alphabet, *outputs, self.rest]))

    def meaning(self, words: int, beside: int, signals: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Say of each output, from 1 on, whether its pattern is a word, and whether not only signals end there."""
        patterns, lengths, following = np.concatenate([np.zeros((1, 3), np.uint32), self.outputs]).T
        same = np.where(lengths[following] == lengths, following, 0)  # the same pattern once more
        is_word = (patterns <= words + beside) & (patterns != words)
        found = (patterns <= words) | (patterns > words + beside + signals)
        is_word[0] = found[0] = False
        return _any_along(is_word, same), _any_along(found, following)


def _rows(data: bytes, at: int, columns: int) -> tuple[NDArray[np.uint32], int]:
    """Read a counted table; give with it the place behind it. Raises ValueError where `data` ends before."""
    count = int.from_bytes(data[at : at + 4], "little")
    rows = np.frombuffer(data, "<u4", count * columns, at + 4).reshape(count, columns)
    return rows, at + 4 + rows.nbytes


def _any_along(flags: NDArray[np.bool_], links: Column) -> NDArray[np.bool_]:
    """Say of each whether it or any that its links lead to is flagged; 0 leads nowhere and is not flagged."""
    while links.any():
        flags, links = flags | flags[links], links[links]
    return flags


def _depths(parents: Column, flags: NDArray[np.bool_]) -> tuple[Column, NDArray[np.bool_]]:
    """Give how deep each state is, and whether it or one below it is flagged."""
    depths = (parents != _NOWHERE).astype(np.uint32)
    above = np.where(parents == _NOWHERE, _ROOT, parents)
    while above.any():  # in each round twice as far above
        flags[above[flags]] = True
        depths, above = depths + depths[above], above[above]
    return depths, flags
