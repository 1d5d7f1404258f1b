"""What two questions have in common and what one has that the other lacks, as numbers a model can weigh.

`Reader` reads a text once; `compare` sets a question beside phrasings. Nothing here decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from faq import language, words
from faq.grams import OVERLAP, Grams, Values, rarity
from faq.ragged import Lists

PAIR = (
    *OVERLAP,
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


@dataclass(frozen=True, slots=True)
class Reading:
    """A folded text as `compare` needs it beside its grams. Rarities are inverse document frequencies."""

    text: str
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
        self.grams = Grams(texts)
        self.pieces = Lists(words.pieces(text).tolist() for text in texts)
        documents = np.zeros(words.size(), np.int64)
        found, counts = _documents(self.pieces)
        documents[found] = counts
        self.rarity = rarity(documents, len(texts))

    def read(self, text: str, pieces: words.Ids | None = None) -> Reading:
        ids = words.pieces(text) if pieces is None else pieces
        return Reading(
            text=text,
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


def compare(question: Reading, phrasings: Sequence[Reading], overlap: Values) -> Values:
    """Set a question beside phrasings; shape (len(phrasings), len(PAIR) + len(PIECES)); `overlap` is of their grams."""
    pairs = np.array([_pair(question, phrasing) for phrasing in phrasings], np.float32)
    pairs = pairs.reshape(-1, len(PAIR) - len(OVERLAP))
    return np.concatenate([overlap, pairs, _align(question, phrasings)], axis=1)


def _pair(question: Reading, phrasing: Reading) -> tuple[float, ...]:
    asked, written = len(question.text), len(phrasing.text)
    return (
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
    vectors = words.vectors(np.concatenate([question.pieces, *(phrasings[row].pieces for row in known)]))
    near = vectors[: len(question.pieces)] @ vectors[len(question.pieces) :].T  # of every piece to every other
    rarity = np.concatenate([phrasings[row].rarity for row in known])
    starts = np.cumsum(lengths) - lengths
    found, best = np.maximum.reduceat(near, starts, axis=1), near.max(axis=0)
    aligned[known, 0] = (question.rarity / question.rarity.sum()) @ found
    aligned[known, 1] = np.add.reduceat(best * rarity, starts) / np.add.reduceat(rarity, starts)
    aligned[known, 2] = ((1 - found) * question.rarity[:, None]).max(axis=0)
    aligned[known, 3] = np.maximum.reduceat((1 - best) * rarity, starts)
    aligned[:, 4] = np.minimum(aligned[:, 2], aligned[:, 3])  # each has something the other lacks
    return aligned


def leads(values: Values) -> Values:
    """By how much each value leads the best of the others in its column (negative when it does not lead)."""
    if len(values) < 2:
        return values
    second, first = np.sort(values, axis=0)[-2:]
    return np.asarray(values - np.where(values >= first, second, first), np.float32)
