"""Where the answers lie: one table of the database, so that they survive a kill and replicas share them.

Nothing is kept in memory: an answer dropped by one process is given by none. Knows no question and no freshness.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa

from bot.cache.entry import Entry
from bot.database import Database
from bot.statements import insert
from bot.tables import answers
from faq.embedding import Vectors

_MOST = 20  # wordings of one question that are compared
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REPLACED = (
    *("signature", "version", "knowledge_base", "question", "answer", "documents", "negative", "money", "at"),
    *("embedder", "vector"),
)
_PUT = insert(
    answers,
    ("scope", "key", *_REPLACED),
    f"ON CONFLICT (scope, key) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _REPLACED)}"
    " WHERE answers.at <= excluded.at",
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where an answer belongs: to what was known (`version`), for whom (`scope`), to which question."""

    version: str
    scope: str
    key: str
    signature: str

    @classmethod
    def of(cls, version: str, scope: Sequence[str], question: str, signature: str) -> "Address":
        whole = _hash(json.dumps([version, *scope], ensure_ascii=False))
        return cls(version, whole, _hash(question), _hash(signature))


@dataclass(frozen=True, slots=True)
class Embedding:
    """The meaning of a question: a unit row, kept as float16, and the embedder that read it."""

    embedder: str
    row: Vectors


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer as it was kept. `at` is aware."""

    id: int
    scope: str
    key: str
    version: str
    question: str
    at: datetime
    entry: Entry
    embedding: Embedding | None = None


class Store:
    """The table of answers. Every method may raise DatabaseUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def near(self, address: Address) -> list[Kept]:
        """The wordings of a question that have an answer, its own first, then the newest."""
        own = answers.c.key == address.key
        where = (answers.c.scope == address.scope) & (answers.c.signature == address.signature)
        newest = sa.select(answers).where(where).order_by(sa.desc(own), answers.c.at.desc()).limit(_MOST)
        return await self._select(newest)

    async def put(self, address: Address, question: str, entry: Entry, at: datetime, meaning: Embedding) -> None:
        """Keep an answer; it replaces an older one to the same question, never a newer one."""
        row = (
            address.scope,
            address.key,
            address.signature,
            address.version,
            entry.knowledge_base,
            question,
            entry.to_json(),
            entry.origins_json(),
            entry.negative,
            entry.money,
            _microseconds(at),
            meaning.embedder,
            meaning.row.astype(np.float16).tobytes(),
        )
        await self._database.write((_PUT, row))

    async def listed(self, limit: int) -> list[Kept]:
        """The newest answers."""
        return await self._select(sa.select(answers).order_by(answers.c.at.desc()).limit(limit))

    async def with_signature(self, signature: str) -> list[Kept]:
        """Every answer to any wording, whatever it was made from."""
        where = answers.c.signature == _hash(signature)
        return await self._select(sa.select(answers).where(where).order_by(answers.c.at.desc()).limit(_MOST))

    async def drop(
        self,
        *,
        ids: Sequence[int] | None = None,
        knowledge_base: str | None = None,
        document: str | None = None,
        before: datetime | None = None,
        other_than: str | None = None,
    ) -> int:
        """Forget the answers that fit every condition given, all when none is; how many there were."""
        wanted: list[sa.ColumnElement[bool]] = [sa.true()]
        if ids is not None:
            wanted.append(answers.c.id.in_(ids))
        if knowledge_base is not None:
            wanted.append(answers.c.knowledge_base == knowledge_base)
        if document is not None:
            wanted.append(answers.c.documents.contains(_named(document), autoescape=True))
        if before is not None:
            wanted.append(answers.c.at < _microseconds(before))
        if other_than is not None:
            wanted.append(answers.c.version != other_than)
        return await self._database.delete(sa.delete(answers).where(*wanted))

    async def shrink(self, most: int) -> int:
        """Forget the oldest of more than `most` answers."""
        oldest_kept = sa.select(answers.c.at).order_by(answers.c.at.desc()).offset(most).limit(1).scalar_subquery()
        return await self._database.delete(sa.delete(answers).where(answers.c.at <= oldest_kept))

    async def _select(self, query: sa.Select[Any]) -> list[Kept]:
        rows = await self._database.rows(query)
        return [kept for row in rows if (kept := _kept(dict(row))) is not None]


def _kept(row: Mapping[str, Any]) -> Kept | None:
    """None for what another version wrote."""
    try:
        entry = Entry.from_json(row["answer"], row["documents"], row["knowledge_base"], row["negative"], row["money"])
    except (ValueError, KeyError, TypeError):
        return None
    at = _EPOCH + timedelta(microseconds=row["at"])
    meaning = None
    if row["vector"] is not None:
        meaning = Embedding(row["embedder"], np.frombuffer(row["vector"], np.float16).astype(np.float32))
    return Kept(row["id"], row["scope"], row["key"], row["version"], row["question"], at, entry, meaning)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _named(document: str) -> str:
    """A document as it stands in the column of documents."""
    return json.dumps({"document": document}, ensure_ascii=False)[1:-1]
