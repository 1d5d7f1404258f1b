"""Lexicon: listed words in the form a table gives them, and where they occur in a text of that form.

A word also occurs when its letters are repeated: text and word are compared by their runs of equal characters, and no
run in the text may be shorter than in the word. Knows no category and no action.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import daachorse

from policies.lines import Lines
from policies.runs import REPEATED, Runs, fits, is_on_purpose, may_be_drawn_out, runs, stretches
from policies.trie import Trie

Scanner = daachorse.CharwiseDoubleArrayAhoCorasick
Match = tuple[int, int, int]  # start, end, and which pattern
Span = tuple[int, int, int]  # start, end, and the owner's number of the word

_NOTHING: tuple[tuple[()], bool] = ((), False)
_NOWHERE = "\0"  # every table drops it


class Doubled(NamedTuple):
    """The words with doubled characters: their places in the lexicon, their forms, and what finds them by their runs.

    Words of one character, repeated, are not looked for by their runs: they would be everywhere.
    """

    places: "array[int]"
    forms: Lines
    longer: "array[int]"  # the places the scanner's patterns stand for
    scanner: Scanner

    @classmethod
    def of(cls, forms: Sequence[str], by_runs: dict[int, Runs]) -> "Doubled":
        longer = [place for place, read in by_runs.items() if len(read.text) > 1]
        scanner = build_scanner([by_runs[place].text for place in longer])
        return cls(array("I", by_runs), Lines.of([forms[place] for place in by_runs]), array("I", longer), scanner)

    def runs(self, place: int) -> Runs | None:
        """Give the word at `place` by its runs, None when it has no doubled character."""
        number = bisect_left(self.places, place)
        return runs(self.forms.line(number)) if self.places[number : number + 1] == array("I", [place]) else None


class Lexicon:
    """Words given as (form, number): `form` as the table gives it, `number` what the owner calls the word.

    The scanner knows, in this order: the words, the owner's `signals`, and pairs of equal letters, without which no
    word is stretched. A match tells which by its place.
    """

    def __init__(self, numbers: "array[int]", doubled: Doubled, pairs: int, scanner: Scanner, trie: Trie) -> None:
        """Take the parts; `build` makes them."""
        self.numbers = numbers
        self.doubled = doubled
        self.pairs = pairs  # the place of the first pair
        self.scanner = scanner
        self.trie = trie
        self._scan = scanner.find_overlapping

    @classmethod
    def build(
        cls, words: Iterable[tuple[str, int]], corpus: Sequence[str] = (), signals: Sequence[str] = ()
    ) -> "Lexicon":
        """Build the lexicon; `corpus` is ordinary text, after which the scanner is laid out to be faster."""
        listed = [word for word in words if word[0]]
        forms = [form for form, _ in listed]
        by_runs = {place: runs(form) for place, form in enumerate(forms) if REPEATED.search(form)}
        keys = list(forms)
        for place, read in by_runs.items():
            keys[place] = read.text
        letters = set("".join([key for key in keys if len(key) > 2 and may_be_drawn_out(key)]))
        pairs = [one * 2 for one in sorted(letters) if stretches(one)]
        scanner = build_scanner([*forms, *signals, *pairs], corpus)
        numbers = array("I", [number for _, number in listed])
        return cls(numbers, Doubled.of(forms, by_runs), len(forms) + len(signals), scanner, Trie.build(keys))

    def look(self, text: str) -> tuple[Sequence[Span], bool]:
        """Give all words in `text`, by their places in it, and whether there is a signal."""
        matches = self._scan(text)
        if not matches:
            return _NOTHING
        spans, signalled = [], False
        words, pairs, numbers = len(self.numbers), self.pairs, self.numbers
        for start, end, place in matches:
            if place < words:
                if text[start - 1 : start] == text[start] or text[end : end + 1] == text[end - 1]:
                    return self._stretched(text, matches)
                spans.append((start, end, numbers[place]))
            elif place < pairs:
                signalled = True
            elif is_on_purpose(text, start, end):
                return self._stretched(text, matches)
        return spans, signalled

    def _stretched(self, text: str, matches: Sequence[Match]) -> tuple[Sequence[Span], bool]:
        """Look at a text with repeated characters: run by run, each from its first to its last."""
        words, read = len(self.numbers), runs(text)
        candidates = [match for match in self._scan(read.text) if match[2] < words]
        candidates += [
            (start, end, self.doubled.longer[number])
            for start, end, number in self.doubled.scanner.find_overlapping(read.text)
        ]
        for start, end, place in matches:
            if place < words and text.count(text[start], start, end) == end - start > 1:  # one character, repeated
                first = bisect_right(read.starts, start) - 1
                candidates.append((first, first + 1, place))
        spans = {
            (read.starts[start], read.starts[end], self.numbers[place])
            for start, end, place in candidates
            if self.fits(place, read.text[start:end], read.counts(start, end))
        }
        return sorted(spans), any(words <= place < self.pairs for _, _, place in matches)

    def fits(self, place: int, key: str, counts: Sequence[int]) -> bool:
        """Say whether runs of these lengths can be the word at `place`, whose characters are `key`."""
        needs = self.doubled.runs(place)
        return fits(key, needs.counts(0, len(key)) if needs else [1] * len(key), counts)


def build_scanner(patterns: Sequence[str], corpus: Sequence[str] = ()) -> Scanner:
    """Build the automaton of `patterns`; `corpus` is ordinary text after which it lays out its states."""
    return Scanner(list(patterns) or [_NOWHERE], daachorse.MATCH_KIND_STANDARD, list(corpus) or None)
