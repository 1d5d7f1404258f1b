"""The meaning of a passage: half its heading, half the mean of its sentences, each sentence embedded once.

A whole passage in one embedding blurs; on Chinese paragraphs this mean finds more (benchmarks/rag.py) for less time.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from bot.rag.passages import Passage
from bot.rag.splitting import sentences
from faq.embedding import Embedder, Vectors

_BATCH = 128  # of like length; what their pieces say alone is computed once


def embed(passages: Sequence[Passage], embedder: Embedder) -> Vectors:
    """Give one unit row a passage, shape (len(passages), embedder.dim)."""
    parts = [_parts(passage) for passage in passages]
    headings = [passage.heading for passage in passages]
    distinct = sorted({text for texts in parts for text in texts} | set(headings), key=len)
    rows = {text: row for batch in _batches(distinct) for text, row in zip(batch, embedder.embed(batch), strict=True)}
    vectors = np.empty((len(passages), embedder.dim), np.float32)
    for place, (texts, heading) in enumerate(zip(parts, headings, strict=True)):
        vectors[place] = _unit(_unit(np.sum([rows[text] for text in texts], axis=0)) + rows[heading])
    return vectors


def _parts(passage: Passage) -> list[str]:
    parts = [text for sentence in sentences(passage.text) if len(text := sentence.strip()) > 1]
    return parts or [passage.text]


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH))


def _unit(row: Vectors) -> Vectors:
    length = float(np.linalg.norm(row))
    unit: Vectors = row / np.float32(length) if length else row
    return unit
