"""Answers to the chat page that outlive the request that asked: a reload hears them from the beginning.

Only those under way; what was answered is in the ledger, and comes back when the same message is sent again.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from adapters.messages import Reply
from adapters.protocol import Emit

_PATIENCE = 30.0  # seconds for which an answer goes on without a listener: pages reload, phones change networks

Begin = Callable[[Emit], Awaitable[Reply]]


@dataclass(eq=False, slots=True)
class _Answer:
    """What was said so far. `left` is when the last listener went."""

    said: list[str | Reply] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)
    listeners: int = 0
    left: float = 0.0
    ended: bool = False
    work: asyncio.Task[None] | None = None

    def say(self, piece: str | Reply) -> None:
        """Tell all who listen, and those who will."""
        self.said.append(piece)
        self.more.set()
        self.more = asyncio.Event()


class Answers:
    """The answers under way of one server."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._under_way: dict[str, _Answer] = {}

    async def hear(self, name: str, begin: Begin) -> AsyncGenerator[str | Reply]:
        """The pieces of the answer of this name, at last the whole Reply; it is begun when it is not under way."""
        answer = self._under_way.get(name) or self._begin(name, begin)
        answer.listeners += 1
        place = 0
        try:
            while True:
                while place < len(answer.said):
                    yield answer.said[place]
                    place += 1
                if answer.ended:
                    return
                await answer.more.wait()
        finally:
            answer.listeners -= 1
            answer.left = asyncio.get_running_loop().time()

    async def close(self, _: web.Application) -> None:
        """Nobody listens any more: the server ends."""
        work = [answer.work for answer in self._under_way.values() if answer.work]
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)

    def _begin(self, name: str, begin: Begin) -> _Answer:
        answer = self._under_way[name] = _Answer()
        answer.work = asyncio.create_task(self._work(name, answer, begin), name=f"answer {name}")
        return answer

    async def _work(self, name: str, answer: _Answer, begin: Begin) -> None:
        async def emit(piece: str) -> None:
            if not answer.listeners and asyncio.get_running_loop().time() - answer.left > self._patience:
                raise ConnectionResetError
            answer.say(piece)

        try:
            answer.say(await begin(emit))
        finally:
            del self._under_way[name]
            answer.ended = True
            answer.more.set()


ANSWERS = web.AppKey("answers", Answers)
