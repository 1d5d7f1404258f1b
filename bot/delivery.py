"""Puts the way in and the way out together: ledger, outbox, inbox, channels; started and ended in the right order."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bot.channels import Channels, open_channels
from bot.database import Database, DatabaseUnavailable
from bot.inbox import Answerer, Inbox
from bot.ledger import Ledger
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.phrases import Phrases
from bot.settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Delivery:
    """What stands between the platforms and the pipeline."""

    ledger: Ledger
    outbox: Outbox
    inbox: Inbox
    channels: Channels


@asynccontextmanager
async def open_delivery(
    pipeline: Answerer, phrases: Callable[[], Phrases], metrics: Metrics, database: Database, settings: Settings
) -> AsyncIterator[Delivery]:
    """Take up what was left, then take what comes; on leaving, finish what is under way."""
    ledger = Ledger(database)
    configured = open_channels(settings.channels)
    outbox = Outbox(ledger, [channel.adapter for channel in configured], metrics)
    inbox = Inbox(pipeline, phrases, metrics, ledger, outbox, settings.inbox)
    channels = Channels(configured, inbox, ledger, phrases, metrics, settings.server.body_seconds)
    forgetting = asyncio.create_task(_forget(ledger, settings.inbox.keep_hours), name="forget messages")
    try:
        await outbox.resume()
        await inbox.resume()
        channels.start()
        yield Delivery(ledger, outbox, inbox, channels)
    finally:
        await channels.stop_listening()
        await inbox.close()
        await outbox.close()
        await channels.close()
        forgetting.cancel()
        await asyncio.gather(forgetting, return_exceptions=True)


async def _forget(ledger: Ledger, hours: int) -> None:
    """Forget what is closed and older than so many hours, now and every hour, until cancelled."""
    while True:
        try:
            await ledger.forget(datetime.now(UTC) - timedelta(hours=hours))
        except DatabaseUnavailable as error:
            log.error("old messages not deleted", error=str(error))
        await asyncio.sleep(3600)
