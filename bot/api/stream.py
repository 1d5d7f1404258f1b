"""Server-sent events: a reply on its way, piece by piece."""

import contextlib

from aiohttp import web

from bot.api.render import encode

_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "X-Accel-Buffering": "no",
}  # nginx must not hold it back


class EventStream:
    """Events to one client. What is sent to a client that has gone away is lost."""

    def __init__(self) -> None:
        self.response = web.StreamResponse(headers=_HEADERS)
        self._open = False

    async def open(self, request: web.Request) -> None:
        await self.response.prepare(request)
        self._open = True

    async def send(self, document: object) -> None:
        await self._write(b"data: " + encode(document) + b"\n\n")

    async def say(self, document: object) -> None:
        """As `send`, for what is made only while somebody listens. Raises ConnectionResetError when nobody does."""
        await self.send(document)
        if not self._open:
            raise ConnectionResetError

    async def close(self, last: bytes = b"") -> web.StreamResponse:
        """Send the last event as it stands and end the stream; nothing is sent after."""
        await self._write(last)
        self._open = False
        with contextlib.suppress(ConnectionError):
            await self.response.write_eof()
        return self.response

    async def _write(self, data: bytes) -> None:
        if self._open:
            try:
                await self.response.write(data)
            except ConnectionError:
                self._open = False
