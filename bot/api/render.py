"""A Reply as JSON: the same keys here and in `python -m bot ask --json`."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from aiohttp import web

from adapters.messages import Reply

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str)


def encode(document: object) -> bytes:
    return _ENCODER.encode(document).encode()


def document(reply: Reply) -> dict[str, object]:
    """Every field of the reply, the trace with its milliseconds and details."""
    # Written out: dataclasses.asdict copies deeply and costs more than the exact answer it would describe.
    return {
        "text": reply.text,
        "source": reply.source,
        "knowledge_base": reply.knowledge_base,
        "entry": reply.entry,
        "score": reply.score,
        "suggestions": reply.suggestions,
        "evidence": [
            {"knowledge_base": seen.knowledge_base, "entry": seen.entry, "score": seen.score} for seen in reply.evidence
        ],
        "citations": [asdict(citation) for citation in reply.citations],
        "trace": [{"name": step.name, "ms": step.ms, "detail": step.detail} for step in reply.trace],
    }


def json_response(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(body=encode(content), status=status, headers=headers, content_type="application/json")
