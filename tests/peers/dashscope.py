"""A DashScope on loopback: native and OpenAI-compatible paths. Faults are chosen by the name of the model.

`busy` 429 · `busy-once` 429 then fine · `sick` 500 · `html` a 502 page · `filtered` the input is refused ·
`filtered-late` the output is · `drop` the connection breaks · `cut` ends without a finish reason ·
`stall` falls silent · `slow` begins late · `garbage` no JSON · `empty` says nothing · `endless` never stops ·
`whole` sends calls in one piece · anything else answers `answer`, or what is next in `script`.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.peers.loopback import on_loopback

KEY = "sk-test"
SILENCE = 30.0

Body = Mapping[str, Any]
Calls = list[tuple[str, str]]  # names of functions and their arguments, as a model would write them


class DashScope:
    """What it was asked, and what it answers."""

    def __init__(self, answer: str = "退货在七天内免费[1]。") -> None:
        self.answer = answer
        self.calls: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.left = asyncio.Event()  # a client went away in the middle
        self.address = ""
        self.usage: dict[str, int] = {}  # that a search tells
        self.sources: list[dict[str, object]] = []  # what enable_search finds
        self.script: list[str | Calls] = []  # what the next calls answer, before `answer`

    @property
    def native(self) -> str:
        return f"{self.address}/api/v1"

    @property
    def compatible(self) -> str:
        return f"{self.address}/compatible-mode/v1"

    def application(self) -> web.Application:
        app = web.Application(client_max_size=16 * 2**20)
        services = "/api/v1/services"
        app.router.add_post(f"{services}/aigc/text-generation/generation", self._generation)
        app.router.add_post(f"{services}/embeddings/text-embedding/text-embedding", self._embedding)
        app.router.add_post(f"{services}/rerank/text-rerank/text-rerank", self._rerank)
        app.router.add_post("/compatible-mode/v1/chat/completions", self._chat)
        app.router.add_post("/compatible-mode/v1/embeddings", self._compatible_embedding)
        app.router.add_post("/compatible-mode/v1/rerank", self._compatible_rerank)
        return app

    async def _open(self, request: web.Request) -> tuple[Body, str]:
        body = await request.json()
        model = str(body["model"])
        self.calls[model] += 1
        self.bodies.append(body)
        return body, model

    async def _generation(self, request: web.Request) -> web.StreamResponse:
        body, model = await self._open(request)
        if refusal := await self._refusal(request, model):
            return refusal
        if body["parameters"].get("enable_search"):
            choice = {"finish_reason": "stop", "message": {"role": "assistant", "content": self.answer}}
            output = {"choices": [choice], "search_info": {"search_results": self.sources}}
            return web.json_response({"output": output, "usage": self.usage, "request_id": "1"})
        return await self._stream(request, await _event_stream(request), model, _native_event)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        _, model = await self._open(request)
        if refusal := await self._refusal(request, model):
            return refusal
        return await self._stream(request, await _event_stream(request), model, _compatible_event)

    async def _stream(
        self, request: web.Request, response: web.StreamResponse, model: str, event: Any
    ) -> web.StreamResponse:
        """The answer two characters at a time, with the fault of the model on the way."""
        try:
            if model == "garbage":
                await response.write(b'data:{"output":{"choi\n\n')
                return response
            await self._speak(request, response, model, event)
        except (ConnectionResetError, asyncio.CancelledError):
            self.left.set()
            raise
        return response

    async def _speak(self, request: web.Request, response: web.StreamResponse, model: str, event: Any) -> None:
        said = self.script.pop(0) if self.script else self.answer
        if isinstance(said, list):
            await self._ask_for(response, said, event, 6 if model != "whole" else 10**6)
            return
        text = "" if model == "empty" else said
        place = 0
        while place < len(text) or model == "endless":
            await response.write(event(text[place % max(len(text), 1) :][:2], None))
            place += 2
            await asyncio.sleep(0)
            if place > 4 and await self._fault(request, response, model):
                return
        await response.write(event("", "stop"))
        if event is _compatible_event:
            await response.write(b"data: [DONE]\n\n")

    async def _ask_for(self, response: web.StreamResponse, calls: Calls, event: Any, size: int) -> None:
        """The calls by turns, the id and the name once, the arguments in parts of so many characters."""
        for start in range(0, max(len(arguments) for _, arguments in calls), size):
            for index, (name, arguments) in enumerate(calls):
                function = {"name": "" if start else name, "arguments": arguments[start : start + size]}
                part = {"index": index, "id": "" if start else f"id{index}", "type": "function", "function": function}
                await response.write(event("", None, [part]))
        await response.write(event("", "tool_calls"))
        if event is _compatible_event:
            await response.write(b"data: [DONE]\n\n")

    async def _fault(self, request: web.Request, response: web.StreamResponse, model: str) -> bool:
        """Whether the stream ends here."""
        if model == "drop" and request.transport is not None:
            request.transport.abort()
        if model == "filtered-late":
            error = {"code": "DataInspectionFailed", "message": "Output data may contain inappropriate content."}
            await response.write(b"event:error\nstatus:400\ndata:" + json.dumps(error).encode() + b"\n\n")
        if model == "stall":
            await asyncio.sleep(SILENCE)
        return model in {"drop", "cut", "filtered-late", "stall"}

    async def _refusal(self, request: web.Request, model: str) -> web.Response | None:
        """What is refused before anything is said."""
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _error(401, "InvalidApiKey")
        if model == "slow":
            await asyncio.sleep(SILENCE)
        if model == "busy" or (model == "busy-once" and self.calls[model] == 1):
            return _error(429, "Throttling.RateQuota")
        if model == "html":
            return web.Response(status=502, text="<html>502 Bad Gateway</html>", content_type="text/html")
        faults = {"sick": (500, "InternalError.Algo"), "filtered": (400, "DataInspectionFailed")}
        return _error(*faults[model]) if model in faults else None

    async def _embedding(self, request: web.Request) -> web.Response:
        body, model = await self._open(request)
        texts = body["input"]["texts"]
        if refusal := await self._refusal(request, model):
            return refusal
        if len(texts) > 10:
            return _error(400, "InvalidParameter")
        dim = int(body["parameters"]["dimension"])
        rows = [{"text_index": place, "embedding": _vector(text, dim)} for place, text in enumerate(texts)]
        return web.json_response({"output": {"embeddings": rows[::-1]}, "usage": {}, "request_id": "1"})

    async def _rerank(self, request: web.Request) -> web.Response:
        body, model = await self._open(request)
        if refusal := await self._refusal(request, model):
            return refusal
        results = _relevance(body["input"]["query"], body["input"]["documents"])
        return web.json_response({"output": {"results": results}, "usage": {}, "request_id": "1"})

    async def _compatible_embedding(self, request: web.Request) -> web.Response:
        body, model = await self._open(request)
        if refusal := await self._refusal(request, model):
            return refusal
        dim = int(body["dimensions"])
        rows = [
            {"object": "embedding", "index": place, "embedding": _vector(text, dim)}
            for place, text in enumerate(body["input"])
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return web.json_response({"object": "list", "model": model, "data": rows[::-1], "usage": usage})

    async def _compatible_rerank(self, request: web.Request) -> web.Response:
        body, model = await self._open(request)
        if refusal := await self._refusal(request, model):
            return refusal
        return web.json_response({"results": _relevance(body["query"], body["documents"])})


@asynccontextmanager
async def serving(peer: DashScope) -> AsyncIterator[DashScope]:
    """Serve on a free port of loopback."""
    async with on_loopback(peer.application()) as peer.address:
        yield peer


async def _event_stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream;charset=UTF-8"})
    await response.prepare(request)
    return response


def _native_event(text: str, finish: str | None, parts: Sequence[object] = ()) -> bytes:
    message = {"role": "assistant", "content": text, **({"tool_calls": parts} if parts else {})}
    choice = {"finish_reason": finish or "null", "message": message}
    said = json.dumps({"output": {"choices": [choice]}, "usage": {}, "request_id": "1"}, ensure_ascii=False)
    return f"id:1\nevent:result\n:HTTP_STATUS/200\ndata:{said}\n\n".encode()


def _compatible_event(text: str, finish: str | None, parts: Sequence[object] = ()) -> bytes:
    delta = {"content": text or None, **({"tool_calls": parts} if parts else {})}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def _error(status: int, code: str) -> web.Response:
    native = {"code": code, "message": code, "request_id": "1"}
    return web.json_response({**native, "error": {"message": code, "type": code, "code": code}}, status=status)


def _vector(text: str, dim: int) -> list[float]:
    row = [0.0] * dim
    for char in text:
        row[ord(char) % dim] += 1.0
    return row


def _relevance(query: str, texts: list[str]) -> list[dict[str, object]]:
    shared = [len(set(query) & set(text)) / max(len(set(query)), 1) for text in texts]
    order = sorted(range(len(texts)), key=lambda place: -shared[place])
    return [{"index": place, "relevance_score": shared[place]} for place in order]
