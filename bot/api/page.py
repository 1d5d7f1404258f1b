"""The chat page and its files, read once, kept in memory, packed once."""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

from bot.api.headers import PAGE
from bot.api.visitors import remember

_FOLDER = Path(__file__).with_name("static")
_TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".css": "text/css", ".html": "text/html"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    plain: bytes
    packed: bytes
    headers: Mapping[str, str]


def load_assets() -> Mapping[str, Asset]:
    """Every file of the page by its path below static/."""
    files = (path for path in sorted(_FOLDER.rglob("*")) if path.is_file())
    return {path.relative_to(_FOLDER).as_posix(): _asset(path) for path in files}


ASSETS = web.AppKey("assets", Mapping[str, Asset])


async def index(request: web.Request) -> web.Response:
    """The page. Its visitor is known from here on, so that the files it needs count as theirs (guard.py)."""
    response = _respond(request, "index.html")
    remember(request, response)
    return response


async def static(request: web.Request) -> web.Response:
    return _respond(request, request.match_info["name"])


def _respond(request: web.Request, name: str) -> web.Response:
    asset = request.app[ASSETS].get(name)
    if asset is None:
        raise web.HTTPNotFound
    if request.headers.get(hdrs.IF_NONE_MATCH) == asset.headers[hdrs.ETAG]:
        return web.Response(status=304, headers=asset.headers)
    if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
        return web.Response(body=asset.packed, headers={**asset.headers, hdrs.CONTENT_ENCODING: "gzip"})
    return web.Response(body=asset.plain, headers=asset.headers)


def _asset(path: Path) -> Asset:
    plain = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "text/plain"
    headers = {
        hdrs.CONTENT_TYPE: kind if kind.startswith("image/") else f"{kind}; charset=utf-8",
        hdrs.ETAG: f'"{hashlib.sha256(plain).hexdigest()[:32]}"',
        hdrs.CACHE_CONTROL: "no-cache",  # kept, but asked for again: an upgrade shows at once
        hdrs.VARY: hdrs.ACCEPT_ENCODING,
        "Content-Security-Policy": PAGE,
    }
    return Asset(plain, gzip.compress(plain, mtime=0), headers)
