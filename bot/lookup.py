"""The pipeline's step into the documents: who the user is stays here, what the rules forbid is never shown."""

from collections.abc import Iterator

import structlog

from adapters.messages import Reply, Source
from adapters.protocol import Emit
from bot.answering import Answering
from bot.case import Case
from bot.history import Recalled
from bot.inquiring import inquire
from bot.rag.documents import DocumentAnswer
from bot.rag.showing import cite
from bot.speaking import Forbidden, Speaker
from policies import Direction
from policies.privacy import Vault

log = structlog.get_logger()


async def look_up(answering: Answering, case: Case, speaker: Speaker) -> Reply | None:
    """A cited answer or the nearest passages, said while they come; None when the documents hold nothing near."""
    vault = Vault(case.knowledge.policy.orders)
    with case.step("documents") as detail:
        try:
            answer = await _ask(answering, case, vault, speaker)
        except Forbidden as stopped:
            detail["reason"] = "the rules ended it"
            case.note(stopped.verdict, stopped.verdict.text, Direction.OUT)
            log.warning("reply withheld", rules=[hit.rule for hit in stopped.verdict.hits])
            return Reply(stopped.verdict.reply or case.say("withheld"), Source.BLOCKED)
        except ConnectionError:
            detail["reason"] = "nobody listens"
            return Reply(speaker.shown, Source.DOCUMENTS)
        detail.update(score=answer.score, reason=answer.reason, passages=len(answer.passages))
    case.passages = tuple(_recalled(answer))
    if not answer.text:
        return None
    text, base = vault.restore(answer.text), answer.knowledge_base
    return Reply(text, answer.source, base, score=answer.score, citations=answer.citations)


async def _ask(answering: Answering, case: Case, vault: Vault, speaker: Speaker) -> DocumentAnswer:
    """No model learns a user's number or address."""
    say = speaker.screened(case.knowledge.policy)
    emit = _restoring(vault, say) if say is not None else None
    return await answering.answer(inquire(case, vault), case.say, emit)


def _restoring(vault: Vault, say: Emit) -> Emit:
    values = vault.stream()

    async def hear(piece: str) -> None:
        if text := values.feed(piece):
            await say(text)

    return hear


def _recalled(answer: DocumentAnswer) -> Iterator[Recalled]:
    numbers = {citation: number for number, citation in enumerate(answer.citations, 1)}
    for found in answer.passages:
        passage = found.passage
        yield Recalled(
            knowledge_base=passage.knowledge_base,
            document=passage.document,
            section=passage.section,
            page=passage.page,
            score=round(found.score, 4),
            cited=numbers.get(cite(passage), 0),
            text=passage.text,
        )
