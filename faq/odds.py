"""Scores to probabilities."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.floating]


def sigmoid(scores: Numbers) -> Numbers:
    """Give 1 / (1 + e^-score) without overflow."""
    return np.exp(-np.logaddexp(0, -scores))


def softmax(scores: Numbers) -> Numbers:
    """Give the probabilities of the classes in each row."""
    return np.exp(log_softmax(scores))


def log_softmax(scores: Numbers) -> Numbers:
    highest = scores - scores.max(axis=1, keepdims=True)
    logs: Numbers = highest - np.log(np.exp(highest).sum(axis=1, keepdims=True))
    return logs
