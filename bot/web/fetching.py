"""Fetches one page of a stranger: few bytes, little time, no surprise. Follows redirects itself, each one checked."""

import asyncio
import zlib
from collections.abc import Collection
from dataclasses import dataclass

import aiohttp
from yarl import URL

from bot.web.addresses import PublicResolver, Unreachable

_REDIRECTS = 3
_TYPES = ("text/html", "application/xhtml+xml", "text/plain")
_HEADERS = {"Accept": "text/html,text/plain", "Accept-Encoding": "gzip, deflate", "User-Agent": "Zhida"}
_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
_CHUNK = 16_384


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
        self._resolver = PublicResolver(allowed)
        self._seconds, self._most = seconds, most
        self._session: aiohttp.ClientSession | None = None

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
        except (aiohttp.ClientError, OSError, ValueError, zlib.error, asyncio.IncompleteReadError) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _get(self, url: URL) -> Page | URL:
        """One request: the page, or where it sends us."""
        self._resolver.check_url(url)
        async with self._open().get(url, headers=_HEADERS, allow_redirects=False) as response:
            if response.status in {301, 302, 303, 307, 308}:
                return url.join(URL(response.headers.get("Location", "")))
            if response.status != 200:
                raise Unreachable(f"status {response.status}")
            if response.content_type not in _TYPES:
                raise Unreachable(f"not a page but {response.content_type}")
            data = await self._read(response)
        return Page(str(url), data, response.content_type != "text/plain")

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The body, unpacked piece by piece, so that a bomb ends where the limit is."""
        encoding = response.headers.get("Content-Encoding", "identity").lower()
        if encoding not in {"identity", *_WINDOWS}:
            raise Unreachable(f"packed as {encoding}")
        unpacker = zlib.decompressobj(_WINDOWS[encoding]) if encoding in _WINDOWS else None
        data = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            data += unpacker.decompress(chunk, self._most + 1) if unpacker is not None else chunk
            if len(data) > self._most:
                raise Unreachable(f"larger than {self._most} bytes")
        return bytes(data)

    def _open(self) -> aiohttp.ClientSession:
        """One session, made in the loop that uses it; it knows no proxy, no cookies and no names but the resolver's."""
        if self._session is None:
            connector = aiohttp.TCPConnector(resolver=self._resolver, use_dns_cache=False, force_close=True)
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=jar, auto_decompress=False)
        return self._session
