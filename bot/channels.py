"""The configured chat platforms: opens them, takes their callbacks by HTTP, listens where they are listened to.

Knows no platform (adapters/) and answers nothing (inbox.py): it verifies, stores, acknowledges.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog
from aiohttp import web

from adapters import open_adapter
from adapters.messages import Message
from adapters.options import ChannelOptions
from adapters.protocol import Adapter, BadPayload, BadSignature, Parsed, Request, Response
from bot.collecting import COLLECT
from bot.database import DatabaseUnavailable
from bot.holding import Call, Holder, as_web
from bot.inbox import Inbox
from bot.ledger import Ledger
from bot.metrics import Metrics
from bot.phrases import Phrases

log = structlog.get_logger()

_LISTEN_AGAIN = 5.0

_STATUSES: Mapping[type[Exception], int] = {
    BadSignature: 401,
    BadPayload: 400,
    ConnectionResetError: 400,  # whoever called hung up before the end of the body; nobody reads this
    TimeoutError: 408,
    web.HTTPRequestEntityTooLarge: 413,
    DatabaseUnavailable: 503,
}


@dataclass(frozen=True, slots=True)
class Channel:
    """One table `[channels.NAME]` of the settings, opened."""

    options: ChannelOptions
    adapter: Adapter

    @property
    def name(self) -> str:
        return self.options.name


def open_channels(options: Sequence[ChannelOptions]) -> tuple[Channel, ...]:
    """Every configured channel, without connecting yet."""
    return tuple(Channel(one, open_adapter(one)) for one in options)


class Channels:
    """All channels of a service."""

    def __init__(
        self,
        channels: Sequence[Channel],
        inbox: Inbox,
        ledger: Ledger,
        phrases: Callable[[], Phrases],
        metrics: Metrics,
        body_seconds: float,
    ) -> None:
        self._body_seconds = body_seconds
        self._channels = {channel.name: channel for channel in channels}
        self._inbox, self._ledger, self._phrases, self._metrics = inbox, ledger, phrases, metrics
        self._holders = {
            channel.name: Holder(channel.adapter, channel.adapter.passive, inbox, phrases)
            for channel in channels
            if channel.adapter.passive is not None
        }
        self._listeners: list[asyncio.Task[None]] = []
        for name, channel in self._channels.items():
            metrics.watch_channel(name, channel.adapter, inbox.health[name])

    def routes(self) -> list[web.RouteDef]:
        """Where the platforms call: /channels/NAME, for some with a secret behind it."""
        return [web.route("*", "/channels/{name}{tail:(/.*)?}", self.handle)]

    def start(self) -> None:
        """Begin to listen on the channels that keep a connection or ask for messages."""
        for name, holder in self._holders.items():
            self._listeners.append(asyncio.create_task(holder.clock.run(), name=f"clock {name}"))
        for channel in self._channels.values():
            if channel.adapter.listening:
                self._listeners.append(asyncio.create_task(self._listen(channel), name=f"listen {channel.name}"))

    async def stop_listening(self) -> None:
        for listener in self._listeners:
            listener.cancel()
        await asyncio.gather(*self._listeners, return_exceptions=True)

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.adapter.close()

    def health(self) -> Mapping[str, Mapping[str, object]]:
        """What /readyz tells of each channel: from what really happened on it."""
        return {name: self._inbox.health[name].shown(channel.adapter) for name, channel in self._channels.items()}

    async def handle(self, request: web.Request) -> web.Response:
        """One callback of a platform: verified, stored, then acknowledged."""
        channel = self._channels.get(request.match_info["name"])
        if channel is None:
            raise web.HTTPNotFound
        holder = self._holders.get(channel.name)
        call = holder.open(request) if holder else None
        try:
            body = await asyncio.wait_for(request.read(), self._body_seconds)
            response = await self._respond(channel, _taken(request, body), call)
        except tuple(_STATUSES) as error:
            response = self._refuse(channel, error)
        return (call and call.written) or as_web(response)

    def _refuse(self, channel: Channel, error: Exception) -> Response:
        """The status that says whose fault it is; the reason is for our log, not for whoever called."""
        status = _STATUSES[type(error)]
        self._metrics.refused(channel.name, type(error).__name__)
        log.warning("callback refused", channel=channel.name, status=status, why=str(error)[:200])
        return Response(status=status)

    async def _respond(self, channel: Channel, request: Request, call: Call | None) -> Response:
        parsed = channel.adapter.parse(request)
        if parsed.wake:
            channel.adapter.wake(parsed.wake)
        response = parsed.response
        for message in parsed.messages:
            if not _is_addressed(channel, message):
                continue
            ticket = await self._inbox.accept(self._marked(parsed, message), held=call is not None)
            if call is not None:
                response = await call.holder.hold(ticket, request, call) or response
        return response

    def _marked(self, parsed: Parsed, message: Message) -> Message:
        """A tap on the link (or its words, typed) asks for the late answer and is no question of its own."""
        said = {block["collect"] for block in self._phrases().by_language.values()}
        if not parsed.fetch and message.text.strip() not in said:
            return message
        return replace(message, context={**message.context, COLLECT: parsed.fetch})

    async def _listen(self, channel: Channel) -> None:
        """Listen for ever; a listener that ends is told and begun again."""
        cursor = _Cursor(self._ledger, channel)

        async def receive(message: Message) -> None:
            if _is_addressed(channel, message):
                await self._inbox.accept(message)

        while True:
            listening = asyncio.ensure_future(channel.adapter.listen(receive, cursor))
            (failure,) = await asyncio.gather(listening, return_exceptions=True)
            log.error("listener ended", channel=channel.name, exc_info=failure)
            await asyncio.sleep(_LISTEN_AGAIN)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """A channel's own words in the ledger."""

    ledger: Ledger
    channel: Channel

    async def read(self, name: str) -> str:
        return await self.ledger.read(f"{self.channel.name}/{name}")

    async def write(self, name: str, value: str) -> None:
        await self.ledger.write(f"{self.channel.name}/{name}", value)


def _is_addressed(channel: Channel, message: Message) -> bool:
    """Whether to answer: always in private, in groups by the channel's rule."""
    if not message.group:
        return True
    return channel.options.groups == "always" or (channel.options.groups == "mentioned" and message.mentioned)


def _taken(request: web.Request, body: bytes) -> Request:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request(request.method, dict(request.query), headers, body, time.time(), request.match_info["tail"])
