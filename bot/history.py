"""Every turn of every conversation, kept over restarts: in one SQLite file, in PostgreSQL, or in memory.

Does not decide what a turn means; that is the pipeline.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Protocol, TypedDict

import sqlalchemy as sa

from adapters.messages import Message, Reply
from bot.database import Database
from bot.statements import Row, insert
from bot.tables import turns as turns_table

_REMEMBERED_THREADS = 10_000


class Recalled(TypedDict):
    """A passage that was found for a question; `cited` is its number in the answer, 0 for none."""

    knowledge_base: str
    document: str
    section: str
    page: int | None
    score: float
    cited: int
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its reply. `thread` names the conversation across platforms (Message.thread)."""

    thread: str
    platform: str
    user: str
    message_id: str
    question: str
    answer: str
    source: str
    knowledge_base: str
    entry: str
    score: float
    suggestions: tuple[str, ...]
    at: datetime  # aware
    form: Mapping[str, object] | None = None  # a calculation that waits for values, as JSON
    passages: tuple[Recalled, ...] = ()

    @classmethod
    def of(
        cls,
        message: Message,
        reply: Reply,
        form: Mapping[str, object] | None = None,
        passages: tuple[Recalled, ...] = (),
    ) -> "Turn":
        """The turn that this message and its reply make."""
        return cls(
            thread=message.thread,
            platform=message.platform,
            user=message.user,
            message_id=message.id,
            question=message.text,
            answer=reply.text,
            source=str(reply.source),
            knowledge_base=reply.knowledge_base,
            entry=reply.entry,
            score=reply.score,
            suggestions=reply.suggestions,
            at=message.received,
            form=form,
            passages=passages,
        )


class History(Protocol):
    """What the bot remembers. `recent` gives the newest turns of a thread, oldest first.

    A turn counts as soon as it is appended; what `append` gives is done when the turn is on disk. Every method may
    raise DatabaseUnavailable, `append` by what it gives.
    """

    async def recent(self, thread: str, limit: int) -> Sequence[Turn]: ...
    def append(self, turn: Turn) -> asyncio.Future[bool]: ...
    async def erase(self, user: str, platform: str | None = None) -> int: ...
    async def forget(self, before: datetime) -> int: ...


class MemoryHistory:
    """History for one run of a command, and the twin that tests compare the databases with."""

    def __init__(self) -> None:
        self._turns: list[Turn] = []

    async def recent(self, thread: str, limit: int) -> Sequence[Turn]:
        return [turn for turn in self._turns if turn.thread == thread][-limit:]

    def append(self, turn: Turn) -> asyncio.Future[bool]:
        self._turns.append(turn)
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        kept.set_result(True)
        return kept

    async def erase(self, user: str, platform: str | None = None) -> int:
        return self._keep([turn for turn in self._turns if turn.user != user or platform not in (None, turn.platform)])

    async def forget(self, before: datetime) -> int:
        return self._keep([turn for turn in self._turns if turn.at >= before])

    def _keep(self, kept: list[Turn]) -> int:
        gone = len(self._turns) - len(kept)
        self._turns = kept
        return gone


_FIELDS = tuple(Turn.__dataclass_fields__)
_VALUES = attrgetter(*_FIELDS)
_INSERT = insert(turns_table, _FIELDS)


class SqlHistory:
    """History in a database: SQLite by default, PostgreSQL when outgrown."""

    def __init__(self, database: Database, remembered_turns: int) -> None:
        self._database = database
        self._remembered_turns = remembered_turns
        self._recent: OrderedDict[str, deque[Turn]] = OrderedDict()

    async def recent(self, thread: str, limit: int) -> Sequence[Turn]:
        if limit > self._remembered_turns:
            await self._database.write()  # what is queued counts
            return await self._select(thread, limit)
        if thread not in self._recent:
            self._remember(thread, await self._select(thread, self._remembered_turns))
        self._recent.move_to_end(thread)
        return list(self._recent[thread])[-limit:]

    def append(self, turn: Turn) -> asyncio.Future[bool]:
        if turn.thread in self._recent:
            self._recent[turn.thread].append(turn)
        return self._database.write((_INSERT, _row(turn)))

    async def erase(self, user: str, platform: str | None = None) -> int:
        where = turns_table.c.user == user
        if platform is not None:
            where &= turns_table.c.platform == platform
        return await self._delete(where)

    async def forget(self, before: datetime) -> int:
        return await self._delete(turns_table.c.at < before.astimezone(UTC))

    async def _select(self, thread: str, limit: int) -> list[Turn]:
        of_thread = sa.select(turns_table).where(turns_table.c.thread == thread)
        rows = await self._database.rows(of_thread.order_by(turns_table.c.id.desc()).limit(limit))
        return [_turn(row) for row in reversed(rows)]

    async def _delete(self, where: sa.ColumnElement[bool]) -> int:
        gone = await self._database.delete(sa.delete(turns_table).where(where))
        self._recent.clear()
        return gone

    def _remember(self, thread: str, turns: Sequence[Turn]) -> None:
        self._recent[thread] = deque(turns, self._remembered_turns)
        while len(self._recent) > _REMEMBERED_THREADS:
            self._recent.popitem(last=False)


class Forgetting(Protocol):
    """Something kept that can be deleted by its age."""

    async def forget(self, before: datetime) -> int: ...


async def keep_retention(kept: Forgetting, days: int) -> None:
    """Delete what is older than so many days, now and every hour, until cancelled."""
    while True:
        await kept.forget(datetime.now(UTC) - timedelta(days=days))
        await asyncio.sleep(3600)


def _row(turn: Turn) -> Row:
    *values, at, form, passages = _VALUES(turn)
    return (*values, at.astimezone(UTC), form, passages)


def _turn(row: sa.RowMapping) -> Turn:
    values = {name: row[name] for name in _FIELDS}
    at: datetime = values["at"]  # SQLite gives it back without its zone
    tuples = {"suggestions": tuple(values["suggestions"]), "passages": tuple(values["passages"] or ())}
    return Turn(**values | tuples | {"at": at.replace(tzinfo=UTC)})
