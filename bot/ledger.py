"""What came in and what must go out, on disk before anybody is told. Survives kill -9; commits in groups.

Decides nothing: the inbox says what to answer, the outbox what became of it.
"""

import asyncio
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.messages import Message, Reply
from adapters.protocol import Outgoing, piece_key
from bot.database import open_engine
from bot.migrations import upgrade
from bot.records import dump_message, dump_reply, load_message, load_reply
from bot.tables import cursors, deliveries, messages

_GROUP = 500  # writes in one commit at most
_MICROSECONDS = 1_000_000

Row = dict[str, Any]


class LedgerUnavailable(Exception):
    """The database does not answer: the platform is not acknowledged and will deliver again."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the ledger knows of a message. `fresh`: it has just been stored for the first time."""

    fresh: bool
    state: str = "pending"  # then answered, passive (given to the platform's request) or waiting (to be collected)
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """A piece that must go out."""

    key: str
    thread: str
    platform: str
    account: str
    outgoing: Outgoing
    state: str = "pending"


_Step = tuple[sa.Executable, Row]  # one row for one statement


@dataclass(slots=True)
class _Write:
    """Steps that are committed together or not at all."""

    steps: Sequence[_Step]
    done: asyncio.Future[bool]


class Ledger:
    """The tables messages, deliveries and cursors. Every method may raise LedgerUnavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        insert = sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert
        self._store = insert(messages).on_conflict_do_nothing(index_elements=["key"]).returning(messages.c.key)
        self._put = insert(deliveries).on_conflict_do_nothing(index_elements=["key"])
        self._answer = _update(messages, "state", "reply")
        self._state = _update(messages, "state")
        self._mark = _update(deliveries, "state", "detail")
        upsert = insert(cursors)
        self._advance = upsert.on_conflict_do_update(index_elements=["name"], set_={"value": upsert.excluded.value})
        self._last = 0
        self._queue: asyncio.Queue[_Write] = asyncio.Queue()
        self._writer = asyncio.create_task(self._write_groups(), name="ledger-writer")

    @classmethod
    async def open(cls, url: str) -> "Ledger":
        """Open the database at the SQLAlchemy URL, creating and migrating it as needed."""
        engine = open_engine(url, synchronous="FULL")
        with _available():
            async with engine.begin() as connection:
                await connection.run_sync(upgrade)
        return cls(engine)

    async def store(self, message: Message, *, deliver: bool) -> Stored:
        """Keep a message unless it is known; then say what became of it."""
        key = key_of(message)
        row = {
            "key": key,
            "sequence": self._next(),
            "thread": message.thread,
            "platform": message.platform,
            "user": message.user,
            "deliver": deliver,
            "state": "pending",
            "message": dump_message(message),
            "reply": "",
        }
        if await self._write((self._store, row)):
            return Stored(True)
        known = await self._rows(sa.select(messages.c.state, messages.c.reply).where(messages.c.key == key))
        if not known or not known[0]["reply"]:  # not answered yet, or deleted in between
            return Stored(False)
        return Stored(False, known[0]["state"], load_reply(known[0]["reply"]))

    async def answered(
        self,
        answered: Sequence[Message],
        reply: Reply,
        pieces: Sequence[Pending],
        state: str = "answered",
        collected: Iterable[str] = (),
    ) -> None:
        """Keep the reply to messages answered together, what must go out for it and what went with it, at once.

        The reply belongs to the last message; a repeat of an earlier one finds it answered.
        """
        *earlier, last = [key_of(message) for message in answered]
        text = dump_reply(reply)
        steps: list[_Step] = [(self._answer, {"of": last, "state": state, "reply": text})]
        steps += [(self._answer, {"of": key, "state": "answered", "reply": text}) for key in earlier]
        steps += [(self._put, self._delivery(piece, last, answered[-1].user)) for piece in pieces]
        steps += [(self._mark, {"of": key, "state": "sent", "detail": "collected"}) for key in collected]
        await self._write(*steps)

    async def collected(self, message: Message) -> bool:
        """Take the reply to this message off the shelf; false when it was taken already."""
        shelved = [piece.key for piece in await self.waiting(message.thread) if piece.key == piece_key(message, 0)]
        if shelved:
            steps: list[_Step] = [(self._mark, {"of": key, "state": "sent", "detail": "collected"}) for key in shelved]
            await self._write(*steps, (self._state, {"of": key_of(message), "state": "passive"}))
        return bool(shelved)

    def _delivery(self, piece: Pending, message: str, user: str) -> Row:
        outgoing = json.dumps({"to": piece.outgoing.to, "payload": piece.outgoing.payload})
        row = {name: getattr(piece, name) for name in ("key", "thread", "platform", "account", "state")}
        return row | {"message": message, "sequence": self._next(), "user": user, "outgoing": outgoing, "detail": ""}

    async def mark(self, key: str, state: str, detail: str = "") -> None:
        """What became of a piece."""
        await self._write((self._mark, {"of": key, "state": state, "detail": detail[:200]}))

    async def unanswered(self) -> list[Message]:
        """Messages that were stored but not answered, in order of arrival."""
        open_ = sa.and_(messages.c.state == "pending", messages.c.deliver)
        query = sa.select(messages.c.message).where(open_).order_by(messages.c.sequence)
        return [load_message(row["message"]) for row in await self._rows(query)]

    async def undelivered(self) -> list[Pending]:
        """Pieces that may still have to go out, in order; `sending` ones were under way when the process died."""
        open_ = deliveries.c.state.in_(("pending", "sending"))
        return await self._pieces(sa.select(deliveries).where(open_).order_by(deliveries.c.sequence))

    async def waiting(self, thread: str) -> list[Pending]:
        """Pieces that wait for the user to come and collect them."""
        open_ = sa.and_(deliveries.c.state == "waiting", deliveries.c.thread == thread)
        return await self._pieces(sa.select(deliveries).where(open_).order_by(deliveries.c.sequence))

    async def outcomes(self) -> Mapping[str, int]:
        """How many pieces are in each state."""
        query = sa.select(deliveries.c.state, sa.func.count().label("pieces")).group_by(deliveries.c.state)
        return {row["state"]: row["pieces"] for row in await self._rows(query)}

    async def read(self, name: str) -> str:
        """The cursor last written under this name, or an empty string."""
        rows = await self._rows(sa.select(cursors.c.value).where(cursors.c.name == name))
        return str(rows[0]["value"]) if rows else ""

    async def write(self, name: str, value: str) -> None:
        await self._write((self._advance, {"name": name, "value": value}))

    async def forget(self, before: datetime) -> int:
        """Delete what is older and closed: a repeat of it would be answered anew."""
        limit = int(before.timestamp() * _MICROSECONDS)
        closed = sa.and_(messages.c.sequence < limit, sa.or_(messages.c.state != "pending", ~messages.c.deliver))
        sent = sa.and_(deliveries.c.sequence < limit, deliveries.c.state.in_(("sent", "failed", "unknown", "waiting")))
        return await self._delete(sa.delete(messages).where(closed), sa.delete(deliveries).where(sent))

    async def erase(self, user: str, platform: str | None = None) -> int:
        """Delete all that is kept of a user."""
        await self._queue.join()
        whose = [
            sa.and_(table.c.user == user, table.c.platform == platform if platform else sa.true())
            for table in (messages, deliveries)
        ]
        return await self._delete(sa.delete(messages).where(whose[0]), sa.delete(deliveries).where(whose[1]))

    async def close(self) -> None:
        """Write what waits, then let the database go."""
        await self._queue.join()
        self._writer.cancel()
        with suppress(asyncio.CancelledError):
            await self._writer
        await self.engine.dispose()

    def _next(self) -> int:
        """Microseconds since 1970, never the same twice: order of arrival, also across restarts."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return self._last

    async def _write(self, *steps: _Step) -> bool:
        """Returns when the rows are on disk; false when a message was stored that was already known."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait(_Write(steps, done))
        return await done

    async def _rows(self, query: sa.Select[Any]) -> Sequence[sa.RowMapping]:
        with _available():
            async with self.engine.connect() as connection:
                result = await connection.execute(query)
                return list(result.mappings())

    async def _pieces(self, query: sa.Select[Any]) -> list[Pending]:
        return [_pending(row) for row in await self._rows(query)]

    async def _delete(self, *statements: sa.Delete) -> int:
        with _available():
            async with self.engine.begin() as connection:
                return sum([(await connection.execute(statement)).rowcount for statement in statements])

    async def _write_groups(self) -> None:
        while True:
            group = [await self._queue.get()]
            while len(group) < _GROUP and not self._queue.empty():
                group.append(self._queue.get_nowait())
            await self._commit(group)
            for _ in group:
                self._queue.task_done()

    async def _commit(self, group: Sequence[_Write]) -> None:
        """All or nothing; when a group fails, each of its writes alone, so that one bad row harms nobody else."""
        try:
            with _available():
                async with self.engine.begin() as connection:
                    fresh = await self._execute(connection, group)
        except LedgerUnavailable as error:
            if len(group) > 1:
                for write in group:
                    await self._commit([write])
            elif not group[0].done.done():
                group[0].done.set_exception(error)
            return
        for write in group:
            statement, row = write.steps[0]
            if not write.done.done():  # whoever waited may have gone away
                write.done.set_result(statement is not self._store or row["key"] in fresh)

    async def _execute(self, connection: AsyncConnection, group: Sequence[_Write]) -> set[str]:
        """Run each statement once with all its rows; the keys of the messages that were new."""
        fresh: set[str] = set()
        for statement, rows in _by_statement(step for write in group for step in write.steps):
            result = await connection.execute(statement, rows)
            if statement is self._store:
                fresh.update(result.scalars())
        return fresh


def key_of(message: Message) -> str:
    """The message's identity in the ledger."""
    return "\x1f".join((message.platform, message.account, message.id))


def _update(table: sa.Table, *columns: str) -> sa.Update:
    values: dict[str, sa.BindParameter[str]] = {name: sa.bindparam(name) for name in columns}
    return sa.update(table).where(table.c.key == sa.bindparam("of")).values(values)


def _by_statement(steps: Iterable[_Step]) -> Iterable[tuple[sa.Executable, list[Row]]]:
    """The rows of each statement, statements in order of first use: who needs an order awaits in between."""
    found: dict[int, tuple[sa.Executable, list[Row]]] = {}
    for statement, row in steps:
        found.setdefault(id(statement), (statement, []))[1].append(row)
    return found.values()


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except (sa.exc.SQLAlchemyError, OSError) as error:
        raise LedgerUnavailable(str(error)) from error


def _pending(row: sa.RowMapping) -> Pending:
    outgoing = json.loads(row["outgoing"])
    names = ("key", "thread", "platform", "account", "state")
    return Pending(
        **{name: row[name] for name in names}, outgoing=Outgoing(row["key"], outgoing["to"], outgoing["payload"])
    )
