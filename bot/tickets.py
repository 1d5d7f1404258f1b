"""A message on its way through the inbox."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from adapters.messages import Message, Reply
from adapters.protocol import Emit


def open_ticket(message: Message, emit: Emit | None, *, deliver: bool) -> "Ticket":
    """A ticket for a message that has just arrived."""
    loop = asyncio.get_running_loop()
    return Ticket(message, deliver, emit, loop.time(), loop.create_future(), loop.create_future())


@dataclass(eq=False, slots=True)
class Ticket:
    """One message being answered.

    `holds` counts requests held open for the reply, `given` says that they carry it, `taken` that one did; `handed`
    comes when that is known, and a reply that none brought has gone back.
    """

    message: Message
    deliver: bool
    emit: Emit | None
    arrived: float
    stored: asyncio.Future[None]
    reply: asyncio.Future[Reply]
    holds: int = 0
    given: bool = False
    taken: bool = False
    handed: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def held(self) -> Iterator[None]:
        """A request that could carry the reply, and was counted when it came, is open until here."""
        try:
            yield
        finally:
            self.holds -= 1

    async def wait(self, seconds: float) -> Reply | None:
        """The reply if a held request carries it and it is ready in time."""
        await asyncio.wait({self.reply}, timeout=seconds)
        if self.given:  # decided, perhaps not yet on disk
            return await asyncio.shield(self.reply)
        return None
