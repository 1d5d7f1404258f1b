"""Lexicon: listed words in the form a table gives them, sorted, and where they occur in a text of that form.

A word also occurs when its letters are repeated (赌赌博博): text and word are compared by their runs of equal
characters, and no run in the text may be shorter than in the word. Knows no category and no action.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import daachorse

DIGITS = frozenset("〇一二三四五六七八九")
LONGEST_DRAWN_OUT = 6
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
REPEATED = re.compile(r"(.)\1+", re.DOTALL)

Scanner = daachorse.CharwiseDoubleArrayAhoCorasick


class Runs(NamedTuple):
    """A text by its runs of equal characters: one character a run, and where each run begins."""

    text: str
    starts: Sequence[int]  # one more than there are runs: the last is the end of the text


def runs(text: str) -> Runs:
    """Split a text into its runs of equal characters."""
    pieces: list[str] = []
    starts: list[int] = []
    done = 0
    for match in REPEATED.finditer(text):
        first, after = match.span()
        pieces.append(text[done : first + 1])
        starts += range(done, first + 1)
        done = after
    if not done:
        return Runs(text, range(len(text) + 1))
    return Runs("".join([*pieces, text[done:]]), [*starts, *range(done, len(text) + 1)])


def is_stretched(counts: Sequence[int]) -> bool:
    """Say whether runs of these lengths look like repeating on purpose: three of one, or two pairs side by side.

    Nobody writes 看看 or good to hide a word; 赌赌博博 and baaad are written for nothing else.
    """
    return any(count > 2 for count in counts) or any(a > 1 < b for a, b in pairwise(counts))


def may_be_drawn_out(key: str) -> bool:
    """Say whether a word is short enough to be repeated or spaced out, so that few signs of it need be known."""
    return len(key) <= LONGEST_DRAWN_OUT or key.isascii()


def stretches(character: str) -> bool:
    """Say whether people repeat this character to hide a word."""
    return character.isalpha() and character not in DIGITS


class Lexicon:
    """Words given as (form, number): `form` as the table gives it, `number` what the owner calls the word.

    Kept are the sorted keys, one array of numbers, where the keys of each first two characters begin, and the runs of
    the few words with doubled characters.
    """

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        keyed = _sorted((*_key(form), number) for form, number in words if form)
        self._keep(
            [key for key, _, _ in keyed],
            array("I", [number for _, _, number in keyed]),
            {place: needs for place, (_, needs, _) in enumerate(keyed) if needs},
        )

    @classmethod
    def restore(cls, keys: list[str], numbers: "array[int]", needs: dict[int, bytes]) -> "Lexicon":
        """Make the lexicon again that had these `keys`, `numbers` and `needs`."""
        lexicon = cls(())
        lexicon._keep(keys, numbers, needs)
        return lexicon

    def _keep(self, keys: list[str], numbers: "array[int]", needs: dict[int, bytes]) -> None:
        self.keys, self.numbers, self.needs = keys, numbers, needs
        self.initials = frozenset([key[0] for key in keys])
        self.doubled = frozenset([keys[place] for place in needs if len(keys[place]) == 1])
        heads = [key[:2] for key in keys]
        self._starts = array("I", [place for place, head in enumerate(heads) if not place or head != heads[place - 1]])
        self._heads = {heads[place]: number for number, place in enumerate(self._starts)}
        self._starts.append(len(keys))

    def patterns(self) -> list[str]:
        """What a scanner looks for: each word as it is and by its runs, and the signs of a stretched one.

        A text in which none of these is has no word, however stretched.
        """
        exact = [self._form(place) for place in range(len(self.keys))]
        by_runs = [self.keys[place] for place in self.needs if len(self.keys[place]) > 1]
        long = [key for key in self.keys if len(key) > 2 and may_be_drawn_out(key)]
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
            starts.update([at for at, one in enumerate(text.text) if one in self.doubled])
        for start in sorted(starts):
            for end, place in self.starting(text.text, start):
                usual = text.starts[end] - text.starts[start] == end - start and place not in self.needs
                if usual or self.fits(place, [b - a for a, b in pairwise(text.starts[start : end + 1])]):
                    yield start, end, place

    def starting(self, text: str, start: int) -> Iterator[tuple[int, int]]:
        """Give (end, place) of every key that text[start:] begins with, shortest first."""
        for place in self._range(text[start : start + 1]):
            yield start + 1, place
        places = self._range(text[start : start + 2])
        for end in range(start + 2, len(text) + 1):
            places = self._narrow(places, text[start:end])
            if not places:
                return
            yield from ((end, place) for place in self._equal(text[start:end], places.start))

    def begins(self, prefix: str) -> bool:
        """Say whether some key begins with `prefix`."""
        if len(prefix) == 1:
            return prefix in self.initials
        return bool(self._narrow(self._range(prefix[:2]), prefix))

    def equal(self, key: str) -> Iterator[int]:
        """Give the places of all words whose key is `key`."""
        places = self._range(key[:2])
        return self._equal(key, bisect_left(self.keys, key, places.start, places.stop)) if places else iter(())

    def _range(self, head: str) -> range:
        """Give the places of all keys that begin with these two characters (of a single one: that are it)."""
        number = self._heads.get(head)
        return range(self._starts[number], self._starts[number + 1]) if number is not None else range(0)

    def _narrow(self, places: range, prefix: str) -> range:
        """Give the first place of those that begin with `prefix` and the end of `places`; an empty range when none."""
        first = bisect_left(self.keys, prefix, places.start, places.stop)
        found = first < places.stop and self.keys[first].startswith(prefix)
        return range(first, places.stop) if found else range(0)

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
        if any(more) and not may_be_drawn_out(key):
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


def _sorted(keyed: Iterable[tuple[str, bytes, int]]) -> list[tuple[str, bytes, int]]:
    """Sort by first characters: many short sorts, between which other threads have their turn."""
    groups: dict[str, list[tuple[str, bytes, int]]] = {}
    for one in keyed:
        groups.setdefault(one[0][0], []).append(one)
    return [one for first in sorted(groups) for one in sorted(groups[first])]


def _key(form: str) -> tuple[str, bytes]:
    if not REPEATED.search(form):
        return form, b""
    read = runs(form)
    return read.text, bytes([b - a for a, b in pairwise(read.starts)])
