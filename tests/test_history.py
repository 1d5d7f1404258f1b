"""The same promises hold for the history in memory, in SQLite and in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from bot.database import Database, DatabaseUnavailable
from bot.history import History, MemoryHistory, SqlHistory, Turn
from tests.servers import Postgres

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
TURN = Turn("web//c1", "web", "u1", "m1", "怎么查物流？", "点「查看物流」。", "exact", "orders", "track", 1.0, (), NOW)

databases = count(1)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def history(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[History]:
    """Each implementation in turn."""
    if request.param == "memory":
        yield MemoryHistory()
        return
    url = f"sqlite:///{tmp_path}/new folder/h.db"
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.create_database(f"h{next(databases)}")
    database = await Database.open(url)
    yield SqlHistory(database, 3)
    await database.close()


async def test_a_turn_comes_back_as_it_was(history: History) -> None:
    """Text, score, suggestions and time survive the trip."""
    turn = replace(TURN, suggestions=("怎么退货？", 'a "quoted" 🎁'), score=0.875)
    await history.append(turn)
    assert list(await history.recent("web//c1", 3)) == [turn]


async def test_recent_gives_the_newest_turns_oldest_first(history: History) -> None:
    """Asked for two of five, the last two come, in the order they were said; asked for more, all come."""
    for number in range(5):
        await history.append(replace(TURN, message_id=str(number)))
    assert [turn.message_id for turn in await history.recent("web//c1", 2)] == ["3", "4"]
    assert [turn.message_id for turn in await history.recent("web//c1", 99)] == ["0", "1", "2", "3", "4"]


async def test_conversations_are_kept_apart(history: History) -> None:
    """A turn of one conversation is never seen in another."""
    await history.recent("web//c2", 3)
    await history.append(TURN)
    assert not await history.recent("web//c2", 3)


async def test_a_read_conversation_sees_later_turns(history: History) -> None:
    """What was read before does not hide what is said after."""
    await history.append(TURN)
    await history.recent("web//c1", 3)
    await history.append(replace(TURN, message_id="m2"))
    assert [turn.message_id for turn in await history.recent("web//c1", 3)] == ["m1", "m2"]


async def test_many_turns_at_once_are_all_kept(history: History) -> None:
    """Turns that share a commit are each written, in order within their conversation."""
    await asyncio.gather(*(history.append(replace(TURN, message_id=str(n))) for n in range(300)))
    assert [turn.message_id for turn in await history.recent("web//c1", 999)] == [str(n) for n in range(300)]


async def test_erasing_a_user_leaves_the_others(history: History) -> None:
    """Every turn of the user goes, on the named platform or on all; the number of them is told."""
    other = replace(TURN, user="u2", message_id="m2")
    elsewhere = replace(TURN, platform="api", thread="api//c1", message_id="m3")
    for turn in (TURN, other, elsewhere):
        await history.append(turn)
    assert await history.erase("u1", "web") == 1
    assert list(await history.recent("web//c1", 9)) == [other]
    assert await history.erase("u1") == 1
    assert not await history.recent("api//c1", 9)
    assert await history.erase("nobody") == 0


async def test_old_turns_are_forgotten(history: History) -> None:
    """Retention deletes what is older, to the second, and nothing else."""
    old = replace(TURN, at=NOW - timedelta(days=180, seconds=1), message_id="old")
    await history.append(old)
    await history.append(TURN)
    assert await history.forget(NOW - timedelta(days=180)) == 1
    assert list(await history.recent("web//c1", 9)) == [TURN]


async def test_history_survives_a_restart(tmp_path: Path) -> None:
    """What was written before the service stopped is there when it starts again."""
    url = f"sqlite:///{tmp_path}/h.db"
    first = await Database.open(url)
    await SqlHistory(first, 3).append(TURN)
    await first.close()
    second = await Database.open(url)
    assert list(await SqlHistory(second, 3).recent("web//c1", 3)) == [TURN]
    await second.close()


async def test_a_database_out_of_reach_is_told_at_start() -> None:
    """Whoever starts the service gets one sentence, not a driver's traceback."""
    with pytest.raises(DatabaseUnavailable):
        await Database.open("postgresql+asyncpg://zhida@127.0.0.1:1/none")


async def test_a_turn_that_cannot_be_written_fails_alone(tmp_path: Path) -> None:
    """Whoever waits for it is told; the turns that shared its commit are kept and the writer goes on."""
    database = await Database.open(f"sqlite:///{tmp_path}/h.db")
    history = SqlHistory(database, 9)
    bad = replace(TURN, question="\ud800", message_id="bad")
    good = [replace(TURN, message_id=str(number)) for number in range(3)]
    outcomes = await asyncio.gather(
        *(history.append(turn) for turn in (good[0], bad, *good[1:])), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [bool, DatabaseUnavailable, bool, bool]
    assert list(await history.recent("web//c1", 9)) == good
    await database.close()
