"""What came in and what must go out, on disk before anybody is told. Survives kill -9; commits in groups.

Decides nothing: the inbox says what to answer, the outbox what became of it.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from adapters.messages import Message, Reply
from adapters.protocol import Outgoing
from bot.database import Database, Step
from bot.records import dump_message, dump_reply, load_message, load_reply
from bot.statements import Row, insert, update
from bot.tables import cursors, deliveries, messages

_MICROSECONDS = 1_000_000

Mark = tuple[str, str, str]  # a piece's key, its state, and why

_MESSAGE = ("key", "sequence", "thread", "platform", "user", "deliver", "state", "message", "reply")
_PIECE = ("key", "message", "sequence", "thread", "platform", "account", "user", "outgoing", "state", "detail")
_STORE = insert(messages, _MESSAGE, "ON CONFLICT (key) DO NOTHING")
_PUT = insert(deliveries, _PIECE, "ON CONFLICT (key) DO NOTHING")
_ANSWER = update(messages, "key", "state", "reply")
_STATE = update(messages, "key", "state")
_MARK = update(deliveries, "key", "state", "detail")
# Written out, because a database uses an index of some rows only where it can see that they are meant.
_PENDING = sa.text("messages.state = 'pending'")
_OPEN = sa.text("deliveries.state IN ('pending', 'sending')")
_SHELVED = sa.text("deliveries.state IN ('waiting', 'shown')")
_ADVANCE = insert(cursors, ("name", "value"), "ON CONFLICT (name) DO UPDATE SET value = excluded.value")


@dataclass(frozen=True, slots=True)
class Stored:
    """What the ledger knows of a message. `fresh`: it has just been stored for the first time."""

    fresh: bool
    state: str = "pending"  # then answered, passive (given to the platform's request) or waiting (to be collected)
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """A piece that must go out, or lies on the shelf: waiting, or shown by the response that `detail` names.

    `message` is the key of the message it is a reply to.
    """

    key: str
    thread: str
    platform: str
    account: str
    outgoing: Outgoing
    state: str = "pending"
    detail: str = ""
    message: str = ""

    @classmethod
    def of(cls, message: Message, outgoing: Outgoing, state: str) -> "Pending":
        """A piece of the reply to this message."""
        whose = (message.thread, message.platform, message.account)
        return cls(outgoing.key, *whose, outgoing, state, message=key_of(message))


class Ledger:
    """The tables messages, deliveries and cursors. Every method may raise DatabaseUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last = 0

    async def store(self, message: Message, *, deliver: bool) -> Stored:
        """Keep a message unless it is known; then say what became of it."""
        key, sequence = key_of(message), self._next()
        whose = (message.thread, message.platform, message.user)
        row = (key, sequence, *whose, deliver, "pending", dump_message(message), "")
        if await self._database.write((_STORE, row)):
            return Stored(True)
        known = await self._database.rows(sa.select(messages).where(messages.c.key == key))
        if not known:  # deleted in between
            return Stored(False)
        reply = load_reply(known[0]["reply"]) if known[0]["reply"] else None
        return Stored(known[0]["sequence"] == sequence, known[0]["state"], reply)

    async def answered(
        self,
        answered: Sequence[Message],
        reply: Reply,
        pieces: Sequence[Pending],
        state: str = "answered",
        moved: Iterable[Mark] = (),
    ) -> None:
        """Keep the reply to messages answered together, what must go out for it and what else moved, at once.

        The reply belongs to the last message; a repeat of an earlier one finds it answered.
        """
        *earlier, last = [key_of(message) for message in answered]
        text = dump_reply(reply)
        steps: list[Step] = [(_ANSWER, (last, state, text))]
        steps += [(_ANSWER, (key, "answered", text)) for key in earlier]
        steps += [(_PUT, self._delivery(piece, last, answered[-1].user)) for piece in pieces]
        steps += [(_MARK, mark) for mark in moved]
        await self._database.write(*steps)

    async def take_back(self, message: Message, pieces: Sequence[Pending]) -> None:
        """These pieces were shown to nobody: they wait again, and so does the message whose response had them."""
        steps: list[Step] = [(_MARK, (piece.key, "waiting", "")) for piece in pieces]
        await self._database.write(*steps, (_STATE, (key_of(message), "waiting")))

    def _delivery(self, piece: Pending, message: str, user: str) -> Row:
        outgoing = json.dumps({"to": piece.outgoing.to, "payload": piece.outgoing.payload})
        whose = (piece.thread, piece.platform, piece.account, user)
        return (piece.key, message, self._next(), *whose, outgoing, piece.state, piece.detail)

    async def mark(self, key: str, state: str, detail: str = "") -> None:
        """What became of a piece."""
        await self._database.write((_MARK, (key, state, detail[:200])))

    async def unanswered(self) -> list[Message]:
        """Messages that were stored but not answered, in order of arrival."""
        query = sa.select(messages.c.message).where(_PENDING, messages.c.deliver).order_by(messages.c.sequence)
        return [load_message(row["message"]) for row in await self._database.rows(query)]

    async def undelivered(self) -> list[Pending]:
        """Pieces that may still have to go out, in order; `sending` ones were under way when the process died."""
        return await self._pieces(sa.select(deliveries).where(_OPEN).order_by(deliveries.c.sequence))

    async def shelf(self, thread: str, *, shown: bool = False) -> list[Pending]:
        """Pieces that wait for the user to come and collect them; with those that a response has shown already."""
        here = sa.and_(_SHELVED, deliveries.c.thread == thread)
        if not shown:
            here &= deliveries.c.state == "waiting"
        return await self._pieces(sa.select(deliveries).where(here).order_by(deliveries.c.sequence))

    async def outcomes(self) -> Mapping[str, int]:
        """How many pieces are in each state."""
        query = sa.select(deliveries.c.state, sa.func.count().label("pieces")).group_by(deliveries.c.state)
        return {row["state"]: row["pieces"] for row in await self._database.rows(query)}

    async def read(self, name: str) -> str:
        """The cursor last written under this name, or an empty string."""
        rows = await self._database.rows(sa.select(cursors.c.value).where(cursors.c.name == name))
        return str(rows[0]["value"]) if rows else ""

    async def write(self, name: str, value: str) -> None:
        await self._database.write((_ADVANCE, (name, value)))

    async def forget(self, before: datetime) -> int:
        """Delete what is older and closed: a repeat of it would be answered anew."""
        limit = int(before.timestamp() * _MICROSECONDS)
        closed = sa.and_(messages.c.sequence < limit, sa.or_(messages.c.state != "pending", ~messages.c.deliver))
        sent = sa.and_(deliveries.c.sequence < limit, deliveries.c.state.not_in(("pending", "sending")))
        return await self._database.delete(sa.delete(messages).where(closed), sa.delete(deliveries).where(sent))

    async def erase(self, user: str, platform: str | None = None) -> int:
        """Delete all that is kept of a user."""
        whose = [
            sa.and_(table.c.user == user, table.c.platform == platform if platform else sa.true())
            for table in (messages, deliveries)
        ]
        return await self._database.delete(sa.delete(messages).where(whose[0]), sa.delete(deliveries).where(whose[1]))

    def _next(self) -> int:
        """Microseconds since 1970, never the same twice: order of arrival, also across restarts."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return self._last

    async def _pieces(self, query: sa.Select[Any]) -> list[Pending]:
        return [_pending(row) for row in await self._database.rows(query)]


def key_of(message: Message) -> str:
    """The message's identity in the ledger."""
    return "\x1f".join((message.platform, message.account, message.id))


def _pending(row: sa.RowMapping) -> Pending:
    outgoing = json.loads(row["outgoing"])
    names = ("key", "thread", "platform", "account", "state", "detail", "message")
    return Pending(
        **{name: row[name] for name in names}, outgoing=Outgoing(row["key"], outgoing["to"], outgoing["payload"])
    )
