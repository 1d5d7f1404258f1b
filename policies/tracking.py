"""Tracker: a reading that takes its text piece by piece and finds the very same words as in the whole text."""

from bisect import bisect_left
from collections.abc import Iterator

from policies.readings import Reading
from policies.words import Span

Image = tuple[int, str, bool, bool]  # place, sign, and whether it is the first, the last of its character
Run = tuple[str, int, int, int, bool, bool]  # sign, first and last place, length, whether it is whole at either end
Growing = tuple[int, int]  # a word that may be growing: where it stands in the trie, and how many runs it has


class Tracker:
    """Reads one text in pieces. `live` is where in the original text the earliest word may still be growing."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.live = 0
        self._table = reading.table
        self._trie = reading.lexicon.trie
        self._starting = self._trie.roots.keys()
        self._runs: list[Run] = []  # those of the longest growing word
        self._growing: list[Growing] = []  # longest first

    def feed(self, piece: str, at: int) -> list[Span]:
        """Read the next piece, which begins at place `at` of the original text; give the words that are complete."""
        folded = piece.translate(self._table.entries)
        found: list[Span] = []
        if self._growing or not self._starting.isdisjoint(folded):
            if self._table.is_even(piece):
                for place, sign in enumerate(folded, at):
                    if self._growing or sign in self._starting:
                        self._push((place, sign, True, True), found)
            else:
                for image in self._images(piece, at):
                    self._push(image, found)
        self.live = self._runs[0][1] if self._growing else at + len(piece)
        return found

    def close(self) -> list[Span]:
        """Give the words that end with the text."""
        found: list[Span] = []
        for node, depth in self._growing:
            self._finish(node, depth, found)
        return found

    def _push(self, image: Image, found: list[Span]) -> None:
        place, sign, opens, closes = image
        growing: list[Growing] = []
        if self._growing:
            last, first, _, length, opened, _ = self._runs[-1]
            if last == sign:
                self._runs[-1] = (sign, first, place, length + 1, opened, closes)
                return
            self._grow(sign, growing, found)
        if root := self._trie.roots.get(sign):
            growing.append((root, 1))
        self._growing = growing
        self._runs.append((sign, place, place, 1, opens, closes))
        kept = growing[0][1] if growing else 0
        if len(self._runs) > kept:
            del self._runs[: len(self._runs) - kept]

    def _grow(self, sign: str, growing: list[Growing], found: list[Span]) -> None:
        """Finish the last run, which is complete now, and let the words grow that go on with `sign`."""
        codes, firsts, owned, code = self._trie.codes, self._trie.first, self._trie.owned, ord(sign)
        for node, depth in self._growing:  # as Trie.step and Trie.words, here for speed
            if owned[node] != owned[node + 1]:
                self._finish(node, depth, found)
            first, after = firsts[node], firsts[node + 1]
            if first != after:
                child = bisect_left(codes, code, first, after)
                if child < after and codes[child] == code:
                    growing.append((child, depth + 1))

    def _finish(self, node: int, depth: int, found: list[Span]) -> None:
        """Gather the words of a node: its last `depth` runs are complete."""
        lexicon = self.reading.lexicon
        for place in self._trie.words(node):
            signs, firsts, lasts, counts, opens, closes = zip(*self._runs[-depth:], strict=True)
            if opens[0] and closes[-1] and lexicon.fits(place, "".join(signs), counts):
                found.append((firsts[0], lasts[-1] + 1, lexicon.numbers[place]))

    def _images(self, piece: str, at: int) -> Iterator[Image]:
        for place, character in enumerate(piece, at):
            image = self._table.image(character)
            for number, sign in enumerate(image, 1):
                yield place, sign, number == 1, number == len(image)
