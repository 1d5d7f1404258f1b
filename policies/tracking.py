"""Tracker: a reading that takes its text piece by piece and finds the very same words as in the whole text."""

from collections.abc import Sequence

from policies.readings import Reading
from policies.words import Span


class Tracker:
    """Reads one text in pieces, of which it need not see those that no word can begin in while there is no `tail`.

    The tail is the end of the text that may become a word. Mostly one look of an automaton tells where it begins. Only
    when that sees a word, or characters are repeated, or folded into none or several, the text is read sign by sign;
    then the tail is folded, and `_places` tells where in the text its signs stand.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.starting = reading.starting
        self.tail = ""
        self.live = 0  # where in the original text the tail begins, or where the text ends that was read
        self.closely = False  # whether the last piece was read sign by sign
        self._table = table = reading.table
        self._uneven, self._entries = table.uneven, table.entries
        self._folds: Sequence[int | str] = () if reading.folded else table.entries  # of what is not folded yet
        self._scan = reading.lexicon.beginnings.scanner.find_overlapping_no_suffix
        self._places: Sequence[int] = ()
        self._told = 0  # words that end within so many signs of the tail were given before

    @property
    def glances(self) -> bool:
        """Whether one look may tell again what the next piece makes of the tail."""
        return not self._places

    def feed(self, piece: str, at: int) -> Sequence[Span]:
        """Read the next piece, which begins at place `at` of the original text; give the words that are complete."""
        if not self._places and self._uneven.isdisjoint(piece):
            text = self.tail + (piece if self._folds else piece.translate(self._entries))
            start = self.glance(text)
            if start >= 0:
                self.tail, self.live = text[start:], at + len(piece) - len(text) + start
                self.closely = False
                return ()
        self.closely = True
        return self._read(piece, at)

    def glance(self, text: str) -> int:
        """Give the place in the tail and the next piece where now the tail begins; -1 when one look does not tell.

        No character of them may be uneven.
        """
        size, start = len(text), len(text)
        for _, end, told in self._scan(text):
            if told & 1:
                return -1
            if end == size:
                start -= told >> 1
        return -1 if 0 < start < size and self._are_same(text[start - 1], text[start]) else start

    def close(self) -> Sequence[Span]:
        """Give the words that end with the text."""
        return self._words(len(self.tail)) if self._places else ()

    def _are_same(self, one: str, other: str) -> bool:
        try:
            return self._entries[ord(one)] == self._entries[ord(other)]
        except IndexError:  # beyond the table
            return self._table.image(one) == self._table.image(other)

    def _read(self, piece: str, at: int) -> Sequence[Span]:
        """Read a piece sign by sign; give the words whose last run of equal signs is complete."""
        signs, places = self.tail, list(self._places)
        if signs and not places:
            signs, places = signs.translate(self._folds), list(range(at - len(signs), at))
        image, longest = self._table.image, self.reading.lexicon.longest + 2  # a run beyond that says no more
        for place, character in enumerate(piece, at):
            for sign in image(character):
                if len(signs) < longest or not signs.endswith(sign * longest):
                    signs += sign
                    places.append(place)
                else:
                    places[-1] = place
        self.tail, self._places = signs, places
        complete = len(signs.rstrip(signs[-1:]))
        found = self._words(complete) if complete > self._told else ()
        self._told = complete
        self._forget(at + len(piece))
        return found

    def _words(self, complete: int) -> Sequence[Span]:
        """Give the words among the first signs of the tail, so many, that were not given before."""
        places = self._places
        sight = self.reading.lexicon.look(self.tail, self._folds)
        assert sight  # what is folded is even
        return [
            (places[start], places[end - 1] + 1, number)
            for start, end, number in sight[0]
            if self._told < end <= complete and not _cuts(places, start) and not _cuts(places, end)
        ]

    def _forget(self, end: int) -> None:
        """Keep of the text, which ends at `end`, only what may become a word."""
        start = self.reading.lexicon.growing_from(self.tail)
        if start == len(self.tail):
            self.tail, self._places, self._told, self.live = "", (), 0, end
            return
        while _cuts(self._places, start):
            start -= 1
        self.tail, self._places = self.tail[start:], self._places[start:]
        self._told = max(self._told - start, 0)
        self.live = self._places[0]
        if self.live + len(self.tail) == end and not any(told & 1 for _, _, told in self._scan(self.tail)):
            self._places, self._told = (), 0  # one sign a character, and no word among them


def _cuts(places: Sequence[int], at: int) -> bool:
    """Say whether the sign at `at` goes on with the original character of the one before."""
    return 0 < at < len(places) and places[at - 1] == places[at]
