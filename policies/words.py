"""Lexicon: listed words in the form a table gives them, sorted, and where they occur in a text of that form.

A word also occurs when its letters are repeated (赌赌博博): text and word are compared by their runs of equal
characters, and no run in the text may be shorter than in the word. Knows no category and no action.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

import daachorse

DIGITS = frozenset("〇一二三四五六七八九")
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
DOUBLED = re.compile(r"(.)\1", re.DOTALL)
STRETCHED = re.compile(r"(.)\1(?:\1|(.)\2)", re.DOTALL)  # nobody writes 看看 to hide a word; 赌赌博博 and baaad do

Scanner = daachorse.CharwiseDoubleArrayAhoCorasick


class Runs(NamedTuple):
    """A text by its runs of equal characters: one character a run, how often, and where each run begins."""

    text: str
    counts: Sequence[int]
    starts: Sequence[int]  # one more than there are runs: the last is the end of the text


def runs(text: str) -> Runs:
    """Split a text into its runs of equal characters."""
    if not DOUBLED.search(text):
        return Runs(text, bytes(b"\1" * len(text)), range(len(text) + 1))
    found = [(character, len(list(members))) for character, members in groupby(text)]
    counts = [count for _, count in found]
    starts = [0]
    for count in counts:
        starts.append(starts[-1] + count)
    return Runs("".join([character for character, _ in found]), counts, starts)


def is_stretched(counts: Sequence[int]) -> bool:
    """Say whether runs of these lengths look like repeating on purpose: three in a row, or two pairs side by side."""
    return any(count > 2 for count in counts) or any(a > 1 < b for a, b in pairwise(counts))


def stretches(character: str) -> bool:
    """Say whether people repeat this character to hide a word."""
    return character.isalpha() and character not in DIGITS


class Lexicon:
    """Words given as (form, number): `form` as the table gives it, `number` what the owner calls the word.

    Kept are two arrays and a dictionary of the few words with doubled characters.
    """

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        keyed = sorted([(*_key(form), number) for form, number in words if form])
        self.keys = [key for key, _, _ in keyed]
        self.numbers = array("I", [number for _, _, number in keyed])
        self.needs = {place: needs for place, (_, needs, _) in enumerate(keyed) if needs}
        self._index()

    def _index(self) -> None:
        single = {key for key in self.keys if len(key) == 1}
        self.initials = frozenset([key[0] for key in self.keys])
        self.doubled = frozenset(self.keys[place] for place in self.needs if len(self.keys[place]) == 1)
        self.shortest = 1 if single else 2

    def patterns(self) -> list[str]:
        """What a scanner looks for: each word as it is and by its runs, and the signs of a stretched one.

        A text in which none of these is has no word, however stretched.
        """
        exact = [self._form(place) for place in range(len(self.keys))]
        by_runs = [self.keys[place] for place in self.needs if len(self.keys[place]) > 1]
        long = [key for key in self.keys if len(key) > 2]
        triples = [one * 3 for one in set("".join(long)) if stretches(one)]
        pairs = {key[at : at + 2] for key in long for at in range(len(key) - 1)}
        doubled = [one[0] * 2 + one[1] * 2 for one in pairs if stretches(one[0]) and stretches(one[1])]
        return list(dict.fromkeys([*exact, *by_runs, *triples, *doubled]))

    def digit_pairs(self) -> set[str]:
        """Give all pairs of neighbours in the words of which at least one is a digit, and digits that are a word."""
        with_digits = [self._form(place) for place, key in enumerate(self.keys) if not DIGITS.isdisjoint(key)]
        pairs = {form[at : at + 2] for form in with_digits for at in range(max(len(form) - 1, 1))}
        return {pair for pair in pairs if not DIGITS.isdisjoint(pair)}

    def find(self, text: Runs, anchors: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
        """Give (start, end, place) in runs of all words; each begins within an anchor or at a doubled character."""
        starts = {start for first, end, _ in anchors for start in range(first, end)}
        if self.doubled and len(text.text) < text.starts[-1]:
            starts.update(at for at, one in enumerate(text.text) if one in self.doubled)
        for start in sorted(starts):
            for end, place in self.starting(text.text, start):
                if self.fits(place, text.counts[start:end]):
                    yield start, end, place

    def starting(self, text: str, start: int) -> Iterator[tuple[int, int]]:
        """Give (end, place) of every key that text[start:] begins with, shortest first."""
        keys = self.keys
        place = 0
        for end in range(start + self.shortest, len(text) + 1):
            prefix = text[start:end]
            place = bisect_left(keys, prefix, place)
            if place == len(keys) or not keys[place].startswith(prefix):
                return
            for same in self._equal(prefix, place):
                yield end, same

    def begins(self, prefix: str) -> bool:
        """Say whether some key begins with `prefix`."""
        place = bisect_left(self.keys, prefix)
        return place < len(self.keys) and self.keys[place].startswith(prefix)

    def equal(self, key: str) -> Iterator[int]:
        """Give the places of all words whose key is `key`."""
        return self._equal(key, bisect_left(self.keys, key))

    def fits(self, place: int, counts: Sequence[int]) -> bool:
        """Say whether runs of these lengths can be the word at `place`.

        Only letters and characters may be more than in the word, not digits and signs; Latin letters and what lies
        inside a word only when it looks like purpose.
        """
        key = self.keys[place]
        needs = self.needs.get(place) or b"\1" * len(key)
        more = [count - need for count, need in zip(counts, needs, strict=True)]
        if min(more) < 0 or any(extra and not stretches(one) for one, extra in zip(key, more, strict=True)):
            return False
        unusual = more if LETTERS.issuperset(key) else more[1:-1]
        return not any(unusual) or is_stretched(counts)

    def _equal(self, key: str, place: int) -> Iterator[int]:
        while place < len(self.keys) and self.keys[place] == key:
            yield place
            place += 1

    def _form(self, place: int) -> str:
        needs = self.needs.get(place)
        return "".join(map(str.__mul__, self.keys[place], needs)) if needs else self.keys[place]


def build_scanner(patterns: Sequence[str], corpus: Sequence[str]) -> Scanner:
    """Build the automaton of `patterns`; `corpus` is ordinary text after which it lays out its states."""
    return Scanner(list(patterns) or ["\uffff"], daachorse.MATCH_KIND_LEFTMOST_LONGEST, list(corpus) or None)


def _key(form: str) -> tuple[str, bytes]:
    if not DOUBLED.search(form):
        return form, b""
    groups = [(character, len(list(members))) for character, members in groupby(form)]
    return "".join([character for character, _ in groups]), bytes([count for _, count in groups])
