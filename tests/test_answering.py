"""Answers beyond the FAQ: kept, counted and given only while they are true."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from structlog.testing import capture_logs

from adapters.messages import Source
from bot.answer_settings import CostSettings, Price
from bot.answering import Answering, Inquiry
from bot.cache.answers import AnswerCache
from bot.cache.entry import Lifetimes
from bot.cache.table import TableStore
from bot.costs import Costs, Payer, Standing
from bot.database import Database
from bot.llm.metering import MeteredModel
from bot.rag.documents import Documents
from bot.rag.prompt import Turn
from bot.rag.store import MemoryStore
from bot.tables import costs
from faq.embedding import Usem3Embedder
from tests.scripted_models import LetterEmbedder, ScriptedModel
from tests.servers import open_tables
from tests.test_cache import Clock
from tests.test_rag_documents import ASKED, REFUNDS, RETURNS, Ear, here, say
from tests.test_rag_indexing import content
from tests.waiting import until

SAID = "签收之日起7天内可以免费退货[1]。"
DAY = date(2026, 5, 1)
ANNA = Payer("web/anna", "web")
FREE = CostSettings()


def inquiry(question: str = ASKED, version: str = "1", payer: Payer = ANNA, day: date = DAY) -> Inquiry:
    """A question outside any conversation."""
    return Inquiry(question, (), "zh", version, payer, day)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two documents."""
    (tmp_path / "退货.md").write_text(f"# 退货政策\n\n{RETURNS}\n", encoding="utf-8")
    (tmp_path / "退款.md").write_text(f"# 退款\n\n{REFUNDS}\n", encoding="utf-8")
    return tmp_path


async def open_answering(
    folder: Path,
    database: Database,
    embedder: Usem3Embedder,
    model: ScriptedModel,
    limits: CostSettings = FREE,
    told: list[Standing] | None = None,
) -> Answering:
    """Documents of a folder, a cache and a ledger in one database."""
    store = MemoryStore()
    documents = Documents(embedder, here(lambda: store, embedder), MeteredModel(model))
    assert await documents.refresh(content(folder, "*.md")) is not None
    cache = AnswerCache(TableStore(database), embedder, Lifetimes(), clock=Clock())
    tell = told.append if told is not None else lambda _: None
    return Answering(documents, cache, Costs(database, limits, tell))


async def test_an_answer_is_paid_for_once(folder: Path, database: Database, embedder: Usem3Embedder) -> None:
    """The second asker, in other words, gets the same text and citations, and no model is called."""
    model, ear = ScriptedModel([[SAID]]), Ear()
    answering = await open_answering(folder, database, embedder, model)
    first = await answering.answer(inquiry(), say)
    again = await answering.answer(inquiry("请问几天内能免费退货"), say, ear)
    assert (first.source, again.source) == (Source.DOCUMENTS, Source.CACHE)
    assert (again.text, again.citations, again.knowledge_base) == (SAID, first.citations, "kb")
    assert again.passages == first.passages
    assert ear.text == SAID
    assert len(model.calls) == 1


async def test_an_edited_document_silences_its_answers_at_once(
    folder: Path, database: Database, embedder: Usem3Embedder
) -> None:
    """Even before the documents are read again."""
    model = ScriptedModel([[SAID]])
    answering = await open_answering(folder, database, embedder, model)
    await answering.answer(inquiry(), say)
    (folder / "退货.md").write_text("# 退货政策\n\n自签收之日起30天内可以免费退货。\n", encoding="utf-8")
    assert (await answering.answer(inquiry(), say)).source is not Source.CACHE


async def test_another_content_or_model_is_asked_anew(
    folder: Path, database: Database, embedder: Usem3Embedder
) -> None:
    """A reload of the knowledge bases drops what was made before it."""
    model = ScriptedModel([[SAID]])
    answering = await open_answering(folder, database, embedder, model)
    await answering.answer(inquiry(), say)
    assert (await answering.answer(inquiry(version="2"), say)).source is Source.DOCUMENTS
    other = await open_answering(folder, database, embedder, ScriptedModel([[SAID]], name="other"))
    assert (await other.answer(inquiry(), say)).source is Source.DOCUMENTS


