"""Takes messages in: on disk before anybody is told, one conversation at a time and in order, each answered once.

The only place that catches every exception: a failure is told to the operator in full, to the user politely.
Sending is the outbox's; what a request that is held open gets is said in bot/collecting.py.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from adapters.messages import Kind, Message, Reply, Source
from adapters.protocol import Emit
from bot.bursts import Windows, is_fragment, join, may_join
from bot.collecting import COLLECT, Given, give
from bot.database import DatabaseUnavailable
from bot.health import Health
from bot.ledger import Ledger, Pending, Stored, key_of
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.phrases import Phrases
from bot.progress import Progress
from bot.settings import InboxSettings
from bot.speaking import Speaker
from bot.tickets import Line, Ticket, open_ticket

log = structlog.get_logger()

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
        self._windows = Windows(settings.burst_seconds)
        self._slots = asyncio.Semaphore(settings.parallel)
        self._open: dict[str, Ticket] = {}
        self._lines: dict[str, Line] = {}
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

    async def accept(self, message: Message) -> Ticket:
        """Returns when the message is on disk; its reply goes out by the outbox. Raises DatabaseUnavailable."""
        ticket = await self._take(message, None, deliver=True)
        if health := self.health.get(message.account):
            health.hear()
        return ticket

    async def give_back(self, ticket: Ticket, reply: Reply) -> None:
        """The request that was to carry the reply had gone: push it, or keep it until the user comes for it."""
        message, adapter = ticket.message, self._outbox.adapter_of(ticket.message)
        if adapter is None:
            return
        given = give(adapter, message, reply, (), "", held=False)
        pending = [Pending.of(message, piece, given.piece_state) for piece in given.pieces]
        ticket.given, self._open[key_of(message)] = False, ticket  # a delivery in this moment must not carry it too
        try:
            await self._ledger.answered([message], reply, pending, given.state)
        finally:
            del self._open[key_of(message)]
        if given.piece_state == "pending":
            self._outbox.put(pending)

    async def resume(self) -> None:
        """Answer what was left when the process ended."""
        for message in await self._ledger.unanswered():
            ticket = open_ticket(message, None, deliver=True)
            ticket.stored.set_result(None)
            self._open[key_of(message)] = ticket
            self._enqueue(ticket)

    async def close(self, seconds: float = 10.0) -> None:
        """Let answers that are under way finish; what is left is in the ledger."""
        await asyncio.gather(*self._admissions, return_exceptions=True)
        workers = [line.worker for line in self._lines.values() if line.worker]
        if workers:
            await asyncio.wait(workers, timeout=seconds)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    @property
    def health(self) -> Mapping[str, Health]:
        """Of each channel, by its name."""
        return self._outbox.health

    @property
    def waiting(self) -> int:
        """Messages that are not answered yet."""
        return len(self._open)

    async def _take(self, message: Message, emit: Emit | None, *, deliver: bool) -> Ticket:
        """The ticket of this message: an open one is joined, else it is stored and opened."""
        key = key_of(message)
        known = self._open.get(key)
        if known is not None:
            await asyncio.shield(known.stored)
            return known
        ticket = self._open[key] = open_ticket(message, emit, deliver=deliver)
        admission = asyncio.create_task(self._admit(ticket), name=f"store {message.id}")
        self._admissions.add(admission)
        admission.add_done_callback(self._admissions.discard)
        await asyncio.shield(ticket.stored)
        return ticket

    async def _admit(self, ticket: Ticket) -> None:
        """Store the message and put it into its line, whether or not who brought it waits."""
        try:
            stored = await self._ledger.store(ticket.message, deliver=ticket.deliver)
            if stored.reply is not None:
                await self._repeat(ticket, stored, stored.reply)
        except DatabaseUnavailable as error:
            del self._open[key_of(ticket.message)]
            ticket.stored.set_exception(error)
            return
        ticket.stored.set_result(None)
        if stored.reply is None:
            self._enqueue(ticket)

    async def _repeat(self, ticket: Ticket, stored: Stored, reply: Reply) -> None:
        """An answered message came again: its request gets the reply if an earlier request did not."""
        ticket.given = stored.state == "passive"
        if stored.state == "waiting":
            ticket.given = await self._ledger.collected(ticket.message)
        ticket.reply.set_result(reply)
        del self._open[key_of(ticket.message)]

    def _enqueue(self, ticket: Ticket) -> None:
        thread = ticket.message.thread
        line = self._lines.setdefault(thread, Line())
        line.tickets.append(ticket)
        line.arrival.set()
        if line.worker is None:
            line.worker = asyncio.create_task(self._work(thread, line), name=f"inbox {thread}")
        elif line.interruptible and self._belongs(line.batch[-1], ticket):
            line.interrupted = True
            line.worker.cancel()

    def _belongs(self, earlier: Ticket, later: Ticket) -> bool:
        """Whether two messages are answered together. Who waits for a reply of their own gets one."""
        if not (earlier.deliver and later.deliver and may_join(earlier.message) and may_join(later.message)):
            return False
        return later.arrived - earlier.arrived <= self._windows.longest

    async def _work(self, thread: str, line: Line) -> None:
        try:
            while line.tickets:
                await self._settle(thread, line)
                batch = [line.tickets.popleft()]
                while line.tickets and self._belongs(batch[-1], line.tickets[0]):
                    batch.append(line.tickets.popleft())
                line.batch = batch
                await self._answer(line, batch)
        finally:
            del self._lines[thread]

    async def _settle(self, thread: str, line: Line) -> None:
        """Wait while the user seems to be typing on."""
        last = line.tickets[-1]
        while last.deliver and is_fragment(last.message):
            line.arrival.clear()
            left = last.arrived + self._windows.of(thread) - asyncio.get_running_loop().time()
            try:
                await asyncio.wait_for(line.arrival.wait(), left)
            except TimeoutError:
                self._windows.learn(thread, followed=False)
                return
            self._windows.learn(thread, followed=True)
            last = line.tickets[-1]

    async def _answer(self, line: Line, batch: Sequence[Ticket]) -> None:
        """Answer the batch, or put it back when more of the same question arrives before there is any text."""
        message = join([ticket.message for ticket in batch]) if len(batch) > 1 else batch[0].message
        started = time.perf_counter()

        def begun() -> None:
            line.interruptible = False

        async with self._slots:
            adapter = self._outbox.adapter_of(message) if batch[0].deliver else None
            progress = Progress(message, adapter, batch[-1].emit, begun)
            line.interruptible = batch[0].deliver
            try:
                async with progress.typing():
                    reply = await self._reply(message, progress)
            except asyncio.CancelledError:
                if not self._put_back(line, batch):
                    raise
                return
            finally:
                line.interruptible = False
        await self._finish(batch, message, reply)
        self._tell(message, reply, time.perf_counter() - started)

    def _put_back(self, line: Line, batch: Sequence[Ticket]) -> bool:
        """Undo an interruption of ours; false when somebody else cancels the worker."""
        task = asyncio.current_task()
        if not line.interrupted or task is None:
            return False
        line.interrupted = False
        task.uncancel()
        line.tickets.extendleft(reversed(batch))
        return True

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

    async def _finish(self, batch: Sequence[Ticket], message: Message, reply: Reply) -> None:
        """Keep the reply and what must go out for it, then tell whoever waits."""
        while True:
            try:
                given = await self._keep(batch, message, reply)
                break
            except DatabaseUnavailable as error:
                log.error("ledger not writable", error=str(error))
                if not batch[0].deliver:  # the caller has the reply; a repeat of the message is answered anew
                    given = Given(reply)
                    break
                await asyncio.sleep(_LEDGER_POLL)
        for ticket in batch:
            self._open.pop(key_of(ticket.message), None)
            ticket.reply.set_result(given.reply)

    async def _keep(self, batch: Sequence[Ticket], message: Message, reply: Reply) -> Given:
        messages = [ticket.message for ticket in batch]
        adapter = self._outbox.adapter_of(message) if batch[0].deliver else None
        events = self._outbox.events(message, reply)
        if adapter is None:
            await self._ledger.answered(messages, reply, events)
            self._outbox.put(events)
            return Given(reply)
        if reply.silent:
            reply = replace(reply, text="")
        if adapter.passive:
            shelf = () if adapter.passive.push else await self._ledger.waiting(message.thread)
            link = adapter.collect_link(message, self._say("collect", message).text)
            given = give(adapter, message, reply, shelf, link, held=batch[-1].holds > 0)
            batch[-1].given = given.state == "passive"
        else:
            given = Given(reply, pieces=adapter.render(reply, message) if reply.text else ())
        pending = [Pending.of(message, piece, given.piece_state) for piece in given.pieces]
        await self._ledger.answered(messages, given.reply, [*pending, *events], given.state, given.collected)
        self._outbox.put(piece for piece in (*pending, *events) if piece.state == "pending")
        return given

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
