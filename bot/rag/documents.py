"""The documents as the pipeline sees them: open, refresh, search, answer. Never raises for what a provider does."""

import asyncio
import re
import secrets
import string
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import numpy as np
import structlog

from adapters.messages import Citation, Source
from adapters.protocol import Emit
from bot.llm.model import LanguageModel, Prompt, Reranker, UpstreamError
from bot.rag import prompt
from bot.rag.extractive import quote
from bot.rag.files import Report, Wanted, wanted
from bot.rag.freshness import Freshness
from bot.rag.guard import Checked, Guard, Unanswered, Withheld
from bot.rag.index import Findings, Index
from bot.rag.passages import Found
from bot.rag.prompt import Turn
from bot.rag.rewriting import rewrite
from bot.rag.showing import cite, cite_all, listed, short
from bot.rag.store import Gathered, StoreError
from faq.content import Content
from faq.embedding import Embedder

log = structlog.get_logger()

Say = Callable[[str], str]  # key of a phrase -> the phrase in the user's language
Gather = Callable[[Sequence[Wanted]], Awaitable[Gathered]]  # brings the store up to the files; raises StoreError

_LABEL = re.compile(r"\[[A-Z_]+_\d+\]")  # stands for what no provider may learn (policies/privacy.py)
PHRASES = ("documents_quoted", "documents_nearest")


@dataclass(frozen=True, slots=True)
class Policy:
    """When the documents answer: the probability (0 to 1) that they hold the answer."""

    answer_from: float = 0.6
    nearest_from: float = 0.15  # below, not even the nearest passages are shown
    passages: int = 5
    budget: int = 6000  # characters of one prompt


DEFAULT = Policy()


@dataclass(frozen=True, slots=True)
class DocumentAnswer:
    """What the documents say. An empty text: nothing, the pipeline goes on. `reason` is for the trace."""

    text: str
    source: Source
    score: float
    citations: tuple[Citation, ...] = ()
    passages: tuple[Found, ...] = ()
    reason: str = ""

    @property
    def knowledge_base(self) -> str:
        """The knowledge base of the best passage."""
        return self.passages[0].passage.knowledge_base if self.passages else ""


NOTHING = DocumentAnswer("", Source.NONE, 0.0, reason="no documents")


async def hear_nothing(piece: str) -> None:
    """For whoever wants the whole answer only."""


