"""The inbox: in order within a conversation, in parallel across them, once for each message, never an exception."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from adapters.messages import Message, Reply, Source
from adapters.protocol import Emit
from bot.database import Database
from bot.history import SqlHistory, Turn
from bot.inbox import Inbox
from bot.ledger import Ledger
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.settings import InboxSettings
from tests.delivering import said
from tests.waiting import until

ASKED = Message("web", "", "c1", "u1", "m1", "你好", datetime(2026, 11, 22, tzinfo=UTC))


class SlowPipeline:
    """Answers with the question; "wait" waits until released, "fail" fails."""

    def __init__(self) -> None:
        self.released = asyncio.Event()
        self.order: list[str] = []

    async def reply(self, message: Message, emit: Emit | None = None) -> Reply:
        """Echo."""
        if "wait" in message.text:
            await self.released.wait()
        if "fail" in message.text:
            raise ZeroDivisionError("broken on purpose")
        self.order.append(message.id)
        if emit is not None:
            await emit(message.text)
        return Reply(message.text, Source.FAQ)


@pytest.fixture
def pipeline() -> SlowPipeline:
    """A pipeline that can be held up."""
    return SlowPipeline()


@pytest.fixture
async def inbox(pipeline: SlowPipeline, tmp_path: Path) -> AsyncIterator[Inbox]:
    """An inbox before that pipeline."""
    database, metrics, phrases = await Database.open(f"sqlite:///{tmp_path}/z.db"), Metrics(), said()
    ledger = Ledger(database)
    yield Inbox(pipeline, lambda: phrases, metrics, ledger, Outbox(ledger, (), metrics), InboxSettings())
    await database.close()


async def test_a_conversation_is_answered_in_order(inbox: Inbox, pipeline: SlowPipeline) -> None:
    """A quick question behind a slow one waits for it."""
    slow = asyncio.create_task(inbox.receive(replace(ASKED, id="1", text="wait")))
    quick = [asyncio.create_task(inbox.receive(replace(ASKED, id=str(n)))) for n in range(2, 12)]
    await asyncio.sleep(0.05)
    assert pipeline.order == []
    pipeline.released.set()
    await asyncio.gather(slow, *quick)
    assert pipeline.order == [str(n) for n in range(1, 12)]


async def test_a_slow_conversation_delays_nobody_else(inbox: Inbox, pipeline: SlowPipeline) -> None:
    """Another user is answered while the first one still waits."""
    slow = asyncio.create_task(inbox.receive(replace(ASKED, id="1", text="wait")))
    reply = await inbox.receive(replace(ASKED, id="2", conversation="c2"))
    assert reply.text == "你好"
    assert not slow.done()
    pipeline.released.set()
    await slow


async def test_a_repeated_message_is_answered_once(inbox: Inbox, pipeline: SlowPipeline) -> None:
    """A retry joins the pending answer; a late one gets the answer that was given; both hear the text."""
    heard: list[str] = []

    async def emit(text: str) -> None:
        heard.append(text)

    first = asyncio.create_task(inbox.receive(replace(ASKED, text="wait")))
    retry = asyncio.create_task(inbox.receive(replace(ASKED, text="wait"), emit))
    await asyncio.sleep(0.01)
    pipeline.released.set()
    late = await inbox.receive(replace(ASKED, text="wait"))
    assert await first == await retry == late
    assert pipeline.order == ["m1"]
    assert heard == ["wait"]


async def test_the_same_id_elsewhere_is_another_message(inbox: Inbox, pipeline: SlowPipeline) -> None:
    """Ids are unique within platform and account only."""
    await inbox.receive(ASKED)
    await inbox.receive(replace(ASKED, platform="wechat"))
    await inbox.receive(replace(ASKED, account="second"))
    assert len(pipeline.order) == 3


async def test_a_failure_is_an_apology_and_a_log_line(inbox: Inbox) -> None:
    """The user hears a polite sentence in their language, the operator sees the exception; the next message works."""
    with structlog.testing.capture_logs() as logs:
        reply = await inbox.receive(replace(ASKED, text="please fail"))
    assert reply.source is Source.NONE
    assert reply.text.startswith("Sorry")
    assert [line["event"] for line in logs] == ["answer failed", "replied"]
    assert (await inbox.receive(replace(ASKED, id="m2"))).text == "你好"


async def test_an_answer_goes_on_when_the_caller_leaves(inbox: Inbox, pipeline: SlowPipeline) -> None:
    """A client that hangs up does not lose the answer: it is kept for its retry."""
    caller = asyncio.create_task(inbox.receive(replace(ASKED, text="wait")))
    await asyncio.sleep(0.01)
    caller.cancel()
    pipeline.released.set()
    await until(lambda: pipeline.order)
    assert (await inbox.receive(replace(ASKED, text="wait"))).text == "wait"
    assert pipeline.order == ["m1"]


async def test_one_line_a_message_without_its_text(inbox: Inbox) -> None:
    """Ids, source, score and milliseconds; never what was said."""
    with structlog.testing.capture_logs() as logs:
        await inbox.receive(replace(ASKED, text="我的密码是 hunter2"))
    (line,) = logs
    assert line["log_level"] == "info"
    assert {"platform", "message", "source", "score", "ms"} <= line.keys()
    assert "hunter2" not in repr(line)


async def test_closing_waits_for_what_is_under_way(inbox: Inbox, pipeline: SlowPipeline) -> None:
    """A shutdown does not cut an answer off."""
    caller = asyncio.create_task(inbox.receive(replace(ASKED, text="wait")))
    await asyncio.sleep(0.01)
    asyncio.get_running_loop().call_later(0.01, pipeline.released.set)
    await inbox.close()
    assert pipeline.order == ["m1"]
    await caller


class Remembering:
    """Appends a turn as the pipeline does, without waiting for the disk."""

    def __init__(self, history: SqlHistory) -> None:
        self._history = history

    async def reply(self, message: Message, emit: Emit | None = None) -> Reply:
        """Echo and remember."""
        reply = Reply(message.text, Source.FAQ)
        self._history.append(Turn.of(message, reply))
        return reply


async def test_a_reply_is_given_when_its_turn_is_on_disk(tmp_path: Path) -> None:
    """Whoever has the reply finds the turn in the file, also among many that are written together."""
    database, metrics, phrases = await Database.open(f"sqlite:///{tmp_path}/z.db"), Metrics(), said()
    ledger = Ledger(database)
    pipeline, outbox = Remembering(SqlHistory(database, 6)), Outbox(ledger, (), metrics)
    inbox = Inbox(pipeline, lambda: phrases, metrics, ledger, outbox, InboxSettings())

    async def ask(number: int) -> int:
        await inbox.receive(replace(ASKED, id=str(number), conversation=str(number)))
        with closing(sqlite3.connect(tmp_path / "z.db")) as file:
            (found,) = file.execute("SELECT count(*) FROM turns WHERE message_id = ?", [str(number)]).fetchone()
            return int(found)

    assert await asyncio.gather(*map(ask, range(40))) == [1] * 40
    await database.close()
