"""Who may come in: checked for every request before its handler runs, in the order of `_admit`.

What a body may look like is body.py's; what the bot may say is the policies'.
"""

import math
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.api import keys
from bot.api.errors import Refused, from_aiohttp, respond
from bot.api.peers import address_of
from bot.api.visitors import Visitors
from bot.settings import ApiKey, Scope, ServerSettings
from policies.limits import TokenBuckets

# Probes come often and from one address, cost nothing, and a refused one would get the service restarted.
_UNLIMITED = frozenset({"/healthz", "/readyz"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
ACCOUNT = web.RequestKey("account", str)  # the name of the key, which keeps the integrators' conversations apart
KNOWN = web.RequestKey("known", bool)  # whether the client may see what concerns the operator

_PLATFORMS = "/channels/"  # chat platforms call from few addresses, for many users, and sign: bot/channels.py refuses
_LOCAL = "local"  # the account of whoever uses this machine's own, keyless service


class Guard:
    """Admits a request or refuses it. `scopes` says which routes need a key that may do what."""

    def __init__(self, server: ServerSettings, scopes: Mapping[str, Scope], visitors: Visitors) -> None:
        self._server = server
        self._scopes = scopes
        self._visitors = visitors
        self._buckets = TokenBuckets(server.requests_per_minute, server.burst)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if not request.path.startswith(_PLATFORMS):
                self._admit(request)
            return await handler(request)
        except Refused as refused:
            return respond(request.path, refused)
        except web.HTTPException as error:
            return respond(request.path, from_aiohttp(error))

    def _admit(self, request: web.Request) -> None:
        self._check_host(request)
        _check_origin(request)
        key = self._find_key(request)
        self._limit(request, key)
        self._check_scope(request, key)
        request[ACCOUNT] = key.name if key else _LOCAL
        request[KNOWN] = key is not None or not self._server.api_keys

    def _check_host(self, request: web.Request) -> None:
        """Without keys only this machine is trusted; a foreign page must not borrow that trust by DNS rebinding."""
        if not self._server.api_keys and not keys.is_loopback(_host_name(request.host)):
            raise Refused(403, "wrong_host", "without API keys the service answers only as 127.0.0.1 or localhost")

    def _find_key(self, request: web.Request) -> ApiKey | None:
        """The key presented. A wrong one is refused only after the limit, so that guessing is limited too."""
        scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
        return keys.find(self._server.api_keys, presented.strip()) if scheme.lower() == "bearer" else None

    def _limit(self, request: web.Request, key: ApiKey | None) -> None:
        if request.path in _UNLIMITED:
            return
        if key:
            client = f"key {key.name}"
        else:
            # A visitor has a bucket of their own, because many sit behind one address; a new one draws on the address.
            client = self._visitors.read(request) or address_of(request, self._server.trusted_proxies)
        wait = self._buckets.take(client, time.monotonic())
        if wait:
            seconds = math.ceil(wait)
            raise Refused(
                429, "too_many_requests", f"too many requests; try again in {seconds} s", {"Retry-After": str(seconds)}
            )

    def _check_scope(self, request: web.Request, key: ApiKey | None) -> None:
        resource = request.match_info.route.resource
        scope = self._scopes.get(resource.canonical) if resource else None
        if scope is None or not self._server.api_keys:
            return
        if key is None:
            challenge = {"WWW-Authenticate": "Bearer"}
            raise Refused(401, "invalid_api_key", "send a valid key as Authorization: Bearer KEY", challenge)
        if scope not in key.scopes:
            raise Refused(403, "missing_scope", f"this key may not do this: it lacks the scope {scope}")


def _check_origin(request: web.Request) -> None:
    """A page of another site may not make a browser write here in its user's name."""
    if request.method in _SAFE_METHODS or "Origin" not in request.headers:
        return
    fetched = request.headers.get("Sec-Fetch-Site")  # told by the browser itself, right behind any proxy
    if fetched == "same-origin" or (not fetched and urlsplit(request.headers["Origin"]).netloc == request.host):
        return
    raise Refused(403, "wrong_origin", "a page of another site may not send this")


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
