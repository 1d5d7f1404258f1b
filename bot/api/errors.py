"""What a refused request gets: always JSON, in one shape, and in OpenAI's own shape below /v1."""

from collections.abc import Mapping

from aiohttp import web

from bot.api.render import json_response

_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error", 503: "server_error"}
CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
_SAID = {
    404: "there is nothing at this address",
    405: "this address does not take this method",
    413: "the body is over the limit of server.max_body_bytes",
}


class Refused(Exception):
    """The request cannot be served as it is: the client gets the status, a stable code and a sentence."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


def from_aiohttp(error: web.HTTPException) -> Refused:
    """aiohttp's own refusals (no such route, wrong method, body over the limit) in our words."""
    kept = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    code = CODES.get(error.status, "refused")
    return Refused(error.status, code, _SAID.get(error.status, error.reason), kept)


def respond(path: str, refused: Refused) -> web.Response:
    error: dict[str, object] = {"code": refused.code, "message": refused.message}
    if path.startswith("/v1/"):
        error |= {"type": _TYPES.get(refused.status, "invalid_request_error"), "param": None}
    return json_response({"error": error}, status=refused.status, headers=refused.headers)
