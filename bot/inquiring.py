"""A case as it may be told to a provider: labels stand for a user's number or address on the way there."""

from bot.answering import Inquiry
from bot.case import Case
from bot.costs import Payer
from bot.rag import prompt
from policies.privacy import Vault


def inquire(case: Case, vault: Vault) -> Inquiry:
    """The question, the turns it may lean on, and what an answer depends on."""
    answers = [turn.answer for turn in case.recent] or [""] * len(case.before)  # quoted words were answered by nobody
    turns = tuple(
        prompt.Turn(vault.conceal(asked.question), vault.conceal(answer))
        for asked, answer in zip(case.before, answers, strict=True)
    )
    return Inquiry(
        question=vault.conceal(case.question),
        turns=turns,
        language=case.language,
        version=case.knowledge.content.version,
        payer=Payer(f"{case.message.platform}/{case.message.user}", case.message.platform),
        day=case.day,
        knowledge_bases=tuple(case.asking.route(case.question).knowledge_bases),
        suspect=case.suspect,
    )
