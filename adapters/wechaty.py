"""WeChat by a Wechaty gateway: Wechaty's own protocol (gRPC, package wechaty-grpc), by a client that never gives up.

The high-level Python client is not used: it ends silently when the gateway is away, and has side effects at import
(docs/decisions, Wechaty's protocol). A gateway holds one event stream; one that has it already refuses a second client.
"""

import asyncio
import json
import time
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Literal

from grpclib.client import Channel
from grpclib.config import Configuration
from grpclib.exceptions import GRPCError, StreamTerminatedError
from pydantic import Field, SecretStr
from wechaty_grpc.wechaty import PuppetStub
from wechaty_grpc.wechaty.puppet import EventResponse, EventType, MessagePayloadResponse

from adapters.markdown import to_plain
from adapters.mentions import has_mention, strip_mention
from adapters.messages import Kind, Message, Reply
from adapters.options import ChannelOptions
from adapters.payload import id_of
from adapters.protocol import (
    Adapter,
    BadPayload,
    Cursor,
    Delivery,
    Outcome,
    Outgoing,
    Parsed,
    Receive,
    Request,
    piece_key,
)
from adapters.splitting import Unit, split

_LIMIT = 2000  # characters; WeChat folds longer ones
_SPACE = "\u2005"  # what WeChat puts behind a mention
_QUOTE = ("「", "」\n- - - - - - - - - - - - - - -\n")
# The numbers that today's gateways send, which are not those of the .proto file.
_KINDS = {1: Kind.FILE, 2: Kind.VOICE, 6: Kind.IMAGE, 7: Kind.TEXT, 8: Kind.LOCATION, 15: Kind.VIDEO}
_SILENT = {10, 13}  # notes of the group itself, recalled messages
_RPC_SECONDS = 10.0
_CALM_SECONDS = 30.0  # a connection that stood so long starts the back-off anew
_FAULTS = (GRPCError, StreamTerminatedError, OSError, TimeoutError)


class WechatyOptions(ChannelOptions):
    """`[channels.NAME]` with `platform = "wechaty"`."""

    platform: Literal["wechaty"] = Field(description="Which platform this channel is on.")
    endpoint: str = Field(pattern=r"^[^:/]+:\d+$", description="Host and port of the gateway.")
    keepalive_seconds: float = Field(20.0, gt=0, description="Seconds between two signs of life of the connection.")
    token: SecretStr = Field(description="Token of the gateway.")


