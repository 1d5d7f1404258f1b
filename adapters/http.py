"""Calls of vendors' JSON APIs: one try, a deadline, no redirects, the answer bounded. Faults become UpstreamError.

Does not repeat (the outbox does), except once with a fresh token, which vendors demand.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp

from adapters.protocol import Delivery, Outcome

Json = dict[str, Any]
_MOST_BYTES = 4 << 20
_JSON_TYPE = {"Content-Type": "application/json; charset=utf-8"}


class UpstreamError(Exception):
    """The vendor's API did not answer as it should. `ambiguous`: the call may have had its effect all the same."""

    def __init__(self, text: str, *, ambiguous: bool = False, retry_after: float = 0.0, final: bool = False) -> None:
        super().__init__(text)
        self.ambiguous, self.retry_after, self.final = ambiguous, retry_after, final

    def as_delivery(self) -> Delivery:
        """The outcome of a send that ended so."""
        if self.final:
            return Delivery(Outcome.FAILED, str(self))
        return Delivery(Outcome.UNKNOWN if self.ambiguous else Outcome.RETRY, str(self), self.retry_after)


class JsonApi:
    """One vendor's API under one base address; the connection pool is opened at the first call."""

    def __init__(self, base: str, *, timeout: float = 10.0) -> None:
        self._base = base.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, 5.0))
        self._session: aiohttp.ClientSession | None = None

    async def post(
        self, path: str, body: Mapping[str, object] | bytes, headers: Mapping[str, str] | None = None, **query: str
    ) -> Json:
        """The JSON object answered; raw UTF-8 goes out (WeChat shows \\u escapes to the user)."""
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return await self._call("POST", path, raw, headers or {}, query)

    async def get(self, path: str, **query: str) -> Json:
        """The JSON object answered."""
        return await self._call("GET", path, None, {}, query)

    async def close(self) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    async def _call(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> Json:
        self._session = self._session or aiohttp.ClientSession(timeout=self._timeout, trust_env=False)
        try:
            async with self._session.request(
                method,
                self._base + path,
                data=body,
                params=query,
                headers={**_JSON_TYPE, **headers},
                allow_redirects=False,
            ) as response:
                return _read(response.status, response.headers.get("Retry-After", ""), await _body(response))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise UpstreamError(f"cannot connect: {type(error).__name__}") from error
        except (aiohttp.ClientError, TimeoutError) as error:  # perhaps it was received: nobody knows
            raise UpstreamError(f"no answer: {type(error).__name__}", ambiguous=True) from error


async def _body(response: aiohttp.ClientResponse) -> bytes:
    raw = await response.content.read(_MOST_BYTES)
    while not response.content.at_eof() and len(raw) < _MOST_BYTES:
        raw += await response.content.read(_MOST_BYTES - len(raw))
    return raw


def _read(status: int, retry_after: str, raw: bytes) -> Json:
    if status in (429, 503):
        wait = float(retry_after) if retry_after.isdigit() else 1.0
        raise UpstreamError(f"HTTP {status}", retry_after=wait)
    if status >= 500:
        raise UpstreamError(f"HTTP {status}", ambiguous=True)
    if status >= 300:
        raise UpstreamError(f"HTTP {status}", final=True)
    try:
        answer = json.loads(raw or b"{}")
    except (ValueError, RecursionError) as error:
        raise UpstreamError("the answer is not JSON", ambiguous=True) from error
    if not isinstance(answer, dict):
        raise UpstreamError("the answer is not a JSON object", ambiguous=True)
    return answer


class Token:
    """An access token fetched once for all who wait for it, and again shortly before it runs out."""

    def __init__(self, fetch: Callable[[], Awaitable[tuple[str, float]]], *, margin: float = 300.0) -> None:
        self._fetch, self._margin = fetch, margin
        self._lock = asyncio.Lock()
        self._value, self._until = "", 0.0

    async def get(self) -> str:
        """The token; raises UpstreamError when none can be had."""
        async with self._lock:
            if time.monotonic() >= self._until:
                value, seconds = await self._fetch()
                self._value, self._until = value, time.monotonic() + max(seconds - self._margin, seconds / 2)
            return self._value

    def drop(self, value: str) -> None:
        """The vendor refused this token: the next get fetches a new one (unless somebody already has)."""
        if value == self._value:
            self._until = 0.0
