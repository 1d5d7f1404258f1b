"""OpenIM's server as a bot meets it: callbacks by two workers without retry, also for the bot's own messages; REST
that answers HTTP 200 whatever is wrong. Written from its Go structs; checked by its official client in test_openim.py.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.peers.loopback import on_loopback

Json = dict[str, Any]


@dataclass
class OpenImServer:
    """`shown` is what each user or group saw. `expire` makes every token given so far invalid."""

    url: str = ""
    callback: str = ""  # where webhooks go
    users: set[str] = field(default_factory=lambda: {"imAdmin", "u1"})
    tokens: dict[str, str] = field(default_factory=dict)  # token -> user
    logins: int = 0
    shown: dict[str, list[str]] = field(default_factory=dict)
    callbacks: list[tuple[int, Json]] = field(default_factory=list)  # status, answer
    _queue: asyncio.Queue[Json] = field(default_factory=lambda: asyncio.Queue(100))

    async def handle(self, request: web.Request) -> web.Response:
        """One REST call; what is wrong is said in the body."""
        body = await request.json()
        try:
            data = await self._call(request.path, body, request.headers)
        except PermissionError as refused:
            code, text = refused.args
            return web.json_response({"errCode": code, "errMsg": text, "errDlt": text})
        return web.json_response({"errCode": 0, "errMsg": "", "errDlt": "", "data": data})

    async def _call(self, path: str, body: Json, headers: Any) -> Json:
        if "operationID" not in headers:
            raise PermissionError(1001, "ArgsError")
        if path == "/auth/get_admin_token":
            if body["secret"] != "openIM123":
                raise PermissionError(1001, "secret invalid")
            return self._login(body["userID"])
        user = self.tokens.get(headers.get("token", ""))
        if user is None:
            raise PermissionError(1501, "TokenExpiredError")
        return await self._known(path, body, user)

    async def _known(self, path: str, body: Json, user: str) -> Json:
        if path == "/auth/parse_token":
            return {"userID": user, "platformID": 5, "expireTimeSeconds": 7776000}
        if path == "/user/get_users_info":
            return {"usersInfo": [{"userID": one} for one in body["userIDs"] if one in self.users]}
        if path == "/user/add_notification_account":
            self.users.add(body["userID"])
            return {}
        if path == "/msg/send_msg":
            if user != "imAdmin":
                raise PermissionError(1002, "NoPermissionError")
            return await self._send(body)
        raise PermissionError(1004, f"RecordNotFoundError {path}")

    def _login(self, user: str) -> Json:
        self.logins += 1
        token = f"token-{self.logins}"
        self.tokens[token] = user
        return {"token": token, "expireTimeSeconds": 7776000}

    def login(self, user: str) -> str:
        """A user's token, as the chat server gives it to an app."""
        self.users.add(user)
        token = f"user-token-{user}"
        self.tokens[token] = user
        return token

    def expire(self) -> None:
        """Every token given so far is refused from now on."""
        self.tokens.clear()

    async def _send(self, body: Json) -> Json:
        if body["sendID"] not in self.users:
            raise PermissionError(1101, "UserIDNotFoundError")
        target = body.get("groupID") or body["recvID"]
        content = body["content"]
        text = str(content.get("content") or content.get("text"))  # an object here, a string in callbacks
        self.shown.setdefault(target, []).append(text)
        await self.say(body["sendID"], content, group=body.get("groupID", ""), to=body.get("recvID", ""), source=200)
        return {"serverMsgID": f"s{time.time_ns()}", "clientMsgID": f"c{time.time_ns()}", "sendTime": 1}

    async def say(
        self, user: str, content: Json, *, to: str = "", group: str = "", at: list[str] | None = None, source: int = 100
    ) -> None:
        """A message was sent: its webhook is queued; a full queue drops it."""
        kind = "Group" if group else "Single"
        name = time.time_ns()
        message = {
            "sendID": user, "callbackCommand": f"callbackAfterSend{kind}MsgCommand", "serverMsgID": f"s{name}",
            "clientMsgID": f"c{name}", "operationID": str(name), "senderPlatformID": 5, "senderNickname": user,
            "sessionType": 3 if group else 1, "msgFrom": source, "contentType": 106 if at else 101, "status": 1,
            "sendTime": 1, "createTime": 1, "content": json.dumps(content), "seq": 0, "atUserList": at,
            "faceURL": "", "ex": "", "recvID": to, "groupID": group,
        }  # fmt: skip
        if self.callback and not self._queue.full():
            self._queue.put_nowait(message)

    async def work(self) -> None:
        """One of the two workers: posts once, does not look at the status."""
        async with aiohttp.ClientSession() as session:
            while True:
                message = await self._queue.get()
                url = f"{self.callback}/{message['callbackCommand']}"
                async with session.post(url, json=message, headers={"operationID": message["operationID"]}) as response:
                    self.callbacks.append((response.status, await response.json(content_type=None)))


@asynccontextmanager
async def run_openim() -> AsyncIterator[OpenImServer]:
    """Start one on loopback."""
    openim = OpenImServer()
    app = web.Application()
    app.router.add_post("/{path:.*}", openim.handle)
    async with on_loopback(app) as openim.url:
        workers = [asyncio.create_task(openim.work()) for _ in range(2)]
        try:
            yield openim
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
