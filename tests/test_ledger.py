"""What the ledger keeps it gives back, in SQLite and in PostgreSQL alike."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.messages import Citation, Kind, Message, Reply, Source
from adapters.protocol import Outgoing
from bot.database import Database, DatabaseUnavailable
from bot.ledger import Ledger, Pending, Stored, key_of
from bot.records import dump_message, dump_reply, load_message, load_reply
from tests.delivering import message

REPLY = Reply("回答 😀", Source.FAQ, "orders", "track", 0.9, ("问一？",), citations=(Citation("a.pdf", "二", 3),))


@pytest.fixture
def ledger(each_database: Database) -> Ledger:
    """A new one in each database."""
    return Ledger(each_database)


def piece(key: str, asked: Message, state: str = "pending") -> Pending:
    """A piece of a reply."""
    return Pending.of(asked, Outgoing(key, asked.user, {"text": "回答"}), state)


async def test_a_message_is_fresh_once_and_then_known_with_its_reply(ledger: Ledger) -> None:
    """Before the answer known as pending, after it with the reply as it was."""
    asked = message("问题\x00\ud800？", "m1")
    assert await ledger.store(asked, deliver=True) == Stored(True)
    assert await ledger.store(asked, deliver=True) == Stored(False)
    await ledger.answered([asked], REPLY, [piece("k1", asked)])
    assert await ledger.store(asked, deliver=True) == Stored(False, "answered", REPLY)
    assert await ledger.undelivered() == [piece("k1", asked)]
    await ledger.mark("k1", "sent")
    assert (await ledger.undelivered(), await ledger.outcomes()) == ([], {"sent": 1})


async def test_unanswered_messages_come_back_in_order(ledger: Ledger) -> None:
    """A thousand at once: each stored, the order of arrival kept; those that nobody delivers are left out."""
    asked = [message(f"问题{number}", f"m{number}", kind=Kind.IMAGE, context={"a": "b"}) for number in range(1000)]
    assert all(stored.fresh for stored in await asyncio.gather(*(ledger.store(one, deliver=True) for one in asked)))
    await ledger.store(message("网页", "web"), deliver=False)
    await ledger.answered(asked[:10], REPLY, [])
    assert await ledger.unanswered() == asked[10:]


async def test_cursors_are_kept(ledger: Ledger) -> None:
    """Empty before the first write, then the last one."""
    assert await ledger.read("kf/wk1") == ""
    for value in ("a", "b"):
        await ledger.write("kf/wk1", value)
    assert await ledger.read("kf/wk1") == "b"


async def test_closed_and_old_is_forgotten_open_is_not(ledger: Ledger) -> None:
    """After the time to keep, an answered message is new again; a pending one and its unsent pieces stay."""
    done, pending = message("答过", "m1"), message("没答", "m2")
    for one in (done, pending):
        await ledger.store(one, deliver=True)
    await ledger.answered([done], REPLY, [piece("k1", done), piece("k2", done)])
    await ledger.mark("k1", "sent")
    assert await ledger.forget(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert await ledger.forget(datetime.now(UTC) + timedelta(hours=1)) == 2
    assert (await ledger.store(done, deliver=True)).fresh
    assert await ledger.unanswered() == [pending, done]
    assert [one.key for one in await ledger.undelivered()] == ["k2"]


async def test_a_user_is_erased_whole(ledger: Ledger) -> None:
    """Messages and pieces of one user on one platform, nobody else's."""
    mine, other = message("我的", "m1"), message("别人的", "m2", "u2")
    for one in (mine, other):
        await ledger.store(one, deliver=True)
        await ledger.answered([one], REPLY, [piece(f"k{one.id}", one)])
    assert await ledger.erase("u1", "elsewhere") == 0
    assert await ledger.erase("u1", "peer") == 2
    assert [one.key for one in await ledger.undelivered()] == ["km2"]


async def test_what_waits_on_the_shelf_is_shown_and_may_come_back(ledger: Ledger) -> None:
    """A response that shows a piece takes it off the shelf; one that nobody read puts it there again."""
    asked, other = message("问题", "m1"), message("问题", "m2", "u2")
    for one in (asked, other):
        await ledger.store(one, deliver=True)
        await ledger.answered([one], REPLY, [piece(f"k{one.id}", one, "waiting")], "waiting")
    (waiting,) = await ledger.shelf(asked.thread)
    assert (waiting.key, waiting.state, waiting.message) == ("km1", "waiting", key_of(asked))
    await ledger.answered([replace(asked, id="m3")], REPLY, [], "passive", [("km1", "shown", "m3")])
    assert await ledger.shelf(asked.thread) == []
    (shown,) = await ledger.shelf(asked.thread, shown=True)
    assert (shown.key, shown.state, shown.detail) == ("km1", "shown", "m3")
    await ledger.take_back(asked, [shown])
    assert await ledger.shelf(asked.thread) == [waiting]
    assert await ledger.undelivered() == []


async def test_one_bad_row_harms_nobody_else(tmp_path: Path) -> None:
    """In a group that cannot be committed, each write is tried alone."""
    database = await Database.open(f"sqlite:///{tmp_path}/z.db")
    ledger = Ledger(database)
    good = [message(f"好{number}", f"m{number}") for number in range(5)]
    bad = replace(message("坏", "bad"), user=None)  # type: ignore[arg-type]
    results = await asyncio.gather(*(ledger.store(one, deliver=True) for one in (*good, bad)), return_exceptions=True)
    assert [isinstance(result, Stored) for result in results] == [True] * 5 + [False]
    assert isinstance(results[5], DatabaseUnavailable)
    await database.close()


@given(text=st.text(st.characters(codec=None)), names=st.lists(st.text(max_size=5), max_size=3))
def test_records_come_back_as_they_were(text: str, names: list[str]) -> None:
    """Any text, any suggestions; what the database sees is ASCII."""
    asked = message(text, "m1", context=dict.fromkeys(names, text))
    reply = Reply(text, Source.SUGGEST, suggestions=tuple(names))
    assert load_message(dump_message(asked)) == asked
    assert load_reply(dump_reply(reply)) == reply
    assert (dump_message(asked) + dump_reply(reply)).isascii()
