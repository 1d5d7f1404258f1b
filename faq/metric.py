"""The measure of nearness learnt from the content: phrasings of one entry draw together, all others part.

A linear map of [sentence embedding, weighted words], trained with the InfoNCE loss (van den Oord et al. 2018) on the
variants the staff wrote. With too few of them the map is the identity.
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.products import Blocks, cut, multiply
from faq.words import unit

Rows = NDArray[np.float32]
Owners = NDArray[np.int64]

ENOUGH = 60  # entries with a variant, from which on there is something to learn
_WIDTH, _STEPS, _BATCH, _OTHERS = 256, 16, 512, 1000
_NARROW = 384
_RATE, _TEMPERATURE = 1e-3, 0.07
_LARGEST = 4000  # phrasings trained on


@dataclass(frozen=True)
class Metric:
    """Maps raw rows to unit rows whose dot product is the learnt nearness, -1 to 1."""

    centre: Rows
    matrix: Rows

    def __call__(self, raw: Rows) -> Rows:
        return unit(multiply(raw - self.centre, self._blocks)[:, : self.matrix.shape[1]])

    @functools.cached_property
    def _blocks(self) -> Blocks:
        return cut(self.matrix)


def learn(raw: Rows, owners: Owners) -> Metric:
    """Learn from rows of phrasings, shape (n, d), and the entry that owns each."""
    centre = raw.mean(axis=0)
    chosen = _sample(owners)
    return Metric(centre, _train(raw[chosen] - centre, np.unique(owners[chosen], return_inverse=True)[1]))


def identity(raw: Rows, owners: Owners) -> Metric:
    """Give the metric that changes nothing, for contents too small to learn from."""
    return Metric(np.zeros(raw.shape[1], np.float32), np.eye(raw.shape[1], dtype=np.float32))


def narrow(raw: Rows, owners: Owners) -> Metric:
    """Give the metric that keeps the principal directions alone, for contents too large to keep whole rows of.

    At 384 of 1,024 directions all ten nearest are among the forty nearest that are found.
    """
    centre = np.zeros(raw.shape[1], np.float32)
    return Metric(centre, _principal(raw, _NARROW))


def can_learn(owners: Owners) -> bool:
    """Say whether enough entries have more than one phrasing."""
    return len(owners) > 0 and int((np.bincount(owners) > 1).sum()) >= ENOUGH


def _sample(owners: Owners) -> NDArray[np.int64]:
    together = np.flatnonzero(np.bincount(owners)[owners] > 1)[:_LARGEST]
    alone = np.setdiff1d(np.arange(len(owners)), together)
    room = max(0, _LARGEST - len(together))
    return np.sort(np.concatenate([together, np.random.default_rng(0).permutation(alone)[:room]]))


def _train(rows: Rows, owners: Owners) -> Rows:
    matrix = _principal(rows, _WIDTH)
    first, second = np.zeros_like(matrix), np.zeros_like(matrix)
    anchors = np.flatnonzero(np.bincount(owners)[owners] > 1)
    random = np.random.default_rng(0)
    for step in range(1, _STEPS + 1):
        batch = random.choice(anchors, min(_BATCH, len(anchors)), replace=False)
        others = random.choice(len(rows), min(_OTHERS, len(rows)), replace=False)
        beside = np.union1d(np.flatnonzero(np.isin(owners, owners[batch])), others)
        slope = _slope(rows[beside], owners[beside], np.searchsorted(beside, batch), matrix)
        first = 0.9 * first + 0.1 * slope  # Adam (Kingma and Ba 2015)
        second = 0.999 * second + 0.001 * slope**2
        scale = np.sqrt(second / (1 - 0.999**step)) + 1e-8
        matrix -= (_RATE / (1 - 0.9**step)) * first / scale
    return matrix


def _principal(rows: Rows, width: int) -> Rows:
    """The directions in which the rows differ most, as columns."""
    return np.ascontiguousarray(np.linalg.eigh(rows.T @ rows)[1][:, : -min(width, *rows.shape) - 1 : -1])


def _slope(rows: Rows, owners: Owners, anchors: NDArray[np.int64], matrix: Rows) -> Rows:
    """The gradient of the loss by `matrix`: each anchor should be nearest to the rows of its own owner."""
    mapped = rows @ matrix
    length = np.maximum(np.linalg.norm(mapped, axis=1, keepdims=True), 1e-6)
    rays = mapped / length
    logits = rays[anchors] @ rays.T / _TEMPERATURE
    itself = (np.arange(len(anchors)), anchors)
    logits[itself] = -np.inf
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    likely /= likely.sum(axis=1, keepdims=True)
    right = likely * (owners[anchors][:, None] == owners[None])
    by_logit = (likely - right / (right.sum(axis=1, keepdims=True) + 1e-9)) / (_TEMPERATURE * len(anchors))
    by_unit = by_logit.T @ rays[anchors]
    by_unit[anchors] += by_logit @ rays
    by_mapped = (by_unit - rays * (by_unit * rays).sum(axis=1, keepdims=True)) / length
    slope: Rows = rows.T @ by_mapped
    return slope
