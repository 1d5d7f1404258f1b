"""The company's systems as staff declared them: asked by the careful client, answered in the words of the staff.

What a system says goes to the user alone: no model reads it and nothing of it is kept as an answer.
"""

import asyncio
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import aiohttp
import structlog

from bot.llm.metering import count_call
from bot.llm.model import Function
from bot.tools.arguments import Asker, Values, read, schema
from bot.tools.calling import Fault, Ready, Result
from bot.tools.requests import Outgoing, build, fill, secret_names
from bot.tools.responses import sentence
from bot.web.addresses import Unreachable
from bot.web.client import Client
from faq.content import Tool

log = structlog.get_logger()

Tell = Callable[[str, str], None]  # the tool and what became of a call
_FAILED = (aiohttp.ClientError, OSError, ValueError, RecursionError, zlib.error, asyncio.IncompleteReadError)


class Systems:
    """The way to the systems: one client, the secrets, a time limit."""

    def __init__(
        self, client: Client, secrets: Mapping[str, str], seconds: float, tell: Tell = lambda *_: None
    ) -> None:
        self._client, self._secrets, self._seconds, self._tell = client, secrets, seconds, tell

    def knows(self, tool: Tool) -> bool:
        """Whether every secret of a tool is there."""
        return secret_names(tool) <= self._secrets.keys()

    async def ask(self, tool: Tool, values: Values) -> Result:
        """One call. An empty text: the system did not answer, which the operator is told."""
        count_call(f"tool/{tool.id}")
        try:
            async with asyncio.timeout(self._seconds):
                found, data = await self._send(build(tool, values, self._secrets))
        except (Unreachable, TimeoutError) as error:
            return self._failed(tool, str(error) or "no answer in time")
        except _FAILED as error:
            return self._failed(tool, type(error).__name__)  # its text may hold the address, with a user's number
        text = sentence(tool, values, data) if found else None
        if found and text is None:
            return self._failed(tool, "a field is missing in the answer")
        self._tell(tool.id, "answered" if found else "not found")
        return Result(tool.id, text or fill(tool.not_found, values))

    def refused(self, tool: Tool) -> None:
        """Count arguments that could not be used."""
        self._tell(tool.id, "refused")

    async def close(self) -> None:
        await self._client.close()

    async def _send(self, outgoing: Outgoing) -> tuple[bool, object]:
        """Whether the system knows it, and its JSON."""
        request = (outgoing.method, outgoing.url, outgoing.headers, outgoing.body)
        async with self._client.ask(*request) as response:
            if response.status in {404, 410}:
                return False, None
            if response.status != 200:
                raise Unreachable(f"status {response.status}")
            if not response.content_type.endswith("json"):
                raise Unreachable(f"not JSON but {response.content_type}")
            return True, json.loads(await self._client.read(response))

    def _failed(self, tool: Tool, reason: str) -> Result:
        log.error("tool failed", tool=tool.id, reason=reason)
        self._tell(tool.id, "failed")
        return Result(tool.id)


@dataclass(frozen=True, slots=True)
class HttpOffer:
    """One tool, offered to a model for one asker."""

    tool: Tool
    asker: Asker
    systems: Systems

    @property
    def function(self) -> Function:
        return Function(self.tool.id, self.tool.description, schema(self.tool))

    def prepare(self, arguments: str) -> Ready | Fault:
        values = read(self.tool, arguments, self.asker)
        if isinstance(values, Fault):
            self.systems.refused(self.tool)
            log.warning("arguments refused", tool=self.tool.id, missing=values.missing)
            return values
        return partial(self.systems.ask, self.tool, values)
