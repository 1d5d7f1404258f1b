"""20,000 messages of 2,000 users over three channels, with repeats, bursts, a peer that fails, and kill -9."""

import asyncio
import base64
import json
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.webhook import sign
from benchmarks.delivering.child import Child
from tests.servers import free_port

CHANNELS = ("first", "second", "third")
SECRET = "whsec_c3Rvcm0gb2YgMjAsMDAwIG1lc3NhZ2Vz"  # noqa: S105 - of a benchmark on loopback
_KEY = base64.b64decode(SECRET.removeprefix("whsec_"))
_FAILING = 0.05  # of the sends; half of them after the message was taken
_REPEATED = 0.05  # of the messages are delivered twice
_AT_ONCE = 200  # requests under way


@dataclass
class Receiver:
    """The other end: takes each webhook-id once, as the specification asks, and fails now and then."""

    random: random.Random
    known: set[str] = field(default_factory=set)
    got: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    sends: int = 0
    failed: int = 0

    async def take(self, request: web.Request) -> web.Response:
        """One send: refused, taken and then broken off, or taken."""
        body = json.loads(await request.read())
        self.sends += 1
        luck = self.random.random()
        self.failed += luck < _FAILING
        if luck < _FAILING / 2:
            return web.Response(status=500)
        name = request.headers["webhook-id"]
        if name not in self.known:
            self.known.add(name)
            self.got[body["data"]["user"]] += body["data"]["text"].removeprefix("re: ").split("\n")
        if luck < _FAILING and request.transport is not None:
            request.transport.abort()
        return web.Response()


@dataclass
class Storm:
    """One run; `kills` times the service dies."""

    folder: Path
    users: int
    each: int
    kills: int

    async def run(self) -> dict[str, object]:
        """Send everything, wait until all is answered, count what is wrong."""
        receiver = Receiver(random.Random(7))
        app = web.Application()
        app.router.add_post("/{channel}", receiver.take)
        peer = TestServer(app, host="127.0.0.1")
        await peer.start_server()
        self._port, reply_url = free_port(), str(peer.make_url("")).rstrip("/")
        tables = {name: {"platform": "webhook", "reply_url": f"{reply_url}/{name}"} for name in CHANNELS}
        environ = {f"ZHIDA_{name.upper()}_SECRETS": SECRET for name in CHANNELS}
        child = Child(self._port, self.folder, tables, environ)
        await child.start()
        began = time.perf_counter()
        chaos = asyncio.create_task(self._kill_now_and_then(child))
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_AT_ONCE)) as session:
            await asyncio.gather(*(self._user(session, number) for number in range(self.users)))
        sent = time.perf_counter() - began
        await chaos
        await self._drain(receiver)
        total = time.perf_counter() - began
        await child.kill()
        await peer.close()
        return {
            **self._judge(receiver),
            "accepted_per_second": round(self.users * self.each / sent),
            "seconds": round(total, 1),
        }

    def _judge(self, receiver: Receiver) -> dict[str, object]:
        lost = doubled = disordered = 0
        for number in range(self.users):
            wanted = [_text(number, index) for index in range(self.each)]
            got = receiver.got.get(f"u{number}", [])
            lost += len(set(wanted) - set(got))
            doubled += len(got) - len(set(got))
            disordered += list(dict.fromkeys(got)) != [text for text in wanted if text in set(got)]
        return {
            "messages": self.users * self.each,
            "kills": self.kills,
            "lost": lost,
            "doubled": doubled,
            "conversations out of order": disordered,
            "sends": receiver.sends,
            "failed sends": receiver.failed,
        }

    async def _user(self, session: aiohttp.ClientSession, number: int) -> None:
        """One after the other, now and then in a burst, each until acknowledged."""
        chance = random.Random(number)
        await asyncio.sleep(chance.random() * 5)
        for index in range(self.each):
            await self._deliver(session, number, index)
            if chance.random() < _REPEATED:
                await self._deliver(session, number, index)
            if chance.random() < 0.7:
                await asyncio.sleep(chance.random() * 2)

    async def _deliver(self, session: aiohttp.ClientSession, number: int, index: int) -> None:
        body = json.dumps({"user": f"u{number}", "text": _text(number, index)}).encode()
        name = f"m-{number}-{index}"
        url = f"http://127.0.0.1:{self._port}/channels/{CHANNELS[number % len(CHANNELS)]}"
        while True:
            headers = sign((_KEY,), name, str(int(time.time())), body)
            try:
                async with session.post(url, data=body, headers=headers) as response:
                    if response.status == 202:
                        return
            except aiohttp.ClientError:
                pass  # it is dead: platforms ask again
            await asyncio.sleep(0.2)

    async def _kill_now_and_then(self, child: Child) -> None:
        for _ in range(self.kills):
            await asyncio.sleep(random.uniform(1.0, 2.0))
            await child.kill()
            await child.start()

    async def _drain(self, receiver: Receiver) -> None:
        """Until everything has come, or nothing has for 20 s."""
        came, since = -1, time.monotonic()
        while came < self.users * self.each and time.monotonic() - since < 20:
            now = sum(map(len, receiver.got.values()))
            if now != came:
                came, since = now, time.monotonic()
            await asyncio.sleep(0.1)


def _text(number: int, index: int) -> str:
    """Every tenth is so short that more may follow; all are short enough to be joined."""
    return f"{number}-{index}" if index % 10 == 3 else f"用户{number}的第{index}个问题是什么？"
