"""What two questions have in common and what one has that the other lacks, as numbers a model can weigh.

`Reader` reads a text once; `compare` sets a question beside phrasings. Nothing here decides.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from faq import language, words
from faq.ragged import Lists

Values = NDArray[np.float32]

PAIR = (
    "shared",  # cosine of the TF-IDF of grams
    "question_covered",  # share of the weight of the question's grams that the phrasing has
    "phrasing_covered",
    "overlap",
    "missing_most",  # weight of the rarest ideograph or word of the question that the phrasing lacks
    "extra_most",
    "missing",
    "extra",
    "spelling",
    "spelling_within",
    "sound",
    "kinds_shared",
    "kinds_apart",
    "kinds_unknown",
    "facets_shared",
    "facets_missing",
    "facets_extra",
    "facets_apart",
    "polarity_differs",
    "opposed",
    "numbers_shared",
    "numbers_missing",
    "numbers_extra",
    "numbers_clash",
    "question_length",
    "phrasing_length",
    "length_ratio",
)
PIECES = ("question_aligned", "phrasing_aligned", "misaligned_most", "unaligned_most", "swapped")
_ALIKE = 0.8  # spelling from which two texts say the opposite when only one of them denies
_EITHER = frozenset({"whether", "may"})  # 不能退吗 asks what 能退吗 asks
_LEAST = 100  # phrasings below which how often a gram occurs says little
_WORD = re.compile(r"[a-z0-9][a-z0-9.%+]*|\S")


def tokens(text: str) -> list[str]:
    """Ideographs and Latin words of a folded text, in order."""
    return _WORD.findall(text)


def grams(text: str) -> list[str]:
    """Tokens of a folded text and pairs of neighbours."""
    single = tokens(text)
    return single + [f"{one} {other}" for one, other in pairwise(single)]


@dataclass(frozen=True, slots=True)
class Reading:
    """A folded text as `compare` needs it. Weights are inverse document frequencies."""

    text: str
    tokens: frozenset[str]
    grams: Mapping[str, float]
    weight: float  # of all grams
    length: float  # of the vector of grams
    pieces: words.Ids
    rarity: Values  # of the pieces
    kinds: frozenset[str]
    facets: frozenset[str]
    negated: bool
    opposites: frozenset[int]
    numbers: frozenset[tuple[str, str]]
    sound: str


class Reader:
    """Reads texts, knowing from the phrasings of the content how rare each gram and piece is."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._total = max(_LEAST, 1 + len(texts))
        self._columns: dict[str, int] = {}
        self.grams = Lists(self._place(grams(text)) for text in texts)
        self._documents = np.bincount(self.grams.values, minlength=len(self._columns))
        self.pieces = Lists(words.pieces(text).tolist() for text in texts)
        self.rarity = np.full(words.size(), self._rare(0), np.float32)
        for piece, count in zip(*_documents(self.pieces), strict=True):
            self.rarity[piece] = self._rare(int(count))

    @property
    def weights(self) -> Values:
        """The weight of the grams by their columns."""
        return np.array([self._rare(int(count)) for count in self._documents], np.float32)

    def column(self, gram: str) -> int | None:
        """Say by which number `grams` names a gram, if some phrasing has it."""
        return self._columns.get(gram)

    def weight(self, gram: str) -> float:
        column = self._columns.get(gram)
        return self._rare(0 if column is None else int(self._documents[column]))

    def _place(self, found: Iterable[str]) -> list[int]:
        return [self._columns.setdefault(gram, len(self._columns)) for gram in dict.fromkeys(found)]

    def _rare(self, documents: int) -> float:
        """Inverse document frequency, brought to about 0 to 1 so that contents of any size compare."""
        return max(0.01, log(self._total / (1 + documents)) / log(self._total))

    def read(self, text: str, pieces: words.Ids | None = None) -> Reading:
        weights = {gram: self.weight(gram) for gram in grams(text)}
        ids = words.pieces(text) if pieces is None else pieces
        return Reading(
            text=text,
            tokens=frozenset(tokens(text)),
            grams=weights,
            weight=sum(weights.values()) or 1.0,
            length=sqrt(sum(weight * weight for weight in weights.values())) or 1.0,
            pieces=ids,
            rarity=self.rarity[ids],
            kinds=language.kinds(text),
            facets=language.facets(text),
            negated=language.negated(text),
            opposites=language.opposites(text),
            numbers=language.numbers(text),
            sound=language.sound(text),
        )


