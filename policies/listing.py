"""Listing: what is known of each listed word by its number, and what is to happen where it is found."""

from array import array
from collections.abc import Container, Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from policies import evasions
from policies.rulebook import LEVELS, USUAL, Category
from policies.verdict import Action, Direction

# By the kind of word: what happens, whose word it is, and whether it must stand apart. None where nothing happens.
Wanted = Sequence[tuple[Action, Category, bool] | None]


class Listing(NamedTuple):
    """A column each, so that 100,000 words are a few objects."""

    spelled: Sequence[str]  # as they are listed
    kinds: "array[int]"  # category, level and whether a letter or digit may go on, in one: the index into Wanted

    @classmethod
    def of(cls, categories: Sequence[Category]) -> tuple["Listing", list[str]]:
        """Number the words of all categories; give the listing and the form of each word, symbols kept.

        Of words of a category that are found in the same texts and mean the same, the first is kept.
        """
        spelled: list[str] = []
        forms: list[str] = []
        kinds = array("I")
        for owner, category in enumerate(categories):
            texts, levels = list(map(_TEXT, category.words)), list(map(_LEVEL, category.words))
            some = evasions.forms(texts)
            kept = _kept(texts, levels, some, category.ambiguous)
            some = [some[place] for place in kept]
            spelled += [texts[place] for place in kept]
            forms += some
            steps = 2 * (np.array(levels, np.uint32)[kept] - LEVELS[0]) + evasions.may_go_on(some)
            kinds.frombytes((_KINDS * owner + steps).astype(np.uint32).tobytes())
        return cls(spelled, kinds), forms

    def owners(self) -> Sequence[int]:
        """Give by number the index of the category."""
        return [kind // _KINDS for kind in self.kinds]


def wanted(categories: Iterable[Category], side: Direction) -> Wanted:
    """Give by the kind of word what is to happen, in the order of `Listing.kinds`."""
    each = ((one, one.actions[side][level], asks) for one in categories for level in LEVELS for asks in (False, True))
    return [
        None if action is Action.PASS else (action, category, asks and category.whole_words)
        for category, action, asks in each
    ]


def _kept(texts: Sequence[str], levels: Sequence[int], forms: Sequence[str], doubted: Container[str]) -> Sequence[int]:
    """Give the places of the words that are no repetition of another: the first of each form, level and doubt."""
    keys = forms
    if doubted or set(levels) != {USUAL}:
        keys = [f"{form}\0{level}{text in doubted}" for form, level, text in zip(forms, levels, texts, strict=True)]
    first = dict(zip(reversed(keys), range(len(keys) - 1, -1, -1), strict=True))
    return sorted(first.values())


_TEXT, _LEVEL = itemgetter(0), itemgetter(1)  # of a Word
_KINDS = 2 * len(LEVELS)  # of each category
