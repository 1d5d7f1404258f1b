"""Order: each conversation is answered in turn, others beside it; short messages in a row are one question.

Says when what is answered, not what; a newer message takes back an answer of which nobody has seen anything.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bot.bursts import Windows, is_fragment, may_join
from bot.tickets import Ticket


@dataclass(eq=False, slots=True)
class Line:
    """The messages of one conversation that wait, and the batch that is being answered.

    `interruptible`: nobody has seen anything of its answer yet; `shown`: when a response last carried one.
    """

    tickets: deque[Ticket] = field(default_factory=deque)
    arrival: asyncio.Event = field(default_factory=asyncio.Event)
    batch: Sequence[Ticket] = ()
    interruptible: bool = False
    interrupted: bool = False
    shown: float = 0.0
    worker: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """The answer is being seen."""
        self.interruptible = False

    def show(self) -> None:
        """A response carries the answer."""
        self.shown = asyncio.get_running_loop().time()

    def interrupt(self) -> None:
        """Take the answer back."""
        if self.worker is not None:
            self.interrupted = True
            self.worker.cancel()

    def put_back(self) -> bool:
        """Undo an interruption of ours; false when somebody else cancels the worker."""
        task = asyncio.current_task()
        if not self.interrupted or task is None:
            return False
        self.interrupted = False
        task.uncancel()
        self.tickets.extendleft(reversed(self.batch))
        return True


class Lines:
    """All conversations. `answer` is given a line whose batch is next; it lets no exception out."""

    def __init__(self, burst_seconds: float, answer: Callable[[Line], Awaitable[None]]) -> None:
        self._windows = Windows(burst_seconds)
        self._answer = answer
        self._lines: dict[str, Line] = {}

    def put(self, ticket: Ticket) -> None:
        """Into its conversation's line, behind what was sent before it; mostly that is the end."""
        thread = ticket.message.thread
        line = self._lines.setdefault(thread, Line())
        place = len(line.tickets)
        while place and line.tickets[place - 1].message.received > ticket.message.received:
            place -= 1
        line.tickets.insert(place, ticket)
        line.arrival.set()
        if line.worker is None:
            line.worker = asyncio.create_task(self._work(thread, line), name=f"inbox {thread}")
        elif line.interruptible and self._belongs(line.batch[-1], ticket):
            line.interrupt()

    async def close(self, seconds: float) -> None:
        """Let what is under way finish within so many seconds."""
        workers = [line.worker for line in self._lines.values() if line.worker]
        if workers:
            await asyncio.wait(workers, timeout=seconds)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, thread: str, line: Line) -> None:
        try:
            while line.tickets:
                await self._settle(thread, line)
                line.batch = self._next(line)
                try:
                    await self._answer(line)
                except asyncio.CancelledError:
                    if not line.put_back():
                        raise
        finally:
            del self._lines[thread]

    def _next(self, line: Line) -> Sequence[Ticket]:
        """The messages that are answered together."""
        batch = [line.tickets.popleft()]
        while line.tickets and self._belongs(batch[-1], line.tickets[0]):
            batch.append(line.tickets.popleft())
        return batch

    def _belongs(self, earlier: Ticket, later: Ticket) -> bool:
        """Whether two messages are answered together. Who waits for a reply of their own gets one."""
        if not (earlier.deliver and later.deliver and may_join(earlier.message) and may_join(later.message)):
            return False
        return later.arrived - earlier.arrived <= self._windows.longest

    async def _settle(self, thread: str, line: Line) -> None:
        """Wait while the user seems to be typing on."""
        last = line.tickets[-1]
        while last.deliver and is_fragment(last.message):
            line.arrival.clear()
            left = last.arrived + self._windows.of(thread) - asyncio.get_running_loop().time()
            try:
                await asyncio.wait_for(line.arrival.wait(), left)
            except TimeoutError:
                self._windows.learn(thread, followed=False)
                return
            self._windows.learn(thread, followed=True)
            last = line.tickets[-1]
