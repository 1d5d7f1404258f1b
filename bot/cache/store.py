"""Where the answers lie: one table of the database, so that they survive a kill and replicas share them.

Nothing is kept in memory: an answer dropped by one process is given by none. Knows no question and no freshness.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.cache.entry import Entry
from bot.tables import answers

_MOST = 20  # wordings of one question that are compared
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REPLACED = ("signature", "version", "knowledge_base", "question", "answer", "documents", "negative", "money", "at")


class CacheUnavailable(Exception):
    """The database does not answer: go on as if nothing were cached."""


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
class Kept:
    """One answer as it was kept. `at` is aware."""

    id: int
    scope: str
    key: str
    version: str
    question: str
    at: datetime
    entry: Entry


class Store:
    """The table of answers. Every method may raise CacheUnavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def near(self, address: Address) -> list[Kept]:
        """The wordings of a question that have an answer, its own first, then the newest."""
        own = answers.c.key == address.key
        where = (answers.c.scope == address.scope) & (own | (answers.c.signature == address.signature))
        newest = sa.select(answers).where(where).order_by(sa.desc(own), answers.c.at.desc()).limit(_MOST)
        return await self._select(newest)

    async def put(self, address: Address, question: str, entry: Entry, at: datetime) -> None:
        """Keep an answer; it replaces an older one to the same question, never a newer one."""
        row = {
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
            "at": _microseconds(at),
        }
        insert = (sqlite.insert if self._engine.dialect.name == "sqlite" else postgresql.insert)(answers).values(row)
        new = {name: insert.excluded[name] for name in _REPLACED}
        upsert = insert.on_conflict_do_update(
            index_elements=["scope", "key"], set_=new, where=answers.c.at <= insert.excluded.at
        )
        with available():
            async with self._engine.begin() as connection:
                await connection.execute(upsert)

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
        with available():
            async with self._engine.begin() as connection:
                return int((await connection.execute(sa.delete(answers).where(*wanted))).rowcount)

    async def shrink(self, most: int) -> int:
        """Forget the oldest of more than `most` answers."""
        oldest_kept = sa.select(answers.c.at).order_by(answers.c.at.desc()).offset(most).limit(1).scalar_subquery()
        with available():
            async with self._engine.begin() as connection:
                return int((await connection.execute(sa.delete(answers).where(answers.c.at <= oldest_kept))).rowcount)

    async def _select(self, query: sa.Select[Any]) -> list[Kept]:
        with available():
            async with self._engine.connect() as connection:
                rows = (await connection.execute(query)).mappings().all()
        return [kept for row in rows if (kept := _kept(dict(row))) is not None]


@contextmanager
def available() -> Iterator[None]:
    """Everything that a database raises is one reaction."""
    try:
        yield
    except (sa.exc.SQLAlchemyError, OSError, UnicodeError) as error:
        raise CacheUnavailable(str(error)) from error


def _kept(row: Mapping[str, Any]) -> Kept | None:
    """None for what another version wrote."""
    try:
        entry = Entry.from_json(row["answer"], row["documents"], row["knowledge_base"], row["negative"], row["money"])
    except (ValueError, KeyError, TypeError):
        return None
    at = _EPOCH + timedelta(microseconds=row["at"])
    return Kept(row["id"], row["scope"], row["key"], row["version"], row["question"], at, entry)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _named(document: str) -> str:
    """A document as it stands in the column of documents."""
    return json.dumps({"document": document}, ensure_ascii=False)[1:-1]