async def test_a_failed_model_leaves_nothing_behind(folder: Path, database: Database, embedder: Usem3Embedder) -> None:
    """The quote that stands in for it is not kept; what the model does not know is, briefly."""
    model = ScriptedModel([["15天内可以免费退货[1]。"], [SAID]])
    answering = await open_answering(folder, database, embedder, model)
    assert (await answering.answer(inquiry(), say)).reason.startswith("withheld")
    assert (await answering.answer(inquiry(), say)).text == SAID
    unknowing = await open_answering(folder, database, embedder, ScriptedModel([["NO_ANSWER"]], name="unknowing"))
    nothing = [await unknowing.answer(inquiry(), say) for _ in range(2)]
    assert [one.source for one in nothing] == [Source.NONE] * 2
    assert nothing[0].text == nothing[1].text


async def test_a_thousand_equal_questions_are_one_call(
    folder: Path, database: Database, embedder: Usem3Embedder
) -> None:
    """All hear the whole answer; after other turns it is another question."""
    model = ScriptedModel([["签收之日起", 0.05, "7天内可以免费退货[1]。"]])
    answering = await open_answering(folder, database, embedder, model)
    answers = await asyncio.gather(*(answering.answer(inquiry(), say) for _ in range(1000)))
    assert {answer.text for answer in answers} == {SAID}
    assert len(model.calls) == 1
    answering.cache = None
    after = replace(inquiry(), turns=(Turn("你好", "您好"),))
    await asyncio.gather(answering.answer(after, say), answering.answer(inquiry(), say))
    assert len(model.calls) == 3


async def test_spent_money_leaves_the_documents(folder: Path, database: Database, embedder: Usem3Embedder) -> None:
    """Who has spent the limit gets quotes; others still get a model; tomorrow everybody does."""
    model = ScriptedModel([[SAID]])
    answering = await open_answering(folder, database, embedder, model, CostSettings(unit="calls", user_per_day=1))
    answering.cache = None
    assert (await answering.answer(inquiry(), say)).reason == ""
    spent = await answering.answer(inquiry(), say)
    assert (spent.source, spent.reason) == (Source.DOCUMENTS, "no model")
    assert RETURNS in spent.text
    assert (await answering.answer(inquiry(payer=Payer("web/bob", "web")), say)).reason == ""
    assert (await answering.answer(inquiry(day=DAY + timedelta(days=1)), say)).reason == ""


async def test_a_limit_of_zero_asks_no_model(folder: Path, database: Database, embedder: Usem3Embedder) -> None:
    """And says so to the operator."""
    model, told = ScriptedModel([[SAID]]), list[Standing]()
    answering = await open_answering(folder, database, embedder, model, CostSettings(all_per_month=0), told)
    assert (await answering.answer(inquiry(), say)).reason == "no model"
    assert model.calls == []
    assert [(one.name, one.share) for one in told] == [("all_per_month", 1.0)]


@pytest.mark.parametrize("limit", ["user_per_day", "user_per_month", "all_per_day", "all_per_month"])
async def test_every_limit_of_zero_holds(limit: str, folder: Path, database: Database, embedder: Usem3Embedder) -> None:
    """Nothing may be spent: the documents are quoted, the model is never called, nothing is kept."""
    model = ScriptedModel([[SAID]])
    answering = await open_answering(folder, database, embedder, model, CostSettings.model_validate({limit: 0}))
    answer = await answering.answer(inquiry(), say)
    assert RETURNS in answer.text
    assert model.calls == []
    assert answering.cache is not None
    assert await answering.cache.store.listed(9) == []


