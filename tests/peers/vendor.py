"""A vendor's HTTP API on loopback: answers by path, remembers what was asked, can refuse, break off and throttle."""

import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.peers.loopback import on_loopback

Json = dict[str, Any]


@dataclass
class Vendor:
    """`replies` are by path: a value or a function of the call. `faults` come first: a status, or None to break off."""

    replies: dict[str, Json | Callable[["Call"], Json]] = field(default_factory=dict)
    faults: deque[int | None] = field(default_factory=deque)
    faulty: str = ""  # only calls of paths that end so
    calls: list["Call"] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call of the API."""
        raw = await request.read()
        call = Call(request.path, dict(request.query), dict(request.headers), raw)
        self.calls.append(call)
        self.counts[call.path] += 1
        if self.faults and call.path.endswith(self.faulty):
            status = self.faults.popleft()
            if status is None:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            return web.Response(status=status, headers={"Retry-After": "3"})
        reply = self.replies.get(call.path, {"errcode": 0, "errmsg": "ok"})
        return web.json_response(reply(call) if callable(reply) else reply)

    def bodies(self, path: str) -> list[Json]:
        """What was posted to a path, in order."""
        return [call.json for call in self.calls if call.path == path]


@dataclass(frozen=True)
class Call:
    """One request that came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Json:
        """Its body."""
        body: Json = json.loads(self.raw)
        return body


@asynccontextmanager
async def run_vendor(**replies: Json | Callable[[Call], Json]) -> AsyncIterator[Vendor]:
    """Start one on a free port of loopback; slashes of the paths are written as double underscores."""
    vendor = Vendor({"/" + path.replace("__", "/"): reply for path, reply in replies.items()})
    app = web.Application(client_max_size=16 << 20)
    app.router.add_route("*", "/{path:.*}", vendor.handle)
    async with on_loopback(app) as vendor.url:
        yield vendor
