"""What learning takes from scipy, and when."""

import subprocess
import sys
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from threadpoolctl import threadpool_info

from faq import words
from faq.solving import Model, Values, descend, minimise, minimise_number, sparse


def test_the_least_of_a_parabola_is_found_within_bounds() -> None:
    """Without bounds the least is found; with bounds the nearest that they allow."""

    def loss(model: Model) -> tuple[float, Model]:
        return float(((model - 2) ** 2).sum()), 2 * (model - 2)

    assert np.allclose(minimise(loss, np.zeros(2)), [2, 2], atol=1e-4)
    assert np.allclose(minimise(loss, np.zeros(2), [(None, 1), (None, None)]), [1, 2], atol=1e-4)
    assert abs(minimise_number(lambda number: (number - 1) ** 2, -2, 4) - 1) < 1e-4


@settings(deadline=None)  # the first loads scipy
@given(
    arrays(np.float32, 12, elements=st.floats(0, 3, width=32)),
    arrays(np.float32, 4, elements=st.floats(-3, 3, width=32)),
)
def test_descending_finds_what_scipy_finds(spread: Values, least: Values) -> None:
    """Of a convex loss of any shape the least is found, in the precision of the start."""
    matrix = spread.reshape(3, 4)

    def loss(model: Values) -> tuple[float, Values]:
        off = matrix @ (model - least)
        return float(off @ off + model @ model) / 2, matrix.T @ off + model

    def doubled(model: Model) -> tuple[float, Model]:
        value, slope = loss(model.astype(np.float32))
        return value, slope.astype(np.float64)

    found = descend(loss, np.zeros(4, np.float32), 60)
    assert found.dtype == np.float32
    assert loss(found)[0] <= doubled(minimise(doubled, np.zeros(4)))[0] + 1e-3


def test_rows_become_a_sparse_array() -> None:
    """Each row has its values at its columns; a row of nothing is nothing."""
    first = (np.array([0, 2], np.int32), np.array([1, 2], np.float32))
    nothing = (np.empty(0, np.int32), np.empty(0, np.float32))
    assert sparse([first, nothing], 3).toarray().tolist() == [[1, 0, 2], [0, 0, 0]]


def test_deciding_needs_no_scipy() -> None:
    """A service that recalls what was learnt never loads what learning needs."""
    asked = "import sys, bot.reload; print('scipy' in sys.modules)"
    root = Path(__file__).parent.parent
    said = subprocess.run([sys.executable, "-c", asked], cwd=root, capture_output=True, text=True, check=True).stdout
    assert said.strip() == "False"


def test_linear_algebra_stays_on_one_thread() -> None:
    """scipy brings its own, which would wait for a second thread on a busy machine."""
    words.model()
    minimise(lambda at: (float(at @ at), 2 * at), np.ones(3))
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    assert len(pools) >= 2
    assert {pool["num_threads"] for pool in pools} == {1}
