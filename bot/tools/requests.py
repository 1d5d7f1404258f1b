"""One request to a system, from the tool as staff wrote it and values that were checked. Sends nothing."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from yarl import URL

from bot.tools.arguments import Values
from faq.content import Tool

_SECRET = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_MARK = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}|\{([a-z][a-z0-9_]*)\}")  # a secret, an argument
_NO_SECRETS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is sent. Holds secrets: it is never logged."""

    method: str
    url: URL
    headers: Mapping[str, str]
    body: bytes | None


def build(tool: Tool, values: Values, secrets: Mapping[str, str]) -> Outgoing:
    """Put values and secrets where they belong, encoded. Raises ValueError when a value would change the path."""
    url = URL(_address(tool.url, values), encoded=True)
    query = {name: fill(text, values, secrets) for name, text in tool.query.items() if _wanted(text, values)}
    headers = {name: fill(text, {}, secrets) for name, text in tool.headers.items()}
    headers = {"Accept": "application/json", **headers}
    if tool.body is None:
        return Outgoing(tool.method, url.with_query(query), headers, None)
    body = json.dumps(_body(tool.body, values, secrets), ensure_ascii=False).encode()
    return Outgoing(tool.method, url.with_query(query), {"Content-Type": "application/json", **headers}, body)


def secret_names(tool: Tool) -> set[str]:
    """The environment variables that a tool reads."""
    texts = [*tool.headers.values(), *tool.query.values(), json.dumps(tool.body, ensure_ascii=False)]
    return {name for text in texts for name in _SECRET.findall(text)}


def fill(
    text: str,
    values: Mapping[str, object],
    secrets: Mapping[str, str] = _NO_SECRETS,
    encode: Callable[[str], str] = str,
) -> str:
    """Fill a text in one pass, so that no value is read as a mark."""
    return _MARK.sub(lambda mark: secrets.get(mark[1], "") if mark[1] else encode(str(values.get(mark[2], ""))), text)


def _address(template: str, values: Values) -> str:
    """The address, each value inside the part of the path where it was written."""
    address = fill(template, values, encode=lambda text: quote(text, safe=""))
    for written, part in zip(template.split("/"), address.split("/"), strict=True):
        if written != part and part in {"", ".", ".."}:
            raise ValueError("a value that changes the path")
    return address


def _wanted(text: str, values: Values) -> bool:
    """A query whose arguments were all left out is left out."""
    names = [mark[2] for mark in _MARK.finditer(text) if mark[2]]
    return not names or any(name in values for name in names)


def _body(part: object, values: Values, secrets: Mapping[str, str]) -> object:
    """JSON with its values; one that stands alone keeps its type."""
    if isinstance(part, dict):
        return {name: _body(inner, values, secrets) for name, inner in part.items()}
    if isinstance(part, list):
        return [_body(inner, values, secrets) for inner in part]
    if not isinstance(part, str):
        return part
    mark = _MARK.fullmatch(part)
    return values.get(mark[2]) if mark and mark[2] else fill(part, values, secrets)
