"""The path of one message. Read `reply` and `_answer` from top to bottom: they are the product.

The first step that answers wins. Every step leaves its time and what it saw in the trace, never the user's text.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

import structlog

from adapters.messages import Candidate, Message, Reply, Source, Step
from bot.history import History, HistoryUnavailable, Turn
from bot.reload import Knowledge, Live
from bot.settings import Settings
from faq.content import Entry
from faq.followups import pick
from faq.matching import Band, Match
from policies import Action, Direction, Verdict
from policies.limits import Limits

log = structlog.get_logger()

Emit = Callable[[str], Awaitable[None]]  # takes text that may be shown already


@dataclass(slots=True)
class Case:
    """One message on its way through the pipeline."""

    message: Message
    knowledge: Knowledge
    day: date
    question: str
    language: str
    turns: tuple[Turn, ...] = ()
    evidence: tuple[Candidate, ...] = ()
    trace: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[dict[str, object]]:
        """Time one step; what it puts into the dictionary is shown in the trace."""
        detail: dict[str, object] = {}
        started = time.perf_counter()
        yield detail
        self.trace.append(Step(name, round((time.perf_counter() - started) * 1000, 3), detail))

    def say(self, key: str) -> str:
        return self.knowledge.phrases.say(key, self.language)


class Pipeline:
    """Decides what to reply. Knows no platform: adapters bring messages, the inbox orders them."""

    def __init__(self, live: Live, history: History, settings: Settings, limits: Limits | None = None) -> None:
        """Without `limits` everybody may ask as often as they like."""
        self._limits = limits
        self._live = live
        self._history = history
        self._settings = settings
        self._zone = ZoneInfo(settings.content.timezone)

    async def reply(self, message: Message, emit: Emit | None = None) -> Reply:
        """Answer one message and remember the turn. `emit` receives text as soon as it may be shown."""
        case = self._open(message)
        if refused := self._admit(case):
            return refused
        await self._recall(case)
        draft = self._screen_in(case) or self._answer(case)
        reply = self._screen_out(case, draft)
        if emit is not None:
            await emit(reply.text)
        await self._remember(case, reply)
        return replace(reply, evidence=case.evidence, trace=tuple(case.trace))

    def _answer(self, case: Case) -> Reply:
        """The steps that can answer, cheapest and surest first."""
        self._resolve(case)
        return self._nothing_asked(case) or self._exact(case) or self._match(case) or self._unknown(case)

    def _open(self, message: Message) -> Case:
        knowledge = self._live.current
        day = message.received.astimezone(self._zone).date()
        return Case(message, knowledge, day, message.text, knowledge.phrases.language_of(message.text))

    def _admit(self, case: Case) -> Reply | None:
        """May this user ask now? Who sends too much hears so once, and then nothing until they slow down."""
        if self._limits is None:
            return None
        user = f"{case.message.platform}/{case.message.user}"
        admission = self._limits.admit(user, case.message.thread, case.message.text, time.monotonic(), case.day)
        if admission.allowed:
            return None
        log.warning("not admitted", message=case.message.id, reason=str(admission.refusal))
        return Reply(case.say("busy"), Source.BLOCKED, silent=admission.silent)

    async def _recall(self, case: Case) -> None:
        """The turns that this message may refer to."""
        with case.step("recall") as detail:
            try:
                recent = await self._history.recent(case.message.thread, self._settings.history.recent_turns)
            except HistoryUnavailable as error:
                detail["failed"] = True
                log.error("history not readable", error=str(error))
            else:
                case.turns = tuple(recent)
            detail["turns"] = len(case.turns)
        if case.turns:
            said_before = case.knowledge.phrases.language_of(case.turns[-1].question)
            case.language = case.knowledge.phrases.language_of(case.message.text, said_before)

    def _screen_in(self, case: Case) -> Reply | None:
        """May this be asked? A blocked question goes no further, a masked one goes on masked."""
        with case.step("screen in") as detail:
            verdict = case.knowledge.policy.screen(case.message.text, Direction.IN)
            _show(verdict, detail)
        case.question = verdict.text
        if verdict.action is Action.BLOCK:
            return Reply(verdict.reply or case.say("blocked"), Source.BLOCKED)
        if verdict.action is Action.HANDOFF:
            return Reply(verdict.reply or case.say("handoff"), Source.HANDOFF)
        return None

    def _resolve(self, case: Case) -> None:
        """What is meant: "2" after a suggestion means the second question."""
        with case.step("resolve") as detail:
            if case.turns and case.turns[-1].suggestions:
                picked = pick(case.question, case.turns[-1].suggestions)
                detail["picked"] = picked is not None
                case.question = picked or case.question

    def _nothing_asked(self, case: Case) -> Reply | None:
        return None if case.question.strip() else Reply(case.say("empty"), Source.NONE)

    def _exact(self, case: Case) -> Reply | None:
        """A phrasing that the staff wrote always wins."""
        with case.step("exact"):
            entry = case.knowledge.matcher.exact(case.question, case.day)
        if entry is None:
            return None
        case.evidence = (Candidate(entry.knowledge_base, entry.id, 1.0),)
        return self._staff_answer(case, entry, Source.EXACT, 1.0)

    def _match(self, case: Case) -> Reply | None:
        """The FAQ: answer when sure, ask back when nearly sure, else let the next step try."""
        with case.step("route") as detail:
            route = case.knowledge.router.route(case.question)
            detail.update(knowledge_bases=list(route.knowledge_bases), intent=route.intent)
        with case.step("match") as detail:
            decision = case.knowledge.matcher.match(case.question, case.day, route.knowledge_bases or None)
            detail.update(band=str(decision.band), **decision.detail)
        case.evidence = tuple(Candidate(m.entry.knowledge_base, m.entry.id, m.score) for m in decision.matches)
        if decision.band is Band.ANSWER:
            return self._staff_answer(case, decision.matches[0].entry, Source.FAQ, decision.matches[0].score)
        if decision.band is Band.SUGGEST:
            return self._suggest(case, decision.suggestions[: self._settings.matching.suggestions])
        return None

    def _staff_answer(self, case: Case, entry: Entry, source: Source, score: float) -> Reply:
        return Reply(entry.answer_for(case.message.platform), source, entry.knowledge_base, entry.id, score)

    def _suggest(self, case: Case, matches: tuple[Match, ...]) -> Reply:
        questions = tuple(match.entry.question for match in matches)
        numbered = (f"{number}. {question}" for number, question in enumerate(questions, 1))
        text = "\n".join((case.say("suggest"), *numbered, case.say("suggest_hint")))
        best = matches[0]
        return Reply(text, Source.SUGGEST, best.entry.knowledge_base, best.entry.id, best.score, suggestions=questions)

    def _unknown(self, case: Case) -> Reply:
        return Reply(case.say("unknown"), Source.NONE, score=case.evidence[0].score if case.evidence else 0.0)

    def _screen_out(self, case: Case, draft: Reply) -> Reply:
        """May this be said? The bot never says what the rules forbid, whoever wrote it."""
        with case.step("screen out") as detail:
            verdict = case.knowledge.policy.screen(draft.text, Direction.OUT)
            _show(verdict, detail)
        if verdict.action in (Action.BLOCK, Action.HANDOFF):
            log.warning("reply withheld", entry=draft.entry, rules=[hit.rule for hit in verdict.hits])
            return Reply(verdict.reply or case.say("withheld"), Source.BLOCKED)
        return replace(draft, text=verdict.text)

    async def _remember(self, case: Case, reply: Reply) -> None:
        """Keep the turn. A history that cannot be written costs the user nothing and is told to the operator."""
        turn = _turn(case.message, reply)
        with case.step("remember") as detail:
            try:
                await self._history.append(turn)
            except HistoryUnavailable as error:
                detail["failed"] = True
                log.error("history not writable", error=str(error))


def _show(verdict: Verdict, detail: dict[str, object]) -> None:
    detail["action"] = str(verdict.action)
    if verdict.hits:
        detail["categories"] = sorted({hit.category for hit in verdict.hits})


def _turn(message: Message, reply: Reply) -> Turn:
    return Turn(
        thread=message.thread,
        platform=message.platform,
        user=message.user,
        message_id=message.id,
        question=message.text,
        answer=reply.text,
        source=str(reply.source),
        knowledge_base=reply.knowledge_base,
        entry=reply.entry,
        score=reply.score,
        suggestions=reply.suggestions,
        at=message.received,
    )
