"""The answer cache as the settings say, and what keeps it small."""

import asyncio
from datetime import timedelta
from importlib import import_module

import structlog

from bot.cache.answers import AnswerCache
from bot.cache.entry import Lifetimes
from bot.cache.store import Store
from bot.cache.table import TableStore
from bot.database import Database, DatabaseUnavailable
from bot.metrics import Metrics
from bot.settings import Settings
from faq.embedding import RememberingEmbedder

log = structlog.get_logger()


def open_cache(
    settings: Settings, database: Database, embedder: RememberingEmbedder, metrics: Metrics
) -> AnswerCache | None:
    """The cache in a database whose tables are there; None when the settings turn it off.

    The embedder remembers the question that the steps before have read: a look-up then embeds nothing.
    """
    if not settings.cache.use:
        return None
    store = open_store(settings, database, embedder.dim)
    return AnswerCache(store, embedder, lifetimes(settings), tell=metrics.recalled)


def open_store(settings: Settings, database: Database, width: int) -> Store:
    """The database itself, or the Milvus that the settings name, whose modules are imported only then."""
    said = settings.cache
    if said.store is None:
        return TableStore(database)
    address = said.store if "://" in said.store else str(settings.data / said.store)
    token = settings.documents.store_token.get_secret_value() if settings.documents.store_token is not None else ""
    store: Store = import_module("bot.cache.milvus").MilvusStore(address, width, token)
    return store


def lifetimes(settings: Settings) -> Lifetimes:
    said = settings.cache
    return Lifetimes(
        whole=timedelta(days=said.days),
        negative=timedelta(minutes=said.negative_minutes),
        half=timedelta(hours=said.half_life_hours),
        half_of={base: timedelta(hours=hours) for base, hours in said.half_lives.items()},
        fresh_from=said.fresh_from,
    )


async def keep_tidy(cache: AnswerCache, most: int) -> None:
    """Forget old answers and the oldest of too many, now and every hour, until cancelled."""
    while True:
        try:
            await cache.tidy(most)
        except DatabaseUnavailable as error:
            log.error("answer cache not tidied", error=str(error))
        await asyncio.sleep(3600)
