"""Security headers of every response."""

from aiohttp import web

_NOTHING = "default-src 'none'; frame-ancestors 'none'"
# deep-chat styles itself through constructed style sheets and the DOM, which the policy permits: no 'unsafe-inline'.
PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_EVERYWHERE = {
    "Content-Security-Policy": _NOTHING,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Give the response what it has not set itself; the server does not tell its versions."""
    response.headers["Server"] = "Zhida"
    for name, value in _EVERYWHERE.items():
        response.headers.setdefault(name, value)
