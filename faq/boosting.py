"""Small decision trees that together correct a score, and never fall where more of a value must not lower it.

Gradient boosting (Friedman 2001) of the logistic loss by second-order steps over binned values (Chen and Guestrin
2016), with monotone constraints. In numpy: learnt in a third of a second from some thousand rows, asked in
microseconds. A tree is one row of numbers: the columns it asks, the limits it asks them for, and what its leaves add.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.grams import Values
from faq.odds import sigmoid

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

_DEPTH = 3
_NODES = 2**_DEPTH - 1
LEAVES = 2 * _NODES  # from which number of a tree on its leaves stand
WIDTH = LEAVES + 2**_DEPTH  # numbers of a tree
_TREES, _RATE, _RIDGE = 60, 0.1, 3.0
_LEAST = 20.0  # rows of mean weight on each side of a question
_BINS, _SHARE = 32, 0.5  # values told apart in a column, share of the columns that a tree may ask


def add(trees: Values, values: Values) -> Values:
    """Give the sum of what `trees`, shape (n, WIDTH), add to the score of each row of values."""
    columns, limits = trees[:, :_NODES].astype(np.int64), trees[:, _NODES:LEAVES]
    right = values[:, columns] > limits
    rows, every = np.arange(len(values))[:, None], np.arange(len(trees))
    at = np.zeros((len(values), len(trees)), np.int64)
    for _ in range(_DEPTH):
        at = 2 * at + 1 + right[rows, every, at]
    added: Values = trees[every, at + _NODES].sum(axis=1)
    return added


def learn(values: Values, right: NDArray[np.bool_], weight: Values, signs: Mapping[int, int]) -> Values:
    """Learn trees from rows of values; `signs` are the columns to ask: one must raise (1), must lower (-1) or may both.

    Shape (trees, WIDTH). The score they `start` from is no part of them.
    """
    random, binned = np.random.default_rng(0), _Binned.of(values)
    mass = weight.astype(np.float64) / weight.mean()
    score = np.full(len(values), start(right, weight))
    trees = np.zeros((_TREES, WIDTH), np.float32)
    known, raises = np.array(list(signs)), np.array(list(signs.values()))
    for tree in trees:
        likely = sigmoid(score)
        sums = np.stack([mass * (likely - right), mass * likely * (1 - likely), mass])
        asked = random.permutation(len(known))[: max(1, int(_SHARE * len(known)))]
        score += _grow(tree, binned, sums, known[asked], raises[asked])
    return trees


def start(right: NDArray[np.bool_], weight: Values) -> float:
    """Give the score that the trees start from: the log-odds of a row being right."""
    share = np.clip(np.average(right, weights=weight), 1e-3, 1 - 1e-3)
    return float(np.log(share / (1 - share)))


@dataclass(frozen=True, slots=True)
class _Binned:
    """The number of the bin of every value, and the greatest value of each bin by column; the last bin has none."""

    bins: Whole
    limits: Values

    @classmethod
    def of(cls, values: Values) -> "_Binned":
        limits = np.full((values.shape[1], _BINS), np.inf, np.float32)
        bins = np.zeros(values.shape, np.int64)
        for column in range(values.shape[1]):
            found = np.unique(np.quantile(values[:, column], np.linspace(0, 1, _BINS + 1)[1:-1], method="lower"))
            limits[column, : len(found)] = found
            bins[:, column] = np.searchsorted(found, values[:, column])
        return cls(bins, limits)


def _grow(tree: Values, binned: _Binned, sums: Numbers, columns: Whole, signs: Whole) -> Numbers:
    """Write a tree into its row, a level at a time; give what it adds to the score of each row it learnt from."""
    node, rows = np.zeros(len(binned.bins), np.int64), np.arange(len(binned.bins))
    bounds = np.array([[-np.inf], [np.inf]])
    for level in range(_DEPTH):
        first, many = 2**level - 1, 2**level
        chosen, bin, bounds = _split(_histogram(binned.bins[:, columns], node, many, sums), bounds, signs)
        tree[first : first + many] = columns[chosen]
        tree[_NODES + first : _NODES + first + many] = binned.limits[columns[chosen], bin]
        node = 2 * node + (binned.bins[rows, columns[chosen][node]] > bin[node])
    slope, curve = (np.bincount(node, each, 2**_DEPTH) for each in sums[:2])
    tree[LEAVES:] = _RATE * np.clip(-slope / (curve + _RIDGE), *bounds)
    added: Numbers = tree[LEAVES:].astype(np.float64)[node]
    return added


def _histogram(bins: Whole, node: Whole, many: int, sums: Numbers) -> Numbers:
    """Sum by node, column and bin, shape (sums, nodes, columns, bins)."""
    width = bins.shape[1]
    key = ((node[:, None] * width + np.arange(width)) * _BINS + bins).ravel()
    counted = [np.bincount(key, np.repeat(each, width), many * width * _BINS) for each in sums]
    stacked: Numbers = np.asarray(counted, np.float64)
    return stacked.reshape(len(sums), many, width, _BINS)


def _split(histogram: Numbers, bounds: Numbers, signs: Whole) -> tuple[Whole, Whole, Numbers]:
    """The column and the bin at which each node parts best (the last bin: it does not), and bounds of its two sides."""
    many, total = histogram.shape[1], histogram[:, :, :1].sum(axis=3, keepdims=True)
    left = np.cumsum(histogram, axis=3)[..., :-1]
    right = total - left
    low, high = (np.clip(_step(side), bounds[0, :, None, None], bounds[1, :, None, None]) for side in (left, right))
    whole = np.clip(_step(total), bounds[0, :, None, None], bounds[1, :, None, None])
    gain = _loss(total, whole) - _loss(left, low) - _loss(right, high)
    against = signs[:, None] * (high - low) < 0
    gain[against | (left[2] < _LEAST) | (right[2] < _LEAST)] = -1
    best = gain.reshape(many, -1).argmax(axis=1)
    column, bin = np.divmod(best, _BINS - 1)
    every = np.arange(many)
    parts = gain[every, column, bin] > 0
    middle = (low[every, column, bin] + high[every, column, bin]) / 2
    return column, np.where(parts, bin, _BINS - 1), _sides(bounds, middle, np.where(parts, signs[column], 0))


def _sides(bounds: Numbers, middle: Numbers, signs: Whole) -> Numbers:
    """The bounds of both sides of each node: where the sign of its column is set, the middle parts them."""
    sides = np.repeat(bounds, 2, axis=1)
    for sign, first in ((1, 0), (-1, 1)):
        held = signs == sign
        sides[1, first::2][held] = sides[0, 1 - first :: 2][held] = middle[held]
    return sides


def _step(sums: Numbers) -> Numbers:
    step: Numbers = -sums[0] / (sums[1] + _RIDGE)
    return step


def _loss(sums: Numbers, step: Numbers) -> Numbers:
    loss: Numbers = sums[0] * step + (sums[1] + _RIDGE) / 2 * step * step
    return loss
