"""What the user sees while an answer is made: somebody typing, or the text as it grows. Failures do not matter."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import structlog

from adapters.messages import Message
from adapters.protocol import Adapter, Emit

log = structlog.get_logger()

_TYPING_AFTER = 1.0  # seconds; faster answers need no sign
_SHOW_EVERY = 1.0


class Progress:
    """`emit` for one answer: tells `started` at the first text, hands it to the caller, shows it on the platform."""

    def __init__(
        self, message: Message, adapter: Adapter | None, emit: Emit | None, started: Callable[[], None]
    ) -> None:
        self._message, self._adapter = message, adapter
        self._emit, self._started = emit, started
        self._text, self._shown = "", time.monotonic()

    async def emit(self, text: str) -> None:
        self._started()
        if self._emit is not None:
            await self._emit(text)
        self._text += text
        if self._adapter and self._adapter.streaming and time.monotonic() - self._shown > _SHOW_EVERY:
            self._shown = time.monotonic()
            await _tolerate(self._adapter.show(self._message, self._text))

    @asynccontextmanager
    async def typing(self) -> AsyncIterator[None]:
        """Show that somebody is typing when the work inside takes long."""
        if self._adapter is None or not self._adapter.typing:
            yield
            return
        sign = asyncio.create_task(self._type(self._adapter))
        try:
            yield
        finally:
            sign.cancel()

    async def _type(self, adapter: Adapter) -> None:
        await asyncio.sleep(_TYPING_AFTER)
        await _tolerate(adapter.type(self._message))


async def _tolerate(work: Coroutine[object, object, None]) -> None:
    (failure,) = await asyncio.gather(work, return_exceptions=True)
    if isinstance(failure, Exception):
        log.warning("progress not shown", why=type(failure).__name__)
