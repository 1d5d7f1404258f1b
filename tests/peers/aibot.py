"""WeCom's long-connection server for AI robots, checked by the vendor's own client in test_wecom_aibot.py."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import WSMsgType, web

from tests.peers.loopback import on_loopback

Json = dict[str, Any]


@dataclass
class AibotServer:
    """Logs robots in, sends them messages, shows what they answer: one bubble for each stream id."""

    secret: str = "robot-secret"
    url: str = ""
    frames: list[Json] = field(default_factory=list)
    bubbles: dict[str, list[str]] = field(default_factory=dict)  # stream id -> the texts it showed
    finished: set[str] = field(default_factory=set)
    socket: web.WebSocketResponse | None = None
    silent: bool = False  # takes frames, acknowledges nothing
    _numbers: "count[int]" = field(default_factory=count)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """One connection; the newest takes the robot over."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            frame = json.loads(message.data)
            self.frames.append(frame)
            code = self._take(frame, socket)
            if not self.silent:
                told = {"headers": frame["headers"], "errcode": code, "errmsg": "ok" if code == 0 else "refused"}
                await socket.send_json(told)
        return socket

    def _take(self, frame: Json, socket: web.WebSocketResponse) -> int:
        """The errcode of a frame."""
        if frame["cmd"] == "aibot_subscribe":
            if frame["body"]["secret"] != self.secret:
                return 853000
            self.socket = socket
        stream = frame.get("body", {}).get("stream")
        if stream:
            if stream["id"] in self.finished:
                return 846605
            self.bubbles.setdefault(stream["id"], []).append(stream["content"])
            if stream["finish"]:
                self.finished.add(stream["id"])
        return 0

    async def say(self, text: str, user: str = "zhang", chat: str = "") -> None:
        """A user says something to the robot, in private or in a group."""
        body: Json = {"msgid": f"msg{next(self._numbers)}", "aibotid": "bot", "from": {"userid": user}}
        body |= {"chattype": "group", "chatid": chat} if chat else {"chattype": "single"}
        await self.push("aibot_msg_callback", {**body, "msgtype": "text", "text": {"content": text}})

    async def push(self, command: str, body: Json) -> None:
        """Any frame to the robot that is logged in."""
        assert self.socket is not None
        await self.socket.send_json({"cmd": command, "headers": {"req_id": f"req{next(self._numbers)}"}, "body": body})


@asynccontextmanager
async def run_aibot_server() -> AsyncIterator[AibotServer]:
    """Start one on loopback."""
    vendor = AibotServer()
    app = web.Application()
    app.router.add_get("/", vendor.handle)
    async with on_loopback(app) as url:
        vendor.url = url.replace("http", "ws") + "/"
        yield vendor