class Wechaty(Adapter):
    """One WeChat account behind one gateway."""

    platform = "wechaty"
    repeatable = False
    listening = True
    connected = False

    def __init__(self, options: WechatyOptions) -> None:
        self.account = options.name
        self._options = options
        self._channel: Channel | None = None
        self._me = self._name = ""

    def parse(self, request: Request) -> Parsed:
        raise BadPayload("this platform sends no requests, it is connected to")

    async def listen(self, receive: Receive, cursor: Cursor) -> None:
        wait = 0.5
        while True:
            began = time.monotonic()
            # grpclib cancels the task whose connection breaks and never takes it back: each gets one of its own.
            session = asyncio.create_task(self._session(receive), name=f"gateway {self.account}")
            try:
                await asyncio.wait({session})
            finally:
                session.cancel()
                (failure,) = await asyncio.gather(session, return_exceptions=True)
                self._disconnect()
            if isinstance(failure, Exception) and not isinstance(failure, _FAULTS):
                raise failure
            wait = 0.5 if time.monotonic() - began > _CALM_SECONDS else min(wait * 2, 10.0)
            await asyncio.sleep(wait)

    async def _session(self, receive: Receive) -> None:
        """One connection until it breaks. Does not stop the gateway first: its WeChat session outlives our restarts."""
        self._channel = self._open()
        stub = PuppetStub(self._channel)
        await _call(stub.start())
        async for event in stub.event():
            await self._take(stub, event, receive)

    def _open(self) -> Channel:
        """A connection of one's own, made at the first call; who opened it closes it."""
        host, _, port = self._options.endpoint.partition(":")
        keepalive = Configuration(
            _keepalive_time=self._options.keepalive_seconds,
            _keepalive_timeout=self._options.keepalive_seconds / 2,
            _keepalive_permit_without_calls=True,
            _http2_max_pings_without_data=0,
            _http2_min_sent_ping_interval_without_data=1.0,
        )
        channel = Channel(host, int(port), config=keepalive)
        channel._authority = self._options.token.get_secret_value()  # where gateways look for the token
        return channel

    def _disconnect(self) -> None:
        self.connected = False
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    async def _take(self, stub: PuppetStub, event: EventResponse, receive: Receive) -> None:
        """One event; one that cannot be read is passed over, the stream goes on."""
        try:
            payload = json.loads(event.payload or "{}")
            if event.type == EventType.EVENT_TYPE_LOGIN:
                await self._log_in(stub, id_of(payload, "contactId"))
            elif event.type == EventType.EVENT_TYPE_LOGOUT:
                self.connected = False
            elif event.type == EventType.EVENT_TYPE_MESSAGE:
                await self._fetch(stub, id_of(payload, "messageId"), receive)
        except (ValueError, TypeError, BadPayload, GRPCError, TimeoutError):
            return

    async def _log_in(self, stub: PuppetStub, me: str) -> None:
        self._me, self.connected = me, True
        contact = await _call(stub.contact_payload(id=me))
        self._name = contact.name

    async def _fetch(self, stub: PuppetStub, name: str, receive: Receive) -> None:
        payload = await _call(stub.message_payload(id=name))
        talker = ""
        if payload.from_id and payload.from_id != self._me:
            with suppress(GRPCError, TimeoutError):  # a name is nice to have
                talker = (await _call(stub.contact_payload(id=payload.from_id))).name
        message = self.read(name, payload, talker)
        if message is not None:
            await receive(message)

    def read(self, name: str, payload: MessagePayloadResponse, talker: str) -> Message | None:
        """The message; None for our own and for what no user sent."""
        kind = int(payload.type)
        if payload.from_id in ("", self._me) or kind in _SILENT:
            return None
        room, user = payload.room_id, payload.from_id
        quote, text = _unquote(payload.text) if kind == 7 else ("", "")
        mentioned = self._me in payload.mention_ids or (not payload.mention_ids and has_mention(text, self._name))
        return Message(
            platform=self.platform,
            account=self.account,
            conversation=f"{room}/{user}" if room else user,
            user=user,
            id=id_of({"id": name}, "id"),
            text=strip_mention(text, (self._name,)) if room else text.strip(),
            received=datetime.now(UTC),
            kind=_KINDS.get(kind, Kind.OTHER),
            group=room,
            mentioned=bool(room) and mentioned,
            user_name=talker,
            quote=quote,
            media=name if kind in _KINDS and kind != 7 else "",
        )

    def render(self, reply: Reply, message: Message) -> tuple[Outgoing, ...]:
        pieces = split(to_plain(reply.footed), _LIMIT, Unit.CHARS)
        mention = [message.user] if message.group else []
        greeting = f"@{message.user_name or message.user}{_SPACE}" if message.group else ""
        return tuple(
            Outgoing(
                piece_key(message, number),
                message.group or message.user,
                {"content": piece if number else greeting + piece, "mention": [] if number else mention},
            )
            for number, piece in enumerate(pieces)
        )

    async def send(self, outgoing: Outgoing) -> Delivery:
        channel = self._channel
        if channel is None:
            return Delivery(Outcome.RETRY, "not connected", 1.0)
        mention: Any = outgoing.payload["mention"]
        sending = PuppetStub(channel).message_send_text(
            conversation_id=outgoing.to, text=str(outgoing.payload["content"]), mentonal_ids=mention
        )
        try:
            await _call(sending)
        except GRPCError as error:  # the gateway or WeChat refused it
            return Delivery(Outcome.FAILED, f"gRPC {error.status.name}: {str(error.message)[:120]}")
        except ConnectionRefusedError:
            return Delivery(Outcome.RETRY, "the gateway is away", 1.0)
        except _FAULTS as error:
            return Delivery(Outcome.UNKNOWN, f"no answer: {type(error).__name__}")
        finally:
            if channel is not self._channel:  # closed meanwhile; grpclib opens it again for a call under way
                channel.close()
        return Delivery(Outcome.SENT)

    async def check(self) -> tuple[str, ...]:
        """Asks for the gateway's version, which disturbs nobody."""
        channel = self._open()
        try:
            await _call(PuppetStub(channel).version())
        except _FAULTS as error:
            return (f"the gateway at {self._options.endpoint} does not answer: {type(error).__name__}",)
        finally:
            channel.close()
        return ()

    async def close(self) -> None:
        self._disconnect()


async def _call(work: Coroutine[Any, Any, Any]) -> Any:
    """One remote call, with a deadline, in a task of its own for the same reason."""
    call = asyncio.create_task(work)
    try:
        done, _ = await asyncio.wait({call}, timeout=_RPC_SECONDS)
        if not done:
            raise TimeoutError
        return call.result()
    finally:
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)


def _unquote(text: str) -> tuple[str, str]:
    """(quoted, said): WeChat writes a quotation into the text, between corner brackets and a dashed line."""
    opening, closing = _QUOTE
    if text.startswith(opening) and closing in text:
        quoted, _, said = text[len(opening) :].partition(closing)
        return quoted, said
    return "", text
