"""The chat page's own way in: who the visitor is, what was said before, and answers that stream."""

from collections.abc import Iterable

from aiohttp import web

from adapters.messages import Reply
from bot.api import body
from bot.api.render import encode
from bot.api.service import SERVICE, ask, new_message
from bot.api.stream import EventStream
from bot.api.visitors import remember
from bot.history import HistoryUnavailable, Turn

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
    """Events: {"delta": text that may be shown} any number of times, then {"reply": the whole of it}."""
    asked = await body.read_object(request)
    body.refuse_unknown(asked, ("text",))
    text = body.text_of(asked.get("text"), "text")
    stream = EventStream()
    visitor = remember(request, stream.response)
    message = new_message(_PLATFORM, "", visitor, f"{_PLATFORM}:{visitor}", "", text)
    await stream.open(request)

    async def emit(delta: str) -> None:
        await stream.say({"delta": delta})

    await stream.send({"reply": _shown_reply(await ask(request.app, message, emit))})
    return await stream.close()


async def _turns(request: web.Request, visitor: str) -> list[Turn]:
    thread = new_message(_PLATFORM, "", visitor, "", "", "").thread
    try:
        return list(await request.app[SERVICE].turns(thread, _SHOWN_TURNS))
    except HistoryUnavailable:
        return []  # the visitor can still ask


def _shown_turn(turn: Turn) -> dict[str, object]:
    return {
        "question": turn.question,
        "text": turn.answer,
        "source": turn.source,
        "suggestions": turn.suggestions,
        "documents": _places((one["cited"], one["document"], one["section"], one["page"]) for one in turn.passages),
        "at": turn.at.isoformat(),
    }


def _shown_reply(reply: Reply) -> dict[str, object]:
    """What a visitor may see: not the scores, not the trace."""
    cited = ((number, one.document, one.section, one.page) for number, one in enumerate(reply.citations, 1))
    return {"text": reply.text, "source": reply.source, "suggestions": reply.suggestions, "documents": _places(cited)}


def _places(cited: Iterable[tuple[int, str, str, int | None]]) -> list[str]:
    """[1] 退货.md › 运费 p.2 for each number that an answer cites; 0 is none."""
    return [
        f"[{number}] {' › '.join(filter(None, (document, section)))}{f' p.{page}' if page else ''}"
        for number, document, section, page in sorted(set(cited), key=lambda one: one[0])
        if number
    ]