async def test_the_operator_is_warned_from_eighty_percent(
    folder: Path, database: Database, embedder: Usem3Embedder
) -> None:
    """Once a day, before the limit is reached, and again the next day."""
    limits = CostSettings(unit="calls", all_per_month=5)
    answering = await open_answering(folder, database, embedder, ScriptedModel([[SAID]]), limits)
    answering.cache = None
    warned = []
    for _ in range(7):
        with capture_logs() as logs:
            await answering.answer(inquiry(), say)
        warned.append([line["spent"] for line in logs if line["event"] == "budget nearly spent"])
    assert warned == [[], [], [], [], [4.0], [], []]
    with capture_logs() as logs:
        await answering.answer(inquiry(day=DAY + timedelta(days=1)), say)
    assert [line["spent"] for line in logs if line["event"] == "budget nearly spent"] == [5.0]


async def test_the_ledger_names_who_spent_what_on_what(
    folder: Path, database: Database, embedder: Usem3Embedder
) -> None:
    """A row for provider, knowledge base, channel and user; a kept answer adds nothing to it."""
    answering = await open_answering(folder, database, embedder, ScriptedModel([[SAID]]))
    for _ in range(2):
        await answering.answer(inquiry(), say)
    (row,) = await database.rows(sa.select(costs))
    named = [row[name] for name in ("day", "model", "knowledge_base", "channel", "user", "calls")]
    assert named == ["2026-05-01", "scripted", "kb", "web", "web/anna", 1]
    assert row["tokens_in"] > row["tokens_out"] > 0


async def test_the_operator_is_told_what_is_spent(folder: Path, database: Database, embedder: Usem3Embedder) -> None:
    """Money by the prices of the settings, seen in the health of the service."""
    price = Price(model="scripted", tokens_in=0, tokens_out=1_000_000)
    limits = CostSettings(prices=(price,), all_per_month=100)
    model, told = ScriptedModel([[SAID]]), list[Standing]()
    answering = await open_answering(folder, database, embedder, model, limits, told)
    answering.cache = None
    await answering.answer(inquiry(), say)
    await answering.answer(inquiry(payer=Payer("web/bob", "web")), say)
    spent = round(len(SAID) / 1.5)
    assert [one.spent for one in told] == [0, spent]
    assert answering.costs is not None
    assert answering.costs.health() == [{"limit": "all_per_month", "spent": spent, "of": 100}]
    await answering.costs.erase("anna")
    assert await answering.costs.allow(ANNA, DAY)
    assert told[-1].spent == 2 * spent  # what was spent stays, who it was is forgotten


async def test_what_nobody_waited_for_is_counted(folder: Path, database: Database, embedder: Usem3Embedder) -> None:
    """A user who leaves ends the call, and what it used until then is in the ledger."""
    model = ScriptedModel([["签收之日起", 30.0]])
    told: list[Standing] = []
    answering = await open_answering(folder, database, embedder, model, CostSettings(unit="calls", all_per_day=9), told)
    leaving = asyncio.ensure_future(answering.answer(inquiry(), say))
    await until(lambda: model.running == 1)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    await until(lambda: model.closed == 1)
    await asyncio.sleep(0.1)
    assert answering.costs is not None
    assert await answering.costs.allow(ANNA, DAY)
    assert told[-1].spent == 1


