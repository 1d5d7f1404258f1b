"""What the bot knows right now, and how it is replaced while serving.

A whole new Knowledge is built beside the one that answers and swapped in only if everything in it is right; a wrong
file leaves the old one serving and its problems in `Live.problems`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import structlog
from watchfiles import Change, awatch

from bot import phrases, rules
from bot.memory import give_back
from bot.phrases import Phrases
from bot.settings import Settings, SettingsError
from bot.tools.opening import faults
from faq import content
from faq.asking import Asking, foresee
from faq.calculation import Calculator, read_rates
from faq.content import Content, ContentError
from faq.embedding import Embedder, RememberingEmbedder
from faq.matching import Matcher
from faq.routing import Router
from policies import Policy, RulesError

log = structlog.get_logger()

WRONG = (ContentError, RulesError, SettingsError)  # what a wrong file raises


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that staff edit, ready to answer. Immutable: a message sees one Knowledge from start to end."""

    content: Content
    matcher: Matcher
    router: Router
    calculator: Calculator
    policy: Policy
    phrases: Phrases


class Live:
    """The Knowledge that answers now, and the embedder that all of it shares."""

    def __init__(self, settings: Settings, embedder: Embedder) -> None:
        """Raises ContentError, RulesError or SettingsError when the first Knowledge cannot be built."""
        self._settings = settings
        self.embedder = RememberingEmbedder(embedder)
        self._batch: list[tuple[Asking, Sequence[str]]] = []
        self.problems: tuple[str, ...] = ()
        self.touched = asyncio.Event()  # something below the knowledge folder changed, perhaps a document
        self.current = build(settings, self.embedder)

    async def foresee(self, asking: Asking, questions: Sequence[str]) -> None:
        """Read questions ahead of their use, with those of every message that is as far: four cost what two do."""
        batch = self._batch
        batch.append((asking, questions))
        await asyncio.sleep(0)
        if batch is self._batch:  # nobody has read it yet
            self._batch = []
            self.embedder.embed([text for asking, questions in batch for text in asking.texts(questions)])
            foresee(batch)

    async def reload(self) -> None:
        """Build what the files say now; swap it in if it is right, else keep the old and tell."""
        try:
            fresh = await asyncio.to_thread(build, self._settings, self.embedder, self.current)
        except WRONG as error:
            self.problems = tuple(str(error).splitlines())
            log.error("content refused, the old one keeps serving", problems=self.problems)
        else:
            self.current, self.problems = fresh, ()
            await asyncio.to_thread(give_back)
            log.info("content loaded", version=fresh.content.version[:12], entries=len(fresh.content.entries))

    async def watch(self) -> None:
        """Reload at every change of a content file, until cancelled; `touched` tells of changed documents too."""
        places = self._settings.content
        folders = {places.knowledge, places.rules, places.phrases.parent, places.rates.parent}
        async for changes in awatch(*folders, watch_filter=self._concerns_us, debounce=300, step=50):
            if any(self._is_content(Path(changed)) for _, changed in changes):
                await self.reload()
            self.touched.set()

    def _concerns_us(self, _: Change, changed: str) -> bool:
        path = Path(changed)
        return self._is_content(path) or path.is_relative_to(self._settings.content.knowledge)

    def _is_content(self, path: Path) -> bool:
        places = self._settings.content
        if path in {places.phrases, places.rates}:
            return True
        inside = path.is_relative_to(places.knowledge) or path.is_relative_to(places.rules)
        return inside and path.suffix in {".yaml", ".yml", ".txt"}


def build(settings: Settings, embedder: RememberingEmbedder, before: Knowledge | None = None) -> Knowledge:
    """Read every content file and learn from it. What has not changed since `before` is taken from it."""
    said = phrases.load(settings.content.phrases)
    taught = content.load(settings.content.knowledge)
    _refuse_tools(taught, settings)
    policy = rules.load(settings.content.rules, [entry.question for entry in taught.entries])
    calculator = Calculator.build(taught, folder=settings.data / "cache", rates=read_rates(settings.content.rates))
    if before and before.content.version == taught.version:
        return replace(before, calculator=calculator, policy=policy, phrases=said)
    return Knowledge(taught, *learn(taught, settings, embedder), calculator, policy, said)


def _refuse_tools(taught: Content, settings: Settings) -> None:
    """Raise ContentError for a tool that the settings do not allow; tell of one that lacks its secret."""
    problems = tuple(faults(taught, settings.tools))
    if wrong := tuple(problem for problem in problems if not problem.warning):
        raise ContentError(wrong)
    for problem in problems:
        log.warning("tool to be mended", problem=problem.text)


def learn(taught: Content, settings: Settings, embedder: RememberingEmbedder) -> tuple[Matcher, Router]:
    """What is learnt from the entries themselves."""
    cache, accepted = settings.data / "cache", settings.matching.wrong_answers
    matcher = Matcher.build(taught, embedder, folder=cache, wrong_answers=accepted)
    return matcher, Router.build(taught, embedder, folder=cache)
