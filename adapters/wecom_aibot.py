"""WeCom AI robots (企业微信智能机器人) over the long connection: no public address, no own encryption, streaming.

The robot's text grows in one bubble: each frame carries the whole text so far. Source: developer.work.weixin.qq.com
(long connection, 2026-04) and the vendor's SDKs.
"""

import asyncio
import itertools
import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import aiohttp
from pydantic import Field, SecretStr

from adapters.messages import Kind, Message, Reply
from adapters.options import ChannelOptions
from adapters.payload import object_of
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
from adapters.wecom_robot import MOST_BYTES, Robot

_ACK_SECONDS = 5.0
_PING_SECONDS = 30.0


class WecomAibotOptions(ChannelOptions):
    """`[channels.NAME]` with `platform = "wecom_aibot"`."""

    platform: Literal["wecom_aibot"] = Field(description="Which platform this channel is on.")
    bot_id: str = Field(min_length=1, description="Id of the robot.")
    bot_name: str = Field("", description="Its name, as groups mention it.")
    base_url: str = Field("wss://openws.work.weixin.qq.com", description="Address of the long connection.")
    secret: SecretStr = Field(description="Secret of the long connection.")


class WecomAibot(Adapter):
    """One robot; the vendor keeps one connection for each, the newest."""

    platform = "wecom_aibot"
    repeatable = False
    streaming = True
    listening = True

    def __init__(self, options: WecomAibotOptions) -> None:
        self.account = options.name
        self.connected = False
        self._options = options
        self._robot = Robot(self.platform, options.name, options.bot_name)
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._acks: dict[str, asyncio.Future[Delivery]] = {}
        self._numbers = itertools.count()
        self._sending = asyncio.Lock()

    def parse(self, request: Request) -> Parsed:
        raise BadPayload("this platform sends no requests, it is connected to")

    async def listen(self, receive: Receive, cursor: Cursor) -> None:
        wait = 0.5
        while True:
            started = asyncio.get_running_loop().time()
            try:
                replaced = await self._session(receive)
            except (aiohttp.ClientError, OSError, TimeoutError):
                replaced = False
            finally:
                self._disconnect()
            if replaced:  # another service took the robot over: fighting for it would lose both sides' messages
                await asyncio.Event().wait()
            lasted = asyncio.get_running_loop().time() - started
            wait = 0.5 if lasted > 30 else min(wait * 2, 10.0)
            await asyncio.sleep(wait)

    async def _session(self, receive: Receive) -> bool:
        """One connection until it ends; true when the vendor says that another one has taken over."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.ws_connect(self._options.base_url, heartbeat=_PING_SECONDS, max_msg_size=1 << 20) as socket,
        ):
            self._socket = socket
            login = {"bot_id": self._options.bot_id, "secret": self._options.secret.get_secret_value()}
            await socket.send_json(_frame("aibot_subscribe", self._request_id(), login))
            pings = asyncio.create_task(self._ping(socket))
            try:
                async for frame in socket:
                    if await self._take(frame, receive):
                        return True
            finally:
                pings.cancel()
        return False

    async def _ping(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            await asyncio.sleep(_PING_SECONDS)
            await socket.send_json(_frame("ping", self._request_id(), None))

    async def _take(self, frame: aiohttp.WSMessage, receive: Receive) -> bool:
        if frame.type is not aiohttp.WSMsgType.TEXT:
            return False
        try:
            values = json.loads(frame.data)
            command = values.get("cmd", "")
            request_id = str(object_of(values, "headers").get("req_id", ""))
            if not command:
                self._acknowledge(request_id, values)
            elif command in ("aibot_msg_callback", "aibot_event_callback"):
                body = object_of(values, "body")
                if object_of(body, "event").get("eventtype") == "disconnected_event":
                    return True
                message = self.read(body, request_id)
                if message:
                    await receive(message)
        except (BadPayload, ValueError, AttributeError, RecursionError):
            return False  # one unreadable frame does not end the connection
        return False

    def _acknowledge(self, request_id: str, values: Mapping[str, Any]) -> None:
        code = values.get("errcode", 0)
        waiting = self._acks.pop(request_id, None)
        if waiting is None:
            self.connected = self.connected or code == 0  # the answer to our login, or to a ping
        elif not waiting.done():
            detail = f"errcode {code}: {str(values.get('errmsg', ''))[:120]}"
            waiting.set_result(Delivery(Outcome.SENT) if code == 0 else Delivery(Outcome.FAILED, detail))

    def read(self, body: Mapping[str, Any], request_id: str) -> Message | None:
        """The message in a callback's body; None for an event that asks for no reply."""
        message = self._robot.read(body, {"req_id": request_id, "welcome": ""})
        if message is None or message.kind is not Kind.GREETING:
            return message
        return replace(message, context={"req_id": request_id, "welcome": "1"})

    def render(self, reply: Reply, message: Message) -> tuple[Outgoing, ...]:
        first, *others = split(reply.footed, MOST_BYTES, Unit.BYTES) or ("",)
        to = message.group or message.user
        if message.context.get("welcome"):
            body: dict[str, object] = {"msgtype": "text", "text": {"content": first}}
            head = ("aibot_respond_welcome_msg", message.context.get("req_id", ""))
        else:
            body = {"msgtype": "stream", "stream": {"id": piece_key(message, 0), "finish": True, "content": first}}
            head = ("aibot_respond_msg", message.context.get("req_id", ""))
        outgoing = [Outgoing(piece_key(message, 0), to, {"cmd": head[0], "req_id": head[1], "body": body})]
        for number, piece in enumerate(others, 1):
            body = {"chatid": to, "msgtype": "markdown", "markdown": {"content": piece}}
            outgoing.append(
                Outgoing(piece_key(message, number), to, {"cmd": "aibot_send_msg", "req_id": "", "body": body})
            )
        return tuple(outgoing)

    async def show(self, message: Message, text: str) -> None:
        stream = {"id": piece_key(message, 0), "finish": False, "content": split(text, MOST_BYTES, Unit.BYTES, 1)[0]}
        await self._send("aibot_respond_msg", message.context["req_id"], {"msgtype": "stream", "stream": stream})

    async def send(self, outgoing: Outgoing) -> Delivery:
        command, request_id = str(outgoing.payload["cmd"]), str(outgoing.payload["req_id"])
        return await self._send(command, request_id or self._request_id(), outgoing.payload["body"])

    async def _send(self, command: str, request_id: str, body: object) -> Delivery:
        """One frame at a time (the vendor acknowledges by request, not by frame)."""
        async with self._sending:
            if self._socket is None or not self.connected:
                return Delivery(Outcome.RETRY, "not connected", 1.0)
            waiting: asyncio.Future[Delivery] = asyncio.get_running_loop().create_future()
            self._acks[request_id] = waiting
            try:
                await self._socket.send_json(_frame(command, request_id, body))
                return await asyncio.wait_for(waiting, _ACK_SECONDS)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                return Delivery(Outcome.UNKNOWN, f"not acknowledged: {type(error).__name__}")
            finally:
                self._acks.pop(request_id, None)

    def _disconnect(self) -> None:
        self._socket, self.connected = None, False
        for waiting in self._acks.values():
            if not waiting.done():
                waiting.set_result(Delivery(Outcome.UNKNOWN, "the connection was lost"))
        self._acks.clear()

    def _request_id(self) -> str:
        return f"{uuid.uuid4().hex[:16]}-{next(self._numbers)}"

    async def check(self) -> tuple[str, ...]:
        """Only the way to the vendor: a second login would throw the service's own connection out."""
        try:
            async with aiohttp.ClientSession() as session, session.ws_connect(self._options.base_url):
                return ()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return (f"cannot connect: {type(error).__name__}",)

    async def close(self) -> None:
        if self._socket:
            await self._socket.close()


def _frame(command: str, request_id: str, body: object) -> dict[str, object]:
    frame: dict[str, object] = {"cmd": command, "headers": {"req_id": request_id}}
    return frame if body is None else {**frame, "body": body}
