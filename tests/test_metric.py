"""Measures of nearness."""

import numpy as np

from faq.metric import narrow
from faq.words import unit


def test_a_narrow_metric_keeps_what_is_near() -> None:
    """Of rows that differ in few directions, fewer numbers say how near they are to one another."""
    random = np.random.default_rng(0)
    spread = random.standard_normal((500, 20)) @ random.standard_normal((20, 600))
    raw = unit((spread + 0.01 * random.standard_normal(spread.shape)).astype(np.float32))
    narrowed = narrow(raw, np.arange(500))(raw)
    assert narrowed.shape == (500, 384)
    assert np.allclose(narrowed @ narrowed.T, raw @ raw.T, atol=0.02)
