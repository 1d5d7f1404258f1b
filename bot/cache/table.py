"""Kept answers in one table of the database, so that they survive a kill and replicas share them.

Nothing is kept in memory: an answer dropped by one process is given by none.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from bot.cache.entry import Entry
from bot.cache.store import MOST, Address, Embedding, Kept, digest, from_row, microseconds, to_row
from bot.database import Database
from bot.statements import insert
from bot.tables import answers

_REPLACED = (
    *("signature", "version", "knowledge_base", "question", "answer", "documents", "negative", "money", "at"),
    *("embedder", "vector"),
)
_COLUMNS = ("scope", "key", *_REPLACED)
_PUT = insert(
    answers,
    _COLUMNS,
    f"ON CONFLICT (scope, key) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _REPLACED)}"
    " WHERE answers.at <= excluded.at",
)


class TableStore:
    """The table of answers; embeddings lie there as float16."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def near(self, address: Address) -> list[Kept]:
        own = answers.c.key == address.key
        where = (answers.c.scope == address.scope) & (answers.c.signature == address.signature)
        newest = sa.select(answers).where(where).order_by(sa.desc(own), answers.c.at.desc()).limit(MOST)
        return await self._select(newest)

    async def put(self, address: Address, question: str, entry: Entry, at: datetime, meaning: Embedding) -> bool:
        row = to_row(address, question, entry, at)
        row |= {"embedder": meaning.embedder, "vector": meaning.row.astype(np.float16).tobytes()}
        return await self._database.write((_PUT, tuple(row[name] for name in _COLUMNS)))

    async def listed(self, limit: int) -> list[Kept]:
        return await self._select(sa.select(answers).order_by(answers.c.at.desc()).limit(limit))

    async def with_signature(self, signature: str) -> list[Kept]:
        where = answers.c.signature == digest(signature)
        return await self._select(sa.select(answers).where(where).order_by(answers.c.at.desc()).limit(MOST))

    async def drop(
        self,
        *,
        ids: Sequence[int | str] | None = None,
        knowledge_base: str | None = None,
        document: str | None = None,
        before: datetime | None = None,
        other_than: str | None = None,
    ) -> int:
        wanted: list[sa.ColumnElement[bool]] = [sa.true()]
        if ids is not None:
            wanted.append(answers.c.id.in_(ids))
        if knowledge_base is not None:
            wanted.append(answers.c.knowledge_base == knowledge_base)
        if document is not None:
            wanted.append(answers.c.documents.contains(_named(document), autoescape=True))
        if before is not None:
            wanted.append(answers.c.at < microseconds(before))
        if other_than is not None:
            wanted.append(answers.c.version != other_than)
        return await self._database.delete(sa.delete(answers).where(*wanted))

    async def shrink(self, most: int) -> int:
        oldest_kept = sa.select(answers.c.at).order_by(answers.c.at.desc()).offset(most).limit(1).scalar_subquery()
        return await self._database.delete(sa.delete(answers).where(answers.c.at <= oldest_kept))

    async def close(self) -> None:
        """The database belongs to the service."""

    async def _select(self, query: sa.Select[Any]) -> list[Kept]:
        rows = map(dict[str, Any], await self._database.rows(query))
        return [kept for row in rows if (kept := from_row(row, _embedding(row))) is not None]


def _embedding(row: Mapping[str, Any]) -> Embedding | None:
    if row["vector"] is None:
        return None
    return Embedding(row["embedder"], np.frombuffer(row["vector"], np.float16).astype(np.float32))


def _named(document: str) -> str:
    """A document as it stands in the column of documents."""
    return json.dumps({"document": document}, ensure_ascii=False)[1:-1]
