"""The HTTP application: which address is answered by whom, and who may ask."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler

from bot.api import chat, completions, health, messages, page, users
from bot.api.answers import ANSWERS, Answers
from bot.api.guard import Guard
from bot.api.headers import add_headers
from bot.api.service import SERVER, SERVICE, Service
from bot.api.transcripts import TRANSCRIPTS, Transcripts
from bot.api.visitors import VISITORS, Visitors, load_secret
from bot.settings import Scope, Settings, SettingsError

Route = tuple[str, str, Handler, Scope | None]

# None: no key needed. The page knows its visitors by their cookie, probes learn nothing.
ROUTES: Final[tuple[Route, ...]] = (
    ("POST", "/api/messages", messages.answer, "messages"),
    ("DELETE", "/api/users/{user}", users.erase, "users"),
    ("POST", "/v1/chat/completions", completions.complete, "chat"),
    ("GET", "/v1/models", completions.models, "chat"),
    ("GET", "/v1/models/{model}", completions.model, "chat"),
    ("GET", "/metrics", health.metrics, "metrics"),
    ("GET", "/healthz", health.alive, None),
    ("GET", "/readyz", health.ready, None),
    ("GET", "/", page.index, None),
    ("GET", "/static/{name:.+}", page.static, None),
    ("GET", "/chat/session", chat.session, None),
    ("POST", "/chat/messages", chat.answer, None),
    ("POST", "/chat/feedback", chat.rate, None),
)

_IDLE_SECONDS = 75  # also what a connection has for sending its first headers


def build(service: Service, settings: Settings, more: Sequence[web.RouteDef] = ()) -> web.Application:
    """The application on a running service, with the routes of the chat platforms.

    Raises SettingsError when the cookie secret cannot be kept.
    """
    visitors = Visitors(load_secret(settings), settings.history.retention_days)
    scopes = {path: scope for _, path, _, scope in ROUTES if scope}
    guard = Guard(settings.server, scopes, visitors)
    app = web.Application(middlewares=[guard.middleware], client_max_size=settings.server.max_body_bytes)
    app[SERVICE] = service
    app[SERVER] = settings.server
    app[VISITORS] = visitors
    app[TRANSCRIPTS] = Transcripts()
    app[ANSWERS] = Answers()
    app.on_cleanup.append(app[ANSWERS].close)
    app[page.ASSETS] = page.load_assets()
    app.on_response_prepare.append(add_headers)
    for method, path, handler, _ in ROUTES:
        for accepted in (method, "HEAD") if method == "GET" else (method,):
            app.router.add_route(accepted, path, handler)
    app.add_routes(more)
    return app


@asynccontextmanager
async def listen(service: Service, settings: Settings, more: Sequence[web.RouteDef] = ()) -> AsyncIterator[str]:
    """Serve while inside; gives the URL. Raises SettingsError when the address cannot be listened on."""
    logging.getLogger("aiohttp.server").addFilter(_concerns_us)
    runner = web.AppRunner(build(service, settings, more), access_log=None, keepalive_timeout=_IDLE_SECONDS)
    await runner.setup()
    host, port = settings.server.host, settings.server.port
    try:
        await _start(web.TCPSite(runner, host, port))
        yield _url(host, runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def _start(site: web.TCPSite) -> None:
    try:
        await site.start()
    except OSError as error:
        raise SettingsError(f"cannot listen at {site.name}: {error.strerror}; choose another server.port") from error


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _concerns_us(record: logging.LogRecord) -> bool:
    """Not what no HTTP client would send: aiohttp answers it with a 400, and would log a traceback at anyone's will."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))
