"""The ledger of what models cost: limits a day and a month, for one user and for all, in each database."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.answer_settings import CostSettings, Price
from bot.costs import Costs, Payer
from bot.database import Database
from bot.llm.metering import Meter, Usage

ANNA, BOB = Payer("web/anna", "web", "shop"), Payer("wechat/bob", "wechat", "bank")
MAY = date(2026, 5, 30)


@pytest.fixture
def database(each_database: Database) -> Database:
    """One of each kind."""
    return each_database


def used(tokens: int = 1000) -> Meter:
    """One call of one model."""
    return Meter({"dashscope/qwen-plus": Usage(1, tokens, 0)})


@pytest.mark.parametrize(
    ("limit", "others", "tomorrow", "next_month"),
    [
        ("user_per_day", True, True, True),
        ("user_per_month", True, False, True),
        ("all_per_day", False, True, True),
        ("all_per_month", False, False, True),
    ],
)
async def test_a_limit_holds_for_whom_and_as_long_as_it_says(
    database: Database, *, limit: str, others: bool, tomorrow: bool, next_month: bool
) -> None:
    """Two calls are allowed: after them nobody, or only this user, must wait until tomorrow or the next month."""
    costs = Costs(database, CostSettings.model_validate({"unit": "calls", limit: 2}))
    for _ in range(2):
        assert await costs.allow(ANNA, MAY)
        await costs.add(ANNA, MAY, used())
    assert not await costs.allow(ANNA, MAY)
    assert await costs.allow(BOB, MAY) is others
    assert await costs.allow(ANNA, MAY + timedelta(days=1)) is tomorrow
    assert await costs.allow(ANNA, MAY + timedelta(days=2)) is next_month


@pytest.mark.parametrize("limit", ["user_per_day", "user_per_month", "all_per_day", "all_per_month"])
async def test_a_clock_that_jumps_back_gives_nobody_more(database: Database, limit: str) -> None:
    """What was spent in what is now the future counts too."""
    costs = Costs(database, CostSettings.model_validate({"unit": "calls", limit: 1}))
    await costs.add(ANNA, MAY, used())
    assert not await costs.allow(ANNA, MAY - timedelta(days=1))
    assert not await costs.allow(ANNA, MAY - timedelta(days=45))


@pytest.mark.parametrize(("unit", "limit"), [("money", 0.0032), ("tokens", 4000), ("calls", 4)])
async def test_every_unit_is_counted(database: Database, unit: str, limit: float) -> None:
    """Four calls of a thousand tokens at 0.8 for a million."""
    price = Price(model="dashscope/qwen-plus", tokens_in=0.8, tokens_out=2.0)
    settings = CostSettings.model_validate({"unit": unit, "all_per_day": limit, "prices": (price,)})
    costs, allowed = Costs(database, settings), 0
    while await costs.allow(ANNA, MAY):
        assert await costs.add(ANNA, MAY, used()) == pytest.approx(0.0008)
        allowed += 1
    assert allowed == 4


async def test_replicas_share_the_limits_and_lose_nothing(database: Database) -> None:
    """Two services that write at once: the sum is right in both."""
    settings = CostSettings(unit="calls", all_per_day=200)
    one, other = Costs(database, settings), Costs(database, settings)
    await asyncio.gather(*(costs.add(ANNA, MAY, used()) for costs in (one, other) * 80))
    assert await one.allow(BOB, MAY)
    assert one.last["all_per_day"].spent == 160
    await asyncio.gather(*(costs.add(BOB, MAY, used()) for costs in (one, other) * 20))
    assert not await one.allow(ANNA, MAY)
    assert not await other.allow(ANNA, MAY)


async def test_the_operator_is_told_of_a_user_too(database: Database) -> None:
    """From 80 %, once a day and user, while the user may still ask."""
    costs = Costs(database, CostSettings(unit="calls", user_per_day=5, all_per_day=1000))
    with capture_logs() as logs:
        for _ in range(4):
            await costs.add(ANNA, MAY, used())
        for _ in range(3):
            assert await costs.allow(ANNA, MAY)
            assert await costs.allow(BOB, MAY)
    told = [(line["limit"], line["user"], line["spent"]) for line in logs if line["event"] == "budget nearly spent"]
    assert told == [("user_per_day", "web/anna", 4.0)]
    assert [one["limit"] for one in costs.health()] == ["all_per_day"]


async def test_what_cannot_be_counted_is_not_paid(tmp_path: Path) -> None:
    """The table is gone: no model is asked when a limit is set, and the operator is told; without a limit it is."""
    database = await Database.open(f"sqlite:///{tmp_path}/broken.db")
    with closing(sqlite3.connect(tmp_path / "broken.db")) as other:
        other.execute("DROP TABLE costs")
    with capture_logs() as logs:
        assert not await Costs(database, CostSettings(all_per_day=1)).allow(ANNA, MAY)
        assert await Costs(database, CostSettings()).allow(ANNA, MAY)
        await Costs(database, CostSettings()).add(ANNA, MAY, used())
    assert [line["event"] for line in logs] == ["costs not readable, no model is asked", "costs not written"]
    await database.close()
