"""Equal questions asked at the same time are answered by one call; everyone hears it from the beginning.

The call ends when it is done or when nobody listens any more.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")
Emit = Callable[[str], Awaitable[None]]
Work = Callable[[Emit], Awaitable[Result]]


class _Flight(Generic[Result]):
    """One call under way: what was said so far, and who waits."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.waiting = 0
        self.changed = asyncio.Event()
        self.task: asyncio.Task[Result] | None = None

    async def hear(self, piece: str) -> None:
        self.pieces.append(piece)
        self.tell()

    def tell(self) -> None:
        """Wake everyone who listens; each goes on with an event of its own time."""
        self.changed.set()
        self.changed = asyncio.Event()


class SingleFlight(Generic[Result]):
    """Runs work once a key. Failures reach everyone who waits, and are forgotten."""

    def __init__(self) -> None:
        self._flights: dict[object, _Flight[Result]] = {}
        self._tasks: set[asyncio.Task[Result]] = set()  # those that end after everybody left too

    async def run(self, key: object, work: Work[Result], emit: Emit | None = None) -> Result:
        """Give the result of `work`, started now or by an equal caller before. `emit` hears every piece in order."""
        flight = self._flights.get(key)
        if flight is None or flight.task is None or flight.task.done():
            flight = self._start(key, work)
        flight.waiting += 1
        try:
            return await _listen(flight, emit)
        finally:
            flight.waiting -= 1
            if not flight.waiting and flight.task is not None and not flight.task.done():
                flight.task.cancel()
                self._forget(key, flight)

    async def close(self) -> None:
        """Let what is under way come to its end."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, key: object, work: Work[Result]) -> _Flight[Result]:
        flight: _Flight[Result] = _Flight()
        self._flights[key] = flight
        flight.task = asyncio.ensure_future(work(flight.hear))
        self._tasks.add(flight.task)
        flight.task.add_done_callback(self._tasks.discard)
        flight.task.add_done_callback(lambda _: self._land(key, flight))
        return flight

    def _land(self, key: object, flight: _Flight[Result]) -> None:
        self._forget(key, flight)
        flight.tell()
        if flight.task is not None and not flight.task.cancelled():
            flight.task.exception()  # seen: nobody may be waiting for it any more

    def _forget(self, key: object, flight: _Flight[Result]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


async def _listen(flight: _Flight[Result], emit: Emit | None) -> Result:
    """Pass on what is said, then give the result."""
    assert flight.task is not None
    heard = 0
    while True:
        changed = flight.changed
        for piece in flight.pieces[heard:]:
            heard += 1
            if emit is not None:
                await emit(piece)
        if flight.task.done() and heard == len(flight.pieces):
            return flight.task.result()
        if heard == len(flight.pieces):
            await changed.wait()
