"""What Zhida knows of questions before it has read any content, learnt from asked.txt and its demo content.

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
_FAR = ("calculation", "out_of_scope")


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


@functools.cache
def far() -> tuple[str, ...]:
    """Give shipped questions that are far from the content of any business; a greeting may well be answered."""
    lines = (FOLDER / "far.txt").read_text(encoding="utf-8").splitlines()
    examples = (example for intent in _FAR for example in intents()[intent])
    return (*examples, *(line for line in lines if not line.startswith("#")))
