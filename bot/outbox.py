"""Sends what the ledger holds: each conversation in order, several at once, repeated with back-off until it is out.

A piece whose fate is unknown is repeated only where the platform drops the second one. Decides no text.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence

import structlog

from adapters.messages import Kind, Message, Reply
from adapters.protocol import Adapter, Delivery, Outcome
from bot.database import DatabaseUnavailable
from bot.health import Health
from bot.ledger import Ledger, Pending
from bot.metrics import Metrics

log = structlog.get_logger()

_PARALLEL = 16  # sends under way on one channel
_GIVE_UP_SECONDS = 24 * 3600.0
_LONGEST_WAIT = 30.0
_RECONNECT_POLL = 1.0

Channel = tuple[str, str]  # platform, account


class Outbox:
    """The way out of the service. `put` takes pieces that are in the ledger already."""

    def __init__(self, ledger: Ledger, adapters: Sequence[Adapter], metrics: Metrics) -> None:
        self._ledger = ledger
        self._metrics = metrics
        self._adapters: Mapping[Channel, Adapter] = {(one.platform, one.account): one for one in adapters}
        self.health = {one.account: Health() for one in adapters}
        self._slots = {channel: asyncio.Semaphore(_PARALLEL) for channel in self._adapters}
        self._threads: dict[str, deque[Pending]] = {}
        self._workers: set[asyncio.Task[None]] = set()

    def adapter_of(self, message: Message) -> Adapter | None:
        """The adapter the message came by, when its platform is one of ours."""
        return self._adapters.get((message.platform, message.account))

    def events(self, message: Message, reply: Reply) -> list[Pending]:
        """What the channels that watch the others want to hear of this reply."""
        if message.kind is not Kind.FEEDBACK and (reply.silent or not reply.text):
            return []
        watching = ((one, one.watch(reply, message)) for one in self._adapters.values())
        return [
            Pending(event.key, f"{one.account}/{message.thread}", one.platform, one.account, event)
            for one, event in watching
            if event is not None
        ]

    async def resume(self) -> None:
        """Take up what was left when the process ended."""
        for piece in await self._ledger.undelivered():
            if piece.state == "sending":  # only marked so where a repeat would show twice
                await self._ledger.mark(piece.key, "unknown", "the service died while sending")
                self._metrics.delivered(piece.account, "unknown")
            else:
                self.put([piece])

    def put(self, pieces: Iterable[Pending]) -> None:
        for piece in pieces:
            if piece.account in self.health:
                self.health[piece.account].waiting += 1
            if piece.thread in self._threads:
                self._threads[piece.thread].append(piece)
                continue
            self._threads[piece.thread] = deque([piece])
            self._begin(piece.thread)

    def _begin(self, thread: str) -> None:
        worker = asyncio.create_task(self._work(thread), name=thread)
        self._workers.add(worker)
        worker.add_done_callback(self._end)

    def _end(self, worker: asyncio.Task[None]) -> None:
        """A worker that ends by an adapter's fault leaves its piece as it is in the ledger; the others go on."""
        self._workers.discard(worker)
        if worker.cancelled():
            return
        if failure := worker.exception():
            thread = worker.get_name()
            piece = self._take_off(thread)
            log.error("adapter failed", channel=piece.account, exc_info=failure)
            self._metrics.delivered(piece.account, "unknown")
            self._begin(thread)

    async def close(self, seconds: float = 5.0) -> None:
        """Let sends that are under way finish; what is left stays in the ledger for the next start."""
        if self._workers:
            await asyncio.wait(self._workers, timeout=seconds)
        for worker in tuple(self._workers):
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    async def _work(self, thread: str) -> None:
        pieces = self._threads[thread]
        while pieces:
            try:
                await self._deliver(pieces[0])
            except DatabaseUnavailable as error:
                log.error("ledger not writable", error=str(error))
                await asyncio.sleep(_RECONNECT_POLL)
            self._take_off(thread)
        del self._threads[thread]

    def _take_off(self, thread: str) -> Pending:
        piece = self._threads[thread].popleft()
        if piece.account in self.health:
            self.health[piece.account].waiting -= 1
        return piece

    async def _deliver(self, piece: Pending) -> None:
        """One piece until its fate is sealed."""
        adapter = self._adapters.get((piece.platform, piece.account))
        if adapter is None:
            await self._seal(piece, Delivery(Outcome.FAILED, "the channel is no longer configured"))
            return
        started, tries = time.monotonic(), 0
        while True:
            delivery = await self._send(adapter, piece)
            again = delivery.outcome is Outcome.RETRY or (delivery.outcome is Outcome.UNKNOWN and adapter.repeatable)
            if not again:
                await self._seal(piece, delivery)
                return
            if time.monotonic() - started > _GIVE_UP_SECONDS:
                await self._seal(piece, Delivery(Outcome.FAILED, f"given up: {delivery.detail}"))
                return
            self._metrics.delivered(piece.account, "retry")
            await asyncio.sleep(_wait(adapter, delivery, tries))
            tries += 1

    async def _send(self, adapter: Adapter, piece: Pending) -> Delivery:
        """Where a repeat would show twice, `sending` is on disk before the first byte leaves."""
        async with self._slots[adapter.platform, adapter.account]:
            if not adapter.connected:
                return Delivery(Outcome.RETRY, "not connected")
            if not adapter.repeatable:
                await self._ledger.mark(piece.key, "sending")
            delivery = await adapter.send(piece.outgoing)
        self.health[adapter.account].note(delivery)
        return delivery

    async def _seal(self, piece: Pending, delivery: Delivery) -> None:
        await self._ledger.mark(piece.key, str(delivery.outcome), delivery.detail)
        self._metrics.delivered(piece.account, str(delivery.outcome))
        log.info("delivered", channel=piece.account, piece=piece.key, state=str(delivery.outcome))
        if delivery.outcome is not Outcome.SENT:
            log.error("not delivered", channel=piece.account, state=str(delivery.outcome), why=delivery.detail)


def _wait(adapter: Adapter, delivery: Delivery, tries: int) -> float:
    """Seconds until the next try: what the vendor asks for, else doubling with jitter; short while disconnected."""
    if not adapter.connected:
        return _RECONNECT_POLL
    doubled: float = min(0.25 * 2.0 ** min(tries, 10), _LONGEST_WAIT)
    return max(delivery.retry_after, doubled * random.uniform(0.5, 1.0))
