"""Where passages and their vectors are kept between runs: Milvus, or memory when nothing need last.

A document is written whole or not at all: its rows carry how many they are, and fewer do not count. Every method
blocks; call them from a thread. Files and servers are told apart by the address alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bot.rag.bar import PRIOR, Bar
from bot.rag.files import Key, Report
from bot.rag.passages import Passage
from faq.embedding import Vectors


class StoreError(Exception):
    """The store cannot be used now; documents already in memory still answer."""


class StoreMismatch(StoreError):
    """What is stored was made by another embedder; the message says how to rebuild."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One complete document. `vectors` has one row a passage."""

    key: Key
    passages: tuple[Passage, ...]
    vectors: Vectors


class Store(Protocol):
    """Documents by key. Keys of the same document differ in `content` while it is being replaced."""

    def keys(self) -> Mapping[Key, bool]:
        """Give every document and whether all of it is there. Raises StoreError, StoreMismatch."""
        ...

    def read(self, keys: Iterable[Key]) -> Iterator[Stored]:
        """Give documents in any order. Raises StoreError."""
        ...

    def write(self, document: Stored) -> None:
        """Add a document; writing it again changes nothing. Raises StoreError."""
        ...

    def remove(self, keys: Iterable[Key]) -> None:
        """Forget documents; one that is not there is no error. Raises StoreError."""
        ...

    def close(self) -> None: ...


class MemoryStore:
    """Keeps documents for this process only."""

    def __init__(self) -> None:
        self._documents: dict[Key, Stored] = {}

    def keys(self) -> Mapping[Key, bool]:
        return dict.fromkeys(self._documents, True)

    def read(self, keys: Iterable[Key]) -> Iterator[Stored]:
        return (self._documents[key] for key in keys if key in self._documents)

    def write(self, document: Stored) -> None:
        self._documents[document.key] = document

    def remove(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self._documents.pop(key, None)

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that answers now: one row of `vectors` a passage, the bar for their evidence, and what the run did."""

    report: Report
    passages: tuple[Passage, ...]
    vectors: Vectors
    bar: Bar = PRIOR

    @classmethod
    def of(cls, report: Report, documents: Iterable[Stored], dim: int) -> "Gathered":
        """Put the passages and the rows of many documents one after the other, in the order of their names."""
        ordered = sorted(documents, key=lambda stored: stored.key.document)
        passages = tuple(passage for document in ordered for passage in document.passages)
        rows = [document.vectors for document in ordered]
        return cls(report, passages, np.concatenate([*rows, np.empty((0, dim), np.float32)]))

    @classmethod
    def nothing(cls, dim: int) -> "Gathered":
        """No documents at all."""
        return cls.of(Report({}, 0, 0, 0, 0, (), ()), (), dim)
