"""Tracker: a reading that takes its text piece by piece and finds the very same words as in the whole text."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import count, repeat

from policies.readings import Reading
from policies.words import Span

Image = tuple[int, str, bool, bool]  # place, sign, and whether it is the first, the last of its character
Run = tuple[str, int, int, int, bool, bool]  # sign, first and last place, length, whether it is whole at either end
_EVER = repeat(True)
Growing = tuple[int, int]  # a word that may be growing: where it stands in the trie, and how many runs it has


class Tracker:
    """Reads one text in pieces, of which it need not see those that no word can begin in while none is `growing`.

    Mostly there is no more of a word than its first character: then only that is remembered, and the next piece scanned
    for more. Without it there is nothing to follow.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.starting = reading.starting
        self.growing = False
        self.live = 0  # where in the original text the longest growing word begins, while there is one
        self._uneven, self._scan = reading.table.uneven, reading.beginnings.find_overlapping
        self._sign, self._entries = reading.table.image, reading.table.entries
        self._trie = trie = reading.lexicon.trie
        self._columns = trie.codes, trie.first, trie.owned
        self._last = ""  # the character that the text ends with, when no more than it may be growing
        self._followed: list[Growing] = []  # longest first
        self._runs: list[Run] = []  # those of the longest one

    def feed(self, piece: str, at: int) -> Sequence[Span]:
        """Read the next piece, which begins at place `at` of the original text; give the words that are complete."""
        end = at + len(piece)
        even = self._uneven.isdisjoint(piece)
        if even and not self._followed and not self._scan(self._last + piece):
            self._last = piece[-1:] or self._last
            self.growing = self._last in self.starting
            self.live = end - 1 if self.growing else end
            return ()
        found = self._follow(self._even_images(piece, at) if even else self._images(piece, at), at)
        if not self._followed:
            self.growing, self.live = False, end
            return found
        runs = self._runs
        self.growing, self.live = True, runs[0][1]
        # When all that is growing is the whole last character of the text, no more than that is remembered.
        if self.live == end - 1 and len(runs) == 1 and runs[0][3:] == (1, True, True) and not self._scan(piece[-1]):
            self._last, self._followed = piece[-1], []
        return found

    def close(self) -> list[Span]:
        """Give the words that end with the text."""
        found: list[Span] = []
        for node, depth in self._followed:
            self._finish(node, depth, found)
        return found

    def _follow(self, images: Iterable[Image], at: int) -> list[Span]:
        """Read a piece, which begins at place `at`, sign by sign."""
        found: list[Span] = []
        runs, roots, growing = self._runs, self._trie.roots, self._followed
        if self._last in self.starting:
            sign = self._sign(self._last)
            runs[:] = [(sign, at - 1, at - 1, 1, True, True)]
            growing = [(roots[sign], 1)]
        for place, sign, opens, closes in images:
            if growing:
                last = runs[-1]
                if last[0] == sign:
                    runs[-1] = (sign, last[1], place, last[3] + 1, last[4], closes)
                    continue
                growing = self._grown(growing, ord(sign), found)
            if sign in roots:
                growing.append((roots[sign], 1))
            if growing:
                runs.append((sign, place, place, 1, opens, closes))
                del runs[: -growing[0][1]]
        self._last = ""
        self._followed = growing
        return found

    def _grown(self, growing: Sequence[Growing], code: int, found: list[Span]) -> list[Growing]:
        """Finish the last run, which is complete now; give the words that go on with the character `code`."""
        codes, firsts, owned = self._columns
        grown: list[Growing] = []
        for node, depth in growing:  # as Trie.step and Trie.words, here for speed
            if owned[node] != owned[node + 1]:
                self._finish(node, depth, found)
            after = firsts[node + 1]
            child = bisect_left(codes, code, firsts[node], after)
            if child < after and codes[child] == code:
                grown.append((child, depth + 1))
        return grown

    def _finish(self, node: int, depth: int, found: list[Span]) -> None:
        """Gather the words of a node: its last `depth` runs are complete."""
        lexicon = self.reading.lexicon
        for place in self._trie.words(node):
            signs, firsts, lasts, counts, opens, closes = zip(*self._runs[-depth:], strict=True)
            if opens[0] and closes[-1] and lexicon.fits(place, "".join(signs), counts):
                found.append((firsts[0], lasts[-1] + 1, lexicon.numbers[place]))

    def _even_images(self, piece: str, at: int) -> Iterable[Image]:
        """Give the signs that the piece is folded into, each character into one."""
        return zip(count(at), piece.translate(self._entries), _EVER, _EVER)

    def _images(self, piece: str, at: int) -> Iterable[Image]:
        """Give the signs that any piece is folded into."""
        return [
            (place, sign, number == 1, number == len(image))
            for place, character in enumerate(piece, at)
            for image in [self._sign(character)]
            for number, sign in enumerate(image, 1)
        ]
