"""What stands between a user and a sick provider: time limits, few retries, a breaker, a fallback list.

Each is a LanguageModel around a LanguageModel. Nothing is retried once a piece of text has gone out.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import structlog

from bot.llm.model import RETRIED, Function, LanguageModel, Piece, Prompt, Trouble, UpstreamError

log = structlog.get_logger()

Clock = Callable[[], float]
_BLAMELESS = frozenset({Trouble.UNWANTED})  # says nothing about the provider's health


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient a provider is treated. Seconds."""

    first_piece: float = 8.0
    between_pieces: float = 8.0
    whole: float = 25.0
    attempts: int = 2
    concurrency: int = 8
    failures: int = 5  # of the last ten calls; then the breaker opens
    rest: float = 20.0  # the breaker's, before one probe


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave to make one call. A probe decides alone whether a resting breaker closes again."""

    probe: bool


class Breaker:
    """Open after `failures` of the last ten calls failed; after `rest` seconds one call, and only one, tries again."""

    def __init__(self, failures: int, rest: float, clock: Clock = time.monotonic) -> None:
        self._failures, self._rest, self._clock = failures, rest, clock
        self._last: deque[bool] = deque(maxlen=10)
        self._opened: float | None = None
        self._probing = False

    def admit(self) -> Pass | None:
        """Leave for one call, or None while the provider rests. Every Pass must be given back to `record`."""
        if self._opened is None:
            return Pass(probe=False)
        if self._probing or self._clock() - self._opened < self._rest:
            return None
        self._probing = True
        return Pass(probe=True)

    def record(self, leave: Pass, succeeded: bool | None) -> None:
        """Tell how a call ended; None says nothing about the provider (the user went away)."""
        if leave.probe:
            self._probing = False
        if succeeded is None or (self._opened is not None and not leave.probe):
            return
        self._last.append(succeeded)
        if succeeded and leave.probe:
            self._opened = None
            self._last.clear()
        elif not succeeded and (leave.probe or self._last.count(False) >= self._failures):
            self._opened = self._clock()


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question to a model."""

    prompts: Sequence[Prompt]
    functions: Sequence[Function]


class ResilientModel:
    """One provider, treated with patience that ends."""

    def __init__(self, model: LanguageModel, limits: Limits, clock: Clock = time.monotonic) -> None:
        self._model, self._limits = model, limits
        self._breaker = Breaker(limits.failures, limits.rest, clock)
        self._places = asyncio.Semaphore(limits.concurrency)

    @property
    def name(self) -> str:
        return self._model.name

    async def close(self) -> None:
        await self._model.close()

    async def stream(self, prompts: Sequence[Prompt], functions: Sequence[Function] = ()) -> AsyncGenerator[Piece]:
        """As the model, within `limits.whole` seconds, waiting for a free place included."""
        deadline = asyncio.get_running_loop().time() + self._limits.whole
        try:
            async with asyncio.timeout_at(deadline):
                await self._places.acquire()
        except TimeoutError as error:
            raise UpstreamError(self.name, Trouble.BUSY, "no free place in time") from error
        try:
            async with aclosing(self._attempts(_Asked(prompts, functions), deadline)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            self._places.release()

    async def _attempts(self, asked: _Asked, deadline: float) -> AsyncGenerator[Piece]:
        """Try again while nothing has been said and the trouble may pass."""
        for attempt in range(1, self._limits.attempts + 1):
            spoken = False
            try:
                async with aclosing(self._attempt(asked, deadline)) as pieces:
                    async for piece in pieces:
                        spoken = True
                        yield piece
            except UpstreamError as error:
                if spoken or error.trouble not in RETRIED or attempt == self._limits.attempts:
                    raise
                log.warning("model call repeated", provider=self.name, trouble=error.trouble, attempt=attempt)
                await self._pause(attempt, deadline)
            else:
                return

    async def _attempt(self, asked: _Asked, deadline: float) -> AsyncGenerator[Piece]:
        """One call through the breaker."""
        leave = self._breaker.admit()
        if leave is None:
            raise UpstreamError(self.name, Trouble.REFUSED, "resting after repeated failures")
        succeeded: bool | None = None
        try:
            async with aclosing(self._timed(asked, deadline)) as pieces:
                async for piece in pieces:
                    yield piece
            succeeded = True
        except UpstreamError as error:
            succeeded = error.trouble in _BLAMELESS
            raise
        finally:
            self._breaker.record(leave, succeeded)

    async def _timed(self, asked: _Asked, deadline: float) -> AsyncGenerator[Piece]:
        """One call whose every wait is bounded."""
        loop = asyncio.get_running_loop()
        pieces = self._model.stream(asked.prompts, asked.functions)
        patience = self._limits.first_piece
        try:
            while True:
                async with asyncio.timeout_at(min(deadline, loop.time() + patience)):
                    piece = await anext(pieces, None)
                if piece is None:
                    return
                patience = self._limits.between_pieces
                yield piece
        except TimeoutError as error:
            raise UpstreamError(self.name, Trouble.SLOW, "the time limit passed") from error
        finally:
            await pieces.aclose()

    async def _pause(self, attempt: int, deadline: float) -> None:
        """Full jitter, doubling, never past the deadline."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(min(random.uniform(0, 0.5 * 2**attempt), max(0.0, deadline - loop.time())))


class FallbackModel:
    """Several providers: the next is asked when one fails before it said anything."""

    def __init__(self, models: Sequence[LanguageModel]) -> None:
        if not models:
            raise ValueError("a fallback list needs a model")
        self._models = tuple(models)

    @property
    def name(self) -> str:
        return self._models[0].name

    async def close(self) -> None:
        for model in self._models:
            await model.close()

    async def stream(self, prompts: Sequence[Prompt], functions: Sequence[Function] = ()) -> AsyncGenerator[Piece]:
        """The answer of the first provider that speaks. Raises the last UpstreamError when none does."""
        for model in self._models:
            spoken = False
            pieces = model.stream(prompts, functions)
            try:
                async for piece in pieces:
                    spoken = True
                    yield piece
            except UpstreamError as error:
                log.warning("model failed", provider=error.provider, trouble=error.trouble, detail=str(error))
                if spoken or model is self._models[-1]:
                    raise
            else:
                return
            finally:
                await pieces.aclose()
