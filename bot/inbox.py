"""Takes messages in: on disk before anybody is told, each answered once, each conversation in order (bot/lines.py).

The only place that catches every exception: a failure is told to the operator in full, to the user politely.
Where a reply goes is said in bot/giving.py.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

import structlog

from adapters.messages import Kind, Message, Reply, Source
from adapters.protocol import Emit
from bot.bursts import join
from bot.collecting import COLLECT, Given
from bot.database import DatabaseUnavailable
from bot.giving import Giver
from bot.health import Health
from bot.ledger import Ledger, key_of
from bot.lines import Line, Lines
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.phrases import Phrases
from bot.progress import Progress
from bot.settings import InboxSettings
from bot.speaking import Speaker
from bot.tickets import Ticket, open_ticket

log = structlog.get_logger()

_HAND_SECONDS = 1.0
_LEDGER_POLL = 1.0  # seconds between two tries while the database is away

MediaReader = Callable[[Message], Awaitable[str | None]]  # the text in an image or a recording


class Answerer(Protocol):
    """What the inbox asks: the pipeline."""

    async def reply(self, message: Message, emit: Emit | None = None) -> Reply: ...


class Inbox:
    """The door of the service. `receive` never raises and answers each message id once."""

    def __init__(
        self,
        pipeline: Answerer,
        phrases: Callable[[], Phrases],
        metrics: Metrics,
        ledger: Ledger,
        outbox: Outbox,
        settings: InboxSettings,
    ) -> None:
        self.media: Mapping[Kind, MediaReader] = {}
        self._pipeline, self._phrases, self._metrics = pipeline, phrases, metrics
        self._ledger, self._outbox = ledger, outbox
        self._giver = Giver(ledger, outbox, phrases)
        self._lines = Lines(settings.burst_seconds, self._answer)
        self._slots = asyncio.Semaphore(settings.parallel)
        self._open: dict[str, Ticket] = {}
        self._returning: dict[str, asyncio.Task[None]] = {}
        self._admissions: set[asyncio.Task[None]] = set()

    async def receive(self, message: Message, emit: Emit | None = None) -> Reply:
        """Answer in the conversation's turn. A caller that goes away does not stop the answer from being kept."""
        joined = key_of(message) in self._open
        try:
            ticket = await self._take(message, emit, deliver=False)
        except DatabaseUnavailable as error:
            log.error("ledger not writable", error=str(error))
            return await self._reply(message, Progress(message, None, emit, lambda: None))
        joined = joined or ticket.reply.done()
        reply = await asyncio.shield(ticket.reply)
        if joined:
            await Speaker(emit).finish(reply.text)
        return reply

    async def accept(self, message: Message, *, held: bool = False) -> Ticket:
        """Returns when the message is on disk; its reply goes out by the outbox. Raises DatabaseUnavailable.

        `held`: who brought it waits for the reply and says by Ticket.held until when.
        """
        ticket = await self._take(message, None, deliver=True, held=held)
        if health := self.health.get(message.account):
            health.hear()
        return ticket

    async def give_back(self, ticket: Ticket, reply: Reply) -> None:
        """No response brought the reply. A delivery of the message in this moment waits, and may carry it then."""
        key = key_of(ticket.message)
        self._close(ticket)
        self._returning[key] = asyncio.create_task(self._giver.take_back(ticket, reply), name="take back")
        try:
            await asyncio.shield(self._returning[key])
        finally:
            del self._returning[key]

    async def resume(self) -> None:
        """Answer what was left when the process ended."""
        for message in await self._ledger.unanswered():
            ticket = open_ticket(message, None, deliver=True)
            ticket.stored.set_result(None)
            self._open[key_of(message)] = ticket
            self._lines.put(ticket)

    async def close(self, seconds: float = 10.0) -> None:
        """Let answers that are under way finish; what is left is in the ledger."""
        await asyncio.gather(*self._admissions, *self._returning.values(), return_exceptions=True)
        await self._lines.close(seconds)

    @property
    def health(self) -> Mapping[str, Health]:
        """Of each channel, by its name."""
        return self._outbox.health

    @property
    def waiting(self) -> int:
        """Messages that are not answered yet."""
        return len(self._open)

    async def _take(self, message: Message, emit: Emit | None, *, deliver: bool, held: bool = False) -> Ticket:
        """The ticket of this message: an open one is joined, else it is stored and opened."""
        key = key_of(message)
        if key in self._returning:
            await asyncio.wait({self._returning[key]})
        known = self._open.get(key)
        if known is not None:
            known.holds += held
            await asyncio.shield(known.stored)
            return known
        ticket = self._open[key] = open_ticket(message, emit, deliver=deliver)
        ticket.holds += held
        admission = asyncio.create_task(self._admit(ticket), name=f"store {message.id}")
        self._admissions.add(admission)
        admission.add_done_callback(self._admissions.discard)
        await asyncio.shield(ticket.stored)
        return ticket

    async def _admit(self, ticket: Ticket) -> None:
        """Store the message and put it into its line, whether or not who brought it waits."""
        key = key_of(ticket.message)
        try:
            stored = await self._ledger.store(ticket.message, deliver=ticket.deliver)
        except DatabaseUnavailable as error:
            del self._open[key]
            ticket.stored.set_exception(error)
            return
        if stored.reply is None:
            self._lines.put(ticket)
        elif stored.state == "waiting":  # its answer is on the shelf: this request may bring it
            ticket.message = replace(ticket.message, context={**ticket.message.context, COLLECT: ""})
            ticket.arrived = 0.0  # and it asked before anything was shown
            self._lines.put(ticket)
        else:
            ticket.given = stored.state == "passive"
            ticket.reply.set_result(stored.reply)
            del self._open[key]
        ticket.stored.set_result(None)

    async def _answer(self, line: Line) -> None:
        """Answer the line's batch."""
        message, first, last = join([ticket.message for ticket in line.batch]), line.batch[0], line.batch[-1]
        started = time.perf_counter()
        async with self._slots:
            adapter = self._outbox.adapter_of(message) if first.deliver else None
            progress = Progress(message, adapter, last.emit, line.begin)
            line.interruptible = first.deliver
            try:
                async with progress.typing():
                    reply = await self._reply(message, progress)
            finally:
                line.interruptible = False
        await self._finish(line, reply)
        self._tell(message, reply, time.perf_counter() - started)

    async def _reply(self, message: Message, progress: Progress) -> Reply:
        if COLLECT in message.context or message.kind is Kind.FEEDBACK:
            return Reply("", Source.NONE)
        try:
            readable = await self._read_media(message)
            if readable is None:
                return self._say("greeting" if message.kind is Kind.GREETING else f"got_{message.kind}", message)
            return await self._pipeline.reply(readable, progress.emit)
        except Exception:
            log.exception("answer failed", platform=message.platform, message=message.id)
            reply = self._say("apology", message)
            await Speaker(progress.emit).finish(reply.text)
            return reply

    async def _read_media(self, message: Message) -> Message | None:
        """The message as text; None when it has none."""
        if message.kind is Kind.TEXT:
            return message
        reader = self.media.get(message.kind)
        text = await reader(message) if reader else None
        return replace(message, kind=Kind.TEXT, text=text) if text else None

    def _say(self, key: str, message: Message) -> Reply:
        phrases = self._phrases()
        return Reply(phrases.say(key, phrases.language_of(message.text)), Source.NONE)

    async def _finish(self, line: Line, reply: Reply) -> None:
        """Keep the reply and what must go out for it, then tell whoever waits."""
        while True:
            try:
                given = await self._giver.give(line, reply)
                break
            except DatabaseUnavailable as error:
                log.error("ledger not writable", error=str(error))
                if not line.batch[0].deliver:  # the caller has the reply; a repeat of the message is answered anew
                    given = Given(reply)
                    break
                await asyncio.sleep(_LEDGER_POLL)
        for ticket in line.batch:
            ticket.reply.set_result(given.reply)
        if line.batch[-1].given:  # another delivery may join, and the next answer not overtake one that comes back
            with suppress(TimeoutError):
                await asyncio.wait_for(line.batch[-1].handed.wait(), _HAND_SECONDS)
        for ticket in line.batch:
            self._close(ticket)

    def _close(self, ticket: Ticket) -> None:
        """Nobody can join it any more."""
        if self._open.get(key_of(ticket.message)) is ticket:
            del self._open[key_of(ticket.message)]

    def _tell(self, message: Message, reply: Reply, seconds: float) -> None:
        self._metrics.observe(reply, seconds)
        log.info(
            "replied",
            platform=message.platform,
            message=message.id,
            source=str(reply.source),
            knowledge_base=reply.knowledge_base,
            entry=reply.entry,
            score=round(reply.score, 3),
            ms=round(seconds * 1000, 1),
        )