class Documents:
    """The passages in memory, the store behind them, and the model that words the answers."""

    def __init__(
        self,
        embedder: Embedder,
        gather: Gather,
        model: LanguageModel | None = None,
        reranker: Reranker | None = None,
        policy: Policy = DEFAULT,
    ) -> None:
        self._embedder, self._gather = embedder, gather
        self._model, self._reranker, self._policy = model, reranker, policy
        self._index = Index((), np.empty((0, embedder.dim), np.float32), embedder)
        self._freshness = Freshness({})
        self._version = ""
        self._refreshing = asyncio.Lock()
        self.state = "reading"  # then "ready", or "failed: …" while what was read before goes on answering
        self.skipped: tuple[str, ...] = ()
        self._due: Content | None = None
        self._canary = "".join(secrets.choice(string.ascii_lowercase) for _ in range(24))

    @property
    def passages(self) -> int:
        """How many passages can be found."""
        return len(self._index.passages)

    @property
    def version(self) -> str:
        """Names everything that answers are made from: the documents and the model."""
        return f"{self._version} {self.model}"

    @property
    def worder(self) -> LanguageModel | None:
        """The model that words the answers."""
        return self._model

    @property
    def model(self) -> str:
        """The name of the first model, empty without one."""
        return self._model.name if self._model is not None else ""

    def version_of(self, knowledge_base: str, document: str) -> str | None:
        """The version of a document that answers now, None when its file does not say it any more."""
        return self._freshness.version(knowledge_base, document)

    def health(self) -> dict[str, object]:
        """For the operator: how far the documents are read, what was left out, which model words the answers."""
        told = {"state": self.state, "passages": self.passages, "skipped": list(self.skipped)}
        return told | {"model": self.model or "none"}

    async def close(self) -> None:
        """Let go of the connections of the models."""
        if self._model is not None:
            await self._model.close()

    async def refresh(self, content: Content) -> Report | None:
        """Read what is new or changed, forget what is gone, answer from the result; None when the store is away.

        When no knowledge base names a document, no store is opened.
        """
        async with self._refreshing:
            files, remarks = wanted(content)
            try:
                gathered = await self._gather(files) if files else Gathered.nothing(self._embedder.dim)
            except StoreError as error:
                self.state = f"failed: {error}"
                log.error("documents not refreshed", error=str(error))
                return None
            report = replace(gathered.report, skipped=(*remarks, *gathered.report.skipped))
            index = await asyncio.to_thread(Index, gathered.passages, gathered.vectors, self._embedder, gathered.bar)
            self._index, self._freshness, self.state = index, Freshness(report.keys), "ready"
            self._version = report.version
            self.skipped = tuple(map(str, report.skipped))
        for remark in report.skipped:
            log.warning("document skipped", document=remark.document, reason=remark.text)
        if files or report.removed:
            log.info("documents loaded", documents=len(report.keys), passages=self.passages, removed=report.removed)
        return report

    def refresh_when_asked(self, content: Content) -> None:
        """Read the documents before the first question that needs them."""
        self._due = content

    async def ready(self) -> None:
        """Read the documents now if that was put off."""
        if self._due is not None:
            due, self._due = self._due, None
            await self.refresh(due)

    async def search(self, question: str, top: int = 5, knowledge_bases: Collection[str] = ()) -> Findings:
        """Find the best passages that are still what their files say. An embedder that fails finds nothing."""
        wide, asked = top if self._reranker is None else 4 * top, _LABEL.sub("", question)
        try:
            findings = await asyncio.to_thread(self._index.find, asked, wide, knowledge_bases, self._freshness.holds)
        except UpstreamError as error:
            log.error("question not embedded", provider=error.provider, trouble=error.trouble)
            return Findings()
        return await self._reranked(question, findings, top)

    async def _reranked(self, question: str, findings: Findings, top: int) -> Findings:
        """The same passages in the order of the reranker, whose scores are not comparable with ours."""
        if self._reranker is None or len(findings.found) < 2:
            return findings
        try:
            relevance = await self._reranker.rerank(question, [passage.text for passage in findings.passages])
        except UpstreamError as error:
            log.warning("not reranked", provider=error.provider, trouble=error.trouble)
            return replace(findings, found=findings.found[:top])
        order = sorted(range(len(findings.found)), key=lambda place: -relevance[place])
        return replace(findings, found=tuple(findings.found[place] for place in order[:top]))

    def answerable(self, findings: Findings) -> bool:
        """Whether the evidence passes the bar below which no model is called."""
        return bool(findings.found) and findings.score >= self._policy.answer_from

    async def answer(
        self,
        question: str,
        turns: Sequence[Turn] = (),
        knowledge_bases: Collection[str] = (),
        hear: Emit = hear_nothing,
        *,
        say: Say,
        language: str = "zh",
        worded: bool = True,
    ) -> DocumentAnswer:
        """Answer from the documents, or give the nearest passages, or nothing. Unless `worded`, no model is asked."""
        await self.ready()
        if not self.passages:
            return NOTHING
        model = self._model if worded else None
        findings = await self._recall(model, question, turns, knowledge_bases, language)
        if not self.answerable(findings):
            return self._nearest(findings, say, "too little evidence")
        if model is None:
            return await self._quoted(question, findings, say, "no model")
        return await self._ask(model, question, turns, findings, language, say, hear)

    async def word(
        self, question: str, turns: Sequence[Turn], findings: Findings, *, say: Say, hear: Emit, language: str
    ) -> DocumentAnswer:
        """Let the model answer from passages that were found elsewhere, checked like our own."""
        if self._model is None or not findings.found:
            return NOTHING
        return await self._ask(self._model, question, turns, findings, language, say, hear)

    async def _recall(
        self,
        model: LanguageModel | None,
        question: str,
        turns: Sequence[Turn],
        knowledge_bases: Collection[str],
        language: str,
    ) -> Findings:
        """Search; what finds nothing alone may lean on the question before, which a model can put into words."""
        alone = await self.search(question, self._policy.passages, knowledge_bases)
        if self.answerable(alone) or not turns:
            return alone
        together = await self.search(f"{turns[-1].question} {question}", self._policy.passages, knowledge_bases)
        best = max(together, alone, key=lambda findings: findings.score)
        if self.answerable(best) or model is None:
            return best
        rewritten = await rewrite(model, question, turns, language)
        found = await self.search(rewritten, self._policy.passages, knowledge_bases) if rewritten else best
        return max(found, best, key=lambda findings: findings.score)

    async def _ask(
        self,
        model: LanguageModel,
        question: str,
        turns: Sequence[Turn],
        findings: Findings,
        language: str,
        say: Say,
        hear: Emit,
    ) -> DocumentAnswer:
        """Let the model word the answer, checked while it streams; whatever fails, the passages are shown."""
        prompts = prompt.build(question, findings.passages, turns, language, self._canary, self._policy.budget)
        rules = [line for line in prompts[0].content.splitlines() if len(line) > 12]
        guard = Guard(findings.passages, question, [self._canary, *rules])
        try:
            checked = await _stream(model, prompts, guard, hear)
        except Unanswered:
            return self._nearest(findings, say, "the model finds no answer")
        except Withheld as reason:
            log.warning("answer withheld", reason=str(reason), model=model.name)
            return self._nearest(findings, say, f"withheld: {reason}")
        except UpstreamError as error:
            log.error("no model answered", provider=error.provider, trouble=error.trouble)
            return await self._quoted(question, findings, say, f"model {error.trouble}")
        cited = tuple(dict.fromkeys(map(cite, checked.cited)))
        return DocumentAnswer(checked.text, Source.DOCUMENTS, findings.score, cited, findings.found)

    async def _quoted(self, question: str, findings: Findings, say: Say, reason: str) -> DocumentAnswer:
        """The best passage, and a second one that is nearly as good, in their own words."""
        best = [found for found in findings.found[:2] if found.score >= self._policy.answer_from]
        quotes = await asyncio.to_thread(lambda: [quote(question, found.passage, self._embedder) for found in best])
        text = listed(say("documents_quoted"), zip(quotes, best, strict=True))
        return DocumentAnswer(text, Source.DOCUMENTS, findings.score, cite_all(best), findings.found, reason)

    def _nearest(self, findings: Findings, say: Say, reason: str) -> DocumentAnswer:
        """No answer, but what may help."""
        near = [found for found in findings.found[:3] if found.score >= self._policy.nearest_from]
        if not near:
            return DocumentAnswer("", Source.NONE, findings.score, (), findings.found, reason)
        text = listed(say("documents_nearest"), ((short(found.passage.text), found) for found in near))
        return DocumentAnswer(text, Source.NONE, findings.score, cite_all(near), findings.found, reason)


async def _stream(model: LanguageModel, prompts: Sequence[Prompt], guard: Guard, hear: Emit) -> Checked:
    """Pass on what the guard lets through. Leaving early closes the model's stream."""
    async with aclosing(model.stream(prompts)) as pieces:
        async for piece in pieces:
            if isinstance(piece, str) and (shown := guard.feed(piece)):
                await hear(shown)
    rest, checked = guard.finish()
    if rest:
        await hear(rest)
    return checked
