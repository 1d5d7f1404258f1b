"""The chat page's own way in: who the visitor is, what was said before, and answers that stream."""

import secrets
from collections.abc import Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial

from aiohttp import web

from adapters.messages import Citation, Kind, Reply
from bot.api import body
from bot.api.answers import ANSWERS
from bot.api.errors import Refused
from bot.api.render import encode
from bot.api.service import SERVICE, ask, new_message
from bot.api.stream import EventStream
from bot.api.visitors import remember
from bot.database import DatabaseUnavailable
from bot.history import Recalled, Turn

_PLATFORM = "web"
_SHOWN_TURNS = 50


async def session(request: web.Request) -> web.Response:
    """What the page shows at first: the bot's phrases (questions to begin with among them), the conversation so far."""
    response = web.Response(content_type="application/json")
    turns = await _turns(request, remember(request, response))
    shown = {"phrases": request.app[SERVICE].phrases.by_language, "turns": [_shown_turn(turn) for turn in turns]}
    response.body = encode(shown)
    return response


async def answer(request: web.Request) -> web.StreamResponse:
    """Events: {"delta": text that may be shown} any number of times, then {"reply": the whole of it}.

    The page names its messages: one that is sent again, after a reload or a lost connection, is answered once, and
    all that was said is heard again.
    """
    asked = await body.read_object(request)
    body.refuse_unknown(asked, ("text", "id"))
    text, name = body.text_of(asked.get("text"), "text"), body.optional_id(asked, "id") or secrets.token_hex(12)
    stream = EventStream()
    visitor = remember(request, stream.response)
    message = new_message(_PLATFORM, "", visitor, f"{_PLATFORM}:{visitor}", f"{visitor}/{name}", text)
    await stream.open(request)
    with suppress(ConnectionResetError):
        async with aclosing(request.app[ANSWERS].hear(message.id, partial(ask, request.app, message))) as pieces:
            async for piece in pieces:
                await stream.say({"reply": _shown_reply(piece)} if isinstance(piece, Reply) else {"delta": piece})
    return await stream.close()


async def rate(request: web.Request) -> web.Response:
    """What the visitor thinks of an answer: told to the webhooks that want to hear of it, each opinion once."""
    asked = await body.read_object(request)
    body.refuse_unknown(asked, ("id", "rating"))
    rating = asked.get("rating")
    if rating not in ("good", "bad"):
        raise Refused(400, "wrong_type", "rating must be good or bad")
    response = web.Response(status=204)
    visitor, name = remember(request, response), body.id_of(asked.get("id"), "id")
    told = new_message(_PLATFORM, "", visitor, f"{_PLATFORM}:{visitor}", f"{visitor}/{name}/{rating}", "")
    context = {"in_reply_to": f"{visitor}/{name}", "rating": str(rating)}
    await ask(request.app, replace(told, kind=Kind.FEEDBACK, context=context))
    return response


async def _turns(request: web.Request, visitor: str) -> list[Turn]:
    thread = new_message(_PLATFORM, "", visitor, "", "", "").thread
    try:
        return list(await request.app[SERVICE].turns(thread, _SHOWN_TURNS))
    except DatabaseUnavailable:
        return []  # the visitor can still ask


def _shown_turn(turn: Turn) -> dict[str, object]:
    return {
        "id": turn.message_id.rpartition("/")[2],
        "question": turn.question,
        "text": turn.answer,
        "source": turn.source,
        "suggestions": turn.suggestions,
        "documents": _numbered({one["cited"]: _citation(one) for one in turn.passages if one["cited"]}),
        "at": turn.at.isoformat(),
    }


def _shown_reply(reply: Reply) -> dict[str, object]:
    """What a visitor may see: not the scores, not the trace."""
    documents = _numbered(dict(enumerate(reply.citations, 1)))
    return {"text": reply.text, "source": reply.source, "suggestions": reply.suggestions, "documents": documents}


def _citation(passage: Recalled) -> Citation:
    return Citation(passage["document"], passage["section"], passage["page"])


def _numbered(citations: Mapping[int, Citation]) -> list[str]:
    return [f"[{number}] {citation}" for number, citation in sorted(citations.items())]
