"""Small trees that learn what a straight line cannot and keep to the signs they are given."""

import numpy as np
import pytest
from numpy.typing import NDArray

from faq import boosting

Rows = NDArray[np.float32]


def rows_of(many: int) -> tuple[Rows, NDArray[np.bool_]]:
    """Rows of three numbers; right when the first two are high together, the third means nothing."""
    values = np.random.default_rng(1).random((many, 3)).astype(np.float32)
    return values, (values[:, 0] > 0.5) & (values[:, 1] > 0.5)


def test_trees_learn_what_holds_only_together() -> None:
    """One high value alone is no reason; both are."""
    values, right = rows_of(1500)
    trees = boosting.learn(values, right, np.ones(1500, np.float32), {0: 1, 1: 1, 2: 0})
    asked = np.array([[0.9, 0.9, 0.5], [0.9, 0.1, 0.5], [0.1, 0.9, 0.5], [0.1, 0.1, 0.5]], np.float32)
    scores = boosting.start(right, np.ones(1500, np.float32)) + boosting.add(trees, asked)
    assert scores[0] > 1
    assert (scores[1:] < -1).all()


@pytest.mark.parametrize("sign", [1, -1])
def test_more_of_a_value_never_goes_against_its_sign(sign: int) -> None:
    """Whatever the sample says, the score follows the sign from end to end, beside any other values."""
    random = np.random.default_rng(2)
    values = random.random((800, 4)).astype(np.float32)
    right = (np.sin(9 * values[:, 0]) + values[:, 1] + random.normal(size=800) / 3) > 0.6
    trees = boosting.learn(values, right, np.ones(800, np.float32), {0: sign, 1: 1, 2: 0, 3: 0})
    for beside in random.random((50, 4)).astype(np.float32):
        line = np.repeat(beside[None], 101, axis=0)
        line[:, 0] = np.linspace(0, 1, 101)
        assert (sign * np.diff(boosting.add(trees, line)) >= -1e-6).all()


def test_columns_that_are_not_named_are_not_asked() -> None:
    """What must not decide does not, even where it alone would tell."""
    values, right = rows_of(600)
    values[:, 2] = right
    trees = boosting.learn(values, right, np.ones(600, np.float32), {0: 1, 1: 1})
    other = values.copy()
    other[:, 2] = 1 - other[:, 2]
    assert (boosting.add(trees, values) == boosting.add(trees, other)).all()


def test_rows_of_no_weight_teach_nothing() -> None:
    """Weights count as repetitions would."""
    values, right = rows_of(1000)
    weight = np.ones(1000, np.float32)
    weight[500:] = 0
    right_or_not = np.concatenate([right[:500], ~right[500:]])
    trees = boosting.learn(values, right_or_not, weight, {0: 1, 1: 1})
    assert boosting.add(trees, values)[right].mean() > boosting.add(trees, values)[~right].mean() + 1


def test_what_all_share_adds_nothing() -> None:
    """Equal values cannot be told apart, one outcome teaches no difference."""
    same = np.ones((100, 2), np.float32)
    half = np.arange(100) % 2 == 0
    assert abs(boosting.add(boosting.learn(same, half, np.ones(100, np.float32), {0: 1, 1: 0}), same)).max() < 1e-3
    values, _ = rows_of(100)
    trees = boosting.learn(values, np.ones(100, bool), np.ones(100, np.float32), {0: 1})
    assert np.isfinite(boosting.add(trees, values)).all()


def test_no_trees_add_nothing() -> None:
    """A judge that learnt nothing has none."""
    assert boosting.add(np.zeros((0, boosting.WIDTH), np.float32), np.ones((3, 2), np.float32)).tolist() == [0, 0, 0]
