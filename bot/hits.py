"""The hit log: what the word rules found, kept in the database for staff, as long as the history and no longer."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from adapters.messages import Message
from bot.database import Database
from bot.statements import insert
from bot.tables import hits
from policies import Action, Direction
from policies.hits import HitRecord

_NAMES = ("thread", "platform", "user", "word", "category", "rule", "action", "direction", "context", "at")
_INSERT = insert(hits, _NAMES)


class HitLog:
    """Every method may raise DatabaseUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, message: Message, records: Sequence[HitRecord]) -> asyncio.Future[bool]:
        """Keep what was found in a message or in the reply to it; done when it is on disk."""
        who = (message.thread, message.platform, message.user)
        rows = [(*who, *_what(record), record.when.astimezone(UTC)) for record in records]
        return self._database.write(*((_INSERT, row) for row in rows))

    async def since(self, start: datetime) -> Sequence[HitRecord]:
        """Give what was found from `start` on, oldest first."""
        query = sa.select(hits).where(hits.c.at >= start.astimezone(UTC)).order_by(hits.c.id)
        return [_record(row) for row in await self._database.rows(query)]

    async def erase(self, user: str, platform: str | None = None) -> int:
        """Delete what was found in the messages of a user and the replies to them."""
        where = hits.c.user == user
        if platform is not None:
            where &= hits.c.platform == platform
        return await self._database.delete(sa.delete(hits).where(where))

    async def forget(self, before: datetime) -> int:
        return await self._database.delete(sa.delete(hits).where(hits.c.at < before.astimezone(UTC)))


def _what(record: HitRecord) -> tuple[str, ...]:
    return (record.word, record.category, record.rule, str(record.action), str(record.direction), record.context)


def _record(row: sa.RowMapping) -> HitRecord:
    when: datetime = row["at"]  # SQLite gives it back without its zone
    action, direction = Action(row["action"]), Direction(row["direction"])
    return HitRecord(
        when.replace(tzinfo=UTC),
        *(row["word"], row["category"], row["rule"], action, direction, row["thread"], row["context"]),
    )
