"""The careful client: connects to public addresses and those allowed by name, reads little, follows nothing."""

import zlib
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager

import aiohttp
from yarl import URL

from bot.web.addresses import PublicResolver, Unreachable

_HEADERS = {"Accept-Encoding": "gzip, deflate", "User-Agent": "Zhida"}
_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
_CHUNK = 16_384


class Client:
    """One session; it knows no proxy, no cookies and no names but the resolver's."""

    def __init__(self, allowed: Collection[str], most: int) -> None:
        """`most` bytes of an answer are read, unpacked."""
        self._resolver, self._most = PublicResolver(allowed), most
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def ask(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """One request. Raises Unreachable, and what aiohttp raises."""
        self._resolver.check_url(url)
        sent = {**_HEADERS, **headers}
        async with self._open().request(method, url, headers=sent, data=body, allow_redirects=False) as response:
            yield response

    async def read(self, response: aiohttp.ClientResponse) -> bytes:
        """The body, unpacked piece by piece, so that a bomb ends where the limit is. Raises Unreachable, zlib.error."""
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

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        """Made in the loop that uses it."""
        if self._session is None:
            connector = aiohttp.TCPConnector(resolver=self._resolver, use_dns_cache=False, force_close=True)
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=jar, auto_decompress=False)
        return self._session
