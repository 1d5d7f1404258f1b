"""A delivery core of one's own for tests: a scripted answerer, a channel that remembers what was sent, a ledger."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from adapters.messages import Message, Reply, Source
from adapters.protocol import Adapter, Delivery, Emit, Outcome, Outgoing, Parsed, Request, piece_key
from bot import phrases
from bot.database import Database
from bot.inbox import Inbox
from bot.ledger import Ledger
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.phrases import Phrases
from bot.settings import ROOT, InboxSettings


def message(text: str, name: str, user: str = "u1", platform: str = "peer", **others: object) -> Message:
    """A message of a test's own platform."""
    values: dict[str, object] = {"received": datetime.now(UTC), **others}
    return Message(platform, "shop", user, user, name, text, **values)  # type: ignore[arg-type]


@dataclass
class Scripted:
    """Answers every message with its text; `seconds` says how long that takes, `fails` what raises, `silent` whose
    reply is not for platforms.
    """

    seconds: Callable[[Message], float] = lambda message: 0.0
    fails: Callable[[Message], bool] = lambda message: False
    silent: Callable[[Message], bool] = lambda message: False
    asked: list[str] = field(default_factory=list)
    under_way: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    most: int = 0

    async def reply(self, message: Message, emit: Emit | None = None) -> Reply:
        """Wait, then repeat; never two at once in one conversation."""
        self.asked.append(message.text)
        self.under_way[message.thread] += 1
        self.most = max(self.most, sum(self.under_way.values()))
        try:
            assert self.under_way[message.thread] == 1, "two answers at once in one conversation"
            await asyncio.sleep(self.seconds(message))
            if self.fails(message):
                raise RuntimeError("scripted")
        finally:
            self.under_way[message.thread] -= 1
        text = f"re: {message.text}"
        if emit is not None:
            await emit(text)
        return Reply(text, Source.FAQ, silent=self.silent(message))


class Peer(Adapter):
    """A platform inside the test: `outcomes` are handed out first, then everything is sent."""

    platform, account = "peer", "shop"

    def __init__(self, *outcomes: Delivery, repeatable: bool = True, seconds: float = 0.0) -> None:
        self.repeatable = repeatable
        self.seconds = seconds
        self.outcomes = list(outcomes)
        self.tries: list[str] = []
        self.sent: list[tuple[str, str]] = []  # to whom, text

    def parse(self, request: Request) -> Parsed:
        """Nothing comes by HTTP."""
        return Parsed()

    def render(self, reply: Reply, message: Message) -> tuple[Outgoing, ...]:
        """One piece."""
        return (Outgoing(piece_key(message, 0), message.user, {"text": reply.text}),)

    async def send(self, outgoing: Outgoing) -> Delivery:
        """Remember the try, then what the script says."""
        self.tries.append(str(outgoing.payload["text"]))
        await asyncio.sleep(self.seconds)
        delivery = self.outcomes.pop(0) if self.outcomes else Delivery(Outcome.SENT)
        if delivery.outcome is Outcome.SENT:
            self.sent.append((outgoing.to, str(outgoing.payload["text"])))
        return delivery

    async def check(self) -> tuple[str, ...]:
        """All is well."""
        return ()

    async def close(self) -> None:
        """Nothing is held."""

    def texts(self, user: str = "u1") -> list[str]:
        """What one user got, in order."""
        return [text for to, text in self.sent if to == user]


@dataclass
class Core:
    """The parts of a running delivery core."""

    ledger: Ledger
    outbox: Outbox
    inbox: Inbox
    metrics: Metrics

    async def settle(self) -> None:
        """Return when every message is answered and every piece sealed."""
        while self.inbox.waiting or await self.ledger.undelivered():  # noqa: ASYNC110 (other tasks)
            await asyncio.sleep(0.005)


def said() -> Phrases:
    """The phrases that ship."""
    return phrases.load(ROOT / "bot/phrases.yaml")


@asynccontextmanager
async def run_core(
    folder: Path, answerer: Scripted, *adapters: Adapter, url: str = "", **settings: float
) -> AsyncIterator[Core]:
    """A core on a database in `folder` (or at `url`) that has taken up what was left there."""
    database = await Database.open(url or f"sqlite:///{folder}/z.db")
    ledger = Ledger(database)
    metrics, loaded = Metrics(), said()
    outbox = Outbox(ledger, adapters, metrics)
    values: Mapping[str, object] = {"burst_seconds": 0.0, **settings}
    inbox = Inbox(answerer, lambda: loaded, metrics, ledger, outbox, InboxSettings.model_validate(values))
    await outbox.resume()
    await inbox.resume()
    try:
        yield Core(ledger, outbox, inbox, metrics)
    finally:
        await inbox.close(0.2)
        await outbox.close(0.2)
        await database.close()
