"""Every turn of every conversation, kept over restarts: in one SQLite file, in PostgreSQL, or in memory.

Writes are committed in groups: turns that arrive while a commit is under way share the next one, and `append`
returns when its turn is on disk. Does not decide what a turn means; that is the pipeline.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypedDict

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.messages import Message, Reply
from bot.database import open_engine
from bot.migrations import upgrade
from bot.tables import turns as turns_table

_REMEMBERED_THREADS = 10_000
_GROUP = 500  # turns in one commit at most


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


class HistoryUnavailable(Exception):
    """The database does not answer: go on without it and tell the operator."""


class History(Protocol):
    """What the bot remembers. `recent` gives the newest turns of a thread, oldest first.

    Every method may raise HistoryUnavailable.
    """

    async def recent(self, thread: str, limit: int) -> Sequence[Turn]: ...
    async def append(self, turn: Turn) -> None: ...
    async def erase(self, user: str, platform: str | None = None) -> int: ...
    async def forget(self, before: datetime) -> int: ...
    async def close(self) -> None: ...


class MemoryHistory:
    """History for one run of a command, and the twin that tests compare the databases with."""

    def __init__(self) -> None:
        self._turns: list[Turn] = []

    async def recent(self, thread: str, limit: int) -> Sequence[Turn]:
        return [turn for turn in self._turns if turn.thread == thread][-limit:]

    async def append(self, turn: Turn) -> None:
        self._turns.append(turn)

    async def erase(self, user: str, platform: str | None = None) -> int:
        return self._keep([turn for turn in self._turns if turn.user != user or platform not in (None, turn.platform)])

    async def forget(self, before: datetime) -> int:
        return self._keep([turn for turn in self._turns if turn.at >= before])

    async def close(self) -> None:
        """Nothing is held."""

    def _keep(self, kept: list[Turn]) -> int:
        gone = len(self._turns) - len(kept)
        self._turns = kept
        return gone


class SqlHistory:
    """History in a database that SQLAlchemy speaks: SQLite by default, PostgreSQL when outgrown."""

    def __init__(self, engine: AsyncEngine, remembered_turns: int) -> None:
        self._engine = engine
        self._remembered_turns = remembered_turns
        self._recent: OrderedDict[str, deque[Turn]] = OrderedDict()
        self._queue: asyncio.Queue[tuple[Turn, asyncio.Future[None]]] = asyncio.Queue()
        self._writer = asyncio.create_task(self._write_groups(), name="history-writer")

    @classmethod
    async def open(cls, url: str, remembered_turns: int) -> "SqlHistory":
        """Open the database at the SQLAlchemy URL, creating and migrating it as needed."""
        engine = open_engine(url, synchronous="NORMAL")
        with _available():
            async with engine.begin() as connection:
                await connection.run_sync(upgrade)
        return cls(engine, remembered_turns)

    async def recent(self, thread: str, limit: int) -> Sequence[Turn]:
        if limit > self._remembered_turns:
            return await self._select(thread, limit)
        if thread not in self._recent:
            self._remember(thread, await self._select(thread, self._remembered_turns))
        self._recent.move_to_end(thread)
        return list(self._recent[thread])[-limit:]

    async def append(self, turn: Turn) -> None:
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((turn, written))
        await written
        if turn.thread in self._recent:
            self._recent[turn.thread].append(turn)

    async def erase(self, user: str, platform: str | None = None) -> int:
        where = turns_table.c.user == user
        if platform is not None:
            where &= turns_table.c.platform == platform
        return await self._delete(where)

    async def forget(self, before: datetime) -> int:
        return await self._delete(turns_table.c.at < before.astimezone(UTC))

    async def close(self) -> None:
        """Write what waits, then let the database go."""
        await self._queue.join()
        self._writer.cancel()
        with suppress(asyncio.CancelledError):
            await self._writer
        await self._engine.dispose()

    async def _select(self, thread: str, limit: int) -> list[Turn]:
        newest = (
            sa.select(turns_table).where(turns_table.c.thread == thread).order_by(turns_table.c.id.desc()).limit(limit)
        )
        with _available():
            async with self._engine.connect() as connection:
                rows = (await connection.execute(newest)).mappings().all()
        return [_turn(row) for row in reversed(rows)]

    async def _delete(self, where: sa.ColumnElement[bool]) -> int:
        await self._queue.join()  # a turn on its way to disk is deleted too
        with _available():
            async with self._engine.begin() as connection:
                gone = (await connection.execute(sa.delete(turns_table).where(where))).rowcount
        self._recent.clear()
        return gone

    def _remember(self, thread: str, turns: Sequence[Turn]) -> None:
        self._recent[thread] = deque(turns, self._remembered_turns)
        while len(self._recent) > _REMEMBERED_THREADS:
            self._recent.popitem(last=False)

    async def _write_groups(self) -> None:
        while True:
            group = [await self._queue.get()]
            while len(group) < _GROUP and not self._queue.empty():
                group.append(self._queue.get_nowait())
            await self._commit(group)
            for _ in group:
                self._queue.task_done()

    async def _commit(self, group: list[tuple[Turn, asyncio.Future[None]]]) -> None:
        try:
            with _available():
                async with self._engine.begin() as connection:
                    await connection.execute(sa.insert(turns_table), [_row(turn) for turn, _ in group])
        except HistoryUnavailable as error:
            if len(group) == 1:
                _settle(group, error)
            else:  # one turn that cannot be written must not take the others with it
                for one in group:
                    await self._commit([one])
        else:
            _settle(group, None)


async def keep_retention(history: History, days: int) -> None:
    """Delete turns older than so many days, now and every hour, until cancelled."""
    while True:
        await history.forget(datetime.now(UTC) - timedelta(days=days))
        await asyncio.sleep(3600)


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except (sa.exc.SQLAlchemyError, OSError, UnicodeError) as error:
        raise HistoryUnavailable(str(error)) from error


def _settle(group: list[tuple[Turn, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, written in group:
        if written.done():  # whoever waited has gone away
            continue
        if error is None:
            written.set_result(None)
        else:
            written.set_exception(error)


def _row(turn: Turn) -> dict[str, Any]:
    values = {name: getattr(turn, name) for name in Turn.__dataclass_fields__}  # asdict copies deeply
    lists = {"suggestions": list(turn.suggestions), "passages": list(turn.passages) or None}
    return values | lists | {"at": turn.at.astimezone(UTC)}


def _turn(row: sa.RowMapping) -> Turn:
    values = {name: row[name] for name in Turn.__dataclass_fields__}
    at: datetime = values["at"]  # SQLite gives it back without its zone
    tuples = {"suggestions": tuple(values["suggestions"]), "passages": tuple(values["passages"] or ())}
    return Turn(**values | tuples | {"at": at.replace(tzinfo=UTC)})
