"""Messages and replies as the JSON that the ledger keeps."""

import json
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from adapters.messages import Citation, Kind, Message, Reply, Source

_MESSAGE_FIELDS = tuple(field.name for field in fields(Message))
_REPLY_FIELDS = ("text", "source", "knowledge_base", "entry", "score", "suggestions")


def dump_message(message: Message) -> str:
    """JSON in ASCII: every database keeps it, whatever characters a user sent."""
    values = {name: getattr(message, name) for name in _MESSAGE_FIELDS}
    return json.dumps(values | {"received": message.received.isoformat(), "context": dict(message.context)})


def load_message(text: str) -> Message:
    values = json.loads(text)
    received = datetime.fromisoformat(values["received"])
    return Message(**values | {"received": received, "kind": Kind(values["kind"])})


def dump_reply(reply: Reply) -> str:
    """Without trace and evidence, which are for the log of the first time."""
    values: dict[str, Any] = {name: getattr(reply, name) for name in _REPLY_FIELDS}
    return json.dumps(values | {"citations": [asdict(citation) for citation in reply.citations]})


def load_reply(text: str) -> Reply:
    values: dict[str, Any] = json.loads(text)
    citations = tuple(Citation(**citation) for citation in values["citations"])
    source, suggestions = Source(values["source"]), tuple(values["suggestions"])
    return Reply(**values | {"source": source, "suggestions": suggestions, "citations": citations})
