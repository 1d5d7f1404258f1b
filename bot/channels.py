"""The configured chat platforms: opens them, takes their callbacks by HTTP, listens where they are listened to.

Knows no platform (adapters/) and answers nothing (inbox.py): it verifies, stores, acknowledges.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog
from aiohttp import web

from adapters import open_adapter
from adapters.messages import Message, Reply, Source
from adapters.options import ChannelOptions
from adapters.protocol import Adapter, BadPayload, BadSignature, Parsed, Passive, Request, Response
from bot.collecting import COLLECT
from bot.database import DatabaseUnavailable
from bot.inbox import Inbox
from bot.ledger import Ledger
from bot.metrics import Metrics
from bot.phrases import Phrases
from bot.tickets import Ticket

log = structlog.get_logger()

_REMEMBERED_DELIVERIES = 10_000
_LET_TIME_OUT = 0.3  # of `hold`, on top of it: by then the platform has given up and asks again
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
        self._seen: OrderedDict[str, int] = OrderedDict()  # thread and id -> deliveries of the same message
        self._listeners: list[asyncio.Task[None]] = []
        for name, channel in self._channels.items():
            metrics.watch_channel(name, channel.adapter, inbox.health[name])

    def routes(self) -> list[web.RouteDef]:
        """Where the platforms call: /channels/NAME, for some with a secret behind it."""
        return [web.route("*", "/channels/{name}{tail:(/.*)?}", self.handle)]

    def start(self) -> None:
        """Begin to listen on the channels that keep a connection or ask for messages."""
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
        call = _Call(request, asyncio.get_running_loop().time())
        try:
            body = await asyncio.wait_for(request.read(), self._body_seconds)
            response = await self._respond(channel, _taken(request, body), call)
        except tuple(_STATUSES) as error:
            response = self._refuse(channel, error)
        return web.Response(body=response.body, status=response.status, content_type=response.content_type)

    def _refuse(self, channel: Channel, error: Exception) -> Response:
        """The status that says whose fault it is; the reason is for our log, not for whoever called."""
        status = _STATUSES[type(error)]
        self._metrics.refused(channel.name, type(error).__name__)
        log.warning("callback refused", channel=channel.name, status=status, why=str(error)[:200])
        return Response(status=status)

    async def _respond(self, channel: Channel, request: Request, call: "_Call") -> Response:
        parsed = channel.adapter.parse(request)
        if parsed.wake:
            channel.adapter.wake(parsed.wake)
        response = parsed.response
        for message in parsed.messages:
            if not _is_addressed(channel, message):
                continue
            ticket = await self._inbox.accept(self._marked(parsed, message))
            if channel.adapter.passive is not None:
                held = await self._hold(channel.adapter, channel.adapter.passive, ticket, request, call)
                response = held or response
        return response

    def _marked(self, parsed: Parsed, message: Message) -> Message:
        """A tap on the link (or its words, typed) asks for the late answer and is no question of its own."""
        said = {block["collect"] for block in self._phrases().by_language.values()}
        if not parsed.fetch and message.text.strip() not in said:
            return message
        return replace(message, context={**message.context, COLLECT: parsed.fetch or "1"})

    async def _hold(
        self, adapter: Adapter, passive: Passive, ticket: Ticket, request: Request, call: "_Call"
    ) -> Response | None:
        """The response that carries the reply if it is ready in time; None for a mere acknowledgement."""
        message = ticket.message
        delivery = self._count(f"{message.thread}\x1f{message.id}")
        with ticket.held():
            reply = await ticket.wait(passive.hold - call.seconds)
        if reply is not None and call.is_over(passive.deadline):
            if not ticket.taken and not ticket.holds:
                await self._inbox.give_back(ticket, reply)
            return None
        if reply is not None:
            ticket.taken = True
            return adapter.answer(reply, message, request)
        if passive.push or ticket.reply.done():
            return None
        if delivery < passive.deliveries:  # say nothing: the platform asks again, and the answer may be ready then
            await asyncio.sleep(passive.hold * _LET_TIME_OUT)
            return Response(status=503)
        return adapter.answer(self._ask_back(adapter, message), message, request)

    def _ask_back(self, adapter: Adapter, message: Message) -> Reply:
        phrases = self._phrases()
        language = phrases.language_of(message.text)
        link = adapter.collect_link(message, phrases.say("collect", language))
        return Reply(f"{phrases.say('thinking', language)}\n{link}", Source.NONE)

    def _count(self, key: str) -> int:
        """How often this message was delivered, this time included."""
        self._seen[key] = self._seen.pop(key, 0) + 1
        if len(self._seen) > _REMEMBERED_DELIVERIES:
            self._seen.popitem(last=False)
        return self._seen[key]

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


@dataclass(frozen=True, slots=True)
class _Call:
    """A request that is open since `began` on the loop's clock."""

    request: web.Request
    began: float

    @property
    def seconds(self) -> float:
        return asyncio.get_running_loop().time() - self.began

    def is_over(self, deadline: float) -> bool:
        """Whether whoever asked has hung up, or is about to: an answer would be read by nobody."""
        transport = self.request.transport
        return transport is None or transport.is_closing() or self.seconds > deadline


def _taken(request: web.Request, body: bytes) -> Request:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request(request.method, dict(request.query), headers, body, time.time(), request.match_info["tail"])
