"""A cached answer is given only while it is true, and only to the question it was made for."""

import asyncio
import itertools
import json
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.messages import Citation
from bot.__main__ import main
from bot.cache.admission import may_recall
from bot.cache.answers import AnswerCache, Asked, Outcome
from bot.cache.entry import Entry, Lifetimes, Origin
from bot.cache.milvus import MilvusStore
from bot.cache.store import Store
from bot.cache.table import TableStore
from bot.database import Database
from bot.metrics import Metrics
from faq.embedding import Usem3Embedder, Vectors
from faq.pairs import refusal, signature
from tests.peers.milvus import Milvus, shared
from tests.servers import Postgres, open_tables

PAGE = Origin("shop", "returns.md", "v1")
ANSWER = Entry("七天内免费[1]。", 0.9, "shop", (Citation("returns.md", "退货", 2),), (PAGE,), money=0.02)
EMBEDDER = Usem3Embedder()
DATABASES = itertools.count()
START = datetime(2026, 5, 1, tzinfo=UTC)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Milvus:
    """A real Milvus server."""
    return shared(tmp_path_factory.getbasetemp())


@pytest.fixture(params=["sqlite", "postgresql", "file", "server"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store of each kind: SQLite, PostgreSQL, a file of Milvus Lite, a Milvus server."""
    if request.param in ("sqlite", "postgresql"):
        url = f"sqlite:///{tmp_path}/answers.db"
        if request.param == "postgresql":
            server: Postgres = request.getfixturevalue("postgres")
            url = server.create_database(f"answers{next(DATABASES)}")
        database = await Database.open(url)
        yield TableStore(database)
        await database.close()
        return
    address = request.getfixturevalue("milvus").address if request.param == "server" else str(tmp_path / "answers.db")
    opened = MilvusStore(address, Usem3Embedder.dim, seconds=30, consistency="Strong")
    await opened.drop()
    yield opened
    await opened.close()


def make(store: Store, clock: Clock, lifetimes: Lifetimes | None = None) -> AnswerCache:
    """A cache with a clock of its own."""
    return AnswerCache(store, EMBEDDER, lifetimes or Lifetimes(), clock=clock)


def ask(question: str, version: str = "1", *scope: str, in_conversation: bool = False) -> Asked:
    """A question to one version of the knowledge."""
    return Asked(question, version, scope, in_conversation)


async def outcome(cache: AnswerCache, question: Asked, *, alive: bool = True) -> Outcome:
    """What becomes of a look-up."""
    return (await cache.recall(question, lambda _: alive)).outcome


async def test_gives_an_answer_again_whole(store: Store) -> None:
    """Text, score, citations and origins come back as they were kept."""
    cache = make(store, Clock())
    assert await cache.keep(ask("怎么退货"), ANSWER)
    found = await cache.recall(ask("怎么退货？"), lambda origin: origin == PAGE)
    assert (found.outcome, found.entry) == (Outcome.HIT, ANSWER)


async def test_gives_it_to_another_wording_but_to_no_other_question(store: Store) -> None:
    """The gate decides; a like question that is another one is told apart from a plain miss."""
    cache = make(store, Clock())
    await cache.keep(ask("怎么申请退货退款"), ANSWER)
    assert await outcome(cache, ask("如何申请退货退款")) is Outcome.HIT
    await cache.keep(ask("我能看你的相册吗"), ANSWER)
    assert await outcome(cache, ask("你能看我的相册吗")) is Outcome.GATE
    assert await outcome(cache, ask("怎么取消退货退款")) is Outcome.MISS


class OtherEmbedder(Usem3Embedder):
    """An embedder of tomorrow, which counts what it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.id, self.seen = "tomorrow", list[str]()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Give one unit row a text."""
        self.seen += texts
        return super().embed(texts)


async def test_keeps_the_embedding_with_the_answer(store: Store) -> None:
    """A kept question is not embedded again, unless another embedder read it; one that differs by courtesy never is."""
    clock, other = Clock(), OtherEmbedder()
    asked, more = ask("退款多久到账"), ask("一般退款多久到账")
    await make(store, clock).keep(asked, ANSWER)
    cache = AnswerCache(store, other, Lifetimes(), clock=clock)
    assert await outcome(cache, more) is Outcome.HIT
    assert other.seen == [more.question, asked.question]
    await cache.keep(asked, ANSWER)
    other.seen.clear()
    assert await outcome(cache, more) is Outcome.HIT
    assert other.seen == [more.question]
    assert await outcome(cache, ask("请问退款要多久到账呢")) is Outcome.HIT
    assert other.seen == [more.question]
    (kept,) = await cache.store.listed(9)
    assert kept.embedding is not None
    assert float(kept.embedding.row @ other.embed([asked.question])[0]) > 0.999


@pytest.mark.parametrize(
    "other", [ask("怎么退货", "2"), ask("怎么退货", "1", "en"), ask("怎么退货", "1", "zh", "qwen")]
)
async def test_knows_what_an_answer_was_made_from(store: Store, other: Asked) -> None:
    """Another version of the knowledge, language or model is another question."""
    cache = make(store, Clock())
    await cache.keep(ask("怎么退货"), ANSWER)
    assert await outcome(cache, other) is Outcome.MISS


async def test_drops_an_answer_whose_document_changed(store: Store) -> None:
    """It is not given, and gone even if the document should come back."""
    cache = make(store, Clock())
    await cache.keep(ask("怎么退货"), ANSWER)
    assert await outcome(cache, ask("怎么退货"), alive=False) is Outcome.STALE
    assert await outcome(cache, ask("怎么退货")) is Outcome.MISS


async def test_ages_by_the_half_life_of_its_knowledge_base(store: Store) -> None:
    """Freshness falls by half each half-life; below the bar an answer is stale."""
    clock = Clock()
    news = Entry("早上九点开门", 0.9, "news")
    cache = make(store, clock, Lifetimes(half_of={"news": timedelta(hours=1)}))
    await cache.keep(ask("门店开门时间是几点"), news)
    await cache.keep(ask("怎么退货"), ANSWER)
    clock.now += timedelta(minutes=59)
    assert await outcome(cache, ask("门店开门时间是几点")) is Outcome.HIT
    clock.now += timedelta(minutes=2)
    assert await outcome(cache, ask("门店开门时间是几点")) is Outcome.STALE
    assert await outcome(cache, ask("怎么退货")) is Outcome.HIT


async def test_keeps_a_negative_answer_briefly(store: Store) -> None:
    """That nothing was found is true for minutes only."""
    clock = Clock()
    cache = make(store, clock)
    await cache.keep(ask("怎么退货"), Entry("", 0.1, "shop", negative=True))
    assert await outcome(cache, ask("怎么退货")) is Outcome.HIT
    clock.now += timedelta(minutes=11)
    assert await outcome(cache, ask("怎么退货")) is Outcome.STALE


async def test_a_newer_answer_supersedes_an_older_one_never_the_reverse(store: Store) -> None:
    """A clock that jumps back neither gives answers from the future nor overwrites them."""
    clock = Clock()
    cache = make(store, clock)
    await cache.keep(ask("怎么退货"), ANSWER)
    clock.now -= timedelta(days=1)
    assert await outcome(cache, ask("怎么退货")) is Outcome.STALE
    await cache.keep(ask("怎么退货"), Entry("旧的", 0.9, "shop"))
    clock.now = START + timedelta(hours=1)
    found = await cache.recall(ask("怎么退货"), lambda _: True)
    assert found.entry == ANSWER
    await cache.keep(ask("怎么退货"), Entry("新的", 0.9, "shop"))
    assert (await cache.recall(ask("怎么退货"), lambda _: True)).entry == Entry("新的", 0.9, "shop")


@pytest.mark.parametrize(
    "question",
    ["我的手机号13812345678能改吗", "[PHONE_1]的订单到哪了", "它多久到账", "今天发货吗", "is this free", "怎么办", ""],
)
async def test_keeps_nothing_personal_of_the_day_or_pointing_elsewhere(store: Store, question: str) -> None:
    """Such a question is neither kept nor looked for."""
    cache = make(store, Clock())
    assert not await cache.keep(ask(question), ANSWER)
    assert await outcome(cache, ask(question)) is Outcome.BARRED


async def test_keeps_nothing_from_a_conversation_and_no_personal_answer(store: Store) -> None:
    """In a conversation only a question that stands alone is looked for, and none is kept."""
    cache = make(store, Clock())
    assert not await cache.keep(ask("怎么申请退货退款呀朋友", in_conversation=True), ANSWER)
    assert not await cache.keep(ask("怎么退货"), Entry("请打13812345678", 0.9, "shop"))
    assert not may_recall("手续费呢", in_conversation=True)
    assert may_recall("会员生日当月有什么优惠活动", in_conversation=True)


async def test_drops_by_knowledge_base_document_age_and_version(store: Store) -> None:
    """The ways an operator and a reload forget; `shrink` keeps the newest."""
    clock = Clock()
    cache = make(store, clock)
    for number, base in enumerate(("a", "b", "c", "d")):
        origin = Origin(base, f"{base}.md", "v1")
        await cache.keep(ask(f"第{number}层卖什么", f"v{number}"), Entry("衣服", 0.9, base, (), (origin,)))
        clock.now += timedelta(hours=1)
    assert await cache.store.drop(knowledge_base="a") == 1
    assert await cache.store.drop(document="b.md") == 1
    assert await cache.store.shrink(1) == 1
    assert [kept.entry.knowledge_base for kept in await cache.store.listed(9)] == ["d"]
    assert await cache.store.drop(before=START) == 0
    assert await cache.store.drop(other_than="v3") == 0
    assert await cache.store.drop() == 1


async def test_every_outcome_and_the_money_saved_are_in_the_metrics(store: Store) -> None:
    """Hits, misses, what the gate refused, what was stale, what may not be looked for."""
    clock, metrics = Clock(), Metrics()
    cache = AnswerCache(store, EMBEDDER, Lifetimes(), clock=clock, tell=metrics.recalled)
    await cache.keep(ask("我能看你的相册吗"), ANSWER)
    for question in ("我能看你的相册吗", "我可以看你的相册吗", "你能看我的相册吗", "怎么退货", "它多久到账"):
        await cache.recall(ask(question), lambda _: True)
    await cache.recall(ask("我能看你的相册吗"), lambda _: False)
    shown = metrics.render().decode()
    for found, count in {"hit": 2, "gate": 1, "miss": 1, "barred": 1, "stale": 1}.items():
        assert f'zhida_answer_cache_total{{outcome="{found}"}} {count}.0' in shown
    assert "zhida_answer_cache_saved_money_total 0.04" in shown


async def test_explains_why_a_kept_answer_is_not_given(store: Store) -> None:
    """Each candidate with its likeness and what forbids it."""
    cache = make(store, Clock())
    await cache.keep(ask("我能看你的相册吗"), ANSWER)
    (same,) = await cache.explain("我可以看你的相册吗")
    (other,) = await cache.explain("你能看我的相册吗")
    assert (same.refusal, other.refusal) == ("", "another person")


async def test_a_database_that_fails_is_a_miss(tmp_path: Path) -> None:
    """The user notices nothing."""
    broken = await open_tables(tmp_path / "broken.db")
    cache = make(TableStore(broken), Clock())
    with closing(sqlite3.connect(tmp_path / "broken.db")) as other:
        other.execute("DROP TABLE answers")
    assert not await cache.keep(ask("怎么退货"), ANSWER)
    assert await outcome(cache, ask("怎么退货")) is Outcome.MISS
    await broken.close()


@given(st.text(max_size=30), st.text(max_size=30))
def test_all_that_may_be_merged_has_one_signature(one: str, other: str) -> None:
    """Else the database would not find what the gate would let through."""
    if not refusal(one, other):
        assert signature(one) == signature(other)


@pytest.mark.parametrize(
    ("one", "other"), [("怎样删除交易记录", "交易记录怎么删除？"), ("请问退款多久到账", "退款要多久到账呢")]
)
def test_wordings_share_their_signature(one: str, other: str) -> None:
    """Order, courtesy and particles are not part of it."""
    assert signature(one) == signature(other)


async def test_the_command_lists_explains_and_drops(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What an operator does with kept answers."""
    file = tmp_path / "zhida.toml"
    file.write_text('data = "."\n', encoding="utf-8")
    database = await open_tables(tmp_path / "zhida.db")
    assert await AnswerCache(TableStore(database), EMBEDDER, Lifetimes()).keep(ask("怎么退货"), ANSWER)
    await database.close()

    async def run(*arguments: str) -> str:
        assert await asyncio.to_thread(main, ["cache", *arguments, "--settings", str(file)]) == 0
        return capsys.readouterr().out

    (listed,) = map(json.loads, (await run("--list", "9")).splitlines())
    assert (listed["question"], listed["documents"]) == ("怎么退货", ["returns.md"])
    (explained,) = map(json.loads, (await run("--explain", "请问如何退货")).splitlines())
    assert explained["refusal"] == ""
    assert await run("--drop", "--document", "other.md") == "0 answers dropped\n"
    assert await run("--drop", "--knowledge-base", "shop", "--older-than", "0") == "1 answers dropped\n"
    assert await run("--list", "9") == ""
