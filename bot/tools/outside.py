"""The web as something that a model may ask for: it words the search, the passages that were found word the answer."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.cache.admission import personal
from bot.llm.model import Function
from bot.rag.index import Findings
from bot.tools.calling import Fault, Ready, Result

_LONGEST = 100  # characters of a search
_FUNCTION = Function(
    "search_web",
    "在互联网上搜索用户问题的答案 (search the web for the answer to the user's question)",
    {
        "type": "object",
        "properties": {"query": {"type": "string", "description": "搜索词 (what to search for)"}},
        "required": ["query"],
        "additionalProperties": False,
    },
)


class Outside(Protocol):
    """What is asked when the documents know nothing. Never raises; None is that it could not be asked."""

    def allows(self, knowledge_bases: Collection[str]) -> bool: ...
    async def look_up(self, question: str, today: date, words: str = "") -> Findings | None: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class WebOffer:
    """A search of the web for one question, offered to a model."""

    outside: Outside
    question: str
    today: date

    @property
    def function(self) -> Function:
        return _FUNCTION

    def prepare(self, arguments: str) -> Ready | Fault:
        query = _query(arguments)
        if not query or len(query) > _LONGEST or personal(query):
            told = f"query must be a text of at most {_LONGEST} characters without personal data"
            return Fault(_FUNCTION.name, told)

        async def search() -> Result:
            return Result(_FUNCTION.name, findings=await self.outside.look_up(self.question, self.today, query))

        return search


def _query(arguments: str) -> str:
    try:
        query = json.loads(arguments)["query"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return query.strip() if isinstance(query, str) else ""
