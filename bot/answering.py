"""Answers beyond the FAQ: kept ones first, then the documents, with a model only while there is money for it.

Equal questions asked at once are answered once. Knows no pipeline and no platform.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import structlog

from adapters.messages import Source
from adapters.protocol import Emit
from bot.cache.admission import personal
from bot.cache.answers import AnswerCache, Asked, Outcome
from bot.cache.entry import Entry, Origin
from bot.costs import Costs, Payer
from bot.llm.metering import metered
from bot.llm.model import UpstreamError
from bot.llm.single_flight import SingleFlight
from bot.rag.documents import DocumentAnswer, Documents, Say
from bot.rag.index import Findings
from bot.rag.prompt import Turn
from bot.tools.calling import Choice, Fault, Offer, Result, choose, run
from bot.tools.http import Systems
from bot.tools.outside import Outside, WebOffer
from faq.text import normalise

log = structlog.get_logger()

WEB = "web"  # stands for a knowledge base: pages of the web have a date, but no file that could change
_NEGATIVE = "the model finds no answer"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question as it may be shown to a provider, and what its answer depends on."""

    question: str
    turns: tuple[Turn, ...]
    language: str
    version: str  # of the content
    payer: Payer
    day: date
    knowledge_bases: tuple[str, ...] = ()  # to which the question is routed
    suspect: bool = False  # nothing outside is asked for it


@dataclass(frozen=True, slots=True)
class Consulted:
    """What came of the functions that a model called; a `fault` when what it wrote could not be used."""

    results: Sequence[Result] = ()
    fault: Fault | None = None


