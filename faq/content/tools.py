"""The `tools:` of a knowledge base: questions to the company's own systems over HTTP, read strictly into values.

Nothing is sent from here, and no secret is known: bot/tools does and knows that.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from faq.content.model import Argument, Tool
from faq.content.reading import ANSWER_LIMIT, Fields, read_text
from faq.content.tree import MappingNode, Node, ScalarNode, SequenceNode

TYPES = ("text", "integer", "number", "choice")
SOURCES = ("user", "platform")

_KEYS = "id description examples arguments request pick words answer not_found"
_REQUEST_KEYS = "method url query headers body"
_ARGUMENT_KEYS = "type about ask from pattern choices min max required"
_ID = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_PATH = re.compile(r"[\w-]+(\.[\w-]+)*")
_SLOT = re.compile(r"(?<!\$)\{([^{}]*)\}")
_PATTERN_LIMIT = 100
_ESCAPED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")
_ENDLESS = re.compile(r"[*+]|\)\s*\{|,\}|\\[1-9]")  # what could take for ever on somebody's message


def read_tools(fields: Fields, knowledge_base: str) -> Iterator[Tool]:
    for node in fields.items("tools"):
        yield _tool(Fields(node, "a tool", _KEYS, fields.report), knowledge_base)


def _tool(fields: Fields, knowledge_base: str) -> Tool:
    id = fields.id("id", "write a short unique name such as order-status", _id_fault)
    description = fields.text("description", missing="write for the model what it finds out, such as 按订单号查物流")
    arguments = tuple(_arguments(fields))
    request = Fields(fields.node("request"), "request", _REQUEST_KEYS, fields.report) if "request" in fields else None
    if request is None:
        fields.report.add(fields.line, "request is missing in a tool; write {url: 'https://…'} below it")
    known = {argument.name for argument in arguments}
    certain = {argument.name for argument in arguments if argument.required}
    pick = dict(_pick(fields))
    return Tool(
        id=id,
        knowledge_base=knowledge_base,
        description=description,
        examples=tuple(text for text, _ in fields.texts("examples")),
        arguments=arguments,
        method=_method(request),
        url=_url(request, certain),
        query=dict(_texts(request, "query", known)),
        headers=dict(_texts(request, "headers", frozenset())),
        body=_body(request, known),
        pick=pick,
        words=dict(_words(fields, pick)),
        answer=_sentence(
            fields, "answer", known | pick.keys(), "write it with what is picked, such as 订单{number}{status}。"
        ),
        not_found=_sentence(fields, "not_found", known, "write what customers read when the system knows nothing"),
        place=fields.report.place(fields.line),
    )


def _id_fault(text: str) -> str:
    return "" if _ID.fullmatch(text) else f"{text[:40]!r} cannot name a tool; write a-z, digits and '-'"


def _arguments(fields: Fields) -> Iterator[Argument]:
    for name, node in fields.pairs("arguments", "name: {type: …, about: …}"):
        if not _NAME.fullmatch(name.text):
            fields.report.add(name.line, f"{name.text[:40]!r} cannot name an argument; write a-z, digits and '_'")
        yield _argument(name.text, Fields(node, f"argument {name.text}", _ARGUMENT_KEYS, fields.report))


def _argument(name: str, fields: Fields) -> Argument:
    source, kind = fields.text("from"), fields.text("type") or "text"
    low, high = fields.number("min"), fields.number("max")
    for key, value, allowed in (("from", source or "user", SOURCES), ("type", kind, TYPES)):
        if value not in allowed:
            fields.report.add(fields.line_of(key), f"{key} {value[:40]!r} is unknown; write {' or '.join(allowed)}")
    if source and any(key in fields for key in ("type", "pattern", "choices", "min", "max", "ask")):
        fields.report.add(fields.line_of("from"), f"{name} comes from the channel; delete everything but from")
    if ("min" in fields or "max" in fields) and kind not in ("integer", "number"):
        fields.report.add(fields.line, "only an integer or a number has min and max; delete them")
    if low is not None and high is not None and low > high:
        fields.report.add(fields.line_of("max"), f"max {high:g} is below min {low:g}; exchange or correct them")
    return Argument(
        name=name,
        type=kind,
        about=fields.text("about"),
        ask=fields.text("ask"),
        source=source,
        pattern=_pattern(fields, kind),
        choices=_choices(fields, kind, source),
        minimum=low,
        maximum=high,
        required=_required(fields),
        place=fields.report.place(fields.line),
    )


def _pattern(fields: Fields, kind: str) -> str:
    """A regular expression that cannot take long; '' when there is none or it is wrong."""
    pattern = fields.text("pattern", _PATTERN_LIMIT)
    if not pattern:
        return ""
    line = fields.line_of("pattern")
    if kind != "text":
        fields.report.add(line, "only a text has a pattern; delete it")
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        fields.report.add(line, f"pattern is no regular expression: {error}")
        return ""
    if _ENDLESS.search(_ESCAPED.sub("x", pattern)):
        fields.report.add(line, "pattern has no bound; write {1,20} for + and *, and count no group")
    elif compiled.fullmatch(""):
        fields.report.add(line, "pattern fits an empty text; write how many characters there must be")
    return pattern


def _choices(fields: Fields, kind: str, source: str) -> tuple[str, ...]:
    choices = tuple(text for text, _ in fields.texts("choices"))
    if not source and bool(choices) != (kind == "choice"):
        remedy = "write them as choices: [物流, 退款]" if kind == "choice" else "only a choice has them; delete them"
        fields.report.add(fields.line_of("choices"), f"choices: {remedy}")
    return choices


def _required(fields: Fields) -> bool:
    if "required" not in fields:
        return True
    node = fields.node("required")
    text = node.text if isinstance(node, ScalarNode) else ""
    if text not in ("true", "false"):
        fields.report.add(node.line, "required must be true or false")
    return text != "false"


def _method(request: Fields | None) -> str:
    method = (request.text("method") if request is not None else "") or "GET"
    if request is not None and method not in ("GET", "POST"):
        request.report.add(request.line_of("method"), f"method {method[:20]!r}: write GET or POST; tools only read")
    if request is not None and method == "GET" and "body" in request:
        request.report.add(request.line_of("body"), "a GET has no body; write query, or method: POST")
    return method


def _url(request: Fields | None, known: set[str]) -> str:
    """An address whose host is fixed: arguments stand in its path alone."""
    if request is None:
        return ""
    url = request.text("url", missing="write it as https://host/path/{argument}")
    try:
        parts = urlsplit(url)
        odd = bool(url) and (parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0)
    except ValueError:
        odd = True
    line = request.line_of("url")
    if odd or (url and "@" in parts.netloc):
        request.report.add(line, "url must be https://host/path, without a password")
    elif "{" in parts.netloc + parts.scheme:
        request.report.add(line, "the host of url is fixed; arguments stand in its path only")
    elif "?" in url or "#" in url:
        request.report.add(line, "url ends before '?' and '#'; write what follows below query")
    elif "$" in url:
        request.report.add(line, "a secret does not belong into url, which is logged; write it in headers or query")
    _check_slots(url, line, known, request)
    return url


def _texts(request: Fields | None, key: str, known: set[str] | frozenset[str]) -> Iterator[tuple[str, str]]:
    """name -> text with slots, of headers or of the query."""
    if request is None:
        return
    for name, node in request.pairs(key, "name: text"):
        if key == "headers" and not _HEADER.fullmatch(name.text):
            request.report.add(name.line, f"{name.text[:40]!r} cannot name a header")
        text = read_text(node, f"{name.text} of {key}", request.report)
        if key == "headers" and _SLOT.search(text):
            request.report.add(node.line, "a header takes no argument; write it below query")
        else:
            _check_slots(text, node.line, known, request)
        yield name.text, text


def _body(request: Fields | None, known: set[str]) -> object:
    return _json(request.node("body"), request, known) if request is not None and "body" in request else None


def _json(node: Node, request: Fields, known: set[str]) -> object:
    """A node as JSON: what is written without quotes and reads as a number, true, false or null is that."""
    if isinstance(node, MappingNode):
        return {name.text: _json(value, request, known) for name, value in node.pairs}
    if isinstance(node, SequenceNode):
        return [_json(item, request, known) for item in node.items]
    _check_slots(node.text, node.line, known, request)
    if node.plain:
        with suppress(ValueError):
            return json.loads(node.text)
    return node.text


def _pick(fields: Fields) -> Iterator[tuple[str, str]]:
    for name, node in fields.pairs("pick", "name: data.field"):
        path = read_text(node, f"{name.text} of pick", fields.report)
        if not _NAME.fullmatch(name.text):
            fields.report.add(name.line, f"{name.text[:40]!r} cannot name what is picked; write a-z, digits and '_'")
        if path and not _PATH.fullmatch(path):
            fields.report.add(
                node.line, f"{path[:40]!r} is no path in the answer; write one such as data.items.0.status"
            )
        yield name.text, path


def _words(fields: Fields, pick: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """What customers read for the codes of a system."""
    for name, node in fields.pairs("words", "name: {CODE: text}"):
        if name.text not in pick:
            fields.report.add(
                name.line, f"{name.text[:40]!r} is not picked; words are for {', '.join(pick) or 'nothing'}"
            )
        if not isinstance(node, MappingNode):
            fields.report.add(node.line, f"words of {name.text} must be 'CODE: text' lines")
            continue
        yield (
            name.text,
            {code.text: read_text(text, f"the word for {code.text}", fields.report) for code, text in node.pairs},
        )


def _sentence(fields: Fields, key: str, known: set[str], missing: str) -> str:
    text = fields.text(key, ANSWER_LIMIT, missing=missing)
    _check_slots(text, fields.line_of(key), known, fields)
    return text


def _check_slots(text: str, line: int, known: set[str] | frozenset[str], fields: Fields) -> None:
    for slot in _SLOT.findall(text):
        if slot not in known:
            fields.report.add(line, f"{{{slot}}} is not known here; there are {', '.join(sorted(known)) or 'none'}")
