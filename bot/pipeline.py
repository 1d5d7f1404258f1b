"""The path of one message. Read `reply` and `_answer` from top to bottom: they are the product.

The first step that answers wins. Every step leaves its time and what it saw in the trace, never the user's text.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

import structlog

from adapters.messages import Candidate, Message, Reply, Source
from adapters.protocol import Emit
from bot.answering import Answering
from bot.case import Case
from bot.database import DatabaseUnavailable
from bot.history import History, Turn
from bot.hits import HitLog
from bot.lookup import look_up
from bot.reload import Live
from bot.settings import Settings
from bot.speaking import Speaker
from bot.tools.using import named, of_its_subject, use_tools
from faq.asking import Asking
from faq.calculation import Form, Outcome
from faq.content import Entry
from faq.followups import pick, resolve
from faq.matching import Band, Match
from faq.questions import part, wordings
from policies import Action, Direction, Verdict
from policies.limits import Limits

log = structlog.get_logger()


class Pipeline:
    """Decides what to reply. Knows no platform: adapters bring messages, the inbox orders them."""

    def __init__(
        self,
        live: Live,
        history: History,
        settings: Settings,
        limits: Limits | None = None,
        answering: Answering | None = None,
        hits: HitLog | None = None,
    ) -> None:
        """Without `limits` everybody may ask as often as they like; without `answering` nothing is looked up.

        Without `hits` what the word rules find is not kept for staff.
        """
        self._hits = hits
        self._limits = limits
        self._answering = answering
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
        speaker = Speaker(emit)
        draft = self._screen_in(case) or await self._answer(case, speaker)
        reply = self._screen_out(case, draft)
        await speaker.finish(reply.text)
        self._remember(case, reply)
        return replace(reply, evidence=case.evidence, trace=tuple(case.trace))

    async def _answer(self, case: Case, speaker: Speaker) -> Reply:
        """The steps that can answer, cheapest and surest first."""
        await self._foresee(case)
        self._resolve(case)
        reply = (
            self._nothing_asked(case)
            or self._several(case)
            or self._exact(case)
            or self._calculate(case)
            or await self._ask_systems(case)
            or self._match(case)
            or await self._look_up(case, speaker)
            or self._unknown(case)
        )
        return self._offer_form(case, reply)

    def _open(self, message: Message) -> Case:
        knowledge = self._live.current
        now = message.received.astimezone(self._zone)
        asking = Asking(knowledge.matcher, knowledge.router, now.date())
        return Case(message, knowledge, now, asking, message.text, knowledge.phrases.language_of(message.text))

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
            except DatabaseUnavailable as error:
                detail["failed"] = True
                log.error("history not readable", error=str(error))
            else:
                case.turns = tuple(recent)
            detail["turns"] = len(case.turns)
        if case.turns:
            case.form = Form.from_json(case.turns[-1].form) if case.turns[-1].form else None
            said_before = case.knowledge.phrases.language_of(case.turns[-1].question)
            case.language = case.knowledge.phrases.language_of(case.message.text, said_before)

    def _screen_in(self, case: Case) -> Reply | None:
        """May this be asked? A blocked question goes no further, a masked one goes on masked."""
        with case.step("screen in") as detail:
            verdict = case.knowledge.policy.screen(case.message.text, Direction.IN)
            _show(verdict, detail)
        case.note(verdict, case.message.text, Direction.IN)
        case.question, case.suspect = verdict.text, verdict.action is not Action.PASS
        if verdict.action is Action.BLOCK:
            return Reply(verdict.reply or case.say("blocked"), Source.BLOCKED)
        if verdict.action is Action.HANDOFF:
            return Reply(verdict.reply or case.say("handoff"), Source.HANDOFF)
        return None

    async def _foresee(self, case: Case) -> None:
        """Read what this message may mean together with others that are as far."""
        if not case.computing:
            with case.step("read"):
                await self._live.foresee(case.asking, wordings(case.question, case.before, case.asking))

    def _resolve(self, case: Case) -> None:
        """What is meant: a suggestion picked, several questions, or one that leans on the turns before."""
        with case.step("resolve") as detail:
            if case.computing:
                return  # most likely the value that was asked for
            if case.turns and (picked := pick(case.question, case.turns[-1].suggestions)):
                case.question, detail["rule"] = picked, "picked"
            elif parts := part(case.question, case.before, case.asking):
                case.parts = parts
                detail.update(rule="several", scores=[one.score for one in parts])
            else:
                resolution = resolve(case.question, case.before, case.asking)
                case.question = resolution.question
                detail.update(rule=str(resolution.rule), score=resolution.score)

    def _nothing_asked(self, case: Case) -> Reply | None:
        return None if case.question.strip() else Reply(case.say("empty"), Source.NONE)

    def _several(self, case: Case) -> Reply | None:
        """Several questions in one message: what is sure is answered, then the rest is offered or declined."""
        if not case.parts:
            return None
        known = [one.decision for one in case.parts if one.entry]
        answered = [decision.matches[0] for decision in known if decision.band is Band.ANSWER]
        unsure = [decision.matches[0] for decision in known if decision.band is Band.SUGGEST]
        offered = tuple(match.entry.question for match in unsure)
        blocks = [f"【{match.entry.question}】\n{match.entry.answer_for(case.message.platform)}" for match in answered]
        if offered:
            blocks.append(self._offer(case, offered))
        if len(known) < len(case.parts):
            blocks.append(case.say("unknown_part"))
        case.evidence = _candidates([*answered, *unsure])
        first, score = answered[0].entry, min(match.score for match in answered)
        source = Source.EXACT if all(one.score == 1 for one in case.parts) else Source.FAQ
        return Reply("\n\n".join(blocks), source, first.knowledge_base, first.id, score, suggestions=offered)

    def _exact(self, case: Case) -> Reply | None:
        """A phrasing that the staff wrote always wins."""
        with case.step("exact"):
            entry = case.asking.exact(case.question)
        if entry is None:
            return None
        case.evidence = (Candidate(entry.knowledge_base, entry.id, 1.0),)
        return self._staff_answer(case, entry, Source.EXACT, 1.0)

    def _calculate(self, case: Case) -> Reply | None:
        """What can be computed is computed; what is missing for it is asked."""
        with case.step("calculate") as detail:
            outcome = case.knowledge.calculator.answer(case.question, case.now, case.form)
            if outcome is not None:
                detail.update(template=outcome.template, working=outcome.working, read=outcome.read)
        if outcome is not None and outcome.began and _entry_is_surer(case, outcome):
            outcome = None
        case.computation = outcome
        if outcome is None or outcome.aside or not outcome.template:
            return None
        case.form = outcome.form
        case.evidence = (Candidate(outcome.knowledge_base, outcome.template, outcome.score),)
        return Reply(outcome.text, Source.CALCULATION, outcome.knowledge_base, outcome.template, outcome.score)

    def _offer_form(self, case: Case, reply: Reply) -> Reply:
        """A question asked in the middle of a calculation was answered: now ask for the missing value again."""
        if not case.computing or reply.source is Source.CALCULATION:
            return reply
        outcome = case.computation or case.knowledge.calculator.answer(case.question, case.now, case.form)
        if outcome is None or not outcome.aside:
            return reply
        case.form = outcome.form
        parts = (reply.text, outcome.text) if reply.source is not Source.NONE else (outcome.text,)
        return replace(reply, text="\n\n".join(parts))

    def _match(self, case: Case) -> Reply | None:
        """The FAQ: answer when sure, ask back when nearly sure, else let the next step try."""
        if case.refusal:
            return None
        with case.step("route") as detail:
            route = case.asking.route(case.question)
            detail.update(knowledge_bases=list(route.knowledge_bases), intent=route.intent)
        with case.step("match") as detail:
            decision = case.asking.match(case.question)
            detail.update(band=str(decision.band), **decision.detail)
        case.evidence = _candidates(decision.matches)
        if decision.band is Band.ANSWER:
            return self._staff_answer(case, decision.matches[0].entry, Source.FAQ, decision.matches[0].score)
        if decision.band is Band.SUGGEST:
            return self._suggest(case, decision.suggestions[: self._settings.matching.suggestions])
        return None

    def _staff_answer(self, case: Case, entry: Entry, source: Source, score: float) -> Reply:
        return Reply(entry.answer_for(case.message.platform), source, entry.knowledge_base, entry.id, score)

    def _suggest(self, case: Case, matches: tuple[Match, ...]) -> Reply:
        questions, best = tuple(match.entry.question for match in matches), matches[0]
        text = self._offer(case, questions)
        return Reply(text, Source.SUGGEST, best.entry.knowledge_base, best.entry.id, best.score, suggestions=questions)

    def _offer(self, case: Case, questions: tuple[str, ...]) -> str:
        numbered = (f"{number}. {question}" for number, question in enumerate(questions, 1))
        return "\n".join((case.say("suggest"), *numbered, case.say("suggest_hint")))

    async def _ask_systems(self, case: Case) -> Reply | None:
        """The company's systems, for a question that holds what one of them asks for, such as an order's number."""
        if self._answering is None or case.refusal:
            return None
        return await use_tools(self._answering, case, named(case))

    async def _look_up(self, case: Case, speaker: Speaker) -> Reply | None:
        """The documents, said while it is written, else the systems of its subject, else the nearest passages."""
        if self._answering is None or case.refusal:
            return None
        found = await look_up(self._answering, case, speaker)
        if found is not None and found.source is not Source.NONE:
            return found
        return await use_tools(self._answering, case, of_its_subject(case)) or found

    def _unknown(self, case: Case) -> Reply:
        score = case.evidence[0].score if case.evidence else 0.0
        return Reply(case.refusal or case.say("unknown"), Source.NONE, score=score)

    def _screen_out(self, case: Case, draft: Reply) -> Reply:
        """May this be said? The bot never says what the rules forbid, whoever wrote it."""
        with case.step("screen out") as detail:
            verdict = case.knowledge.policy.screen(draft.text, Direction.OUT)
            _show(verdict, detail)
        case.note(verdict, draft.text, Direction.OUT)
        if verdict.action in (Action.BLOCK, Action.HANDOFF):
            log.warning("reply withheld", entry=draft.entry, rules=[hit.rule for hit in verdict.hits])
            return Reply(verdict.reply or case.say("withheld"), Source.BLOCKED)
        return replace(draft, text=verdict.text)

    def _remember(self, case: Case, reply: Reply) -> None:
        """Keep the turn: it goes to disk in one commit with what the inbox keeps of the reply."""
        turn = Turn.of(case.message, reply, case.form.as_json() if case.form else None, case.passages)
        with case.step("remember"):
            self._history.append(turn).add_done_callback(_tell_if_lost)
            if self._hits is not None and case.hits:
                self._hits.add(case.message, case.hits).add_done_callback(_tell_if_lost)


def _tell_if_lost(kept: asyncio.Future[bool]) -> None:
    """A history that cannot be written costs the user nothing and is told to the operator."""
    if not kept.cancelled() and (error := kept.exception()):
        log.error("history not writable", error=str(error))


def _entry_is_surer(case: Case, outcome: Outcome) -> bool:
    """Whether an entry answers the question with no less probability than the template; any, if no value was said."""
    if outcome.read and outcome.score == 1:
        return False  # the template was written in these words
    decision = case.asking.match(case.question)
    return decision.band is Band.ANSWER and (not outcome.read or decision.matches[0].score >= outcome.score)


def _candidates(matches: Iterable[Match]) -> tuple[Candidate, ...]:
    return tuple(Candidate(match.entry.knowledge_base, match.entry.id, match.score) for match in matches)


def _show(verdict: Verdict, detail: dict[str, object]) -> None:
    detail["action"] = str(verdict.action)
    if verdict.hits:
        detail["categories"] = sorted({hit.category for hit in verdict.hits})
