"""A platform's request that is held open for the answer: who asked may hang up, and asks again.

An answer counts as given only when who asked was still there when the response was written.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from adapters.messages import Message, Reply
from adapters.protocol import Adapter, Passive, Request, Response
from bot.inbox import Inbox
from bot.phrases import Phrases
from bot.tickets import Ticket

_REMEMBERED_DELIVERIES = 10_000
_TICKS = 43  # in a hold
_CATCH_UP = 5  # ticks after standing still, until all that came meanwhile is read
_LET_TIME_OUT = 0.3  # of `hold`, on top of it: by then the platform has given up and asks again


@dataclass(slots=True)
class Call:
    """A request that is open since `began` or later, on the loop's clock; `written` is its response."""

    request: web.Request
    began: float
    holder: "Holder"
    written: web.Response | None = None

    @property
    def seconds(self) -> float:
        return _now() - self.began

    async def is_open(self, deadline: float) -> bool:
        """Whether whoever asked still listens, and will until an answer has arrived."""
        for _ in range(2):  # a service that was busy hears now, and only now, that they hung up
            await asyncio.sleep(0)
        return self._connected and self.seconds <= deadline

    async def write(self, response: Response) -> bool:
        """Write the response; false when the connection breaks over it."""
        self.written = as_web(response)
        try:
            await self.written.prepare(self.request)
            await self.written.write_eof()
        except ConnectionError:
            return False
        return self._connected

    @property
    def _connected(self) -> bool:
        transport = self.request.transport
        return transport is not None and not transport.is_closing()


def as_web(response: Response) -> web.Response:
    """The response as the web server takes it."""
    return web.Response(body=response.body, status=response.status, content_type=response.content_type)


class Clock:
    """Since when a request may have lain here unread: a service that stood still does not know when it came."""

    def __init__(self, tick: float) -> None:
        self._tick, self._looked = tick, _now()
        self._stood = self._resumed = 0.0

    async def run(self) -> None:
        """Look at the time again and again, until cancelled."""
        while True:
            await asyncio.sleep(self._tick)
            before, self._looked = self._looked, _now()
            if self._looked - before > 2 * self._tick:
                self._stood, self._resumed = before, self._looked

    @property
    def began(self) -> float:
        """When a request that is seen now came at the earliest."""
        now = _now()
        if now - self._looked > 2 * self._tick:
            return self._looked
        return self._stood if now - self._resumed < _CATCH_UP * self._tick else now


def _now() -> float:
    return asyncio.get_running_loop().time()


class Holder:
    """Holds requests of one channel whose platform takes a reply in the response."""

    def __init__(self, adapter: Adapter, passive: Passive, inbox: Inbox, phrases: Callable[[], Phrases]) -> None:
        self._adapter, self._passive = adapter, passive
        self._inbox, self._phrases = inbox, phrases
        self._seen: OrderedDict[str, int] = OrderedDict()  # thread and id -> deliveries of the same message
        self.clock = Clock(passive.hold / _TICKS)

    def open(self, request: web.Request) -> Call:
        """A request has just come."""
        return Call(request, self.clock.began, self)

    async def hold(self, ticket: Ticket, request: Request, call: Call) -> Response | None:
        """The response when the reply does not come in time, None for a mere acknowledgement; else it is written."""
        delivery = self._count(f"{ticket.message.thread}\x1f{ticket.message.id}")
        if await self._carried(ticket, request, call):
            return None
        if self._passive.push or (ticket.reply.done() and not ticket.given):
            return None
        if delivery < self._passive.deliveries:  # say nothing: it is asked again, and the answer may be ready then
            await asyncio.sleep(self._passive.hold * _LET_TIME_OUT)
            return Response(status=503)
        return self._adapter.answer(self._ask_back(ticket.message), ticket.message, request)

    async def _carried(self, ticket: Ticket, request: Request, call: Call) -> bool:
        """Whether the response brought the reply; what no request brought goes back."""
        with ticket.held():
            reply = await ticket.wait(self._passive.hold - call.seconds)
            if reply is None:
                return False
            if await call.is_open(self._passive.deadline):
                ticket.taken |= await call.write(self._adapter.answer(self._page(reply), ticket.message, request))
        if not ticket.taken and not ticket.holds:
            await self._inbox.give_back(ticket, reply)
        if ticket.taken or not ticket.holds:
            ticket.handed.set()
        return ticket.taken

    def _page(self, reply: Reply) -> str:
        """What a response shows; of an account that may not push it was decided when the reply was kept."""
        return "".join(self._adapter.pages(reply, self._passive.room)[:1]) if self._passive.push else reply.text

    def _ask_back(self, message: Message) -> str:
        phrases = self._phrases()
        language = phrases.language_of(message.text)
        link = self._adapter.collect_link(message, phrases.say("collect", language))
        return f"{phrases.say('thinking', language)}\n{link}"

    def _count(self, key: str) -> int:
        """How often this message was delivered, this time included."""
        self._seen[key] = self._seen.pop(key, 0) + 1
        if len(self._seen) > _REMEMBERED_DELIVERIES:
            self._seen.popitem(last=False)
        return self._seen[key]
