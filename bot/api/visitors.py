"""Visitors of the chat page: a random name in a signed cookie, so that nobody can take another's conversation."""

import base64
import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from aiohttp import web

from bot.api.peers import is_https
from bot.api.service import SERVER
from bot.settings import Settings, SettingsError

COOKIE = "zhida_visitor"
_DAY = 24 * 60 * 60
_COOKIE_FORM = re.compile(r"([\w-]{22})\.([\w-]{43})", re.ASCII)


class Visitors:
    """Issues and reads the cookie."""

    def __init__(self, secret: bytes, days: int) -> None:
        self._secret = secret
        self._seconds = days * _DAY

    def read(self, request: web.Request) -> str:
        """The visitor's name; empty without a cookie or with one that we did not sign."""
        form = _COOKIE_FORM.fullmatch(request.cookies.get(COOKIE, ""))
        if form and hmac.compare_digest(self._sign(form[1]), form[2]):
            return form[1]
        return ""

    def remember(self, response: web.StreamResponse, visitor: str, secure: bool) -> None:
        """Set the cookie, or prolong it."""
        value = f"{visitor}.{self._sign(visitor)}"
        response.set_cookie(COOKIE, value, max_age=self._seconds, httponly=True, samesite="Lax", secure=secure)

    def _sign(self, visitor: str) -> str:
        signature = hmac.digest(self._secret, f"zhida visitor {visitor}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


VISITORS = web.AppKey("visitors", Visitors)


def remember(request: web.Request, response: web.StreamResponse) -> str:
    """The visitor's name, with the cookie set on the response; Secure when the visitor came by https."""
    visitors = request.app[VISITORS]
    visitor = visitors.read(request) or secrets.token_urlsafe(16)
    visitors.remember(response, visitor, is_https(request, request.app[SERVER].trusted_proxies))
    return visitor


def load_secret(settings: Settings) -> bytes:
    """The secret of the settings, else the one kept in the data folder, made at the first start."""
    if settings.server.cookie_secret is not None:
        return settings.server.cookie_secret.get_secret_value().encode()
    path = settings.data / "cookie_secret"
    try:
        if not path.exists():
            _make_secret(path)
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path}: cannot keep the cookie secret here: {error.strerror}") from error


def _make_secret(path: Path) -> None:
    """Write a new secret whole or not at all; of two processes that start together the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(secrets.token_bytes(32))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
