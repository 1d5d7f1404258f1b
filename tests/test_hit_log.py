"""The hit log: kept in both databases, erased with the user, forgotten with the history, shown by `screen --hits`."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from adapters.messages import Message
from bot.app import open_service
from bot.commands.screen_hits import print_hits
from bot.database import Database
from bot.hits import HitLog
from bot.settings import Settings
from policies import Action, Direction
from policies.hits import HitRecord

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FOUND = HitRecord(NOW, "加微信", "ads", "plain", Action.FLAG, Direction.IN, "web//c1", "请***吧")


def message(user: str = "u1", text: str = "你好", received: datetime = NOW) -> Message:
    """A message as a platform delivers it."""
    return Message("web", "", "c1", user, f"m-{user}-{text}", text, received)


@pytest.fixture
def log(each_database: Database) -> HitLog:
    """In each database."""
    return HitLog(each_database)


async def test_what_was_found_comes_back(log: HitLog) -> None:
    """As it was, from a time on."""
    await log.add(message(), [FOUND])
    assert await log.since(NOW) == [FOUND]
    assert await log.since(NOW + timedelta(seconds=1)) == []


async def test_it_goes_with_its_user_and_with_time(log: HitLog) -> None:
    """Erasure takes what was found in a user's messages, retention what is old."""
    await log.add(message("u1"), [FOUND])
    await log.add(message("u2"), [FOUND, FOUND])
    assert await log.erase("u1", "another") == 0
    assert await log.erase("u1", "web") == 1
    assert await log.forget(NOW) == 0
    assert await log.forget(NOW + timedelta(seconds=1)) == 2


async def test_the_service_keeps_hits_and_the_command_shows_them(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """A blocked question is counted on its day, its context masked; nothing is kept of an ordinary one."""
    now = datetime.now(UTC)
    async with open_service(settings) as service:
        await service.receive(message(text="我的电话13812345678，带我去赌-博網站", received=now))
        await service.receive(message(text="怎么查物流", received=now))
        kept = await service.hits.since(now)
    assert [(one.word, one.category, one.action) for one in kept] == [("赌博网站", "gambling", Action.BLOCK)]
    assert "13812345678" not in kept[0].context
    assert await print_hits(settings, 1) == 0
    (row,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"day"')]
    assert (row["word"], row["hits"], row["last"][0]["conversation"]) == ("赌博网站", 1, "web//c1")
