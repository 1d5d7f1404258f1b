"""How many messages a second one core answers, everything on disk, and what slow answers cost the others."""

import asyncio
import itertools
import os
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from threadpoolctl import threadpool_limits

from adapters.messages import Message, Reply
from adapters.protocol import Delivery, Emit, Outgoing
from benchmarks.data import read_faq, read_queries
from bot import phrases
from bot.database import Database
from bot.history import SqlHistory
from bot.inbox import Inbox
from bot.ledger import Ledger
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.pipeline import Pipeline
from bot.reload import Live, learn
from bot.settings import ROOT, Settings
from faq.embedding import Usem3Embedder
from tests.delivering import Peer

FAQ = ("H_composite_multikb_zh/faq_dev.jsonl", "H_composite_multikb_zh/faq_rest.jsonl")
_USERS = 2000  # so many that none asks twice within a burst's window, which would be one answer
_AT_ONCE = 200
_SLOW_SECONDS = 10.0
_numbers = itertools.count()


class Timing(Peer):
    """A peer that tells each message's sender how long it took from its arrival to its send."""

    def __init__(self) -> None:
        super().__init__()
        self.began: dict[str, float] = {}
        self.took: dict[str, asyncio.Future[float]] = {}

    def begin(self, name: str) -> asyncio.Future[float]:
        """The clock of one message starts."""
        self.began[name] = time.perf_counter()
        self.took[name] = asyncio.get_running_loop().create_future()
        return self.took[name]

    def render(self, reply: Reply, message: Message) -> tuple[Outgoing, ...]:
        """The piece remembers its message."""
        (piece,) = super().render(reply, message)
        return (replace(piece, payload={"text": reply.text, "id": message.id}),)

    async def send(self, outgoing: Outgoing) -> Delivery:
        """The clock stops."""
        name = str(outgoing.payload["id"])
        self.took[name].set_result(time.perf_counter() - self.began[name])
        return await super().send(outgoing)


class SlowForSome:
    """The pipeline, but every tenth user waits ten seconds, as for a language model."""

    def __init__(self, pipeline: Pipeline, *, slow: bool) -> None:
        self._pipeline, self._slow = pipeline, slow

    async def reply(self, message: Message, emit: Emit | None = None) -> Reply:
        """Wait for some, then answer."""
        if self._slow and int(message.user) % 10 == 0:
            await asyncio.sleep(_SLOW_SECONDS)
        return await self._pipeline.reply(message, emit)


@dataclass
class Bench:
    """A service in this process before a peer in this process; ledger and history in one SQLite file."""

    inbox: Inbox
    peer: Timing
    acks: list[float] = field(default_factory=list)

    async def tell(self, user: int, text: str) -> asyncio.Future[float]:
        """One message; returns when it is acknowledged, with what will be the seconds until its reply was sent."""
        name = f"m{next(_numbers)}"
        message = Message("peer", "shop", str(user), str(user), name, text, datetime.now(UTC))
        sent = self.peer.begin(name)
        await self.inbox.accept(message)
        self.acks.append(time.perf_counter() - self.peer.began[name])
        return sent


@asynccontextmanager
async def open_bench(folder: Path, pipeline: Callable[[SqlHistory], Pipeline], *, slow: bool) -> AsyncIterator[Bench]:
    """Everything durable, as in production."""
    said, metrics, peer = phrases.load(ROOT / "bot/phrases.yaml"), Metrics(), Timing()
    database = await Database.open(f"sqlite:///{folder}/zhida.db")
    history, ledger = SqlHistory(database, 6), Ledger(database)
    outbox = Outbox(ledger, [peer], metrics)
    settings = Settings().inbox
    inbox = Inbox(SlowForSome(pipeline(history), slow=slow), lambda: said, metrics, ledger, outbox, settings)
    yield Bench(inbox, peer)
    await inbox.close()
    await outbox.close()
    await database.close()


def learn_faq(folder: Path, half: str) -> tuple[Callable[[SqlHistory], Pipeline], Sequence[str], Sequence[str]]:
    """The pipeline over the composite FAQ set, its questions word for word, and what users asked."""
    settings = Settings(data=folder)
    live = Live(settings, Usem3Embedder())
    content = read_faq(*FAQ)
    matcher, router = learn(content, settings, live.embedder)
    live.current = replace(live.current, content=content, matcher=matcher, router=router)
    written = [entry.question for entry in content.entries]
    asked = [query.text for query in read_queries(f"H_composite_multikb_zh/queries_{half}.tsv")]
    return lambda history: Pipeline(live, history, settings), written, asked


async def throughput(bench: Bench, questions: Sequence[str], count: int) -> dict[str, object]:
    """As many as it takes at once, on the core it is on; repeated questions of many users."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> None:
        async with turns:
            await (await bench.tell(number % _USERS, questions[number % len(questions)]))

    began, spent = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(number) for number in range(count)))
    seconds, worked = time.perf_counter() - began, time.process_time() - spent
    return {
        "messages": count,
        "per_second": round(count / seconds),
        "per_cpu_second": round(count / worked),  # what it would be if nobody else used this core
        "cpu_us_each": round(worked / count * 1e6),
    }


async def latency(bench: Bench, questions: Sequence[str], rate: float, seconds: float) -> dict[str, object]:
    """Messages at a steady rate of many users; how long the acknowledgement and the others' answers take."""
    chance = random.Random(3)
    loop = asyncio.get_running_loop()
    told: list[tuple[int, asyncio.Task[asyncio.Future[float]]]] = []
    end = loop.time() + seconds
    while loop.time() < end:
        user = len(told) % _USERS
        told.append((user, asyncio.create_task(bench.tell(user, chance.choice(questions)))))
        await asyncio.sleep(chance.expovariate(rate))
    quick = [await (await sent) for user, sent in told if user % 10]
    return {
        "messages": len(told),
        "ack_p99_ms": _p99(bench.acks),
        "answer_p50_ms": round(sorted(quick)[len(quick) // 2] * 1000, 1),
        "answer_p99_ms": _p99(quick),
    }


def pin_to_one_core() -> None:
    """Where the system can; libraries of linear algebra would still start a thread for each core."""
    threadpool_limits(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _p99(values: Sequence[float]) -> float:
    return round(sorted(values)[int(len(values) * 0.99)] * 1000, 1)
