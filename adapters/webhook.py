"""Any system that can send and take a signed HTTP request, by Standard Webhooks (standardwebhooks.com).

In: a message, or what a user thinks of an answer. Out: an event for each reply (answered, unanswered, handed_over,
blocked), if wanted also of the other channels, and for feedback.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from adapters.http import JsonApi, UpstreamError
from adapters.messages import Kind, Message, Reply, Source
from adapters.options import ChannelOptions, Secrets, reveal
from adapters.payload import id_of, object_of, read_json, text_of
from adapters.protocol import (
    Adapter,
    BadPayload,
    BadSignature,
    Delivery,
    Outcome,
    Outgoing,
    Parsed,
    Request,
    Response,
    piece_key,
)

_TOLERANCE = 300.0  # seconds, of the specification
_EVENTS = {Source.NONE: "unanswered", Source.HANDOFF: "handed_over", Source.BLOCKED: "blocked"}


def _decode(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError("a webhook secret is `whsec_` and base64") from error


def _check(secrets: Secrets) -> Secrets:
    for secret in reveal(secrets):
        _decode(secret)
    return secrets


class WebhookOptions(ChannelOptions):
    """`[channels.NAME]` with `platform = "webhook"`."""

    platform: Literal["webhook"] = Field(description="Which platform this channel is on.")
    reply_url: str = Field("", pattern="^(https?://.+)?$", description="Where replies are posted; empty sends none.")
    events: tuple[Literal["answered", "unanswered", "handed_over", "blocked", "feedback"], ...] = Field(
        (), description="What is posted there of the other channels too."
    )
    secrets: Annotated[Secrets, AfterValidator(_check)] = Field(
        description="Signing secrets `whsec_…`, the newest first; all are accepted."
    )


class Webhook(Adapter):
    """A signed HTTP request in, a signed HTTP request out."""

    platform = "webhook"
    repeatable = True  # the webhook-id stays the same, the receiver drops what it knows

    def __init__(self, options: WebhookOptions) -> None:
        self.account = options.name
        self.vendor = options.reply_url
        self._secrets = tuple(_decode(secret) for secret in reveal(options.secrets))
        self._url, self._events = options.reply_url, frozenset(options.events)
        self._api = JsonApi(options.reply_url)

    def parse(self, request: Request) -> Parsed:
        headers = request.headers
        name, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        verify(self._secrets, name, stamp, headers.get("webhook-signature", ""), request.body, request.now)
        body = {**read_json(request.body), "id": name}
        response = Response(json.dumps({"accepted": name}).encode(), "application/json", 202)
        if body.get("type") == "ping":
            return Parsed(response=response)
        if body.get("type") == "feedback":
            body |= {"kind": Kind.FEEDBACK, "context": _rating(body)}
        return Parsed((self._message(body, request.now),), response)

    def _message(self, body: Mapping[str, object], now: float) -> Message:
        user, group = id_of(body, "user"), text_of(body, "group", "")
        try:
            kind = Kind(text_of(body, "kind", "text"))
        except ValueError as error:
            raise BadPayload(f"the field kind is none of {', '.join(Kind)}") from error
        return Message(
            platform=self.platform,
            account=self.account,
            conversation=id_of({"conversation": user, **body}, "conversation"),
            user=user,
            id=id_of(body, "id"),
            text=text_of(body, "text", "" if kind is not Kind.TEXT else None),
            received=datetime.fromtimestamp(now, UTC),
            kind=kind,
            group=group,
            mentioned=body.get("mentioned") is True,
            user_name=text_of(body, "user_name", ""),
            quote=text_of(body, "quote", ""),
            media=text_of(body, "media", ""),
            context={key: str(value) for key, value in object_of(body, "context").items()},
        )

    def render(self, reply: Reply, message: Message) -> tuple[Outgoing, ...]:
        return (self._answered(reply, message, piece_key(message, 0)),) if self._url else ()

    def watch(self, reply: Reply, message: Message) -> Outgoing | None:
        feedback = message.kind is Kind.FEEDBACK
        kind = "feedback" if feedback else _EVENTS.get(reply.source, "answered")
        ours = (message.platform, message.account) == (self.platform, self.account)
        if not self._url or kind not in self._events or (ours and not feedback):
            return None
        key = f"{piece_key(message, 0)}-{self.account}"
        return self.event(kind, _feedback(message), key) if feedback else self._answered(reply, message, key)

    def _answered(self, reply: Reply, message: Message, key: str) -> Outgoing:
        data = {
            "in_reply_to": message.id,
            **_whose(message),
            "group": message.group,
            "context": dict(message.context),
            "question": message.text,
            "text": reply.text,
            "source": reply.source,
            "knowledge_base": reply.knowledge_base,
            "entry": reply.entry,
            "score": reply.score,
            "suggestions": reply.suggestions,
            "citations": [asdict(citation) for citation in reply.citations],
        }
        return self.event(_EVENTS.get(reply.source, "answered"), data, key)

    def event(self, kind: str, data: Mapping[str, object], key: str) -> Outgoing:
        """Any event for the integrator, as the specification shapes it."""
        stamp = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return Outgoing(key, str(data.get("conversation", "")), {"type": kind, "timestamp": stamp, "data": data})

    async def send(self, outgoing: Outgoing) -> Delivery:
        body = json.dumps(outgoing.payload, ensure_ascii=False).encode("utf-8", "replace")
        stamp = str(int(time.time()))
        try:
            await self._api.post("", body, sign(self._secrets, outgoing.key, stamp, body))
        except UpstreamError as error:
            return error.as_delivery()
        return Delivery(Outcome.SENT)

    def probe(self, now: float) -> tuple[Request, bytes] | None:
        body, name = b'{"type": "ping"}', "zhida-probe"
        headers = sign(self._secrets, name, str(int(now)), body)
        return Request("POST", {}, headers, body, now), json.dumps({"accepted": name}).encode()

    async def check(self) -> tuple[str, ...]:
        if not self._url:
            return ()
        ping = await self.send(self.event("ping", {}, f"ping-{time.time_ns()}"))
        return () if ping.outcome is Outcome.SENT else (f"reply_url: {ping.detail}",)

    async def close(self) -> None:
        await self._api.close()


def _rating(body: Mapping[str, object]) -> dict[str, object]:
    rating = text_of(body, "rating")
    if rating not in ("good", "bad"):
        raise BadPayload("the field rating is neither good nor bad")
    return {"rating": rating, "in_reply_to": id_of(body, "in_reply_to")}


def _whose(message: Message) -> dict[str, object]:
    names = ("platform", "account", "conversation", "user")
    return {name: getattr(message, name) for name in names}


def _feedback(message: Message) -> dict[str, object]:
    """`in_reply_to` is the question's id, `rating` good or bad, as whoever passed the feedback on wrote them."""
    told = {name: message.context.get(name, "") for name in ("in_reply_to", "rating")}
    return {**_whose(message), **told, "comment": message.text}


