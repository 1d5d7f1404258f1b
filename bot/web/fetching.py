"""Fetches one page of a stranger: few bytes, little time, no surprise. Follows redirects itself, each one checked."""

import asyncio
import zlib
from collections.abc import Collection
from dataclasses import dataclass

import aiohttp
from yarl import URL

from bot.web.addresses import Unreachable
from bot.web.client import Client

_REDIRECTS = 3
_TYPES = ("text/html", "application/xhtml+xml", "text/plain")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says. `url` is where it was found in the end."""

    url: str
    data: bytes
    html: bool


class Fetcher:
    """Fetches pages from public addresses and from those that are allowed by name."""

    def __init__(self, allowed: Collection[str] = (), *, seconds: float = 5.0, most: int = 1_000_000) -> None:
        """`most` bytes of a page are read, unpacked."""
        self._client, self._seconds = Client(allowed, most), seconds

    async def fetch(self, address: str) -> Page:
        """Raises Unreachable for whatever goes wrong."""
        try:
            async with asyncio.timeout(self._seconds):
                url = URL(address)
                for _ in range(_REDIRECTS + 1):
                    found = await self._get(url)
                    if isinstance(found, Page):
                        return found
                    url = found
                raise Unreachable("too many redirects")
        except TimeoutError as error:
            raise Unreachable("no answer in time") from error
        except aiohttp.ClientConnectorError as error:
            raise Unreachable(f"not connected: {error.os_error}") from error
        except (aiohttp.ClientError, OSError, ValueError, zlib.error, asyncio.IncompleteReadError) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        await self._client.close()

    async def _get(self, url: URL) -> Page | URL:
        """One request: the page, or where it sends us."""
        async with self._client.ask("GET", url, {"Accept": "text/html,text/plain"}) as response:
            if response.status in {301, 302, 303, 307, 308}:
                return url.join(URL(response.headers.get("Location", "")))
            if response.status != 200:
                raise Unreachable(f"status {response.status}")
            if response.content_type not in _TYPES:
                raise Unreachable(f"not a page but {response.content_type}")
            data = await self._client.read(response)
        return Page(str(url), data, response.content_type != "text/plain")
