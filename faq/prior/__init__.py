"""What Zhida knows of questions before it has read any content, learnt from asked.txt and its demo content.

`python -m faq.prior` learns it again and writes prior.npz; the file holds numbers only.
"""

import functools
from pathlib import Path

import numpy as np
import yaml

from faq.grams import Values
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
def talk(embedder: str) -> Values:
    """Give weights of the sentence embedding and a number to add: above nought is small talk.

    They hold for one kind of embedder; by another, named by its id, nothing is small talk: no weights, -1.
    """
    with np.load(FOLDER / "prior.npz", allow_pickle=False) as file:
        known = embedder.partition("-")[0] == str(file["talk_embedder"])
        return np.asarray(file["talk"] if known else [-1.0], np.float32)


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
