"""Takes messages in: one conversation at a time and in order, a repeated delivery joins the answer it already has.

The only place that catches every exception: a failure is told to the operator in full, to the user politely.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from adapters.messages import Message, Reply, Source
from bot.metrics import Metrics
from bot.pipeline import Pipeline
from bot.reload import Live
from bot.speaking import Emit, Speaker

log = structlog.get_logger()

_REMEMBERED_MESSAGES = 10_000

Key = tuple[str, str, str]


class Inbox:
    """The door of the service. `receive` never raises and answers each message id once."""

    def __init__(self, pipeline: Pipeline, live: Live, metrics: Metrics) -> None:
        self._pipeline = pipeline
        self._live = live
        self._metrics = metrics
        self._answers: OrderedDict[Key, asyncio.Task[Reply]] = OrderedDict()
        self._threads: dict[str, tuple[asyncio.Lock, int]] = {}

    async def receive(self, message: Message, emit: Emit | None = None) -> Reply:
        """Answer in the conversation's turn. A caller that goes away does not stop the answer from being kept."""
        key = (message.platform, message.account, message.id)
        pending = self._answers.get(key)
        if pending is None:
            pending = asyncio.create_task(self._answer(message, emit), name=f"answer {message.id}")
            self._keep(key, pending)
            return await asyncio.shield(pending)
        reply = await asyncio.shield(pending)
        await Speaker(emit).finish(reply.text)
        return reply

    async def close(self) -> None:
        """Let the answers that are under way finish."""
        await asyncio.gather(*self._answers.values(), return_exceptions=True)

    async def _answer(self, message: Message, emit: Emit | None) -> Reply:
        started = time.perf_counter()
        async with self._turn_of(message.thread):
            try:
                reply = await self._pipeline.reply(message, emit)
            except Exception:
                log.exception("answer failed", platform=message.platform, message=message.id)
                reply = self._apologise(message)
                await Speaker(emit).finish(reply.text)
        seconds = time.perf_counter() - started
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
        return reply

    def _apologise(self, message: Message) -> Reply:
        phrases = self._live.current.phrases
        return Reply(phrases.say("apology", phrases.language_of(message.text)), Source.NONE)

    def _keep(self, key: Key, answer: asyncio.Task[Reply]) -> None:
        self._answers[key] = answer
        while len(self._answers) > _REMEMBERED_MESSAGES and next(iter(self._answers.values())).done():
            self._answers.popitem(last=False)

    @asynccontextmanager
    async def _turn_of(self, thread: str) -> AsyncIterator[None]:
        """Wait until the earlier messages of this conversation are answered."""
        lock, waiting = self._threads.get(thread, (asyncio.Lock(), 0))
        self._threads[thread] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._threads.pop(thread)
            if waiting > 1:
                self._threads[thread] = (lock, waiting - 1)
