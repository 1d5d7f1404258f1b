"""Numbers kept on disk between two starts: embeddings by text, and what was learnt by content.

Arrays only, never pickled objects. A file that is missing, damaged or of another make is as good as none.
"""

import hashlib
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faq.embedding import Embedder, Vectors
from faq.learning import Judge
from faq.metric import Metric

Arrays = Mapping[str, NDArray[np.generic]]
FORMAT = "9"  # raise it whenever features or learning change


def write(path: Path, arrays: Arrays) -> None:
    """Write the arrays at once: a reader sees the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with part.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **dict(arrays))
    part.replace(path)


def read(path: Path) -> dict[str, NDArray[np.generic]]:
    """Read the arrays; nothing when the file cannot be read."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return dict(arrays.items())
    except (OSError, ValueError, EOFError, TypeError, AttributeError, zipfile.BadZipFile):
        return {}


class StoredEmbedder:
    """Embeds the texts of a content and keeps their rows in a file, so that a reload embeds the changed ones alone."""

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        self.id, self.dim = embedder.id, embedder.dim
        self._embedder = embedder
        self._path = folder / f"embeddings-{name_of(embedder.id)}.npz"
        stored = read(self._path)
        keys, rows = stored.get("keys", np.empty(0, "S16")), np.asarray(stored.get("rows", np.empty((0, self.dim))))
        fits = rows.shape == (len(keys), self.dim)
        self._rows = dict(zip(keys.tolist(), np.asarray(rows, np.float32), strict=True)) if fits else {}
        self._stored, self._used = set(self._rows), set[bytes]()

    def embed(self, texts: Sequence[str]) -> Vectors:
        keys = [_key(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        if missing:
            rows = np.asarray(self._embedder.embed(list(missing.values())), np.float16).astype(np.float32)
            self._rows |= dict(zip(missing, rows, strict=True))
        self._used.update(keys)
        return np.stack([self._rows[key] for key in keys]) if keys else np.empty((0, self.dim), np.float32)

    def keep(self) -> None:
        """Write the rows that were asked for; the file forgets the others."""
        if self._used != self._stored:
            rows = np.array([self._rows[key] for key in self._used], np.float16)
            write(self._path, {"keys": np.array(list(self._used), "S16"), "rows": rows})
            self._stored = set(self._used)


def store_learnt(path: Path, metric: Metric, judge: Judge) -> None:
    write(path, {field.name: getattr(part, field.name) for part in (metric, judge) for field in fields(part)})


def recall_learnt(path: Path) -> tuple[Metric, Judge] | None:
    """Give what was learnt, or None when it has to be learnt again."""
    arrays = {name: np.asarray(array, np.float32) for name, array in read(path).items()}
    metric, judge = ([arrays.get(field.name) for field in fields(part)] for part in (Metric, Judge))
    known = [array for array in (*metric, *judge) if array is not None]
    return (Metric(*known[:2]), Judge(*known[2:])) if len(known) == len(metric) + len(judge) else None


def name_of(*parts: str) -> str:
    """Give a short name of a file for what these parts identify."""
    return hashlib.sha256("\0".join((FORMAT, *parts)).encode()).hexdigest()[:16]


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest().encode()
