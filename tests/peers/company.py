"""A company's own system on loopback: orders by number. Faults are chosen by the number."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.peers.loopback import on_loopback


class Company:
    """What it was asked, and by whom."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.address = ""
        self.data: dict[str, object] = {"status": "SHIPPED", "eta": "5月3日", "phone": "13812345678"}

    @property
    def host(self) -> str:
        return self.address.removeprefix("http://")

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        self.asked.append(
            {
                "method": request.method,
                "path": request.raw_path.partition("?")[0],
                "query": dict(request.query),
                "key": request.headers.get("X-Key"),
                "body": body,
            }
        )
        fault = request.path.rpartition("/")[2][:4]
        if fault == "1111":
            await asyncio.sleep(30)
        faults = {
            "2222": web.Response(status=404),
            "3333": web.Response(status=302, headers={"Location": "http://169.254.169.254/latest"}),
            "4444": web.Response(text="<html>Login</html>", content_type="text/html"),
            "5555": web.Response(status=500, text="boom 13812345678"),
            "6666": web.Response(text='{"data": ', content_type="application/json"),
            "7777": web.Response(
                body=gzip.compress(b"0" * 5_000_000),
                headers={"Content-Encoding": "gzip", "Content-Type": "application/json"},
            ),
            "8888": web.json_response({"data": {"state": 1}}),
        }
        return faults.get(fault, web.json_response({"data": self.data}))


@asynccontextmanager
async def company() -> AsyncIterator[Company]:
    """Serve on a free port of loopback."""
    peer = Company()
    async with on_loopback(peer.application()) as peer.address:
        yield peer
