"""Qwen by Alibaba's DashScope SDK: chat that streams, embeddings in tens, reranking.

The SDK does not raise for most failures: it hands over an answer with a status, a code and a message. A stream that is
cut ends quietly, so only a finish_reason makes an answer whole.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import Any

import aiohttp
import dashscope
import numpy as np
import requests
from dashscope.common.error import DashScopeException

from bot.llm.calling import Deltas, declared, message
from bot.llm.metering import report
from bot.llm.model import Function, Piece, Prompt, Trouble, UpstreamError
from faq.embedding import Vectors

_SDK: Any = dashscope  # its annotations contradict what it returns
_BATCH = 10  # texts of one embedding call, the limit of text-embedding-v3 and v4
_CHARS = 8000  # of one text; the limit is 8,192 tokens
_CODES = {
    "DataInspectionFailed": Trouble.UNWANTED,
    "data_inspection_failed": Trouble.UNWANTED,
    "Arrearage": Trouble.REFUSED,
    "Throttling": Trouble.BUSY,
}
_NETWORK = (aiohttp.ClientError, requests.RequestException, OSError, ValueError, KeyError, DashScopeException)
_FINISHED = frozenset({"stop", "length", "tool_calls"})


class DashScopeModel:
    """One chat model. `seconds` bounds the silence between two pieces; the whole is bounded by ResilientModel."""

    def __init__(self, model: str, key: str, address: str | None = None, seconds: float = 10.0) -> None:
        self.name = f"dashscope/{model}"
        self._model, self._key, self._address, self._seconds = model, key, address, seconds
        self._session: aiohttp.ClientSession | None = None

    async def stream(self, prompts: Sequence[Prompt], functions: Sequence[Function] = ()) -> AsyncGenerator[Piece]:
        finished, deltas = False, Deltas(self.name)
        try:
            answers = await _SDK.AioGeneration.call(
                self._model,
                messages=[message(prompt) for prompt in prompts],
                stream=True,
                incremental_output=True,
                result_format="message",
                **({"tools": declared(functions)} if functions else {}),
                **self._connection(),
            )
            async with aclosing(answers):
                async for answer in answers:
                    piece, ended = self._piece(answer, deltas)
                    finished = finished or ended
                    used = answer.usage if ended else None
                    if used:
                        report(self.name, int(used.get("input_tokens") or 0), int(used.get("output_tokens") or 0))
                    if piece:
                        yield piece
        except TimeoutError as error:
            raise UpstreamError(self.name, Trouble.SLOW, "no piece in time") from error
        except (*_NETWORK, asyncio.IncompleteReadError) as error:
            raise UpstreamError(self.name, Trouble.SICK, type(error).__name__) from error
        if not finished:
            raise UpstreamError(self.name, Trouble.SICK, "the stream was cut")
        for call in deltas.calls(functions):
            yield call

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _connection(self) -> dict[str, Any]:
        """One session a model, made in the loop that uses it."""
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=True)
        address = {"base_address": self._address} if self._address else {}
        return {"api_key": self._key, "request_timeout": self._seconds, "session": self._session, **address}

    def _piece(self, answer: Any, deltas: Deltas) -> tuple[str, bool]:
        """The text of one event, and whether it is the last; parts of calls go to `deltas`."""
        _refuse_failure(self.name, answer)
        try:
            choice = answer.output["choices"][0]
            said = choice["message"]
            for place, part in enumerate(said.get("tool_calls") or ()):
                function = part.get("function") or {}
                deltas.feed(part.get("index", place), part.get("id"), function.get("name"), function.get("arguments"))
            return str(said.get("content") or ""), choice.get("finish_reason") in _FINISHED
        except (TypeError, LookupError, AttributeError) as error:
            raise UpstreamError(self.name, Trouble.SICK, "an answer of an unknown shape") from error


class DashScopeEmbedder:
    """Sentence embeddings, ten texts a call. Blocks: call it from a thread. Raises UpstreamError."""

    def __init__(
        self, model: str, key: str, dim: int = 1024, address: str | None = None, seconds: float = 10.0
    ) -> None:
        self.id, self.dim = f"dashscope-{model}-{dim}", dim
        self._model, self._key, self._address, self._seconds = model, key, address, seconds

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = [self._call(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
        vectors = np.concatenate([*rows, np.empty((0, self.dim), np.float32)])
        unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-9))
        return unit

    def _call(self, texts: Sequence[str]) -> Vectors:
        address = {"base_address": self._address} if self._address else {}
        try:
            answer = _SDK.TextEmbedding.call(
                self._model,
                [text[:_CHARS] or " " for text in texts],
                api_key=self._key,
                dimension=self.dim,
                request_timeout=self._seconds,
                **address,
            )
            _refuse_failure(self.id, answer)
            found = sorted(answer.output["embeddings"], key=lambda row: int(row["text_index"]))
            return np.array([row["embedding"] for row in found], np.float32).reshape(len(texts), self.dim)
        except requests.Timeout as error:
            raise UpstreamError(self.id, Trouble.SLOW, "no answer in time") from error
        except (*_NETWORK, TypeError) as error:
            raise UpstreamError(self.id, Trouble.SICK, type(error).__name__) from error


class DashScopeReranker:
    """A cross-encoder at DashScope."""

    def __init__(self, model: str, key: str, address: str | None = None, seconds: float = 5.0) -> None:
        self.name = f"dashscope/{model}"
        self._model, self._key, self._address, self._seconds = model, key, address, seconds

    async def rerank(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        address = {"base_address": self._address} if self._address else {}
        try:
            async with aiohttp.ClientSession(trust_env=True) as session:
                answer = await _SDK.AioTextReRank.call(
                    self._model,
                    question,
                    list(texts),
                    api_key=self._key,
                    request_timeout=self._seconds,
                    session=session,
                    **address,
                )
            _refuse_failure(self.name, answer)
            return _scores(answer.output["results"], len(texts))
        except TimeoutError as error:
            raise UpstreamError(self.name, Trouble.SLOW, "no answer in time") from error
        except (*_NETWORK, TypeError) as error:
            raise UpstreamError(self.name, Trouble.SICK, type(error).__name__) from error


def _scores(results: Sequence[Mapping[str, Any]], count: int) -> list[float]:
    scores = [0.0] * count
    for result in results:
        scores[int(result["index"])] = float(result["relevance_score"])
    return scores


def _refuse_failure(name: str, answer: Any) -> None:
    """Raise what the status and the code of an answer mean."""
    status, code = int(answer.status_code), str(answer.code or "")
    if status == HTTPStatus.OK and answer.output is not None:
        return
    raise UpstreamError(name, _trouble(status, code), f"{status} {code}")


def _trouble(status: int, code: str) -> Trouble:
    if named := _CODES.get(code.partition(".")[0]):
        return named
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        return Trouble.BUSY
    return Trouble.REFUSED if 400 <= status < 500 else Trouble.SICK
