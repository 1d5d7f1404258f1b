"""Questions that the content asks itself, so that it learns what right and wrong answers look like.

Some have an owner: the examples that the staff wrote down, phrasings with themselves hidden, phrasings retold. Some
have none: phrasings whose entry is hidden, negatives, phrasings that ask something else since a word was swapped,
small talk. Finds; learns nothing (faq/learning.py).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from faq import metric
from faq.grams import Values, tokens
from faq.index import AT, Found, Index

Labels = NDArray[np.bool_]
Train = Callable[[Values, NDArray[np.int64]], metric.Metric]
Random = np.random.Generator

NOBODY = -1  # owner of what no entry answers
_TOLD = 1000  # examples asked
_ASKED = 1000  # variants asked with themselves hidden
_REMOVED = 400  # phrasings asked with their entry hidden
_RETOLD = 250  # phrasings asked in nearly the same words
_DENIED = 600  # negatives asked
_SWAPPED = 200  # phrasings asked with a word of another
_HANDICAPS = 8  # ways of taking a phrasing from every entry
_SAME = 0.5  # cosine of grams from which a far question is none
_LOST, _LONG, _TURNED = 0.5, 8, 0.25  # share of common words left out; tokens from which the end may come first
_ALIKE = tuple(
    tuple(group.split("/"))
    for group in (
        "怎么/如何/怎样/咋",
        "为什么/为啥/为何",
        "什么时候/啥时候/何时/几时",
        "多久/多长时间",
        "哪里/哪儿/什么地方",
        "什么/啥/哪些",
        "多少钱/什么价/费用多少",
        "能不能/可不可以/能否",
        "可以/能/能够",
        "吗/么/不/嘛",
        "办理/办",
        "查询/查/查看",
        "修改/更改/改/变更",
        "没有/没",
        "无法/没法/不能",
        "需要/要/得",
        "怎么办/咋办/怎么处理/如何是好",
        "how do i/how can i/how to/what should i do to",
        "can i/may i/is it possible to",
        "my/the",
    )
)
_SAME_WORDS = re.compile("|".join(sorted((word for group in _ALIKE for word in group), key=len, reverse=True)))
_OPENINGS = ("请问", "你好，", "我想问一下", "麻烦问下，", "那个", "")
_ENDINGS = ("呢", "啊", "，谢谢", "，急", "呀", "")


@dataclass(frozen=True, slots=True)
class Case:
    """A question asked in learning: what was found and the owner that is right (not among them when hidden)."""

    found: Found
    owner: int


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases by kind; a case for which nothing was found teaches nothing and is left out."""

    told: Sequence[Case]
    asked: Sequence[Case]
    retold: Sequence[Case]
    removed: Sequence[Case]
    denied: Sequence[Case]
    swapped: Sequence[Case]
    strange: Sequence[Case]

    def join(self, other: "Cases") -> "Cases":
        return Cases(*((*getattr(self, kind.name), *getattr(other, kind.name)) for kind in fields(self)))


def collect(index: Index, raw: Values, far: Sequence[str], train: Train) -> Cases:
    """Ask everything, of an index, the raw rows of its phrasings and far questions."""
    if not len(index.owners):
        return Cases((), (), (), (), (), (), ())
    told = _ask(index, _examples(index))
    asked, removed = _hiding(index, raw, train)
    retold = _ask(index, list(_retold(index)))
    denied = _denied(index)
    swapped = _ask(index, [(NOBODY, text) for text in _swapped(index)])
    strange = [case for case in _ask(index, [(NOBODY, text) for text in far]) if not _known(case.found)]
    kinds = (told, asked, retold, removed, denied, swapped, strange)
    return Cases(*([case for case in kind if len(case.found.owners)] for kind in kinds))


def _ask(index: Index, questions: Sequence[tuple[int, str]]) -> list[Case]:
    """Ask each question, given with the owner that is right."""
    asked = index.read_all([text for _, text in questions])
    return [Case(index.find(one), owner) for one, (owner, _) in zip(asked, questions, strict=True)]


def _examples(index: Index) -> list[tuple[int, str]]:
    owned = [(owner, text) for owner, entry in enumerate(index.entries) for text in entry.examples]
    return [owned[number] for number in np.random.default_rng(0).permutation(len(owned))[:_TOLD]]


