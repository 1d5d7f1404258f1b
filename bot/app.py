"""The composition root: here, and only here, the parts are made and put together."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module

import structlog

from adapters.messages import Message, Reply
from adapters.protocol import Emit
from bot.answering import Answering
from bot.cache.opening import keep_tidy, open_cache
from bot.costs import Costs
from bot.database import Database
from bot.delivery import Delivery, open_delivery
from bot.history import History, MemoryHistory, SqlHistory, Turn, keep_retention
from bot.hits import HitLog
from bot.inbox import Inbox
from bot.metrics import Metrics
from bot.phrases import Phrases
from bot.pipeline import Pipeline
from bot.rag.documents import Documents
from bot.rag.opening import open_documents
from bot.reload import Live
from bot.settings import Settings
from bot.tools.opening import open_systems
from bot.tools.outside import Outside
from faq.embedding import Usem3Embedder
from policies.limits import Limits, Rates

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Service:
    """What the ways in (HTTP, adapters, terminal) may ask for."""

    settings: Settings
    live: Live
    history: History
    inbox: Inbox
    metrics: Metrics
    delivery: Delivery
    answering: Answering
    hits: HitLog

    @property
    def documents(self) -> Documents:
        return self.answering.documents

    async def receive(self, message: Message, emit: Emit | None = None) -> Reply:
        """Answer a message: in order within its conversation, once for its id, never raising."""
        return await self.inbox.receive(message, emit)

    async def turns(self, thread: str, limit: int) -> Sequence[Turn]:
        return await self.history.recent(thread, limit)

    async def erase(self, user: str, platform: str | None = None) -> int:
        """Delete every turn of a user and all that was received or sent; the number of turns deleted."""
        await self.delivery.ledger.erase(user, platform)
        await self.hits.erase(user, platform)
        if self.answering.costs is not None:
            await self.answering.costs.erase(user, platform)
        return await self.history.erase(user, platform)

    @property
    def phrases(self) -> Phrases:
        return self.live.current.phrases

    def readiness(self) -> Mapping[str, object]:
        """What an operator must know: what is loaded, and what was refused at the last reload."""
        content = self.live.current.content
        loaded = {"version": content.version[:12], "entries": len(content.entries)}
        found: dict[str, object] = {
            "content": loaded,
            "problems": list(self.live.problems),
            "documents": self.documents.health(),
        }
        if self.answering.costs is not None:
            found["budgets"] = self.answering.costs.health()
        return {"ready": True, **found, "channels": self.delivery.channels.health()}


@asynccontextmanager
async def open_service(settings: Settings) -> AsyncIterator[Service]:
    """Start everything; on leaving, finish what is under way. Raises what Live and Database raise at start."""
    live = Live(settings, load_embedder(settings))
    documents = open_documents(settings, live.embedder)
    database = await Database.open(settings.database_url)
    history = SqlHistory(database, settings.history.recent_turns)
    metrics = Metrics()
    answering = open_answering(settings, live, documents, database, metrics)
    hits = HitLog(database)
    pipeline = Pipeline(live, history, settings, _limits(settings), answering, hits)
    days = settings.history.retention_days
    background = [_forever(keep_retention(kept, days), "retention") for kept in (history, hits)]
    background.append(_forever(_follow(live, documents), "documents"))
    if answering.cache is not None:
        background.append(_forever(keep_tidy(answering.cache, settings.cache.most), "answer cache"))
    if settings.content.watch:
        background.append(_forever(live.watch(), "reload"))
    try:
        async with open_delivery(pipeline, lambda: live.current.phrases, metrics, database, settings) as delivery:
            yield Service(settings, live, history, delivery.inbox, metrics, delivery, answering, hits)
    finally:
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        await answering.close()
        await database.close()


async def _follow(live: Live, documents: Documents) -> None:
    """Keep the documents as the knowledge bases name them, until cancelled."""
    while True:
        live.touched.clear()
        await documents.refresh(live.current.content)
        await live.touched.wait()


def _forever(work: Coroutine[object, object, None], name: str) -> asyncio.Task[None]:
    """A task that must not end in silence: its failure is logged at once."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_tell_end)
    return task


def _tell_end(task: asyncio.Task[None]) -> None:
    with suppress(asyncio.CancelledError):
        if error := task.exception():
            log.error("background work ended", work=task.get_name(), exc_info=error)


def without_memory(settings: Settings) -> Pipeline:
    """The pipeline of a command: the live path without documents, remembering nothing. Raises what Live raises."""
    return Pipeline(Live(settings, load_embedder(settings)), MemoryHistory(), settings)


@asynccontextmanager
async def with_documents(settings: Settings) -> AsyncIterator[Pipeline]:
    """As `without_memory`, with all that is beyond the FAQ; the documents are read when a question first needs them.

    What costs money is counted and kept as in the service; without a model no database is opened.
    """
    live = Live(settings, load_embedder(settings))
    documents = open_documents(settings, live.embedder)
    documents.refresh_when_asked(live.current.content)
    database = await Database.open(settings.database_url) if settings.model.use else None
    answering = open_answering(settings, live, documents, database, Metrics()) if database else Answering(documents)
    try:
        yield Pipeline(live, MemoryHistory(), settings, answering=answering)
    finally:
        await answering.close()
        if database is not None:
            await database.close()


def open_answering(
    settings: Settings, live: Live, documents: Documents, database: Database, metrics: Metrics
) -> Answering:
    """The documents, kept answers, costs, the web and the company's systems, as the settings say."""
    cache = open_cache(settings, database, live.embedder, metrics)
    costs = Costs(database, settings.costs, metrics.spent)
    systems = open_systems(settings.tools, metrics.called)
    outside = open_outside(settings)
    return Answering(documents, cache, costs, outside, systems, functions=settings.model.functions)


def open_outside(settings: Settings) -> Outside | None:
    """The web, when the settings name a search engine; its parsers are imported only then.

    Its embedder remembers nothing: a page has hundreds of sentences, which would drive the questions out.
    """
    if settings.web.search is None:
        return None
    web: Outside = import_module("bot.web.opening").open_web(settings, load_embedder(settings))
    return web


def terminal_message(text: str, conversation: str = "terminal") -> Message:
    """A message typed by whoever sits at this machine."""
    return Message("terminal", "", conversation, "terminal", uuid.uuid4().hex, text, datetime.now(UTC))


def _limits(settings: Settings) -> Limits:
    asked = settings.limits
    return Limits(
        Rates(
            user=asked.user_per_minute,
            conversation=asked.conversation_per_minute,
            everyone=asked.everyone_per_minute,
            day=asked.user_per_day,
            same=asked.same_per_minute,
        )
    )


def load_embedder(settings: Settings) -> Usem3Embedder:
    """The embedded model, its table mapped from the data folder."""
    return Usem3Embedder(cache=settings.data / "cache")
