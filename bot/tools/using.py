"""The pipeline's step into the company's systems: a model chooses, the channel says who asks, the staff's words answer.

Nothing of it is cached, and no message that raised a suspicion comes this far.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from adapters.messages import Reply, Source
from bot.answering import Answering, Consulted
from bot.case import Case
from bot.inquiring import inquire
from bot.tools.arguments import Asker, needs
from bot.tools.http import HttpOffer
from faq.content import Tool
from faq.pairs import refusal, signature
from policies.privacy import Vault


def named(case: Case) -> list[Tool]:
    """The tools that stand before the FAQ.

    Those whose number or code stands in the question, those for which staff wrote it as an example, in these or other
    words, and the one that asked for something.
    """
    last = case.recent[-1] if case.recent else None
    asking = last.entry if last is not None and last.source == Source.TOOL and not last.score else None
    return [
        tool
        for tool in case.knowledge.content.tools
        if tool.id == asking or needs(tool, case.question) or _is_example(tool, case.question)
    ]


def _is_example(tool: Tool, question: str) -> bool:
    """Whether nothing makes the question another one than an example; the model still has the last word."""
    shared = signature(question) if tool.examples else ""
    return any(_signature(example) == shared and not refusal(question, example) for example in tool.examples)


_signature = lru_cache(4096)(signature)


def of_its_subject(case: Case) -> list[Tool]:
    """The tools of the knowledge bases that the question belongs to."""
    bases = case.asking.route(case.question).knowledge_bases
    return [tool for tool in case.knowledge.content.tools if tool.knowledge_base in bases]


async def use_tools(answering: Answering, case: Case, tools: Iterable[Tool]) -> Reply | None:
    """What the systems say, or what they still need to know; None when the model calls none of them."""
    systems = answering.systems
    if systems is None or case.suspect:
        return None
    offered = {tool.id: tool for tool in tools if tool.id not in case.offered and systems.knows(tool)}
    if not offered:
        return None
    case.offered |= offered.keys()
    vault = Vault(case.knowledge.policy.orders)
    asker = Asker(case.message.user, case.message.platform, _said(case), vault.restore)
    with case.step("tools") as detail:
        bases = tuple(dict.fromkeys(tool.knowledge_base for tool in offered.values()))
        inquiry = replace(inquire(case, vault), knowledge_bases=bases)
        outcome = await answering.consult(inquiry, [HttpOffer(tool, asker, systems) for tool in offered.values()])
        detail.update(tools=[result.tool for result in outcome.results], fault=bool(outcome.fault))
    return _reply(case, outcome, offered)


def _reply(case: Case, outcome: Consulted, offered: dict[str, Tool]) -> Reply | None:
    """Each answer once, in the order of the calls, then what must be asked; `score` 0 while something is open."""
    texts = [result.text or case.say("tool_failed") for result in outcome.results]
    names = [result.tool for result in outcome.results]
    if outcome.fault is not None:
        texts.append(outcome.fault.ask or case.say("tool_failed"))
        names.append(outcome.fault.tool)
    if not names:
        return None
    done = outcome.fault is None and all(result.text for result in outcome.results)
    tool = offered[names[-1]]
    return Reply("\n\n".join(dict.fromkeys(texts)), Source.TOOL, tool.knowledge_base, tool.id, float(done))


def _said(case: Case) -> tuple[str, ...]:
    return (case.message.text, case.question, *(turn.question for turn in case.recent))
