"""Probabilities from scores."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from faq.odds import log_softmax, sigmoid, softmax

_SCORE = st.floats(-30, 30)


@given(score=_SCORE)
def test_sigmoid_is_the_logistic_function(score: float) -> None:
    """It is what the formula says."""
    assert math.isclose(float(sigmoid(np.array(score))), 1 / (1 + math.exp(-score)), rel_tol=1e-9)


def test_sigmoid_of_extremes_does_not_overflow() -> None:
    """Far scores are simply certain."""
    assert sigmoid(np.array([-1e6, 1e6])).tolist() == [0, 1]


@given(scores=st.lists(_SCORE, min_size=1, max_size=5))
def test_softmax_shares_one(scores: list[float]) -> None:
    """The probabilities of a row are in the ratio of the exponentials and sum to one."""
    row = np.array([scores])
    weights = [math.exp(score) for score in scores]
    assert np.allclose(softmax(row)[0], [weight / sum(weights) for weight in weights])
    assert np.allclose(np.exp(log_softmax(row)), softmax(row))
