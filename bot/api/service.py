"""What the ways in over HTTP need from the service, and how they ask it."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from aiohttp import web

from adapters.messages import Message, Reply, Source
from adapters.protocol import Emit
from bot.history import Turn
from bot.metrics import Metrics
from bot.phrases import Phrases
from bot.settings import ServerSettings


class Service(Protocol):
    """The part of bot.app.Service that HTTP uses."""

    @property
    def phrases(self) -> Phrases: ...
    @property
    def metrics(self) -> Metrics: ...

    async def receive(self, message: Message, emit: Emit | None = None) -> Reply:
        """In order within a conversation, once for each message id, never raising."""

    async def turns(self, thread: str, limit: int) -> Sequence[Turn]:
        """The newest turns of a conversation, oldest first."""

    async def erase(self, user: str) -> int:
        """Delete what is remembered of a user; the number of turns deleted."""

    def readiness(self) -> Mapping[str, object]:
        """`ready`, and for the operator what is loaded and what was refused."""


SERVICE: web.AppKey[Service] = web.AppKey("service", Service)
SERVER = web.AppKey("server", ServerSettings)


def new_message(platform: str, account: str, conversation: str, user: str, identity: str, text: str) -> Message:
    """A message that has just come in; without an identity of its own it gets one."""
    return Message(platform, account, conversation, user, identity or secrets.token_hex(12), text, datetime.now(UTC))


async def ask(app: web.Application, message: Message, emit: Emit | None = None) -> Reply:
    """The reply, or an apology when it takes too long; the late answer is kept in the history all the same."""
    service = app[SERVICE]
    try:
        async with asyncio.timeout(app[SERVER].answer_seconds):
            return await service.receive(message, emit)
    except TimeoutError:
        phrases = service.phrases
        return Reply(phrases.say("timeout", phrases.language_of(message.text)), Source.NONE)
