"""A small classifier of short texts with honest probabilities: ridge regression on meanings, words and grams.

Its leave-one-out scores come in closed form (Allen's PRESS), so the probabilities are fitted on texts it has not seen
without training twice.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from faq import storing, words
from faq.embedding import Embedder
from faq.features import Reader, Values, grams
from faq.index import raw_rows
from faq.text import LIMIT, fold
from faq.words import unit

_BUCKETS = 2048
_RIDGE = 1.0
_GRAMS = 1.0  # weight of the grams beside meanings and words


@dataclass(frozen=True, slots=True)
class Classifier:
    """Classes with a linear score each; `sharpness` turns scores into probabilities."""

    classes: tuple[str, ...]
    reader: Reader
    embedder: Embedder
    centre: Values
    weights: Values  # (features + 1, classes)
    sharpness: float
    unseen: Values  # probability of the best class for each training text when it was left out

    def probabilities(self, texts: Sequence[str]) -> Values:
        """Give the probability of each class, shape (len(texts), len(classes))."""
        rows = _describe([fold(text[:LIMIT]) for text in texts], self.reader, self.embedder) - self.centre
        return np.asarray(softmax(self.sharpness * (rows @ self.weights[:-1] + self.weights[-1]), axis=1), np.float32)


def train(texts: Sequence[str], labels: Sequence[str], embedder: Embedder) -> Classifier:
    """Learn to tell the labels apart; rare ones count as much as frequent ones would at half their number."""
    folded = [fold(text[:LIMIT]) for text in texts]
    reader = Reader(folded)
    rows = _describe(folded, reader, embedder)
    centre = rows.mean(axis=0)
    classes, label = np.unique(np.array(labels), return_inverse=True)
    weights, left_out = _ridge(rows - centre, label, len(classes))
    sharpness = _sharpen(left_out, label)
    unseen = softmax(sharpness * left_out, axis=1).max(axis=1)
    return Classifier(tuple(map(str, classes)), reader, embedder, centre, weights, sharpness, unseen.astype(np.float32))


def store(path: Path, classifier: Classifier) -> None:
    """Keep what was learnt."""
    sharpness = np.array([classifier.sharpness])
    learnt = {"centre": classifier.centre, "weights": classifier.weights, "unseen": classifier.unseen}
    storing.write(path, {"classes": np.array(classifier.classes), "sharpness": sharpness, **learnt})


def recall(path: Path, texts: Sequence[str], embedder: Embedder) -> Classifier | None:
    """Give what was learnt of these texts, or None when it has to be learnt again."""
    stored = storing.read(path)
    if not stored:
        return None
    centre, weights, unseen = (np.asarray(stored[name], np.float32) for name in ("centre", "weights", "unseen"))
    reader = Reader([fold(text[:LIMIT]) for text in texts])
    classes = tuple(map(str, stored["classes"]))
    return Classifier(classes, reader, embedder, centre, weights, float(stored["sharpness"][0]), unseen)


def _describe(folded: Sequence[str], reader: Reader, embedder: Embedder) -> Values:
    raw = raw_rows(folded, [words.pieces(text) for text in folded], reader, embedder)
    hashed = np.zeros((len(folded), _BUCKETS), np.float32)
    for row, text in enumerate(folded):
        for gram in {*grams(text), *_trigrams(text)}:
            code = zlib.crc32(gram.encode())
            hashed[row, code % _BUCKETS] += 1 if code & 0x80000000 else -1
    return np.concatenate([raw, _GRAMS * unit(hashed)], axis=1)


def _trigrams(text: str) -> list[str]:
    return [f"_{text[start : start + 4]}" for start in range(len(text) - 3)] if text.isascii() else []


def _ridge(rows: Values, label: NDArray[np.int64], classes: int) -> tuple[Values, Values]:
    """Solve for one score a class; also give every row's scores when it is left out."""
    wanted = -np.ones((len(rows), classes), np.float32)
    wanted[np.arange(len(rows)), label] = 1
    weight = 1 / np.sqrt(np.bincount(label, minlength=classes))[label]
    weight = (weight / weight.mean()).astype(np.float32)
    root = np.sqrt(weight)[:, None]
    ones = np.concatenate([rows, np.ones((len(rows), 1), np.float32)], axis=1)
    scaled = ones * root
    if len(scaled) < scaled.shape[1]:  # fewer texts than features: the same solution by a smaller matrix
        inverse = np.linalg.inv(scaled @ scaled.T + _RIDGE * np.eye(len(scaled), dtype=np.float32))
        weights = scaled.T @ (inverse @ (root * wanted))
        leverage = 1 - _RIDGE * np.diag(inverse)
    else:
        inverse = np.linalg.inv(scaled.T @ scaled + _RIDGE * np.eye(scaled.shape[1], dtype=np.float32))
        weights = inverse @ (scaled.T @ (root * wanted))
        leverage = np.einsum("ij,ij->i", scaled @ inverse, scaled)
    leverage = np.minimum(leverage, 0.99)[:, None]
    left_out = (ones @ weights - leverage * wanted) / (1 - leverage)
    return weights.astype(np.float32), left_out.astype(np.float32)


def _sharpen(scores: Values, label: NDArray[np.int64]) -> float:
    """Find the factor under which softmax gives the left-out labels their true probability."""

    def loss(log_factor: float) -> float:
        return -float(log_softmax(np.exp(log_factor) * scores, axis=1)[np.arange(len(label)), label].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 4), method="bounded").x))