class Answering:
    """The documents, what was kept of their answers, and what they may cost."""

    def __init__(
        self,
        documents: Documents,
        cache: AnswerCache | None = None,
        costs: Costs | None = None,
        outside: Outside | None = None,
        systems: Systems | None = None,
        *,
        functions: bool = True,
    ) -> None:
        """Without a cache nothing is kept, without costs nothing counted, without the others nothing asked there.

        Without `functions` the models call none: the web is asked directly, the systems not at all.
        """
        self.documents, self.cache, self.costs, self._outside = documents, cache, costs, outside
        self.systems, self._functions = systems if functions else None, functions
        self._flights: SingleFlight[DocumentAnswer] = SingleFlight()

    async def answer(self, inquiry: Inquiry, say: Say, emit: Emit | None = None) -> DocumentAnswer:
        """Answer, or give the nearest passages, or nothing; `emit` hears the text while it comes."""
        await self.documents.ready()
        asked = Asked(
            inquiry.question,
            f"{inquiry.version} {self.documents.version}",
            (inquiry.language,),
            in_conversation=bool(inquiry.turns),
        )

        async def work(hear: Emit) -> DocumentAnswer:
            return await self._kept(asked, hear) or await self._made(inquiry, asked, say, hear)

        key = (normalise(inquiry.question), inquiry.turns, inquiry.language, asked.version)
        return await self._flights.run(key, work, emit)

    async def consult(self, inquiry: Inquiry, offers: Sequence[Offer]) -> Consulted:
        """Let the model choose among `offers` and do what it chose; nothing when there is no money or it fails."""
        if self.costs is not None and not await self.costs.allow(inquiry.payer, inquiry.day):
            return Consulted()
        with metered() as meter:
            try:
                choice = await self._choose(inquiry, offers)
                return Consulted(await run(choice), choice.fault)
            except UpstreamError as error:
                log.error("no model chose", provider=error.provider, trouble=error.trouble)
                return Consulted()
            finally:
                if self.costs is not None:
                    subject = next(iter(inquiry.knowledge_bases), "")
                    await self.costs.add(replace(inquiry.payer, knowledge_base=subject), inquiry.day, meter)

    async def close(self) -> None:
        """Let what is under way be counted, then let go of the connections."""
        await self._flights.close()
        if self.systems is not None:
            await self.systems.close()
        if self._outside is not None:
            await self._outside.close()
        if self.cache is not None:
            await self.cache.store.close()
        await self.documents.close()

    async def _kept(self, asked: Asked, hear: Emit) -> DocumentAnswer | None:
        """The answer that was given before, if it is still true."""
        if self.cache is None or not self.documents.model:
            return None
        recall = await self.cache.recall(asked, self._holds)
        if recall.outcome is not Outcome.HIT or recall.entry is None:
            return None
        entry = recall.entry
        await hear(entry.text)
        source = Source.NONE if entry.negative else Source.CACHE
        return DocumentAnswer(entry.text, source, entry.score, entry.citations, entry.passages, "kept")

    async def _made(self, inquiry: Inquiry, asked: Asked, say: Say, hear: Emit) -> DocumentAnswer:
        allowed = self.costs is None or await self.costs.allow(inquiry.payer, inquiry.day)
        payer, money = inquiry.payer, 0.0
        with metered() as meter:
            try:
                answer = await self._found(inquiry, say, hear, allowed)
                payer = replace(payer, knowledge_base=answer.knowledge_base)
            finally:  # an answer that nobody waited for was paid for too
                if self.costs is not None:
                    money = await self.costs.add(payer, inquiry.day, meter)
        if self.cache is not None and meter.used and self._worth_keeping(answer):
            await self.cache.keep(asked, self._entry(answer, money))
        return answer

    async def _found(self, inquiry: Inquiry, say: Say, hear: Emit, allowed: bool) -> DocumentAnswer:
        """From the documents, else from outside."""
        question, turns, language = inquiry.question, inquiry.turns, inquiry.language
        answer = await self.documents.answer(question, turns, hear=hear, say=say, language=language, worded=allowed)
        if answer.source is Source.DOCUMENTS or not allowed or not self._may_ask_outside(inquiry):
            return answer
        findings = await self._findings(inquiry)
        if findings is None:
            return replace(answer, reason="the web could not be asked")
        other = await self.documents.word(question, turns, findings, say=say, hear=hear, language=language)
        if other.source is Source.DOCUMENTS and not other.reason:
            return other
        return answer if not findings.found or other.reason == _NEGATIVE else replace(answer, reason=other.reason)

    async def _findings(self, inquiry: Inquiry) -> Findings | None:
        """The model searches in its own words, or not at all; one that calls no functions is not asked first.

        None when the web could not be asked.
        """
        assert self._outside is not None
        offer = WebOffer(self._outside, inquiry.question, inquiry.day)
        try:
            choice = await self._choose(inquiry, [offer]) if self._functions else None
        except UpstreamError as error:
            log.warning("the web is asked directly", provider=error.provider, trouble=error.trouble)
            choice = None
        if choice is None:
            return await self._outside.look_up(inquiry.question, inquiry.day)
        found = [result.findings for result in await run(choice)]
        if found and None in found:
            return None
        return max((one for one in found if one is not None), key=lambda one: one.score, default=Findings())

    async def _choose(self, inquiry: Inquiry, offers: Sequence[Offer]) -> Choice:
        """Raises UpstreamError."""
        model = self.documents.worder
        if model is None:
            return Choice()
        return await choose(model, inquiry.question, inquiry.turns, inquiry.language, offers)

    def _may_ask_outside(self, inquiry: Inquiry) -> bool:
        """Only for knowledge bases that allow it, and never with what belongs to one person."""
        if self.documents.worder is None or self._outside is None or inquiry.suspect or personal(inquiry.question):
            return False
        return self._outside.allows(inquiry.knowledge_bases)

    def _worth_keeping(self, answer: DocumentAnswer) -> bool:
        """What a model said, or that it has nothing to say; never a makeshift for a model that failed."""
        worded = answer.source is Source.DOCUMENTS and not answer.reason
        return bool(answer.text) and (worded or answer.reason == _NEGATIVE)

    def _entry(self, answer: DocumentAnswer, money: float) -> Entry:
        seen = dict.fromkeys(
            (found.passage.knowledge_base, found.passage.document)
            for found in answer.passages
            if found.passage.knowledge_base != WEB
        )
        origins = tuple(Origin(*name, self.documents.version_of(*name) or "") for name in seen)
        negative = answer.source is not Source.DOCUMENTS
        return Entry(
            text=answer.text,
            score=answer.score,
            knowledge_base=answer.knowledge_base,
            citations=answer.citations,
            origins=origins,
            passages=answer.passages,
            negative=negative,
            money=money,
        )

    def _holds(self, origin: Origin) -> bool:
        return self.documents.version_of(origin.knowledge_base, origin.document) == origin.content
