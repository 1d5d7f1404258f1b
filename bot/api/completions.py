"""OpenAI's chat completions, plain and streamed, so that any OpenAI client can talk to Zhida.

Follows https://platform.openai.com/docs/api-reference/chat. Knobs of a language model (temperature, tools, …) are
accepted and mean nothing here; a `usage` counts characters, since an answer of the staff costs no tokens.
"""

import time
from dataclasses import dataclass

from aiohttp import web

from adapters.messages import Message, Reply, Source
from adapters.protocol import Emit
from bot.api import body, prompts
from bot.api.errors import Refused
from bot.api.guard import ACCOUNT
from bot.api.prompts import Prompt
from bot.api.render import document, json_response
from bot.api.service import ask, new_message
from bot.api.stream import EventStream
from bot.api.transcripts import TRANSCRIPTS

MODEL = "zhida"
_PLATFORM = "openai"


async def models(request: web.Request) -> web.Response:
    return json_response({"object": "list", "data": [_model()]})


async def model(request: web.Request) -> web.Response:
    if request.match_info["model"] != MODEL:
        raise Refused(404, "model_not_found", f"there is one model here: {MODEL}")
    return json_response(_model())


async def complete(request: web.Request) -> web.StreamResponse:
    prompt = prompts.parse(await body.read_object(request))
    conversation = prompt.conversation or request.app[TRANSCRIPTS].resume(request[ACCOUNT], prompt)
    user = prompt.user or conversation
    message = new_message(_PLATFORM, request[ACCOUNT], conversation, user, "", prompt.text)
    completion = Completion(f"chatcmpl-{message.id}", int(time.time()), prompt)
    if prompt.stream:
        return await _stream(request, message, completion)
    reply = await _ask(request, message, prompt)
    return json_response(completion.whole(reply))


@dataclass(frozen=True, slots=True)
class Completion:
    """OpenAI's JSON for one reply."""

    id: str
    created: int
    prompt: Prompt

    def whole(self, reply: Reply) -> dict[str, object]:
        said = {"role": "assistant", "content": reply.text, "refusal": None}
        choice = {"index": 0, "message": said, "logprobs": None, "finish_reason": _finish(reply)}
        return self._head("chat.completion") | {
            "choices": [choice],
            "usage": self._usage(reply),
            "zhida": _reason(reply),
        }

    def delta(self, **said: str) -> dict[str, object]:
        return self._chunk([{"index": 0, "delta": said, "logprobs": None, "finish_reason": None}])

    def end(self, reply: Reply) -> dict[str, object]:
        choice = {"index": 0, "delta": {}, "logprobs": None, "finish_reason": _finish(reply)}
        return self._chunk([choice]) | {"zhida": _reason(reply)}

    def bill(self, reply: Reply) -> dict[str, object]:
        return self._chunk([]) | {"usage": self._usage(reply)}

    def _chunk(self, choices: list[dict[str, object]]) -> dict[str, object]:
        return self._head("chat.completion.chunk") | {"choices": choices}

    def _head(self, kind: str) -> dict[str, object]:
        return {"id": self.id, "object": kind, "created": self.created, "model": MODEL}

    def _usage(self, reply: Reply) -> dict[str, int]:
        asked, said = self.prompt.characters, len(reply.text)
        return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


async def _stream(request: web.Request, message: Message, completion: Completion) -> web.StreamResponse:
    stream = EventStream()
    await stream.open(request)
    await stream.send(completion.delta(role="assistant", content=""))
    shown = ""

    async def emit(delta: str) -> None:
        nonlocal shown
        shown += delta
        await stream.say(completion.delta(content=delta))

    reply = await _ask(request, message, completion.prompt, emit)
    if rest := _not_shown(reply.text, shown):
        await stream.send(completion.delta(content=rest))
    await stream.send(completion.end(reply))
    if completion.prompt.include_usage:
        await stream.send(completion.bill(reply))
    return await stream.close(b"data: [DONE]\n\n")


async def _ask(request: web.Request, message: Message, prompt: Prompt, emit: Emit | None = None) -> Reply:
    reply = await ask(request.app, message, emit)
    if not prompt.conversation:
        request.app[TRANSCRIPTS].keep(message.account, prompt, reply.text, message.conversation)
    return reply


def _not_shown(text: str, shown: str) -> str:
    """What is still to be sent. What was sent cannot be taken back, so a text that turned out otherwise follows it."""
    if text.startswith(shown):
        return text[len(shown) :]
    return f"\n\n{text}"


def _finish(reply: Reply) -> str:
    return "content_filter" if reply.source is Source.BLOCKED else "stop"


def _reason(reply: Reply) -> dict[str, object]:
    """Why this answer, for clients that look; the others skip it."""
    return {key: value for key, value in document(reply).items() if key not in ("text", "trace", "evidence")}


def _model() -> dict[str, object]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}
