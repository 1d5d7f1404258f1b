"""What learning needs of scipy, and the only place that knows it.

scipy is imported at the first thing that is learnt: a process that recalls what was learnt before does without its
40 MB and half a second. Deciding (faq/odds.py) is numpy alone.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Model = NDArray[np.float64]
Loss = Callable[[Model], tuple[float, Model]]
Bounds = Sequence[tuple[float | None, float | None]]


def minimise(loss: Loss, start: Model, bounds: Bounds | None = None, **options: int) -> Model:
    """Find where `loss`, which also gives its slope, is least; by L-BFGS with its `options` as scipy calls them."""
    optimize = import_module("scipy.optimize")
    found: Model = optimize.minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options=options).x
    return found


def minimise_number(loss: Callable[[float], float], low: float, high: float) -> float:
    """Find the number between `low` and `high` where `loss` is least."""
    return float(import_module("scipy.optimize").minimize_scalar(loss, bounds=(low, high), method="bounded").x)


def sparse(rows: Sequence[tuple[NDArray[np.int32], NDArray[np.float32]]], width: int) -> Any:
    """Give a scipy.sparse.csr_array of rows given as columns and their values."""
    ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    columns = np.concatenate([np.empty(0, np.int32), *(columns for columns, _ in rows)])
    values = np.concatenate([np.empty(0, np.float32), *(values for _, values in rows)])
    return import_module("scipy.sparse").csr_array((values, columns, ends), shape=(len(rows), width))
