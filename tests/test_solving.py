"""What learning takes from scipy, and when."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from faq.solving import Model, minimise, minimise_number, sparse


def test_the_least_of_a_parabola_is_found_within_bounds() -> None:
    """Without bounds the least is found; with bounds the nearest that they allow."""

    def loss(model: Model) -> tuple[float, Model]:
        return float(((model - 2) ** 2).sum()), 2 * (model - 2)

    assert np.allclose(minimise(loss, np.zeros(2)), [2, 2], atol=1e-4)
    assert np.allclose(minimise(loss, np.zeros(2), [(None, 1), (None, None)]), [1, 2], atol=1e-4)
    assert abs(minimise_number(lambda number: (number - 1) ** 2, -2, 4) - 1) < 1e-4


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
