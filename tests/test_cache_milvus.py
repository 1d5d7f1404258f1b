"""Kept answers survive whatever is killed, and a Milvus that is away, frozen or slow costs a moment and no answer."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adapters.messages import Citation
from bot.__main__ import main
from bot.cache.answers import AnswerCache, Outcome
from bot.cache.entry import Entry, Lifetimes, Origin
from bot.cache.milvus import MilvusStore
from bot.cache.store import Store
from bot.cache.table import TableStore
from bot.settings import ROOT
from tests.peers.milvus import Milvus, shared
from tests.servers import open_tables
from tests.test_cache import ANSWER, EMBEDDER, Clock, ask, make, outcome

_WRITER = """
import asyncio, sys
from tests.test_cache import ANSWER, Clock, ask, make
from tests.test_cache_milvus import open_store

async def main():
    cache = make(await open_store(*sys.argv[1:]), Clock())
    number = 0
    while True:
        assert await cache.keep(ask(f"第{number}层卖什么"), ANSWER)
        print(number, flush=True)
        number += 1

asyncio.run(main())
"""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Milvus:
    """A real Milvus server."""
    return shared(tmp_path_factory.getbasetemp())


async def open_store(kind: str, address: str) -> Store:
    """One kind of store, as the service opens it but for its patience."""
    if kind == "table":
        return TableStore(await open_tables(Path(address)))
    return MilvusStore(address, EMBEDDER.dim, seconds=20)


def write_and_kill(kind: str, address: str) -> list[int]:
    """The numbers of the answers that a process told as kept before it was killed."""
    run = [sys.executable, "-c", _WRITER, kind, address]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(20)]
        os.kill(writer.pid, signal.SIGKILL)
        return told + [int(line) for line in writer.stdout.read().split("\n")[:-1]]


async def first_answer(cache: AnswerCache, seconds: float = 60) -> None:
    """Return when a look-up is answered."""
    async with asyncio.timeout(seconds):
        while await outcome(cache, ask("第0层卖什么")) is not Outcome.HIT:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("kind", ["table", "file", "server"])
async def test_a_kill_loses_no_acknowledged_answer(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """kill -9 in the middle of writing: all that was told as kept is there, the first within three seconds."""
    address = request.getfixturevalue("server").address if kind == "server" else str(tmp_path / "answers.db")
    told = await asyncio.to_thread(write_and_kill, kind, address)
    store = await open_store(kind, address)
    cache = make(store, Clock())
    await first_answer(cache, 3)
    async with asyncio.timeout(20):  # a server shows the last ones when it has time
        for number in told:
            while await outcome(cache, ask(f"第{number}层卖什么")) is not Outcome.HIT:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    await store.close()
    if isinstance(store, TableStore):
        await store._database.close()


async def test_a_milvus_that_is_killed_loses_nothing_and_is_found_again(server: Milvus) -> None:
    """While it is away a look-up is a miss within its time, then at once; nobody need restart the service."""
    cache = AnswerCache(MilvusStore(server.address, EMBEDDER.dim), EMBEDDER, Lifetimes(), clock=Clock())
    numbers = range(30)
    assert await cache.store.drop() >= 0  # opens it
    for number in numbers:
        assert await cache.keep(ask(f"第{number}层卖什么"), ANSWER)
    await asyncio.to_thread(server.kill)
    started = time.monotonic()
    assert await outcome(cache, ask("第0层卖什么")) is Outcome.MISS
    assert time.monotonic() - started < 10
    started = time.monotonic()
    assert [await outcome(cache, ask(f"第{number}层卖什么")) for number in numbers] == [Outcome.MISS] * 30
    assert not await cache.keep(ask("第0层卖什么"), ANSWER)
    assert time.monotonic() - started < 2
    await asyncio.to_thread(server.start)
    await first_answer(cache)
    for number in numbers:
        assert await outcome(cache, ask(f"第{number}层卖什么")) is Outcome.HIT
    await cache.store.close()


async def test_a_milvus_that_hangs_costs_its_time_once(server: Milvus) -> None:
    """Frozen, not gone: the second look-up does not wait; it answers again when Milvus does."""
    cache = AnswerCache(MilvusStore(server.address, EMBEDDER.dim, seconds=1), EMBEDDER, Lifetimes(), clock=Clock())
    await first_answer(cache)
    server.send(signal.SIGSTOP)
    try:
        started = time.monotonic()
        assert await outcome(cache, ask("第0层卖什么")) is Outcome.MISS
        assert 1 <= time.monotonic() - started < 5
        started = time.monotonic()
        assert await outcome(cache, ask("第0层卖什么")) is Outcome.MISS
        assert time.monotonic() - started < 0.9
    finally:
        server.send(signal.SIGCONT)
    await first_answer(cache)
    await cache.store.close()


async def test_replicas_share_a_server(server: Milvus) -> None:
    """What one keeps the other soon gives; what an operator dropped nobody gives."""
    one, other, operator = (MilvusStore(server.address, EMBEDDER.dim, seconds=20) for _ in range(3))
    kept = AnswerCache(one, EMBEDDER, Lifetimes(), clock=Clock())
    asks = AnswerCache(other, EMBEDDER, Lifetimes(), clock=Clock())
    await first_answer(asks)
    assert await kept.keep(ask("怎么申请退货退款"), ANSWER)
    async with asyncio.timeout(10):
        while await outcome(asks, ask("如何申请退货退款")) is not Outcome.HIT:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert await operator.drop(knowledge_base="shop") > 0
    assert [await outcome(cache, ask("怎么申请退货退款")) for cache in (kept, asks)] == [Outcome.MISS] * 2
    for store in (one, other, operator):
        await store.close()


@pytest.mark.parametrize(
    "entry",
    [
        Entry("好" * 30_000, 0.9, "shop"),
        Entry("可以。", 0.9, "shop", (), (Origin("shop", "卷" * 2000, "v1"),)),
        Entry("可以。", 0.9, "商" * 100),
    ],
)
async def test_what_does_not_fit_is_not_kept(entry: Entry, tmp_path: Path) -> None:
    """Nothing is cut, and Milvus is not blamed for it: the next answer is kept."""
    cache = make(MilvusStore(str(tmp_path / "answers.db"), EMBEDDER.dim, seconds=20), Clock())
    assert not await cache.keep(ask("怎么退货"), entry)
    assert not await cache.keep(ask("怎么退货呀\ud800"), ANSWER)
    assert await outcome(cache, ask("怎么退货")) is Outcome.MISS
    assert await cache.keep(ask("怎么退货"), ANSWER)
    assert await outcome(cache, ask("怎么退货")) is Outcome.HIT
    await cache.store.close()


async def test_no_milvus_at_all_is_a_miss_and_told_to_the_operator(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The service goes on; the command ends with a reason."""
    cache = make(MilvusStore("http://127.0.0.1:1", EMBEDDER.dim, seconds=1), Clock())
    assert await outcome(cache, ask("怎么退货")) is Outcome.MISS
    await cache.store.close()
    file = tmp_path / "zhida.toml"
    file.write_text('data = "."\n[cache]\nstore = "http://127.0.0.1:1"\n', encoding="utf-8")
    assert await asyncio.to_thread(main, ["cache", "--list", "9", "--settings", str(file)]) == 2
    assert "127.0.0.1:1" in capsys.readouterr().err


