"""A small classifier of short texts with honest probabilities: logistic regression on their meaning, words and parts.

It stops early. How sharp the probabilities are is fitted on scores of texts that were left out, a third at a time.
"""

import functools
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faq import storing, words
from faq.embedding import Embedder
from faq.odds import log_softmax, softmax
from faq.solving import descend, minimise_number, sparse
from faq.text import LIMIT, fold

Values = NDArray[np.float32]
Labels = NDArray[np.int64]
Columns = NDArray[np.int32]  # of one text, each once, rising

_BUCKETS = 16384  # columns of words, as many of parts of words, and as many of the pieces the embedder knows
_KINDS = 3
_MEANING = 1.2  # weight of the sentence embedding beside them
_COST, _STEPS, _FOLDS = 6.0, 50, 3
_LEFT_OUT = 4_000  # texts that are left out once, about
_TOKEN = re.compile(r"[a-z0-9][a-z0-9.%+']*|\S")


@dataclass(frozen=True, slots=True)
class Classifier:
    """Classes with a linear score each; `sharpness` turns scores into probabilities."""

    classes: tuple[str, ...]
    embedder: Embedder
    rarity: Values  # of each column of words, parts and pieces
    centre: Values  # of the embeddings
    weights: Values  # (columns + width of the embedding + 1, classes)
    sharpness: float
    unseen: Values  # best score of each training text when it was left out

    def probabilities(self, texts: Sequence[str]) -> Values:
        """Give the probability of each class, shape (len(texts), len(classes))."""
        return np.asarray(softmax(self.sharpness * self.scores(texts)), np.float32)

    def scores(self, texts: Sequence[str]) -> Values:
        """Give the score of each class, of the same shape: what is low in all of them is strange to all."""
        folded = [fold(text[:LIMIT]) for text in texts]
        read = [_weigh(columns, self.rarity) @ self.weights[columns] for columns in map(_read, folded)]
        counted = np.array(read, np.float32).reshape(-1, len(self.classes))
        meant = _MEANING * self.embedder.embed(folded) - self.centre
        return np.asarray(counted + meant @ self.weights[len(self.rarity) : -1] + self.weights[-1], np.float32)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Texts learnt from, as numbers: words, parts and pieces, a sparse array, beside meanings."""

    counted: Any
    meant: Values

    def scores(self, weights: Values) -> Values:
        columns = self.counted.shape[1]
        return np.asarray(self.counted @ weights[:columns] + self.meant @ weights[columns:-1] + weights[-1], np.float32)

    def where(self, chosen: NDArray[np.bool_]) -> "_Rows":
        return _Rows(self.counted[chosen], self.meant[chosen])


def train(texts: Sequence[str], labels: Sequence[str], embedder: Embedder, most: int = 20_000) -> Classifier:
    """Learn to tell the labels apart from `most` texts at most; a rare label counts as much as if it were less rare."""
    classes, label = np.unique(np.array(labels), return_inverse=True)
    chosen = _choose(label, most)
    label, folded = label[chosen], [fold(texts[row][:LIMIT]) for row in chosen]
    columns = [_read(text) for text in folded]
    rarity = _rarity(columns)
    meant = _MEANING * embedder.embed(folded)
    centre = meant.mean(axis=0)
    rows = _Rows(sparse([(found, _weigh(found, rarity)) for found in columns], len(rarity)), meant - centre)
    left_out, known = _leave_out(rows, label, len(classes))
    sharpness = _sharpen(left_out, known)
    weights = _separate(rows, label, len(classes))
    return Classifier(tuple(map(str, classes)), embedder, rarity, centre, weights, sharpness, left_out.max(axis=1))


def store(path: Path, classifier: Classifier) -> None:
    """Keep what was learnt."""
    learnt = {name: getattr(classifier, name) for name in ("rarity", "centre", "weights", "unseen")}
    sharpness = np.array([classifier.sharpness])
    storing.write(path, {"classes": np.array(classifier.classes), "sharpness": sharpness, **learnt})


def recall(path: Path, embedder: Embedder) -> Classifier | None:
    """Give what was learnt, or None when it has to be learnt again."""
    stored = storing.read(path)
    if not stored:
        return None
    rarity, centre, weights, unseen = (
        np.asarray(stored[name], np.float32) for name in ("rarity", "centre", "weights", "unseen")
    )
    classes = tuple(map(str, stored["classes"]))
    return Classifier(classes, embedder, rarity, centre, weights, float(stored["sharpness"][0]), unseen)


def _choose(label: Labels, most: int) -> Labels:
    """At most so many rows, as many of each label as it has or all can have."""
    shuffled = np.random.default_rng(0).permutation(len(label))
    grouped = shuffled[np.argsort(label[shuffled], kind="stable")]
    sizes = np.bincount(label)
    within = np.arange(len(label)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.sort(grouped[np.argsort(within, kind="stable")[:most]])


def _read(text: str) -> Columns:
    return np.unique(np.fromiter(_columns(text), np.int32))


def _columns(text: str) -> Iterator[int]:
    """Columns of a folded text: runs of up to three words, an ideograph being one, parts of Latin words, and pieces."""
    tokens = _TOKEN.findall(text)
    yield from _runs(tokens, 3)
    for token in tokens:
        if len(token) > 1:
            yield from _parts(token)
    for column in _runs([str(piece) for piece in words.pieces(text)], 2):
        yield 2 * _BUCKETS + column


def _runs(items: Sequence[str], longest: int) -> Iterator[int]:
    """Each item, each two neighbours, and so on, a space between them."""
    first, after = [item.encode() for item in items], [f" {item}".encode() for item in items]
    for at, start in enumerate(first):
        run = zlib.crc32(start)
        yield run % _BUCKETS
        for following in after[at + 1 : at + longest]:
            run = zlib.crc32(following, run)
            yield run % _BUCKETS


@functools.lru_cache(maxsize=10_000)
def _parts(token: str) -> tuple[int, ...]:
    """Columns of its runs of two to five letters, its ends being letters too; most words come again."""
    word = f"_{token}_"
    runs = (word[at : at + length] for length in (2, 3, 4, 5) for at in range(len(word) - length + 1))
    return tuple(_BUCKETS + zlib.crc32(run.encode()) % _BUCKETS for run in runs)


def _rarity(columns: Sequence[Columns]) -> Values:
    """Inverse document frequency of each column."""
    documents = np.bincount(np.concatenate([np.empty(0, np.int32), *columns]), minlength=_KINDS * _BUCKETS)
    return (np.log((1 + len(columns)) / (1 + documents)) + 1).astype(np.float32)


def _weigh(columns: Columns, rarity: Values) -> Values:
    """The weights of the columns of a text; words together have length one, parts of words and pieces too."""
    values = rarity[columns]
    words_end, parts_end = np.searchsorted(columns, (_BUCKETS, 2 * _BUCKETS))
    for part in (values[:words_end], values[words_end:parts_end], values[parts_end:]):
        part /= np.sqrt(part @ part) or 1.0
    return values


def _separate(rows: _Rows, label: Labels, classes: int) -> Values:
    """Learn one score a class by multinomial logistic regression (L-BFGS)."""
    weight = 1 / np.sqrt(np.bincount(label, minlength=classes)[label])
    cost = (_COST * weight / weight.mean()).astype(np.float32)
    used = np.unique(rows.counted.indices)
    known = _Rows(rows.counted[:, used], rows.meant)
    turned = known.counted.T.tocsr()
    shape, own = (len(used) + rows.meant.shape[1] + 1, classes), (np.arange(len(label)), label)

    def loss(flat: Values) -> tuple[float, Values]:
        model = flat.reshape(shape)
        logs = log_softmax(known.scores(model))
        value = 0.5 * float(flat @ flat) - float(cost @ logs[own])
        slope = np.exp(logs)
        slope[own] -= 1
        slope *= cost[:, None]
        parts = [turned @ slope, rows.meant.T @ slope, slope.sum(axis=0)[None]]
        return value, np.concatenate(parts).ravel() + flat

    found = descend(loss, np.zeros(shape[0] * classes, np.float32), _STEPS).reshape(shape)
    weights = np.zeros((rows.counted.shape[1] + shape[0] - len(used), classes), np.float32)
    weights[used], weights[rows.counted.shape[1] :] = found[: len(used)], found[len(used) :]
    return weights


def _leave_out(rows: _Rows, label: Labels, classes: int) -> tuple[Values, Labels]:
    """Score texts by a model that has not seen them, a third at a time until enough are; also give their labels."""
    fold_of = np.random.default_rng(0).permutation(len(label)) % _FOLDS
    scores, known = [np.empty((0, classes), np.float32)], [np.empty(0, np.int64)]
    for unseen in (fold_of == number for number in range(_FOLDS)):
        if unseen.any() and not unseen.all() and sum(map(len, known)) < _LEFT_OUT:
            scores.append(rows.where(unseen).scores(_separate(rows.where(~unseen), label[~unseen], classes)))
            known.append(label[unseen])
    return np.concatenate(scores), np.concatenate(known)


def _sharpen(scores: Values, label: Labels) -> float:
    """Find the factor under which softmax gives the left-out labels their true probability."""
    if not len(label):
        return 1.0

    def loss(log_factor: float) -> float:
        return -float(log_softmax(np.exp(log_factor) * scores)[np.arange(len(label)), label].mean())

    return float(np.exp(minimise_number(loss, -2, 4)))
