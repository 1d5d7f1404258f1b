"""Reading: one way of reading a text - a table of characters, and the words that are looked for in that form.

The plain reading is one of several; others read sounds, radicals, or past punctuation (evasions.py).
`Reading.find` takes a whole text, `Tracker` takes it piece by piece and finds the very same.
"""

from collections.abc import Callable, Sequence
from copy import copy
from typing import NamedTuple

from policies.characters import Table
from policies.words import LETTERS, Lexicon, Scanner, runs

Accept = Callable[[str], bool]  # whether the characters of the original text may count as the word
Hint = Callable[[str], object]  # false for texts that need not be read


class Found(NamedTuple):
    """One occurrence: text[start:end] of the original text, and the owner's number of the word."""

    start: int
    end: int
    number: int


class Reading:
    """What is looked for in which form, the scanner that says where, and what the original characters must be like."""

    def __init__(
        self,
        name: str,
        table: Table,
        lexicon: Lexicon,
        scanner: Scanner,
        accept: Accept | None = None,
        hint: Hint | None = None,
    ) -> None:
        self.name = name
        self.table = table
        self.lexicon = lexicon
        self.accept = accept
        self.hint = hint
        self.scanner = scanner
        self.scan = self.scanner.find

    def with_table(self, name: str, table: Table, accept: Accept, hint: Hint) -> "Reading":
        """Make a reading of the same words by another table; lexicon and scanner are shared."""
        other = copy(self)
        other.name, other.table, other.accept, other.hint = name, table, accept, hint
        return other

    def find(self, text: str) -> list[Found]:
        """Find every word in `text`, overlapping ones too, in the order of their places."""
        if self.hint and not self.hint(text):
            return []
        folded = self.table.fold(text)
        anchors = self.scan(folded)
        if not anchors:
            return []
        read = runs(folded)
        matches = list(self.lexicon.find(read, anchors if read.text == folded else self.scan(read.text)))
        if not matches:
            return []
        origin = self.table.origins(text)
        found = []
        for start, end, place in matches:
            first, last = read.starts[start], read.starts[end]
            if not _cuts(origin, first) and not _cuts(origin, last):
                span = Found(origin[first], origin[last - 1] + 1, self.lexicon.numbers[place])
                found.append(span)
        return [one for one in found if self.accept is None or self.accept(text[one.start : one.end])]


class Run(NamedTuple):
    """Equal characters of the folded text: places in the original text, and whether they are whole characters there."""

    first: int
    last: int
    length: int
    opens: bool
    closes: bool


class Tracker:
    """Reads one text in pieces. `live` is where in the original text the earliest word may still be growing."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.lexicon = reading.lexicon
        self.live = 0
        self._window = ""  # the live runs, one character each
        self._runs: list[Run] = []

    def feed(self, piece: str, at: int) -> list[Found]:
        """Read the next piece, which begins at place `at` of the original text; give the words that are complete."""
        found: list[Found] = []
        table, window, initials = self.reading.table, self._window, self.lexicon.initials
        for place, character in enumerate(piece, at):
            image = table.image(character)
            if not window and (len(image) == 1 and image not in initials):
                continue
            for number, one in enumerate(image):
                whole = (number == 0, number == len(image) - 1)
                self._push(one, place, *whole, found)
            window = self._window
        self.live = self._runs[0].first if self._runs else at + len(piece)
        return found

    def close(self) -> list[Found]:
        """Give the words that end with the text."""
        found: list[Found] = []
        self._finish(found)
        return found

    def _push(self, one: str, place: int, opens: bool, closes: bool, found: list[Found]) -> None:
        if self._window and one == self._window[-1]:
            run = self._runs[-1]
            self._runs[-1] = Run(run.first, place, run.length + 1, run.opens, closes)
            return
        self._finish(found)
        self._window += one
        self._runs.append(Run(place, place, 1, opens, closes))
        window = self._window
        while window and not (self.lexicon.begins(window) if len(window) > 1 else window in self.lexicon.initials):
            window = window[1:]
        if len(window) < len(self._window):
            del self._runs[: len(self._runs) - len(window)]
            self._window = window

    def _finish(self, found: list[Found]) -> None:
        """Gather the words that end with the last run, which is complete now."""
        window, spans = self._window, self._runs
        for start in range(len(window)):
            for place in self.lexicon.equal(window[start:]):
                counts = [run.length for run in spans[start:]]
                if spans[start].opens and spans[-1].closes and self.lexicon.fits(place, counts):
                    found.append(Found(spans[start].first, spans[-1].last + 1, self.lexicon.numbers[place]))


def is_apart(before: str, first: str, last: str, after: str, table: Table) -> bool:
    """Say whether text[first..last] is a word of its own: no Latin letter goes on from a letter, no digit from a digit.

    All four are single characters of the original text, "" beyond its ends. Chinese never needs a gap.
    """
    return not (_go_on(before, first, table, -1) or _go_on(after, last, table, 0))


def _go_on(beside: str, edge: str, table: Table, side: int) -> bool:
    if not beside or "\u2e80" <= edge < "\uf900":  # by far the most: Chinese
        return False
    if beside.isdecimal() and edge.isdecimal():
        return True
    near, own = table.image(beside), table.image(edge)
    return bool(near and own) and near[side] in LETTERS and own[-1 - side] in LETTERS


def _cuts(origin: Sequence[int], at: int) -> bool:
    """Say whether folded[at] goes on with the original character of folded[at - 1]."""
    return 0 < at < len(origin) and origin[at - 1] == origin[at]