async def test_the_command_sees_the_milvus_of_the_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """List, explain and drop, as with a database."""
    file = tmp_path / "zhida.toml"
    file.write_text('data = "."\n[cache]\nstore = "answers.db"\n', encoding="utf-8")
    store = MilvusStore(str(tmp_path / "answers.db"), EMBEDDER.dim, seconds=20)
    cache = AnswerCache(store, EMBEDDER, Lifetimes())
    again = Entry("七天内免费[1]。", 0.9, "shop", (Citation("a.md"),), (Origin("shop", "a.md", "v1"),))
    assert await cache.keep(ask("怎么退货"), again)
    assert await cache.keep(ask("怎么换货"), ANSWER)
    await store.close()

    async def run(*arguments: str) -> str:
        assert await asyncio.to_thread(main, ["cache", *arguments, "--settings", str(file)]) == 0
        return capsys.readouterr().out

    listed = [json.loads(line)["question"] for line in (await run("--list", "9")).splitlines()]
    assert listed == ["怎么换货", "怎么退货"]
    (explained,) = map(json.loads, (await run("--explain", "请问如何退货")).splitlines())
    assert explained["refusal"] == ""
    assert await run("--drop", "--document", "a.md") == "1 answers dropped\n"
    assert await run("--drop", "--older-than", "0") == "1 answers dropped\n"
