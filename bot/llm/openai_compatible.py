"""Any endpoint that speaks OpenAI's protocol (vLLM, Ollama, Xinference, llama.cpp, DashScope's compatible mode).

Reranking has no OpenAI form: the body is that of Cohere and Jina, which these servers share.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np
import openai

from bot.llm.calling import Deltas, declared, message
from bot.llm.metering import report
from bot.llm.model import Function, Piece, Prompt, Trouble, UpstreamError
from faq.embedding import Vectors

_BATCH = 10
_CHARS = 8000
_FILTERED = frozenset({"content_filter", "data_inspection_failed", "DataInspectionFailed"})


class OpenAIModel:
    """One chat model. The client's own retries are off: ResilientModel owns them."""

    def __init__(self, model: str, key: str, address: str | None = None, seconds: float = 10.0) -> None:
        self.name = f"openai/{model}"
        self._model = model
        self._client = openai.AsyncOpenAI(api_key=key or "none", base_url=address, timeout=seconds, max_retries=0)

    async def stream(self, prompts: Sequence[Prompt], functions: Sequence[Function] = ()) -> AsyncGenerator[Piece]:
        finished, deltas = False, Deltas(self.name)
        with _translated(self.name):
            async with await self._ask(prompts, functions) as chunks:
                async for chunk in chunks:
                    if chunk.usage is not None:
                        report(self.name, chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
                    for choice in chunk.choices[:1]:
                        finished = finished or choice.finish_reason is not None
                        for place, part in enumerate(choice.delta.tool_calls or ()):
                            index = place if part.index is None else part.index
                            deltas.feed(index, part.id, *_named(part.function))
                        if choice.delta.content:
                            yield choice.delta.content
        if not finished:
            raise UpstreamError(self.name, Trouble.SICK, "the stream was cut")
        for call in deltas.calls(functions):
            yield call

    async def _ask(self, prompts: Sequence[Prompt], functions: Sequence[Function]) -> Any:
        """Begin one call: a stream of chunks. What is sent is plain dictionaries, as other servers take them."""
        create: Any = self._client.chat.completions.create
        tools = {"tools": declared(functions)} if functions else {}
        messages = [message(prompt) for prompt in prompts]
        return await create(
            model=self._model, messages=messages, stream=True, stream_options={"include_usage": True}, **tools
        )

    async def close(self) -> None:
        await self._client.close()


class OpenAIEmbedder:
    """Sentence embeddings of an endpoint. Blocks: call it from a thread. Raises UpstreamError."""

    def __init__(
        self, model: str, key: str, dim: int = 1024, address: str | None = None, seconds: float = 10.0
    ) -> None:
        self.id, self.dim = f"openai-{model}-{dim}", dim
        self._model = model
        self._client = openai.OpenAI(api_key=key or "none", base_url=address, timeout=seconds, max_retries=2)

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = [self._call(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
        vectors = np.concatenate([*rows, np.empty((0, self.dim), np.float32)])
        unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-9))
        return unit

    def _call(self, texts: Sequence[str]) -> Vectors:
        with _translated(self.id):
            answer = self._client.embeddings.create(
                model=self._model,
                input=[text[:_CHARS] or " " for text in texts],
                dimensions=self.dim,
                encoding_format="float",
            )
            found = sorted(answer.data, key=lambda row: row.index)
            return np.array([row.embedding for row in found], np.float32).reshape(len(texts), self.dim)

    def close(self) -> None:
        self._client.close()


class OpenAIReranker:
    """A cross-encoder behind `<address>/rerank`."""

    def __init__(self, model: str, key: str, address: str, seconds: float = 5.0) -> None:
        self.name = f"rerank/{model}"
        self._model, self._key, self._address, self._seconds = model, key, address.rstrip("/"), seconds

    async def rerank(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        body = {"model": self._model, "query": question, "documents": list(texts), "top_n": len(texts)}
        scores = [0.0] * len(texts)
        with _translated(self.name):
            async with httpx.AsyncClient(timeout=self._seconds) as client:
                headers = {"Authorization": f"Bearer {self._key}"}
                answer = await client.post(f"{self._address}/rerank", json=body, headers=headers)
                answer.raise_for_status()
            for result in answer.json()["results"]:
                scores[int(result["index"])] = float(result["relevance_score"])
        return scores


def _named(function: Any) -> tuple[str | None, str | None]:
    return (function.name, function.arguments) if function is not None else (None, None)


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """What openai, httpx and a garbled answer raise is one error."""
    try:
        yield
    except (openai.APITimeoutError, httpx.TimeoutException) as error:
        raise UpstreamError(name, Trouble.SLOW, "no answer in time") from error
    except openai.APIStatusError as error:
        raise UpstreamError(name, _trouble(error.status_code, str(error.code)), f"{error.status_code}") from error
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        raise UpstreamError(name, _trouble(status, ""), f"{status}") from error
    except (openai.OpenAIError, httpx.HTTPError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UpstreamError(name, Trouble.SICK, type(error).__name__) from error


def _trouble(status: int, code: str) -> Trouble:
    if code in _FILTERED:
        return Trouble.UNWANTED
    if status in {429, 503}:
        return Trouble.BUSY
    return Trouble.REFUSED if 400 <= status < 500 else Trouble.SICK
