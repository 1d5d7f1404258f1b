"""Reading: one way of reading a text - a table of characters, and the words that are looked for in that form.

The plain reading is one of several; others read sounds, radicals, or past punctuation (evasions.py).
`Reading.find` takes a whole text, `Tracker` (tracking.py) takes it piece by piece and finds the very same.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import count
from operator import sub

from policies.characters import Table, is_odd
from policies.runs import LETTERS
from policies.scanning import Match
from policies.words import Lexicon, Sight, Span

Accept = Callable[[str], bool]  # whether the characters of the original text may count as the word
Hint = Callable[[str], object]  # false for texts that need not be read


class Reading:
    """What is looked for in which form, and what the original characters must be like.

    The scanner of `lexicon` reads by `table`, unless texts are `folded` before they are scanned.
    """

    def __init__(
        self,
        name: str,
        table: Table,
        lexicon: Lexicon,
        accept: Accept | None = None,
        hint: Hint | None = None,
        folded: bool = False,
    ) -> None:
        self.name = name
        self.table = table
        self.lexicon = lexicon
        self.accept = accept
        self.hint = hint
        self.folded = folded

    @cached_property
    def starting(self) -> frozenset[str]:
        """All characters that a word may begin with in a text."""
        return self.table.origins_of(self.lexicon.beginnings.firsts)

    def find(self, text: str) -> Sequence[Span]:
        """Find every word in `text`, overlapping ones too."""
        if self.hint and not self.hint(text):
            return ()
        if self.folded or is_odd(text):
            return self._look_folded(text)[0]
        return self.look(text, self.lexicon.scanner.find_overlapping(text))[0]

    def look(self, text: str, matches: Sequence[Match] | None) -> Sight:
        """Say what these matches of the scanner in `text` mean; None when it cannot be scanned as it is."""
        if matches is None:
            return self._look_folded(text)
        sight = self.lexicon.weigh(matches, text, self.table.entries)
        if sight:
            return (self._accepted(text, sight[0]), sight[1]) if self.accept else sight
        sight = self.lexicon.look(self.table.noise.sub("", text), self.table.entries)
        if not sight:
            return self._look_folded(text)
        spans = self._back(text, matches, sight[0]) if sight[0] else ()
        return spans, sight[1] or _has_leet(text)

    def _back(self, text: str, matches: Sequence[Match], spans: Sequence[Span]) -> Sequence[Span]:
        """Give places in the text without its noise, which `matches` tell of, as places in the text."""
        uneven = len(self.lexicon.numbers)
        gaps = list(map(sub, [end for _, end, place in matches if place == uneven], count(1)))
        found = [(a + bisect_right(gaps, a), b + bisect_right(gaps, b - 1), number) for a, b, number in spans]
        return self._accepted(text, found)

    def _look_folded(self, text: str) -> Sight:
        """Look at a text with characters that are folded into several."""
        sight = self.lexicon.look(self.table.fold(text), ())
        assert sight  # what is folded is even
        spans, signalled = sight
        origin = self.table.origins(text) if spans else ()
        found = [
            (origin[start], origin[end - 1] + 1, number)
            for start, end, number in spans
            if not _cuts(origin, start) and not _cuts(origin, end)
        ]
        return self._accepted(text, found), signalled or _has_leet(text)

    def _accepted(self, text: str, spans: Sequence[Span]) -> Sequence[Span]:
        return [one for one in spans if self.accept(text[one[0] : one[1]])] if self.accept else spans


def is_apart(before: str, first: str, last: str, after: str, table: Table) -> bool:
    """Say whether text[first..last] is a word of its own: no Latin letter goes on from a letter, no digit from a digit.

    All four are single characters of the original text, "" beyond its ends. Chinese never needs a gap.
    """
    return not (_go_on(before, first, table, -1) or _go_on(after, last, table, 0))


def is_chinese(character: str) -> bool:
    return "\u2e80" <= character < "\uf900"


def _go_on(beside: str, edge: str, table: Table, side: int) -> bool:
    if not beside or is_chinese(edge) or "\u4e00" <= beside < "\ua000":  # no ideograph is a letter or digit
        return False
    if beside.isdecimal() and edge.isdecimal():
        return True
    near, own = table.image(beside), table.image(edge)
    return bool(near and own) and near[side] in LETTERS and own[-1 - side] in LETTERS


def _has_leet(text: str) -> bool:
    """Say whether there is noise that is a letter in leet, which no scanner reports: a signal."""
    return "@" in text or "$" in text or "＠" in text or "＄" in text


def _cuts(origin: Sequence[int], at: int) -> bool:
    """Say whether folded[at] goes on with the original character of folded[at - 1]."""
    return 0 < at < len(origin) and origin[at - 1] == origin[at]
