"""Lexicon: listed words in the form a table gives them, and where they occur in a text of that form.

A word also occurs when its letters are repeated: text and word are compared by their runs of equal characters, and no
run in the text may be shorter than in the word. Knows no category and no action.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import compress
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from policies.lines import Letters, Lines
from policies.runs import Runs, collapse, fits, may_be_drawn_out, runs, stretches
from policies.scanning import UNEVEN, Beginnings, Match, Scanner, build_scanner, unfolding

Span = tuple[int, int, int]  # start, end, and the owner's number of the word
Sight = tuple[Sequence[Span], bool]  # all words in a text, overlapping ones too, and whether there is a signal
Entries = Sequence[int | str]  # a table for str.translate
_START = itemgetter(0)


class Words(NamedTuple):
    """Words in two columns: how they are written, and what the owner calls them. Whole columns are quick to work on."""

    texts: Sequence[str]
    numbers: Sequence[int]

    def where(self, chosen: Iterable[object]) -> "Words":
        """Keep the words for which `chosen` has something true."""
        flags = list(chosen)
        return Words(list(compress(self.texts, flags)), list(compress(self.numbers, flags)))


class Doubled(NamedTuple):
    """The words with doubled characters: their places in the lexicon, their forms, and what finds them by their runs.

    It does not look for words of one character, repeated, which would be everywhere, nor for long ones.
    """

    places: "array[int]"
    forms: Lines
    longer: "array[int]"  # the places the scanner's patterns stand for
    scanner: Scanner

    @classmethod
    def of(cls, forms: Sequence[str], letters: Letters, keys: Letters) -> "Doubled":
        """Take the words whose runs (`keys`) are fewer than their characters."""
        doubled = letters.lengths > keys.lengths
        longer = doubled & (keys.lengths > 1) & may_be_drawn_out(keys)
        lines = Lines.of(list(compress(forms, doubled.tolist())))
        return cls(_places(doubled), lines, _places(longer), build_scanner(keys.texts(longer)))

    def runs(self, place: int) -> Runs | None:
        """Give the word at `place` by its runs, None when it has no doubled character."""
        number = bisect_left(self.places, place)
        known = number < len(self.places) and self.places[number] == place
        return runs(self.forms.line(number)) if known else None


class Lexicon:
    """Words in the form that the table gives them.

    The scanner reads texts that were not folded, if it can. It knows, in this order: the words, UNEVEN, words `beside`
    them, the owner's signals, and pairs of equal letters, without which no word is stretched. A match tells which by
    its place. Of digits and signs there are no pairs: words with one at an edge have their length as a negative number.
    """

    def __init__(
        self, numbers: "array[int]", lengths: "array[int]", doubled: Doubled, beside: int, pairs: int, scanner: Scanner
    ) -> None:
        """Take the parts; `build` makes them."""
        self.numbers = numbers
        self.lengths = lengths  # of all that the scanner knows
        self.doubled = doubled
        self.beside = beside  # how many
        self.pairs = pairs  # the place of the first pair
        self.scanner = scanner

    @classmethod
    def build(
        cls,
        words: Words,
        images: NDArray[np.uint32] | None,
        corpus: Sequence[str] = (),
        beside: Sequence[str] = (),
        signals: Sequence[str] = (),
    ) -> "Lexicon":
        """Build the lexicon; `corpus` is ordinary folded text, after which the scanner is laid out to be faster.

        `images` are those of the table, as far as texts have such characters (see scanning.unfolding); None when
        the scanner gets folded texts only. The words `beside` are not found, but known to be growing (see Stream).
        """
        forms, owners = words if all(words.texts) else words.where(words.texts)
        letters = Letters.of(forms)
        keys = collapse(letters)
        drawn_out = _drawn_out(keys) | _drawn_out(collapse(Letters.of(beside)))
        edges, fixed = _edges(letters)
        pairs = [one * 2 for one in sorted(drawn_out | edges) if stretches(one)]
        others = [UNEVEN, *beside, *signals, *pairs]
        lengths = array("h", np.where(fixed, -letters.lengths, letters.lengths).astype(np.int16).tobytes())
        lengths.extend(map(len, others))
        scanner = build_scanner([*forms, *others], corpus)
        if images is not None:
            scanner = unfolding(scanner, images)
        doubled = Doubled.of(forms, letters, keys)
        return cls(array("I", owners), lengths, doubled, len(beside), len(lengths) - len(pairs), scanner)

    @cached_property
    def longest(self) -> int:
        """The length of the longest pattern."""
        return max(map(abs, self.lengths))

    @cached_property
    def beginnings(self) -> Beginnings:
        """Tells of a text that is still being written which word it may become."""
        words = len(self.numbers)
        return Beginnings.of(self.scanner, words, self.beside, self.pairs - words - 1 - self.beside)

    @cached_property
    def _doubled_beginnings(self) -> Beginnings:
        return Beginnings.of(self.doubled.scanner, len(self.doubled.longer))

    def growing_from(self, text: str) -> int:
        """Give where in a folded text the part begins that may become a word, whatever is repeated; else its end."""
        start = len(text) - self.beginnings.growth(text)
        read = runs(text)
        if len(read.text) == len(text):
            return start
        grown = max(self.beginnings.growth(read.text), self._doubled_beginnings.growth(read.text))
        return read.starts[min(bisect_right(read.starts, start) - 1, len(read.text) - grown)]

    def look(self, text: str, entries: Entries) -> Sight | None:
        """Say what is in `text`; None when it has characters that `entries` do not fold into exactly one."""
        matches = self.scanner.find_overlapping(text)
        return self.weigh(matches, text, entries) if matches else ((), False)

    def weigh(self, matches: Sequence[Match], text: str, entries: Entries) -> Sight | None:
        """Say what these matches of the scanner in `text` mean, as `look` does."""
        spans, signalled, stretched, repeated, last_pair = [], False, False, False, -1
        words, pairs, numbers, lengths = len(self.numbers), self.pairs, self.numbers, self.lengths
        for _, end, place in matches:
            if place >= pairs:
                if end <= last_pair + 2:  # three of a letter, or two pairs side by side: on purpose
                    stretched = True
                repeated, last_pair = True, end
            elif place < words:
                length = lengths[place]
                if length < 0:  # no pair tells that its edge is repeated
                    repeated, length = True, -length
                spans.append((end - length, end, numbers[place]))
            elif place > words:
                signalled = True
            else:
                return None
        if len(spans) > 1:  # from the left, the longest first: so far they are by their ends, the longest first
            spans.reverse()
            spans.sort(key=_START)
        if spans and repeated and not stretched:
            stretched = _goes_on(text, spans, entries)
        return (self._stretched(matches, text.translate(entries)) if stretched else spans), signalled

    def _stretched(self, matches: Sequence[Match], text: str) -> Sequence[Span]:
        """Look at a folded text with repeated characters: run by run, each from its first to its last."""
        words, lengths, read = len(self.numbers), self.lengths, runs(text)
        joined, starts = read
        candidates = {match for match in self.scanner.find_overlapping(joined) if match[2] < words}
        for start, end, number in self.doubled.scanner.find_overlapping(joined):
            candidates.add((start, end, self.doubled.longer[number]))
        for _, end, place in matches:
            if place < words:
                first = bisect_right(starts, end - abs(lengths[place])) - 1
                candidates.add((first, bisect_left(starts, end), place))
        spans = {
            (starts[start], starts[end], self.numbers[place])
            for start, end, place in candidates
            if self.fits(place, joined[start:end], read.counts(start, end))
        }
        return sorted(spans, key=lambda span: (span[0], -span[1]))

    def fits(self, place: int, key: str, counts: Sequence[int]) -> bool:
        """Say whether runs of these lengths can be the word at `place`, whose characters are `key`."""
        needs = self.doubled.runs(place)
        return fits(key, needs.counts(0, len(key)) if needs else [1] * len(key), counts)


def _drawn_out(keys: Letters) -> set[str]:
    """Give the letters of all words that may be drawn out in their middle too."""
    return keys.used(may_be_drawn_out(keys) & (keys.lengths > 2))


def _edges(words: Letters) -> tuple[set[str], NDArray[np.bool_]]:
    """Give the letters that words begin or end with, and say of each word whether it does with a digit or sign."""
    codes = np.stack([words.codes[words.starts[:-1]], words.codes[words.starts[1:] - 1]])
    edges = set(map(chr, np.unique(codes).tolist()))
    first, last = np.isin(codes, [ord(one) for one in edges if not stretches(one)])
    return edges, first | last


def _places(flags: NDArray[np.bool_]) -> "array[int]":
    return array("I", np.flatnonzero(flags).astype(np.uint32).tobytes())


def _goes_on(text: str, spans: Iterable[Span], entries: Entries) -> bool:
    """Say whether the first or last character of one of these is repeated beside it, folded, or may be."""
    size = len(text)
    try:
        for start, end, _ in spans:
            if start and entries[ord(text[start - 1])] == entries[ord(text[start])]:
                return True
            if end < size and entries[ord(text[end])] == entries[ord(text[end - 1])]:
                return True
    except IndexError:  # beyond the table, or of a folded text: a closer look tells
        return True
    return False