def sign(secrets: Sequence[bytes], name: str, stamp: str, body: bytes) -> Mapping[str, str]:
    """The three headers; signed with every secret, so that the receiver may change over when it likes."""
    signatures = " ".join(f"v1,{_signature(secret, name, stamp, body)}" for secret in secrets)
    return {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": signatures}


def verify(secrets: Sequence[bytes], name: str, stamp: str, signatures: str, body: bytes, now: float) -> None:
    """Raises BadSignature unless one of the signatures was made with one of the secrets within the last 5 minutes."""
    if not (name and stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise BadSignature("webhook-id or webhook-timestamp is missing")
    if abs(now - int(stamp)) > _TOLERANCE:
        raise BadSignature("webhook-timestamp is too old or in the future")
    expected = [f"v1,{_signature(secret, name, stamp, body)}".encode() for secret in secrets]
    given = [word.encode("utf-8", "replace") for word in signatures.split()[:8]]
    if not any(hmac.compare_digest(one, other) for one in expected for other in given):
        raise BadSignature("webhook-signature fits none of our secrets")


def _signature(secret: bytes, name: str, stamp: str, body: bytes) -> str:
    return base64.b64encode(hmac.digest(secret, f"{name}.{stamp}.".encode() + body, hashlib.sha256)).decode()