class Edits(RuleBasedStateMachine):
    """Documents that are edited, deleted and read again, knowledge that is reloaded, a clock that goes both ways.

    The model says what the document says at that time; whatever is answered must be what it says now.
    """

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(self._folder())
        self.clock, self.version, self.days = Clock(), 1, 7
        self.born: dict[str, datetime] = {}
        self.runner.run(self._open())

    def _folder(self) -> str:
        return str(FOLDERS.pop())

    async def _open(self) -> None:
        self._write()
        self.model = Reciting(self)
        shutil.copy(TEMPLATE[0], self.folder / "zhida.db")
        self.database = await open_tables(self.folder / "zhida.db")
        store, embedder = MemoryStore(), LetterEmbedder()
        self.documents = Documents(embedder, here(lambda: store, embedder), MeteredModel(self.model))
        self.cache = AnswerCache(TableStore(self.database), embedder, Lifetimes(), clock=self.clock)
        self.answering = Answering(self.documents, self.cache)
        await self.documents.refresh(content(self.folder, "*.md"))

    def _write(self) -> None:
        text = f"# 退货政策\n\n自签收之日起{self.days}天内可以免费退货，运费由商家承担。\n"
        (self.folder / "退货.md").write_text(text, encoding="utf-8")

    @initialize()
    def begin(self) -> None:
        """Somebody has asked before, and was answered at once the second time."""
        self.ask(ASKED)
        self.ask(ASKED)

    @rule(days=st.integers(1, 99))
    def edit(self, days: int) -> None:
        """The staff write another number of days."""
        self.days = days
        self._write()

    @rule()
    def delete(self) -> None:
        """The document goes away."""
        (self.folder / "退货.md").unlink(missing_ok=True)

    @rule()
    def read_again(self) -> None:
        """The service notices."""
        self.runner.run(self.documents.refresh(content(self.folder, "*.md")))

    @rule()
    def reload(self) -> None:
        """Another version of the knowledge bases."""
        self.version += 1

    @rule(hours=st.integers(-48, 24 * 20))
    def pass_time(self, hours: int) -> None:
        """The clock moves, sometimes back."""
        self.clock.now += timedelta(hours=hours)

    @rule(question=st.sampled_from([ASKED, "请问几天内能免费退货", "几天内可以退货免费"]))
    def ask(self, question: str) -> None:
        """Whatever is answered is what the document says now, by this version, and was said not long ago."""
        asked = replace(inquiry(question), version=str(self.version))
        answer = self.runner.run(self.answering.answer(asked, say))
        if answer.source is Source.DOCUMENTS and not answer.reason:
            self.born[f"{self.version} {answer.text}"] = self.clock.now
        if answer.text and answer.source in (Source.DOCUMENTS, Source.CACHE):
            assert (self.folder / "退货.md").exists()
            assert f"{self.days}天" in answer.text
        if answer.source is Source.CACHE:
            GIVEN_AGAIN.append(answer.text)
            age = self.clock.now - self.born[f"{self.version} {answer.text}"]
            assert age <= Lifetimes().half  # of the same words, which are as like as can be

    @invariant()
    def forget_nothing(self) -> None:
        """The clock of the cache is the clock of the test."""
        assert self.clock.now.tzinfo is UTC

    def teardown(self) -> None:
        """Let the database go."""
        self.runner.run(self.database.close())
        self.runner.close()


FOLDERS: list[Path] = []
TEMPLATE: list[Path] = []  # a database with its tables, so that each interleaving need not make them
GIVEN_AGAIN: list[str] = []


class Reciting:
    """A model that copies the passage it is shown."""

    name = "reciting"

    def __init__(self, world: Edits) -> None:
        self._world = world

    async def close(self) -> None:
        """Nothing to let go of."""

    async def stream(self, prompts: Sequence[object], functions: Sequence[object] = ()) -> AsyncGenerator[str]:
        """Say the number of days of the passage."""
        said = str(prompts[-1])
        start = said.index("自签收之日起")
        yield said[start : said.index("天内", start)] + "天内可以免费退货[1]。"


async def make_tables(path: Path) -> None:
    """A database that holds nothing yet."""
    await (await open_tables(path)).close()


def test_no_interleaving_gives_a_stale_answer(tmp_path: Path) -> None:
    """Edits, deletions, reloads, time: 0 stale answers. ZHIDA_INTERLEAVINGS=10000 tries so many."""
    tried = int(os.environ.get("ZHIDA_INTERLEAVINGS", "40"))
    GIVEN_AGAIN.clear()
    TEMPLATE[:] = [tmp_path / "template.db"]
    asyncio.run(make_tables(TEMPLATE[0]))
    FOLDERS[:] = [tmp_path / str(number) for number in range(3 * tried)]
    for place in FOLDERS:
        place.mkdir()
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    quick = settings(
        max_examples=tried, stateful_step_count=40, deadline=None, suppress_health_check=checks, database=None
    )
    run_state_machine_as_test(Edits, settings=quick)
    assert GIVEN_AGAIN  # else nothing was tried
