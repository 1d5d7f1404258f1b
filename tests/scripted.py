"""A service whose replies are written down beforehand, and the HTTP application on it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.messages import Message, Reply, Source
from adapters.protocol import Emit
from bot import phrases
from bot.api.app import build
from bot.database import DatabaseUnavailable
from bot.history import Turn
from bot.metrics import Metrics
from bot.settings import ROOT, Settings

Client = TestClient[web.Request, web.Application]  # what a test talks to


class ScriptedService:
    """Answers each text as the script says, and remembers what came in."""

    def __init__(self, script: Mapping[str, Reply] | None = None) -> None:
        self.script = dict(script or {})
        self.received: list[Message] = []
        self.deltas: tuple[str, ...] = ()
        self.delay = 0.0
        self.broken = False
        self.ready = True
        self.phrases = phrases.load(ROOT / "bot/phrases.yaml")
        self.metrics = Metrics()
        self._turns: list[Turn] = []

    async def receive(self, message: Message, emit: Emit | None = None) -> Reply:
        """Give the scripted reply, else an echo; show the deltas first when somebody looks."""
        self.received.append(message)
        reply = self.script.get(message.text, Reply(f"你说：{message.text}", Source.NONE))
        if emit is not None:
            for delta in self.deltas or (reply.text,):
                await emit(delta)
        await asyncio.sleep(self.delay)
        self._turns.append(Turn.of(message, reply))
        self.metrics.observe(reply, 0.001)
        return reply

    async def turns(self, thread: str, limit: int) -> Sequence[Turn]:
        """Give the newest turns of a conversation."""
        self._fail_if_broken()
        return [turn for turn in self._turns if turn.thread == thread][-limit:]

    async def erase(self, user: str) -> int:
        """Forget a user."""
        self._fail_if_broken()
        kept = [turn for turn in self._turns if turn.user != user]
        erased, self._turns = len(self._turns) - len(kept), kept
        return erased

    def readiness(self) -> Mapping[str, object]:
        """Tell what the real service tells."""
        return {"ready": self.ready, "content": {"version": "abc", "entries": 2}, "problems": ["a.yaml:3: wrong"]}

    def _fail_if_broken(self) -> None:
        if self.broken:
            raise DatabaseUnavailable("the database is away")


@asynccontextmanager
async def serving(service: ScriptedService, settings: Settings) -> AsyncIterator[Client]:
    """A client of a real server on loopback that asks this service."""
    async with TestClient(TestServer(build(service, settings))) as client:
        yield client
