"""What the word filter must find, written down as slowly and plainly as possible. Shared with benchmarks/screen.py.

Only the table of characters is taken from policies; all searching, deciding and masking is done again here.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby, pairwise
from typing import NamedTuple

from policies.evasions import plain_table

DIGITS = "〇一二三四五六七八九"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Letter(NamedTuple):
    """One character of the folded text, and the place of the character it comes from."""

    sign: str
    place: int


def occurrences(word: str, text: str) -> set[tuple[int, int]]:
    """Every (start, end) at which `word` stands in `text`, all pairs of runs tried."""
    runs = [list(run) for _, run in groupby(_folded(text), key=lambda letter: letter.sign)]
    wanted = [(sign, len(list(run))) for sign, run in groupby(letter.sign for letter in _folded(word))]
    found = set()
    for first in range(len(runs) - len(wanted) + 1):
        here = runs[first : first + len(wanted)]
        if wanted and _is_word(here, wanted) and _whole(runs, first, len(wanted)):
            found.add((here[0][0].place, here[-1][-1].place + 1))
    return {span for span in found if _apart(text, *span)}


def hits(words: Iterable[str], allow: Iterable[str], text: str) -> set[tuple[str, int, int]]:
    """All hits that count: words that stand apart and not inside an allowed one."""
    allowed = {span for word in allow for span in occurrences(word, text)}
    found = {(word, *span) for word in words for span in occurrences(word, text)}
    return {hit for hit in found if not any(a <= hit[1] and hit[2] <= b for a, b in allowed)}


def sent(actions: Mapping[str, str], allow: Iterable[str], text: str) -> str:
    """The text as it may be sent when each word is to be `mask`ed, `block`ed or `flag`ged."""
    found = hits(actions, allow, text)
    end = min([start for word, start, _ in found if actions[word] == "block"], default=len(text))
    masked = {
        place for word, start, last in found if actions[word] == "mask" and start <= end for place in range(start, last)
    }
    return "".join("*" if place in masked else sign for place, sign in enumerate(text[:end]))


def _folded(text: str) -> list[Letter]:
    table = plain_table()
    return [Letter(sign, place) for place, one in enumerate(text) for sign in table.image(one)]


def _is_word(here: list[list[Letter]], wanted: list[tuple[str, int]]) -> bool:
    counts = [len(run) for run in here]
    more = [count - need for count, (_, need) in zip(counts, wanted, strict=True)]
    if [run[0].sign for run in here] != [sign for sign, _ in wanted] or min(more) < 0:
        return False
    if any(extra and (sign in DIGITS or not sign.isalpha()) for extra, (sign, _) in zip(more, wanted, strict=True)):
        return False
    if any(more) and len(wanted) > 6 and not all(sign.isascii() for sign, _ in wanted):
        return False
    latin = all(sign in LETTERS for sign, _ in wanted)
    on_purpose = max(counts) >= 3 or any(a >= 2 and b >= 2 for a, b in pairwise(counts))
    return on_purpose or not any(more if latin else more[1:-1])


def _whole(runs: list[list[Letter]], first: int, length: int) -> bool:
    """No original character may be in the word with a part only."""
    before = runs[first - 1][-1].place if first else -1
    after = runs[first + length][0].place if first + length < len(runs) else -1
    return before != runs[first][0].place and after != runs[first + length - 1][-1].place


def _apart(text: str, start: int, end: int) -> bool:
    sides = [(text[start - 1] if start else "", text[start], -1, 0), (text[end : end + 1], text[end - 1], 0, -1)]
    return not any(_goes_on(beside, edge, near, own) for beside, edge, near, own in sides)


def _goes_on(beside: str, edge: str, near: int, own: int) -> bool:
    if beside.isdecimal() and edge.isdecimal():
        return True
    table = plain_table()
    a, b = table.image(beside) if beside else "", table.image(edge)
    return bool(a and b) and a[near] in LETTERS and b[own] in LETTERS
