"""What every chat platform must be able to do: verify and parse what arrives, render a reply, send it.

Knows neither the web server nor the store: a request is a value, so is what became of a send. An adapter is
`parse` and `render` (pure) plus `send` (one call of the vendor's API); whoever keeps, orders and repeats is the inbox.
"""

import hashlib
import hmac
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from adapters.messages import Message, Reply


class BadSignature(Exception):
    """The request is not the vendor's, or not fresh: it is answered with 401 and nothing is stored."""


class BadPayload(Exception):
    """The vendor's signature holds but the body cannot be read: it is answered with 400 and nothing is stored."""


@dataclass(frozen=True, slots=True)
class Request:
    """A callback as it came in: header names in lower case, `body` raw, `now` in Unix seconds.

    `tail` is what followed the channel's own address in the path.
    """

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    now: float
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What the vendor's server gets back."""

    body: bytes = b""
    content_type: str = "text/plain"
    status: int = 200


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a request held. `response` is right as soon as the messages are stored.

    `wake` names what a listener should fetch now (customer-service accounts only send a bell, not the message);
    `fetch` is the id of an earlier message whose answer the user comes to collect.
    """

    messages: tuple[Message, ...] = ()
    response: Response = field(default_factory=Response)
    wake: str = ""
    fetch: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One piece of a reply as the platform takes it. `key` is the same at each try of the same piece."""

    key: str
    to: str
    payload: Mapping[str, object]


class Outcome(StrEnum):
    """What became of a send."""

    SENT = "sent"
    RETRY = "retry"  # certainly not delivered, may work later
    UNKNOWN = "unknown"  # perhaps delivered: repeated only where the platform knows the key again
    FAILED = "failed"  # refused for good


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of one send, with the vendor's word for it and the seconds it wants us to wait."""

    outcome: Outcome
    detail: str = ""
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Passive:
    """How long a platform lets us hold its request for the answer.

    `hold` seconds a delivery; after `deadline` seconds nobody listens any more; `deliveries` how often it repeats an
    unanswered one; `push`: a late answer can still be sent, else the user is asked to come back for it; `room`: bytes
    of text that a response holds.
    """

    hold: float
    deadline: float
    deliveries: int
    push: bool
    room: int


Emit = Callable[[str], Awaitable[None]]  # takes text that may be shown already; ConnectionError: nobody listens
Receive = Callable[[Message], Awaitable[None]]  # returns when the message is stored


class Cursor(Protocol):
    """A word the listener keeps across restarts."""

    async def read(self, name: str) -> str:
        """The value last written, or an empty string."""
        ...

    async def write(self, name: str, value: str) -> None:
        """Keep it durably."""


class Adapter(ABC):
    """One configured account on one platform. Subclasses write what is abstract; the rest is for those who can."""

    platform: str
    account: str
    repeatable: bool  # the platform drops a second send with the same key
    vendor: str = ""  # the address of the vendor's HTTP API, when it has one
    passive: Passive | None = None  # the answer may travel in the response to the platform's own request
    streaming: bool = False  # `show` works
    typing: bool = False  # `type` works
    listening: bool = False  # `listen` works
    connected: bool = True  # false while a connection of its own is down

    @abstractmethod
    def parse(self, request: Request) -> Parsed:
        """Verify on the raw bytes, then read. Raises BadSignature or BadPayload."""

    @abstractmethod
    def render(self, reply: Reply, message: Message) -> tuple[Outgoing, ...]:
        """Split and escape for the platform, at most as many pieces as its quota allows."""

    @abstractmethod
    async def send(self, outgoing: Outgoing) -> Delivery:
        """One try, with a deadline of its own; never raises for what the network or the vendor does."""

    @abstractmethod
    async def check(self) -> tuple[str, ...]:
        """What is wrong with the account as seen from here (token, address, clock); empty when it works."""

    @abstractmethod
    async def close(self) -> None:
        """Give back connections."""

    def watch(self, reply: Reply, message: Message) -> Outgoing | None:
        """The event to post about a message of any channel and its reply, for who subscribed to such events."""
        return None

    def probe(self, now: float) -> tuple[Request, bytes] | None:
        """A harmless request as the vendor would sign it, and the body it must be answered with; for `doctor`."""
        return None

    def pages(self, reply: Reply, room: int) -> tuple[str, ...]:
        """The reply as it is shown, in texts of at most so many bytes (`passive`)."""
        raise NotImplementedError

    def answer(self, text: str, message: Message, request: Request) -> Response:
        """The response that shows a page (`passive`)."""
        raise NotImplementedError

    def collect_link(self, message: Message, words: str) -> str:
        """What the user taps to come for a late answer to this message (`passive` without push)."""
        raise NotImplementedError

    async def show(self, message: Message, text: str) -> None:
        """Show the whole text so far; the finished reply is sent like any other (`streaming`)."""
        raise NotImplementedError

    async def type(self, message: Message) -> None:
        """Show once that somebody is typing; failures do not matter (`typing`)."""
        raise NotImplementedError

    async def listen(self, receive: Receive, cursor: Cursor) -> None:
        """Run until cancelled, reconnecting for ever (`listening`)."""
        raise NotImplementedError

    def wake(self, name: str) -> None:
        """There is something to fetch under this name (`listening`)."""
        raise NotImplementedError


def piece_key(message: Message, piece: int) -> str:
    """The same 32 hex digits for the same piece of the reply to the same message, whenever it is rendered."""
    origin = "\x00".join((message.platform, message.account, message.id, str(piece)))
    return hashlib.sha256(origin.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def check_path(tail: str, secrets: Sequence[str]) -> None:
    """For platforms that sign nothing: raises BadSignature unless the path goes on with one of our secrets."""
    first = tail.strip("/").split("/")[0].encode()
    if not any(hmac.compare_digest(first, secret.encode()) for secret in secrets):
        raise BadSignature("the address does not hold the secret of this channel")
