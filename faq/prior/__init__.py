"""What Zhida knows of questions before it has read any content, learnt from corpus.txt, which was written for it.

`python -m faq.prior` learns it again and writes prior.npz; the file holds numbers only.
"""

import functools
from pathlib import Path

import numpy as np
import yaml

from faq.learning import Lesson, Rows

FOLDER = Path(__file__).parent
KINDS = ("plain", "learnt")  # under the identity metric, under a learnt one: their values do not compare
PARTS = ("pairs", "tops")


@functools.cache
def lesson(kind: str) -> Lesson:
    """Give the prior rows of one of `KINDS`."""
    with np.load(FOLDER / "prior.npz", allow_pickle=False) as file:
        pairs, tops = (Rows(*(file[f"{kind}_{part}_{name}"] for name in Rows.names())) for part in PARTS)
    return Lesson(pairs, tops)


@functools.cache
def intents() -> dict[str, tuple[str, ...]]:
    """Give the shipped examples of what no knowledge base answers, by intent."""
    shipped = yaml.safe_load((FOLDER.parent / "intents.yaml").read_text(encoding="utf-8"))
    return {str(name): tuple(map(str, examples)) for name, examples in shipped.items()}


def far() -> tuple[str, ...]:
    """Give every shipped example: questions far from any content."""
    return tuple(example for examples in intents().values() for example in examples)
