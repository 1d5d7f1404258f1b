"""What learning needs of scipy, and the only place that knows it.

scipy is imported at the first thing that is learnt: a process that recalls what was learnt before does without its
40 MB and half a second. Deciding (faq/odds.py) is numpy alone.
"""

import functools
from collections import deque
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import threadpoolctl
from numpy.typing import NDArray

_PAST, _HALVINGS = 6, 20

Values = NDArray[np.float32]
Model = NDArray[np.float64]
Loss = Callable[[Model], tuple[float, Model]]
Bounds = Sequence[tuple[float | None, float | None]]


@functools.cache
def _scipy(name: str) -> Any:
    """A part of scipy, which brings a linear algebra of its own: on one thread as numpy's (see faq/words.py)."""
    part = import_module(f"scipy.{name}")
    threadpoolctl.threadpool_limits(limits=1, user_api="blas")
    return part


def minimise(loss: Loss, start: Model, bounds: Bounds | None = None, **options: int) -> Model:
    """Find where `loss`, which also gives its slope, is least; by L-BFGS with its `options` as scipy calls them."""
    optimize = _scipy("optimize")
    found: Model = optimize.minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options=options).x
    return found


def descend(loss: Callable[[Values], tuple[float, Values]], start: Values, steps: int) -> Values:
    """As `minimise` where nothing is bounded, for millions of weights: scipy's takes longer than the loss itself."""
    at, (value, slope) = start, loss(start)
    past: deque[tuple[Values, Values, float]] = deque(maxlen=_PAST)
    rate = 1 / max(1.0, float(np.linalg.norm(slope)))
    for _ in range(steps):
        way = _way(slope, past)
        fall, tried = float(slope @ way), 0
        while tried < _HALVINGS:
            ahead = at + np.float32(rate) * way
            value_ahead, slope_ahead = loss(ahead)
            if value_ahead <= value + 1e-4 * rate * fall:
                break
            rate, tried = rate / 2, tried + 1
        else:
            break
        moved, bent = ahead - at, slope_ahead - slope
        if (curve := float(moved @ bent)) > 0:
            past.append((moved, bent, curve))
        at, value, slope, rate = ahead, value_ahead, slope_ahead, 1.0
    return at


def _way(slope: Values, past: Sequence[tuple[Values, Values, float]]) -> Values:
    """Where to go: against the slope, bent as the last steps were (Nocedal 1980)."""
    way, shares = -slope, list[float]()
    for moved, bent, curve in reversed(past):
        shares.append(float(moved @ way) / curve)
        way -= np.float32(shares[-1]) * bent
    if past:
        _, bent, curve = past[-1]
        way *= np.float32(curve / float(bent @ bent))
    for (moved, bent, curve), share in zip(past, reversed(shares), strict=True):
        way += np.float32(share - float(bent @ way) / curve) * moved
    return way


def minimise_number(loss: Callable[[float], float], low: float, high: float) -> float:
    """Find the number between `low` and `high` where `loss` is least."""
    return float(_scipy("optimize").minimize_scalar(loss, bounds=(low, high), method="bounded").x)


def sparse(rows: Sequence[tuple[NDArray[np.int32], NDArray[np.float32]]], width: int) -> Any:
    """Give a scipy.sparse.csr_array of rows given as columns and their values."""
    ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    columns = np.concatenate([np.empty(0, np.int32), *(columns for columns, _ in rows)])
    values = np.concatenate([np.empty(0, np.float32), *(values for _, values in rows)])
    return _scipy("sparse").csr_array((values, columns, ends), shape=(len(rows), width))
