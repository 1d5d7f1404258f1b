"""The answer cache: give an answer again only if it is fresh, rests on documents that still say it, and was to the same
question; keep what may be kept. A database that fails is a miss, never an error.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import structlog

from bot.cache.admission import may_recall, personal
from bot.cache.entry import Entry, Lifetimes, Origin
from bot.cache.store import Address, Embedding, Kept, Store
from bot.database import DatabaseUnavailable
from faq.embedding import Embedder, Vectors
from faq.pairs import alike, judge, signature
from faq.text import normalise

log = structlog.get_logger()

Clock = Callable[[], datetime]
Alive = Callable[[Origin], bool]  # whether a document is still what it was
Tell = Callable[["Outcome", float], None]  # what became of a look-up, and the money it saved


class Outcome(StrEnum):
    """What became of one look-up."""

    HIT = "hit"
    MISS = "miss"
    GATE = "gate"  # a like question has an answer, but it is not the same question
    STALE = "stale"
    BARRED = "barred"  # personal, of the day, or leaning on the conversation


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and all that its answer depends on; `version` names everything that answers are made from."""

    question: str
    version: str
    scope: tuple[str, ...] = ()  # language, model, knowledge bases
    in_conversation: bool = False

    @property
    def address(self) -> Address:
        return Address.of(self.version, self.scope, normalise(self.question), signature(self.question))


@dataclass(frozen=True, slots=True)
class Candidate:
    """One kept answer beside a question: how alike, how fresh, and why it is not given (empty: it may be)."""

    kept: Kept
    likeness: float
    freshness: float
    refusal: str


@dataclass(frozen=True, slots=True)
class Recall:
    """The answer of the cache, if it has one."""

    outcome: Outcome
    entry: Entry | None = None


class AnswerCache:
    """Answers of one store."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        lifetimes: Lifetimes,
        *,
        clock: Clock = lambda: datetime.now(UTC),
        tell: Tell = lambda outcome, money: None,
    ) -> None:
        self.store = store
        self._embedder, self._lifetimes, self._clock, self._tell = embedder, lifetimes, clock, tell

    async def recall(self, asked: Asked, alive: Alive) -> Recall:
        """Look for an answer to the same question. What is found stale is dropped."""
        found = await self._recall(asked, alive)
        self._tell(found.outcome, found.entry.money if found.entry else 0.0)
        return found

    async def keep(self, asked: Asked, entry: Entry) -> bool:
        """Keep an answer that may be given to others; whether it was kept."""
        if asked.in_conversation or not may_recall(asked.question, asked.in_conversation) or personal(entry.text):
            return False
        row = (await asyncio.to_thread(self._embedder.embed, [asked.question]))[0]
        try:
            meaning = Embedding(self._embedder.id, row)
            return await self.store.put(asked.address, asked.question, entry, self._clock(), meaning)
        except DatabaseUnavailable as error:
            log.error("answer not cached", error=str(error))
            return False

    async def explain(self, question: str) -> list[Candidate]:
        """Every kept answer to a wording of the question, whatever it was made from."""
        kept = await self.store.with_signature(signature(question))
        return await asyncio.to_thread(self._compare, question, kept, lambda _: True)

    async def tidy(self, most: int) -> int:
        """Forget what is past its time, and the oldest of too many."""
        return await self.store.drop(before=self._clock() - self._lifetimes.whole) + await self.store.shrink(most)

    async def _recall(self, asked: Asked, alive: Alive) -> Recall:
        if not may_recall(asked.question, asked.in_conversation):
            return Recall(Outcome.BARRED)
        try:
            kept = await self.store.near(asked.address)
            if not kept:
                return Recall(Outcome.MISS)
            candidates = await asyncio.to_thread(self._compare, asked.question, kept, alive)
            await self._drop(candidates)
        except DatabaseUnavailable as error:
            log.error("answer cache not readable", error=str(error))
            return Recall(Outcome.MISS)
        fit = [candidate for candidate in candidates if not candidate.refusal]
        if fit:
            return Recall(Outcome.HIT, max(fit, key=lambda one: (one.freshness, one.kept.at)).kept.entry)
        return Recall(Outcome.STALE if any(one.refusal == "stale" for one in candidates) else Outcome.GATE)

    async def _drop(self, candidates: Sequence[Candidate]) -> None:
        stale = [one.kept.id for one in candidates if one.refusal == "stale" and one.kept.at <= self._clock()]
        if stale:
            await self.store.drop(ids=stale)

    def _compare(self, question: str, kept: Sequence[Kept], alive: Alive) -> list[Candidate]:
        """The gate, then the age, for each."""
        now, compared = self._clock(), []
        for one, likeness in zip(kept, self._likenesses(question, kept), strict=True):
            judgement = judge(question, one.question, likeness)
            freshness = self._lifetimes.freshness(one.entry, likeness, now - one.at)
            fresh = freshness > 0 and all(map(alive, one.entry.origins))
            compared.append(Candidate(one, likeness, freshness, judgement.reason or ("" if fresh else "stale")))
        return compared

    def _likenesses(self, question: str, kept: Sequence[Kept]) -> list[float]:
        """The cosine of each kept question; embedded is only what must be compared and was not embedded before."""
        same = [alike(question, one.question) for one in kept]
        if all(same):
            return [1.0] * len(kept)
        rows = [self._row(one) for one in kept]
        foreign = [one.question for one, row in zip(kept, rows, strict=True) if row is None]
        mine, *read = self._embedder.embed([question, *foreign])
        others = iter(read)
        cosines = [float(mine @ (row if row is not None else next(others))) for row in rows]
        return [1.0 if equal else cosine for equal, cosine in zip(same, cosines, strict=True)]

    def _row(self, kept: Kept) -> Vectors | None:
        meaning = kept.embedding
        return meaning.row if meaning is not None and meaning.embedder == self._embedder.id else None