def _documents(pieces: Lists) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each piece that occurs, and in how many of the texts."""
    once = np.unique(pieces.owners.astype(np.int64) * words.size() + pieces.values)
    found, counts = np.unique(once % words.size(), return_counts=True)
    return found, counts


def compare(question: Reading, phrasings: Sequence[Reading]) -> Values:
    """Set a question beside phrasings; shape (len(phrasings), len(PAIR) + len(PIECES))."""
    pairs = np.array([_pair(question, phrasing) for phrasing in phrasings], np.float32)
    return np.concatenate([pairs.reshape(-1, len(PAIR)), _align(question, phrasings)], axis=1)


def _pair(question: Reading, phrasing: Reading) -> tuple[float, ...]:
    shared = [question.grams[gram] for gram in question.grams.keys() & phrasing.grams.keys()]
    weight = sum(shared)
    missing = [question.grams[token] for token in question.tokens - phrasing.tokens]
    extra = [phrasing.grams[token] for token in phrasing.tokens - question.tokens]
    asked, written = len(question.text), len(phrasing.text)
    return (
        sum(rarity * rarity for rarity in shared) / (question.length * phrasing.length),
        weight / question.weight,
        weight / phrasing.weight,
        weight / (question.weight + phrasing.weight - weight),
        max(missing, default=0.0),
        max(extra, default=0.0),
        sum(missing),
        sum(extra),
        (spelling := fuzz.ratio(question.text, phrasing.text) / 100),
        fuzz.partial_ratio(question.text, phrasing.text) / 100,
        fuzz.ratio(question.sound, phrasing.sound) / 100,
        *_surface(question, phrasing, spelling),
        min(asked, 60) / 20,
        min(written, 60) / 20,
        min(asked, written) / max(asked, written, 1),
    )


def _surface(question: Reading, phrasing: Reading, spelling: float) -> tuple[float, ...]:
    denied = question.negated != phrasing.negated
    both, either = question.kinds & phrasing.kinds, question.kinds | phrasing.kinds
    return (
        len(both) / max(1, len(either)),
        float(bool(question.kinds) and bool(phrasing.kinds) and not both),
        float(not question.kinds or not phrasing.kinds),
        *_facets(question.facets, phrasing.facets),
        float(denied),
        float(
            (denied and spelling >= _ALIKE and not both & _EITHER)
            or language.opposed(question.opposites, phrasing.opposites)
        ),
        *_numbers(question.numbers, phrasing.numbers),
    )


def _facets(asked: frozenset[str], written: frozenset[str]) -> tuple[float, ...]:
    shared = len(asked & written)
    missing, extra = min(len(asked) - shared, 3) / 3, min(len(written) - shared, 3) / 3
    return min(shared, 3) / 3, missing, extra, min(missing, extra)


def _numbers(asked: frozenset[tuple[str, str]], written: frozenset[tuple[str, str]]) -> tuple[float, ...]:
    if not asked and not written:
        return 0.0, 0.0, 0.0, 0.0
    sets = asked & written, asked - written, written - asked
    return *(float(bool(some)) for some in sets), float(language.numbers_clash(asked, written))


def _align(question: Reading, phrasings: Sequence[Reading]) -> Values:
    """How well each piece of one text finds its like in the other, by meaning, weighted by how rare it is."""
    aligned = np.zeros((len(phrasings), len(PIECES)), np.float32)
    known = [row for row, phrasing in enumerate(phrasings) if len(phrasing.pieces)]
    if not len(question.pieces) or not known:
        return aligned
    lengths = np.array([len(phrasings[row].pieces) for row in known])
    near = _near(question.pieces, np.concatenate([phrasings[row].pieces for row in known]))
    rarity = np.concatenate([phrasings[row].rarity for row in known])
    starts = np.cumsum(lengths) - lengths
    found, best = np.maximum.reduceat(near, starts, axis=1), near.max(axis=0)
    aligned[known, 0] = (question.rarity / question.rarity.sum()) @ found
    aligned[known, 1] = np.add.reduceat(best * rarity, starts) / np.add.reduceat(rarity, starts)
    aligned[known, 2] = ((1 - found) * question.rarity[:, None]).max(axis=0)
    aligned[known, 3] = np.maximum.reduceat((1 - best) * rarity, starts)
    aligned[:, 4] = np.minimum(aligned[:, 2], aligned[:, 3])  # each has something the other lacks
    return aligned


def _near(mine: words.Ids, yours: words.Ids) -> Values:
    """The nearness of every piece of mine to every one of yours."""
    near: Values = words.vectors(mine) @ words.vectors(yours).T
    return near


def leads(values: Values) -> Values:
    """By how much each value leads the best of the others in its column (negative when it does not lead)."""
    if len(values) < 2:
        return values
    second, first = np.sort(values, axis=0)[-2:]
    return np.asarray(values - np.where(values >= first, second, first), np.float32)
