"""What a store of kept answers must do, and what it keeps: the database does it (table.py), and Milvus (milvus.py).

Knows no question and no freshness.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from bot.cache.entry import Entry
from faq.embedding import Vectors

MOST = 20  # wordings of one question that are compared
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Address:
    """Where an answer belongs: to what was known (`version`), for whom (`scope`), to which question."""

    version: str
    scope: str
    key: str
    signature: str

    @classmethod
    def of(cls, version: str, scope: Sequence[str], question: str, signature: str) -> "Address":
        whole = digest(json.dumps([version, *scope], ensure_ascii=False))
        return cls(version, whole, digest(question), digest(signature))


@dataclass(frozen=True, slots=True)
class Embedding:
    """The meaning of a question: a unit row, and the embedder that read it."""

    embedder: str
    row: Vectors


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer as it was kept. `id` is the store's own; `at` is aware."""

    id: int | str
    scope: str
    key: str
    version: str
    question: str
    at: datetime
    entry: Entry
    embedding: Embedding | None = None


class Store(Protocol):
    """Answers that survive a kill. Every method may raise DatabaseUnavailable."""

    async def near(self, address: Address) -> list[Kept]:
        """The wordings of a question that have an answer, its own first, then the newest."""
        ...

    async def put(self, address: Address, question: str, entry: Entry, at: datetime, meaning: Embedding) -> bool:
        """Keep an answer and say whether it was: it replaces an older one to the same question, never a newer one."""
        ...

    async def listed(self, limit: int) -> list[Kept]:
        """The newest answers."""
        ...

    async def with_signature(self, signature: str) -> list[Kept]:
        """Every answer to any wording, whatever it was made from."""
        ...

    async def drop(
        self,
        *,
        ids: Sequence[int | str] | None = None,
        knowledge_base: str | None = None,
        document: str | None = None,
        before: datetime | None = None,
        other_than: str | None = None,
    ) -> int:
        """Forget the answers that fit every condition given, all when none is; how many there were."""
        ...

    async def shrink(self, most: int) -> int:
        """Forget the oldest of more than `most` answers."""
        ...

    async def close(self) -> None: ...


def to_row(address: Address, question: str, entry: Entry, at: datetime) -> dict[str, Any]:
    """An answer as plain values, without its embedding."""
    return {
        "scope": address.scope,
        "key": address.key,
        "signature": address.signature,
        "version": address.version,
        "knowledge_base": entry.knowledge_base,
        "question": question,
        "answer": entry.to_json(),
        "documents": entry.origins_json(),
        "negative": entry.negative,
        "money": entry.money,
        "at": microseconds(at),
    }


def from_row(row: Mapping[str, Any], embedding: Embedding | None) -> Kept | None:
    """The reverse; None for what another version wrote."""
    try:
        entry = Entry.from_json(row["answer"], row["documents"], row["knowledge_base"], row["negative"], row["money"])
    except (ValueError, KeyError, TypeError):
        return None
    at = _EPOCH + timedelta(microseconds=row["at"])
    return Kept(row["id"], row["scope"], row["key"], row["version"], row["question"], at, entry, embedding)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def microseconds(at: datetime) -> int:
    """Since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)
