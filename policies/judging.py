"""From places that were found to what happens: cases in the order of the text, masks, the verdict."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from policies.pii import Find
from policies.rulebook import Category
from policies.verdict import STRICTNESS, Action, Hit, Verdict, passing

Mask = tuple[int, int, str]  # text[start:end] is to be shown as a sign: for each character when it is one, else once

STOPPING = frozenset({Action.HANDOFF, Action.BLOCK})
_MASK = Action.MASK  # looking it up in the class takes longer


class Case(NamedTuple):
    """A hit that counts, and what its category wants done."""

    hit: Hit
    action: Action
    category: Category


class Personal(NamedTuple):
    """The personal data one category looks for."""

    category: Category
    finders: tuple[tuple[str, Find], ...]


def in_order(cases: Sequence[Case]) -> Sequence[Case]:
    """Sort cases by place, the longest and strictest first; what several readings found is one case."""
    if len(cases) < 2:
        return cases
    first, last = -1, 0
    for (_, start, end, _, _), _, _ in cases:  # mostly they are in order
        if start < first or (start == first and end >= last):
            break
        first, last = start, end
    else:
        return cases
    ordered = sorted(cases, key=_order)
    return [
        case
        for case, before in zip(ordered, [None, *ordered], strict=False)
        if not before or case[0][:4] != before[0][:4]
    ]


def verdict(text: str, cases: Sequence[Case]) -> Verdict:
    """Sum up: the strictest action wins, the first of the strictest gives the reply."""
    if not cases:
        return passing(text)
    _, strictest, category = cases[0]
    for _, action, other in cases:
        if action is not strictest and STRICTNESS[action] > STRICTNESS[strictest]:
            strictest, category = action, other
    shown = cover(text, masks(cases)) if strictest is _MASK else text
    return tuple.__new__(Verdict, (strictest, shown, tuple([case[0] for case in cases]), category.reply))


class Spared:
    """Where hits do not count: inside allowed words (start, end, category, "" for all); overlapping hides nothing."""

    def __init__(self, spans: Iterable[tuple[int, int, str]]) -> None:
        """Take the allowed words, in any order."""
        self._by: dict[str, tuple[list[int], list[int]]] = {}  # by category: starts, and the furthest end until there
        for start, end, category in sorted(spans):
            starts, ends = self._by.setdefault(category, ([], []))
            starts.append(start)
            ends.append(max(end, ends[-1]) if ends else end)

    def __contains__(self, case: Case) -> bool:
        return bool(self._by) and (self._covers("", case.hit) or self._covers(case.hit.category, case.hit))

    def _covers(self, category: str, hit: Hit) -> bool:
        starts, ends = self._by.get(category, ((), ()))
        before = bisect_right(starts, hit.start)
        return before > 0 and ends[before - 1] >= hit.end


def masks(cases: Iterable[Case], before: Mask | None = None) -> list[Mask]:
    """Give the masks of the cases, in order; what overlaps is one mask. `before` is the last mask until now."""
    found = [before] if before else []
    last = before[1] if before else -1
    for (_, start, end, _, _), action, category in cases:
        if action is _MASK:
            if start >= last:
                found.append((start, end, category.mask))
                last = end
            elif end > last:
                found[-1] = (found[-1][0], end, found[-1][2])
                last = end
    return found


def cover(text: str, hidden: Iterable[Mask], at: int = 0) -> str:
    """Mask `text`, which stands at place `at`; masks may begin before it and go on behind it."""
    pieces: list[str] = []
    done, after = at, at + len(text)
    for start, end, sign in hidden:
        first, last = start if start > done else done, end if end < after else after
        if first < last:
            once = sign if start >= at else ""
            pieces += (text[done - at : first - at], sign * (last - first) if len(sign) == 1 else once)
            done = last
    return "".join([*pieces, text[done - at :]])


def longest(hits: Iterable[Hit]) -> list[Hit]:
    """Give the hits that do not overlap: from the left, the longest at each place."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def _order(case: Case) -> tuple[int, int, int, str, str, bool, str]:
    word, start, end, category, rule = case.hit
    return start, -end, -STRICTNESS[case.action], category, word, rule != "plain", rule
