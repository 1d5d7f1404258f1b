"""Asks a search engine for addresses: SearXNG, or DashScope's own search (`enable_search`)."""

import asyncio
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import aiohttp
import dashscope
from yarl import URL

from bot.llm.metering import count_call, report
from bot.web.addresses import Unreachable
from bot.web.client import Client

_SDK: Any = dashscope  # its annotations contradict what it returns
_MOST = 2_000_000  # bytes of an answer
_ACCEPT = {"Accept": "application/json"}
_FAILED = (
    *(aiohttp.ClientError, OSError, TimeoutError, ValueError, LookupError, TypeError, AttributeError, RecursionError),
    *(zlib.error, asyncio.IncompleteReadError),
)


@dataclass(frozen=True, slots=True)
class Result:
    """One address and what the engine says of it; `published` when it knows."""

    url: str
    title: str
    published: date | None = None


class Search(Protocol):
    async def search(self, question: str) -> Sequence[Result]:
        """Give addresses, best first. Raises Unreachable."""
        ...

    async def close(self) -> None: ...


class SearXNG:
    """An instance that the operator names; its settings must allow the format json. Nothing else is connected to."""

    def __init__(self, address: str, seconds: float = 5.0) -> None:
        self._url, self._seconds = URL(f"{address.rstrip('/')}/search"), seconds

    async def search(self, question: str) -> Sequence[Result]:
        client = Client([f"{self._url.host}:{self._url.port}"], _MOST)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._ask(client, self._url.with_query(q=question, format="json"))
        except Unreachable as error:
            raise self._unreachable(str(error)) from error
        except _FAILED as error:
            raise self._unreachable(type(error).__name__) from error
        finally:
            await client.close()

    async def close(self) -> None:
        """Nothing is held."""

    async def _ask(self, client: Client, url: URL) -> Sequence[Result]:
        async with client.ask("GET", url, _ACCEPT) as response:
            if response.status != 200:
                raise Unreachable(f"status {response.status}")
            if response.content_type != "application/json":
                raise Unreachable(f"not JSON but {response.content_type}")
            rows = json.loads(await client.read(response))["results"]
        return [found for row in rows if (found := _result(row)) is not None]

    def _unreachable(self, reason: str) -> Unreachable:
        return Unreachable(f"{self._url.origin()}: {reason}; does it serve format=json?")


class DashScopeSearch:
    """The search of a Qwen model; only the addresses it found are used."""

    def __init__(self, model: str, key: str, address: str | None = None, seconds: float = 15.0) -> None:
        self._model, self._key, self._address, self._seconds = model, key, address, seconds

    async def search(self, question: str) -> Sequence[Result]:
        address = {"base_address": self._address} if self._address else {}
        try:
            async with aiohttp.ClientSession(trust_env=True) as session:
                answer = await _SDK.AioGeneration.call(
                    self._model,
                    messages=[{"role": "user", "content": question}],
                    result_format="message",
                    enable_search=True,
                    search_options={"forced_search": True, "enable_source": True},
                    api_key=self._key,
                    request_timeout=self._seconds,
                    session=session,
                    **address,
                )
            self._count(answer)
            rows = answer.output["search_info"]["search_results"]
            return [found for row in rows if (found := _result(row)) is not None]
        except _FAILED as error:
            raise Unreachable(f"dashscope/{self._model}: {type(error).__name__}") from error

    async def close(self) -> None:
        """Nothing is held."""

    def _count(self, answer: Any) -> None:
        """A search is a call of the model, which costs what it read and wrote."""
        name, usage = f"dashscope/{self._model}", answer.usage or {}
        count_call(name)
        report(name, int(usage.get("input_tokens") or 0), int(usage.get("output_tokens") or 0))


def _result(row: Any) -> Result | None:
    """None for what is no result."""
    url, title = row.get("url"), row.get("title")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        return None
    return Result(url, str(title or url)[:200], _date(str(row.get("publishedDate") or "")))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
