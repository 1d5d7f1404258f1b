"""A small classifier of short texts with honest probabilities: a linear margin on meanings, words and parts of words.

It minimises the squared hinge loss of one class against the others and stops early. The probabilities are fitted on
scores of texts that were left out, a third at a time.
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faq import storing
from faq.embedding import Embedder
from faq.odds import log_softmax, softmax
from faq.solving import minimise, minimise_number, sparse
from faq.text import LIMIT, fold

Values = NDArray[np.float32]
Labels = NDArray[np.int64]

_BUCKETS = 8192  # columns of words, and as many of parts of words
_MEANING = 1.5  # weight of the sentence embedding beside them
_COST, _STEPS, _FOLDS = 0.5, 40, 3
_LARGEST = 20_000  # texts learnt from
_TOKEN = re.compile(r"[a-z0-9][a-z0-9.%+']*|\S")


@dataclass(frozen=True, slots=True)
class Classifier:
    """Classes with a linear score each; `sharpness` turns scores into probabilities."""

    classes: tuple[str, ...]
    embedder: Embedder
    rarity: Values  # of each column of words and parts
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
        words = [values @ self.weights[columns] for columns, values in _count(folded, self.rarity)]
        counted = np.array(words, np.float32).reshape(-1, len(self.classes))
        meant = _MEANING * self.embedder.embed(folded) - self.centre
        return np.asarray(counted + meant @ self.weights[len(self.rarity) : -1] + self.weights[-1], np.float32)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Texts learnt from, as numbers: words and parts of words, a sparse array, beside meanings."""

    counted: Any
    meant: Values

    def scores(self, weights: Values) -> Values:
        columns = self.counted.shape[1]
        return np.asarray(self.counted @ weights[:columns] + self.meant @ weights[columns:-1] + weights[-1], np.float32)

    def where(self, chosen: NDArray[np.bool_]) -> "_Rows":
        return _Rows(self.counted[chosen], self.meant[chosen])


def train(texts: Sequence[str], labels: Sequence[str], embedder: Embedder) -> Classifier:
    """Learn to tell the labels apart; rare ones count as much as frequent ones would at half their number."""
    chosen = np.sort(np.random.default_rng(0).permutation(len(texts))[:_LARGEST])
    folded = [fold(texts[row][:LIMIT]) for row in chosen]
    classes, label = np.unique(np.array(labels)[chosen], return_inverse=True)
    rarity = _rarity(folded)
    meant = _MEANING * embedder.embed(folded)
    centre = meant.mean(axis=0)
    rows = _Rows(sparse(_count(folded, rarity), len(rarity)), meant - centre)
    left_out = _leave_out(rows, label, len(classes))
    sharpness = _sharpen(left_out, label)
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


def _columns(text: str) -> Iterator[int]:
    """Columns of a folded text: runs of up to three words, an ideograph being one, and parts of Latin words."""
    tokens = _TOKEN.findall(text)
    for length in (1, 2, 3):
        for start in range(len(tokens) - length + 1):
            yield zlib.crc32(" ".join(tokens[start : start + length]).encode()) % _BUCKETS
    for token in tokens:
        if len(token) > 1:
            word = f"_{token}_"
            for length in (2, 3, 4, 5):
                for start in range(len(word) - length + 1):
                    yield _BUCKETS + zlib.crc32(word[start : start + length].encode()) % _BUCKETS


def _rarity(folded: Sequence[str]) -> Values:
    """Inverse document frequency of each column."""
    documents = np.zeros(2 * _BUCKETS)
    for text in folded:
        documents[list(set(_columns(text)))] += 1
    return (np.log((1 + len(folded)) / (1 + documents)) + 1).astype(np.float32)


def _count(folded: Sequence[str], rarity: Values) -> list[tuple[NDArray[np.int32], Values]]:
    """The columns of each text and their weights; words together have length one, parts of words too."""
    counted = []
    for text in folded:
        columns = np.unique(np.fromiter(_columns(text), np.int32))
        values, words = rarity[columns], np.searchsorted(columns, _BUCKETS)
        for half in (values[:words], values[words:]):
            half /= np.linalg.norm(half) or 1.0
        counted.append((columns, values))
    return counted


def _separate(rows: _Rows, label: Labels, classes: int) -> Values:
    """Learn one score a class, positive for its own texts, negative for others (squared hinge loss, L-BFGS)."""
    side = -np.ones((len(label), classes), np.float32)
    side[np.arange(len(label)), label] = 1
    weight = 1 / np.sqrt(np.bincount(label, minlength=classes)[label])
    cost = (_COST * weight / weight.mean()).astype(np.float32)[:, None]
    used = np.unique(rows.counted.indices)
    known = _Rows(rows.counted[:, used], rows.meant)
    turned = known.counted.T.tocsr()
    shape = (len(used) + rows.meant.shape[1] + 1, classes)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        model = flat.reshape(shape).astype(np.float32)
        short = np.maximum(0, 1 - side * known.scores(model))
        slope = -2 * cost * side * short
        value = float((cost * short**2).sum()) + 0.5 * float((model**2).sum())
        parts = [turned @ slope, rows.meant.T @ slope, slope.sum(axis=0)[None]]
        return value, (np.concatenate(parts) + model).ravel().astype(np.float64)

    found = minimise(loss, np.zeros(shape[0] * classes), maxiter=_STEPS, maxcor=4).reshape(shape)
    weights = np.zeros((rows.counted.shape[1] + shape[0] - len(used), classes), np.float32)
    weights[used], weights[rows.counted.shape[1] :] = found[: len(used)], found[len(used) :]
    return weights


def _leave_out(rows: _Rows, label: Labels, classes: int) -> Values:
    """Score each text by a model that has not seen it."""
    fold_of = np.random.default_rng(0).permutation(len(label)) % _FOLDS
    scores = np.zeros((len(label), classes), np.float32)
    for unseen in (fold_of == number for number in range(_FOLDS)):
        if unseen.any() and not unseen.all():
            scores[unseen] = rows.where(unseen).scores(_separate(rows.where(~unseen), label[~unseen], classes))
    return scores


def _sharpen(scores: Values, label: Labels) -> float:
    """Find the factor under which softmax gives the left-out labels their true probability."""

    def loss(log_factor: float) -> float:
        return -float(log_softmax(np.exp(log_factor) * scores)[np.arange(len(label)), label].mean())

    return float(np.exp(minimise_number(loss, -2, 4)))
