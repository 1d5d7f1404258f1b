"""Asks a search engine for addresses: SearXNG, or DashScope's own search (`enable_search`)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import aiohttp
import dashscope

from bot.web.addresses import Unreachable

_SDK: Any = dashscope  # its annotations contradict what it returns
_MOST = 2_000_000  # bytes of an answer


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
    """An instance that the operator names; its settings must allow the format json."""

    def __init__(self, address: str, seconds: float = 5.0) -> None:
        self._address, self._timeout = address.rstrip("/"), aiohttp.ClientTimeout(total=seconds)

    async def search(self, question: str) -> Sequence[Result]:
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout) as session,
                session.get(f"{self._address}/search", params={"q": question, "format": "json"}) as response,
            ):
                response.raise_for_status()
                data = await response.content.read(_MOST)
                said = _json(response, data)
            return [found for row in said["results"] if (found := _result(row)) is not None]
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, LookupError, TypeError) as error:
            raise Unreachable(f"{self._address}: {type(error).__name__}; does it serve format=json?") from error

    async def close(self) -> None:
        """Nothing is held."""


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
            rows = answer.output["search_info"]["search_results"]
            return [found for row in rows if (found := _result(row)) is not None]
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, LookupError, TypeError) as error:
            raise Unreachable(f"dashscope/{self._model}: {type(error).__name__}") from error

    async def close(self) -> None:
        """Nothing is held."""


def _json(response: aiohttp.ClientResponse, data: bytes) -> Any:
    if response.content_type != "application/json":
        raise ValueError(f"not JSON but {response.content_type}")
    return json.loads(data)


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