def _hiding(index: Index, raw: Values, train: Train) -> tuple[list[Case], list[Case]]:
    """Ask variants with themselves hidden, then phrasings with their entries hidden, by metrics that saw neither."""
    owners, random = index.owners, np.random.default_rng(0)
    several = random.permutation(np.flatnonzero(np.bincount(owners)[owners] > 1))[:_ASKED]
    any_row = random.permutation(len(owners))[:_REMOVED]
    handicaps = [_handicap(owners, random) for _ in range(_HANDICAPS)]
    asked, removed = [], []
    for half in (0, 1):
        mine = owners % 2 == half
        blind = index.under(train(raw[~mine], owners[~mine]), raw) if not mine.all() else index
        for number, row in enumerate(several[mine[several]]):
            hidden = handicaps[number % _HANDICAPS] & (owners != owners[row])
            hidden[row] = True
            asked.append(_hide(blind, raw, row, hidden))
        removed += [_hide(blind, raw, row, owners == owners[row]) for row in any_row[mine[any_row]]]
    return asked, removed


def _denied(index: Index) -> list[Case]:
    """Ask the negatives of the entries, where no other entry is nearer: that may well be the one that answers."""
    random = np.random.default_rng(0)
    owned = [(owner, text) for owner, entry in enumerate(index.entries) for text in entry.negatives]
    asked = _ask(index, [owned[number] for number in random.permutation(len(owned))[:_DENIED]])
    nearest = (case for case in asked if len(case.found.owners) and case.found.owners[0] == case.owner)
    return [replace(case, owner=NOBODY) for case in nearest]


def _handicap(owners: NDArray[np.int64], random: Random) -> Labels:
    """Mark one phrasing of every entry that has several: the asked one has lost one too, so the others must not win."""
    order = np.lexsort((random.random(len(owners)), owners))
    last = np.append(owners[order][1:] != owners[order][:-1], True)
    marked = np.zeros(len(owners), bool)
    marked[order[last]] = True
    return marked & (np.bincount(owners)[owners] > 1)


def _hide(index: Index, raw: Values, row: int, hidden: Labels) -> Case:
    return Case(index.find(index.question(index.reading(int(row)), raw[row]), hidden), int(index.owners[row]))


def _retold(index: Index) -> Iterator[tuple[int, str]]:
    """Phrasings as people say them again: politely, with other common words, some left out, the end put first."""
    random = np.random.default_rng(0)
    for row in random.permutation(len(index.owners))[:_RETOLD]:
        said = tokens(_SAME_WORDS.sub(lambda found: _another(found[0], random), index.reading(int(row)).text))
        common = np.array([1 - index.reader.grams.weight(token) for token in said])
        kept = [token for token, share in zip(said, common, strict=True) if random.random() > _LOST * share]
        if len(kept) > _LONG and random.random() < _TURNED:
            middle = int(random.integers(2, len(kept) - 1))
            kept = kept[middle:] + kept[:middle]
        retold = str(random.choice(_OPENINGS)) + _write(kept or said) + str(random.choice(_ENDINGS))
        yield int(index.owners[row]), retold


def _another(word: str, random: Random) -> str:
    group = next(group for group in _ALIKE if word in group)
    return str(random.choice(group))


def _swapped(index: Index) -> Iterator[str]:
    """Phrasings that no longer ask the same: two neighbouring words became those of another, or another joined them."""
    random = np.random.default_rng(0)
    rows = [row for row in random.permutation(len(index.owners)) if len(tokens(index.reading(int(row)).text)) > 4][
        :_SWAPPED
    ]
    for number, (row, donor) in enumerate(zip(rows, random.permutation(rows), strict=True)):
        text, other = tokens(index.reading(int(row)).text), tokens(index.reading(int(donor)).text)
        place, taken = _telling(index, text, random), _telling(index, other, random)
        if number % 3 == 0 and index.owners[row] != index.owners[donor]:
            yield _write([*text, *other])
        elif not set(text) & set(other[taken : taken + 2]):
            yield _write([*text[:place], *other[taken : taken + 2], *text[place + 2 :]])


def _telling(index: Index, text: Sequence[str], random: Random) -> int:
    """Choose where two neighbouring tokens start, rare ones more often."""
    weights = np.array([index.reader.grams.weight(token) for token in text])
    pairs = (weights[:-1] + weights[1:]) ** 2
    return int(random.choice(len(pairs), p=pairs / pairs.sum()))


def _write(text: Sequence[str]) -> str:
    return "".join(f" {token} " if token.isascii() else token for token in text)


def _known(found: Found) -> bool:
    """Whether the content holds nearly these words: what is small talk elsewhere may be its subject."""
    return bool(len(found.owners)) and float(found.values[:, AT["shared_best"]].max()) > _SAME
