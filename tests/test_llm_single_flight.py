"""Equal questions asked at once: one call, heard by everyone from the beginning."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.llm.single_flight import SingleFlight

Emit = Callable[[str], Awaitable[None]]


class Work:
    """Says its pieces slowly, counts its calls and its cancellations."""

    def __init__(self, *pieces: str, fails: bool = False) -> None:
        self.pieces, self.fails = pieces, fails
        self.calls = self.cancelled = 0

    async def __call__(self, emit: Emit) -> str:
        """Say everything, then give it as the result."""
        self.calls += 1
        try:
            for piece in self.pieces:
                await asyncio.sleep(0.01)
                await emit(piece)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.fails:
            raise ValueError("failed")
        return "".join(self.pieces)


class Ear:
    """Hears pieces."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def __call__(self, piece: str) -> None:
        """Keep one piece."""
        self.heard.append(piece)


async def test_a_thousand_equal_questions_are_one_call() -> None:
    """Everyone gets the result, the work is done once, and nothing is remembered afterwards."""
    work, flights = Work("退", "货"), SingleFlight[str]()
    assert await asyncio.gather(*(flights.run("key", work) for _ in range(1000))) == ["退货"] * 1000
    assert work.calls == 1
    await flights.run("key", work)
    assert work.calls == 2


async def test_who_comes_late_hears_everything_in_order() -> None:
    """A second caller in the middle hears the beginning too."""
    work, flights = Work("一", "二", "三", "四"), SingleFlight[str]()
    early, late = Ear(), Ear()
    first = asyncio.create_task(flights.run("key", work, early))
    await asyncio.sleep(0.025)
    await flights.run("key", work, late)
    await first
    assert early.heard == late.heard == ["一", "二", "三", "四"]


async def test_other_keys_are_other_calls() -> None:
    """Different questions never share an answer."""
    one, other, flights = Work("一"), Work("二"), SingleFlight[str]()
    said: list[str] = await asyncio.gather(*[flights.run("a", one), flights.run("b", other)])
    assert said == ["一", "二"]


async def test_a_failure_reaches_everyone_and_is_forgotten() -> None:
    """Nobody waits forever, and the next question tries anew."""
    work, flights = Work("一", fails=True), SingleFlight[str]()
    results = await asyncio.gather(*(flights.run("key", work) for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [ValueError] * 3
    with pytest.raises(ValueError, match="failed"):
        await flights.run("key", work)
    assert work.calls == 2


async def test_one_who_leaves_does_not_disturb_the_others() -> None:
    """The call goes on while anybody listens."""
    work, flights = Work("一", "二", "三"), SingleFlight[str]()
    leaving = asyncio.create_task(flights.run("key", work))
    staying = asyncio.create_task(flights.run("key", work))
    await asyncio.sleep(0.015)
    leaving.cancel()
    assert await staying == "一二三"
    assert (work.calls, work.cancelled) == (1, 0)


async def test_when_everyone_left_the_call_ends() -> None:
    """A model is not paid for an answer that nobody reads."""
    work, flights = Work(*"一二三四五六七八九十"), SingleFlight[str]()
    callers = [asyncio.create_task(flights.run("key", work)) for _ in range(3)]
    await asyncio.sleep(0.015)
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    await asyncio.sleep(0)
    assert work.cancelled == 1
