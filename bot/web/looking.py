"""Looks a question up: search, fetch, and the passages nearest to the question, each with its address and date."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import structlog

from bot.answering import WEB
from bot.rag import vectors
from bot.rag.index import Findings, Index
from bot.rag.loading.markup import html_blocks
from bot.rag.loading.plain import decode, paragraphs
from bot.rag.passages import Passage
from bot.rag.splitting import Source, split
from bot.web.addresses import Unreachable
from bot.web.fetching import Fetcher, Page
from bot.web.searching import Result, Search
from faq.embedding import Embedder

log = structlog.get_logger()

NEAREST = 3  # passages shown to the model
_PASSAGES = 400  # of all pages, that are compared


@dataclass(frozen=True, slots=True)
class WebPolicy:
    """For which knowledge bases (`*`: all), how many pages, and from which score a passage counts."""

    knowledge_bases: frozenset[str]
    pages: int = 5
    answer_from: float = 0.3


class Web:
    """One search engine and one careful client."""

    def __init__(self, search: Search, fetcher: Fetcher, embedder: Embedder, policy: WebPolicy) -> None:
        self._search, self._fetcher, self._embedder = search, fetcher, embedder
        self._policy = policy

    def allows(self, knowledge_bases: Collection[str]) -> bool:
        wanted = self._policy.knowledge_bases
        return "*" in wanted or not wanted.isdisjoint(knowledge_bases)

    async def look_up(self, question: str, today: date, words: str = "") -> Findings | None:
        """The passages nearest to the question, of pages found by `words`, else by the question itself.

        None when nothing can be reached, which the operator is told.
        """
        try:
            results = (await self._search.search(words or question))[: self._policy.pages]
        except Unreachable as error:
            log.error("web search failed", reason=str(error))
            return None
        pages = await asyncio.gather(*(self._read(result, today) for result in results))
        if pages and not any(page is not None for page in pages):
            return None
        passages = [passage for page in pages for passage in page or ()][:_PASSAGES]
        findings = await asyncio.to_thread(self._nearest, question, passages)
        return findings if findings.score >= self._policy.answer_from else Findings()

    async def close(self) -> None:
        await self._search.close()
        await self._fetcher.close()

    async def _read(self, result: Result, today: date) -> Sequence[Passage] | None:
        """The passages of one page; None when it is not fetched."""
        try:
            page = await self._fetcher.fetch(result.url)
        except Unreachable as error:
            log.warning("page not fetched", url=result.url, reason=str(error))
            return None
        return await asyncio.to_thread(_passages, page, result, today)

    def _nearest(self, question: str, passages: Sequence[Passage]) -> Findings:
        if not passages:
            return Findings()
        rows = vectors.embed(passages, self._embedder)
        return Index(passages, rows, self._embedder).find(question, NEAREST)


def _passages(page: Page, result: Result, today: date) -> Sequence[Passage]:
    """A page cut as a document is; its section is its date, of publication when that is known."""
    text = decode(page.data)
    blocks = html_blocks(text) if page.html else paragraphs(text.splitlines())
    source = Source(WEB, page.url, result.title)
    day = (result.published or today).isoformat()
    return [
        Passage(WEB, page.url, result.title, day, None, passage.text)
        for passage in split(blocks, source)
        if passage.text.strip()
    ]
