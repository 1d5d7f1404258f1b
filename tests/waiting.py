"""Waiting in tests: for what happens outside, never for a length of time."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Return once the condition holds. Raises TimeoutError after so many seconds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (what it waits for sets no event: a file, a process, another task)
            await asyncio.sleep(0.01)
