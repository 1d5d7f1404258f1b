"""Reading: one way of reading a text - a table of characters, and the words that are looked for in that form.

The plain reading is one of several; others read sounds, radicals, or past punctuation (evasions.py).
`Reading.find` takes a whole text, `Tracker` (tracking.py) takes it piece by piece and finds the very same.
"""

from collections.abc import Callable, Sequence

from policies.characters import Table
from policies.runs import LETTERS
from policies.words import Lexicon, Span

Accept = Callable[[str], bool]  # whether the characters of the original text may count as the word
Hint = Callable[[str], object]  # false for texts that need not be read


class Reading:
    """What is looked for in which form, and what the original characters must be like."""

    def __init__(
        self, name: str, table: Table, lexicon: Lexicon, accept: Accept | None = None, hint: Hint | None = None
    ) -> None:
        self.name = name
        self.table = table
        self.lexicon = lexicon
        self.accept = accept
        self.hint = hint

    def with_table(self, name: str, table: Table, accept: Accept, hint: Hint) -> "Reading":
        """Make a reading of the same words by another table; the lexicon is shared."""
        return Reading(name, table, self.lexicon, accept, hint)

    def find(self, text: str) -> Sequence[Span]:
        """Find every word in `text`, overlapping ones too."""
        if self.hint and not self.hint(text):
            return []
        folded = self.table.fold(text)
        spans, _ = self.lexicon.look(folded)
        return self.place(text, folded, spans)

    def place(self, text: str, folded: str, spans: Sequence[Span]) -> Sequence[Span]:
        """Give where `spans` of the folded text are in `text`."""
        if spans and folded != text:
            origin = self.table.origins(text)
            spans = [
                (origin[start], origin[end - 1] + 1, number)
                for start, end, number in spans
                if not _cuts(origin, start) and not _cuts(origin, end)
            ]
        return [one for one in spans if self.accept(text[one[0] : one[1]])] if self.accept else spans


def is_apart(before: str, first: str, last: str, after: str, table: Table) -> bool:
    """Say whether text[first..last] is a word of its own: no Latin letter goes on from a letter, no digit from a digit.

    All four are single characters of the original text, "" beyond its ends. Chinese never needs a gap.
    """
    return not (_go_on(before, first, table, -1) or _go_on(after, last, table, 0))


def is_chinese(character: str) -> bool:
    return "\u2e80" <= character < "\uf900"


def _go_on(beside: str, edge: str, table: Table, side: int) -> bool:
    if not beside or is_chinese(edge):
        return False
    if beside.isdecimal() and edge.isdecimal():
        return True
    near, own = table.image(beside), table.image(edge)
    return bool(near and own) and near[side] in LETTERS and own[-1 - side] in LETTERS


def _cuts(origin: Sequence[int], at: int) -> bool:
    """Say whether folded[at] goes on with the original character of folded[at - 1]."""
    return 0 < at < len(origin) and origin[at - 1] == origin[at]
