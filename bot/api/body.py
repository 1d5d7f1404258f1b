"""Request bodies: read within limits, parsed strictly, refused with a remedy."""

import asyncio
import difflib
import json
from collections.abc import Collection, Mapping
from typing import NoReturn

from aiohttp import web

from bot.api.errors import Refused
from bot.api.service import SERVER

LONGEST_ID = 128


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


async def read_object(request: web.Request) -> dict[str, object]:
    """The JSON object that was sent. Refuses with 400, 408, 413 or 415."""
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() != "utf-8":
        raise Refused(415, "wrong_content_type", "send JSON in UTF-8 with Content-Type: application/json")
    raw = await _read(request)
    try:
        document = _DECODER.decode(raw.decode())
    except UnicodeDecodeError as error:
        raise Refused(400, "bad_encoding", f"the body is not UTF-8: byte {error.start} is wrong") from error
    except RecursionError as error:
        raise Refused(400, "bad_json", "the body is nested too deeply") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refused(400, "bad_json", f"the body is not JSON: {error.msg} at {where}") from error
    except ValueError as error:  # a constant or a number that JSON does not have
        raise Refused(400, "bad_json", "the body is not JSON: a number in it cannot be read") from error
    if not isinstance(document, dict):
        raise Refused(400, "bad_json", "the body must be a JSON object, {…}")
    return document


async def _read(request: web.Request) -> bytes:
    limits = request.app[SERVER]
    if (request.content_length or 0) > limits.max_body_bytes:
        raise Refused(413, "body_too_large", f"the body may have {limits.max_body_bytes} bytes at most")
    try:
        async with asyncio.timeout(limits.body_seconds):
            return await request.read()
    except TimeoutError as error:
        waited = f"the body did not arrive within {limits.body_seconds:g} seconds"
        raise Refused(408, "body_too_slow", waited, {"Connection": "close"}) from error
    except web.RequestPayloadError as error:
        raise Refused(400, "bad_body", "the body is not what its headers announce") from error


def refuse_unknown(document: Mapping[str, object], known: Collection[str]) -> None:
    """Refuse a field that nobody knows, naming the nearest that is known."""
    for name in document:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            remedy = f"did you mean {close[0]}?" if close else f"the fields are {', '.join(known)}"
            raise Refused(400, "unknown_field", f"unknown field {name[:64]!a}; {remedy}")


def text_of(value: object, name: str) -> str:
    """A question: any text but an empty one, half a character (a lone surrogate) or U+0000."""
    if not isinstance(value, str):
        raise Refused(400, "wrong_type", f"{name} must be a string")
    if not value.strip():
        raise Refused(400, "empty_text", f"{name} is empty: write the question into it")
    if "\0" in value or _is_broken(value):
        raise Refused(400, "bad_text", f"{name} has U+0000 or a lone surrogate in it, which is no text")
    return value


def id_of(value: object, name: str) -> str:
    """An identifier: 1 to 128 printable characters."""
    if not isinstance(value, str):
        raise Refused(400, "wrong_type", f"{name} must be a string")
    if not 1 <= len(value) <= LONGEST_ID or not value.isprintable() or value.isspace():
        raise Refused(400, "bad_id", f"{name} must be 1 to {LONGEST_ID} printable characters, no control characters")
    return value


def optional_id(document: Mapping[str, object], name: str) -> str:
    """The identifier in a field that may be left out; empty when it is."""
    return id_of(document[name], name) if name in document else ""


def _is_broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
