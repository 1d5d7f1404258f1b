"""One writer for all: rows reach the disk in groups, whatever their number, in SQLite and in PostgreSQL alike."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.database import Database, DatabaseUnavailable
from bot.statements import bind, insert, update
from bot.tables import cursors, turns

PUT = insert(cursors, ("name", "value"), "ON CONFLICT (name) DO NOTHING")
SET = update(cursors, "name", "value")


@pytest.fixture
def database(each_database: Database) -> Database:
    """One of each kind."""
    return each_database


async def kept(database: Database) -> dict[str, str]:
    """All rows."""
    rows = await database.rows(sa.select(cursors))
    return {row["name"]: row["value"] for row in rows}


@pytest.mark.parametrize("number", [1, 3, 64, 333])
async def test_any_number_of_rows_at_once(database: Database, number: int) -> None:
    """Added and then changed together, each row is itself, quotes, NUL-free binary and emoji included."""
    names = [f"n{place}'\"😀" for place in range(number)]
    assert all(await asyncio.gather(*(database.write((PUT, (name, "old"))) for name in names)))
    assert all(await asyncio.gather(*(database.write((SET, (name, f"new {name}"))) for name in names)))
    assert await kept(database) == {name: f"new {name}" for name in names}


async def test_a_row_without_effect_is_told(database: Database) -> None:
    """Who writes a row that is there already, or changes one that is not, learns that it had no effect."""
    assert await database.write((PUT, ("a", "1")))
    assert not await database.write((PUT, ("a", "2")))
    assert not await database.write((SET, ("b", "1")))
    assert await kept(database) == {"a": "1"}


async def test_steps_of_one_write_stand_or_fall_together(database: Database) -> None:
    """A bad step takes the good one of the same write with it, and nobody else's."""
    wrong = (PUT, ("bad", None))
    outcomes = await asyncio.gather(
        database.write((PUT, ("half", "1")), wrong), database.write((PUT, ("good", "1"))), return_exceptions=True
    )
    assert isinstance(outcomes[0], DatabaseUnavailable)
    assert outcomes[1] is True
    assert await kept(database) == {"good": "1"}


async def test_what_is_on_its_way_is_deleted_too(database: Database) -> None:
    """A deletion waits for what was written before it."""
    writes = [asyncio.ensure_future(database.write((PUT, (str(place), "1")))) for place in range(50)]
    await asyncio.sleep(0)
    assert await database.delete(sa.delete(cursors)) == 50
    await asyncio.gather(*writes)


async def test_a_locked_file_is_waited_for(tmp_path: Path) -> None:
    """Another process that writes holds us up, it does not make us fail."""
    database = await Database.open(f"sqlite:///{tmp_path}/d.db")
    other = sqlite3.connect(tmp_path / "d.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.ensure_future(database.write((PUT, ("a", "1"))))
    await asyncio.sleep(0.1)
    assert not writing.done()
    other.execute("COMMIT")
    assert await writing
    other.close()
    await database.close()


def test_texts_are_few() -> None:
    """Rows are cut into statements of fixed sizes, which the database keeps prepared; values go where they belong."""
    bound = bind(insert(turns, ("thread", "score")), sa.create_engine("sqlite://").dialect)
    calls = bound.calls([(str(place), place) for place in range(85)])
    assert [len(values) // 2 for _, values in calls] == [64, 16, 4, 1]
    assert [value for _, values in calls for value in values[1::2]] == list(range(85))
    assert len({text for rows in range(1, 200) for text, _ in bound.calls([("t", 1.0)] * rows)}) == 4
