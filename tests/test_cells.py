"""Finding the nearest of many rows without looking at all of them."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from faq import mapped
from faq.cells import Bytes, Cells, blocks
from faq.words import unit

Values = NDArray[np.float32]


@pytest.fixture(scope="module")
def rows() -> Values:
    """Forty thousand unit rows in two thousand heaps, as phrasings of subjects lie."""
    random = np.random.default_rng(1)
    heaps = random.standard_normal((2000, 32), dtype=np.float32)
    return unit(heaps[random.integers(0, 2000, 40_000)] + 0.4 * random.standard_normal((40_000, 32), dtype=np.float32))


@pytest.fixture(scope="module")
def cells(rows: Values) -> Cells:
    """The rows in their cells."""
    return Cells.build(_bytes(rows))


def _bytes(rows: Values) -> Bytes:
    given = Bytes.empty(*rows.shape)
    for part in blocks(len(rows)):
        given.put(part, rows[part])
    return given


def test_bytes_keep_a_dot_product(rows: Values) -> None:
    """A nearness read from bytes is the true one to the second decimal place."""
    given = _bytes(rows[:500])
    assert np.allclose(given.near(slice(0, 500), rows[7]), rows[:500] @ rows[7], atol=0.01)
    assert np.allclose(given.get(np.array([3, 1])), rows[[3, 1]], atol=0.01)


def test_nearly_all_of_the_nearest_are_found(rows: Values, cells: Cells) -> None:
    """Of the ten nearest rows, cells find nine or more."""
    shares = []
    for row in rows[:100]:
        truth = set(np.argpartition(rows @ row, -10)[-10:].tolist())
        shares.append(len(truth & set(cells.nearest(row, 10, None).tolist())) / 10)
    assert np.mean(shares) > 0.9


def test_each_row_is_where_its_place_says(rows: Values, cells: Cells) -> None:
    """The nearness of chosen rows is theirs, in the order in which they were asked for."""
    chosen = np.array([5, 39_999, 0])
    assert np.allclose(cells.near(chosen, rows[5]), rows[chosen] @ rows[5], atol=0.01)


def test_hidden_rows_are_not_found(rows: Values, cells: Cells) -> None:
    """What is hidden does not exist; what is left is looked for further away."""
    hidden = np.ones(len(rows), bool)
    hidden[[4, 9]] = False
    assert set(cells.nearest(rows[4], 10, hidden).tolist()) <= {4, 9}
    assert 4 in cells.nearest(rows[4], 10, hidden)


def test_stored_cells_are_the_same(rows: Values, cells: Cells, tmp_path: Path) -> None:
    """Cells written to a folder and mapped from it find the same rows."""
    mapped.write(tmp_path / "cells", cells.arrays())
    again = Cells.of(mapped.read(tmp_path / "cells"))
    assert np.array_equal(np.sort(again.nearest(rows[3], 20, None)), np.sort(cells.nearest(rows[3], 20, None)))


def test_a_folder_that_is_not_there_or_damaged_gives_nothing(tmp_path: Path) -> None:
    """Then everything is computed again."""
    assert mapped.read(tmp_path / "absent") == {}
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "rows.npy").write_bytes(b"\x93NUMPY")
    assert mapped.read(tmp_path / "torn") == {}
