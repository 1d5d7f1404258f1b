"""The providers' own SDKs against a server that speaks their wire format, with every fault of the issue."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing

import numpy as np
import pytest

from bot.llm.dashscope import DashScopeEmbedder, DashScopeModel, DashScopeReranker
from bot.llm.model import Call, Function, Prompt, Trouble, UpstreamError
from bot.llm.openai_compatible import OpenAIEmbedder, OpenAIModel, OpenAIReranker
from tests.peers.dashscope import KEY, DashScope, serving

ASK = [Prompt("system", "规则"), Prompt("user", "怎么退货？")]
SECONDS = 1.0  # the machine of the tests may be busy

Model = DashScopeModel | OpenAIModel


@pytest.fixture
async def peer() -> AsyncIterator[DashScope]:
    """A DashScope of our own."""
    async with serving(DashScope()) as peer:
        yield peer


def _model(provider: str, name: str, peer: DashScope, key: str = KEY) -> Model:
    if provider == "dashscope":
        return DashScopeModel(name, key, peer.native, SECONDS)
    return OpenAIModel(name, key, peer.compatible, SECONDS)


async def _all(model: Model) -> str:
    try:
        return "".join([str(piece) async for piece in model.stream(ASK)])
    finally:
        await model.close()


@pytest.mark.parametrize("provider", ["dashscope", "openai"])
async def test_an_answer_comes_in_pieces(provider: str, peer: DashScope) -> None:
    """Every piece arrives, and the prompts arrive as they were given."""
    assert await _all(_model(provider, "qwen-plus", peer)) == peer.answer
    body = peer.bodies[0]
    messages = body["input"]["messages"] if provider == "dashscope" else body["messages"]
    assert [message["content"] for message in messages] == ["规则", "怎么退货？"]


@pytest.mark.parametrize("provider", ["dashscope", "openai"])
@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("busy", Trouble.BUSY),
        ("sick", Trouble.SICK),
        ("html", Trouble.SICK),
        ("filtered", Trouble.UNWANTED),
        ("drop", Trouble.SICK),
        ("cut", Trouble.SICK),
        ("garbage", Trouble.SICK),
        ("stall", Trouble.SLOW),
        ("slow", Trouble.SLOW),
    ],
)
async def test_every_fault_is_one_error_with_its_reason(
    provider: str, name: str, trouble: Trouble, peer: DashScope
) -> None:
    """Whatever the SDK makes of a fault, the bot sees an UpstreamError that says what to do."""
    started = time.monotonic()
    with pytest.raises(UpstreamError) as caught:
        await _all(_model(provider, name, peer))
    assert caught.value.trouble is trouble
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("provider", ["dashscope", "openai"])
async def test_a_wrong_key_is_for_a_human_and_stays_secret(provider: str, peer: DashScope) -> None:
    """The error says refused, not the key."""
    with pytest.raises(UpstreamError) as caught:
        await _all(_model(provider, "qwen-plus", peer, key="sk-wrong"))
    assert caught.value.trouble is Trouble.REFUSED
    assert "sk-wrong" not in str(caught.value)


async def test_an_output_refused_midway_is_unwanted(peer: DashScope) -> None:
    """DashScope's filter may stop an answer that has begun."""
    with pytest.raises(UpstreamError) as caught:
        await _all(_model("dashscope", "filtered-late", peer))
    assert caught.value.trouble is Trouble.UNWANTED


@pytest.mark.parametrize("provider", ["dashscope", "openai"])
async def test_no_server_is_an_upstream_error(provider: str, peer: DashScope) -> None:
    """A refused connection is sick, not a crash."""
    peer.address = "http://127.0.0.1:1"
    with pytest.raises(UpstreamError) as caught:
        await _all(_model(provider, "qwen-plus", peer))
    assert caught.value.trouble is Trouble.SICK


@pytest.mark.parametrize("provider", ["dashscope", "openai"])
async def test_leaving_early_ends_the_call(provider: str, peer: DashScope) -> None:
    """When the user goes away, the server sees the connection close."""
    model = _model(provider, "endless", peer)
    async with aclosing(model.stream(ASK)) as pieces:
        async for _ in pieces:
            break
    await model.close()
    async with asyncio.timeout(5):
        await peer.left.wait()
    await asyncio.sleep(0.01)  # the SDK leaves the closing of its inner generators to the loop


@pytest.mark.parametrize("provider", ["dashscope", "openai"])
async def test_embeddings_come_in_tens_and_in_order(provider: str, peer: DashScope) -> None:
    """The server refuses more than ten texts and answers out of order; rows are unit and in order."""
    embedder: DashScopeEmbedder | OpenAIEmbedder = (
        DashScopeEmbedder("text-embedding-v4", KEY, 32, peer.native)
        if provider == "dashscope"
        else OpenAIEmbedder("text-embedding-v4", KEY, 32, peer.compatible)
    )
    texts = [chr(0x4E00 + place) for place in range(23)]
    rows = await asyncio.to_thread(embedder.embed, texts)
    assert rows.shape == (23, 32)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1)
    assert [int(row.argmax()) for row in rows] == [ord(text) % 32 for text in texts]
    assert peer.calls["text-embedding-v4"] == 3
    if isinstance(embedder, OpenAIEmbedder):
        embedder.close()


async def test_no_texts_are_no_call(peer: DashScope) -> None:
    """An empty list gives an empty table."""
    assert DashScopeEmbedder("text-embedding-v4", KEY, 32, peer.native).embed([]).shape == (0, 32)
    assert not peer.calls


async def test_embedding_faults_are_upstream_errors(peer: DashScope) -> None:
    """Embeddings fail with the same error as chat."""
    embedder = DashScopeEmbedder("busy", KEY, 32, peer.native)
    with pytest.raises(UpstreamError) as caught:
        await asyncio.to_thread(embedder.embed, ["退货"])
    assert caught.value.trouble is Trouble.BUSY


@pytest.mark.parametrize("provider", ["dashscope", "openai"])
async def test_reranking_scores_every_text_in_its_place(provider: str, peer: DashScope) -> None:
    """Results come best first; scores go back to the order of the texts."""
    reranker = (
        DashScopeReranker("gte-rerank-v2", KEY, peer.native)
        if provider == "dashscope"
        else OpenAIReranker("bge-reranker", KEY, peer.compatible)
    )
    scores = await reranker.rerank("退货", ["天气", "怎么退货", "退款"])
    assert scores[1] > scores[2] > scores[0] == 0


@pytest.mark.parametrize("provider", ["dashscope", "openai"])
async def test_a_sick_reranker_is_an_upstream_error(provider: str, peer: DashScope) -> None:
    """The caller goes on without it."""
    reranker = (
        DashScopeReranker("sick", KEY, peer.native)
        if provider == "dashscope"
        else OpenAIReranker("sick", KEY, peer.compatible)
    )
    with pytest.raises(UpstreamError):
        await reranker.rerank("退货", ["天气"])


STATUS = Function(
    "order-status",
    "Where an order is",
    {"type": "object", "properties": {"number": {"type": "string"}}, "required": ["number"]},
)
WANTED = [("order-status", '{"number": "SF20260501123"}'), ("order-status", '{"number": "SF2"}')]


async def _calls(model: Model, prompts: list[Prompt]) -> list[object]:
    try:
        return [piece async for piece in model.stream(prompts, [STATUS])]
    finally:
        await model.close()


@pytest.mark.parametrize("provider", ["dashscope", "openai"])
@pytest.mark.parametrize("name", ["qwen-plus", "whole"])
async def test_calls_are_put_together_from_their_parts(provider: str, name: str, peer: DashScope) -> None:
    """Two calls that come by turns, six characters at a time or at once, are two whole calls."""
    peer.script = [WANTED]
    found = await _calls(_model(provider, name, peer), ASK)
    assert found == [Call(f"id{place}", *wanted) for place, wanted in enumerate(WANTED)]
    sent = peer.bodies[0]["parameters"] if provider == "dashscope" else peer.bodies[0]
    assert sent["tools"] == [
        {
            "type": "function",
            "function": {"name": "order-status", "description": "Where an order is", "parameters": STATUS.parameters},
        }
    ]


@pytest.mark.parametrize("provider", ["dashscope", "openai"])
async def test_what_a_call_gave_goes_back_with_its_id(provider: str, peer: DashScope) -> None:
    """The round after a call: the assistant's calls and the tool's answer, then text."""
    call = Call("id0", *WANTED[0])
    prompts = [*ASK, Prompt("assistant", "", (call,)), Prompt("tool", "已发货", answers="id0")]
    assert "".join(map(str, await _calls(_model(provider, "qwen-plus", peer), prompts))) == peer.answer
    body = peer.bodies[0]
    asked, told = (body["input"]["messages"] if provider == "dashscope" else body["messages"])[2:]
    assert asked["tool_calls"][0] == {
        "id": "id0",
        "type": "function",
        "function": {"name": "order-status", "arguments": WANTED[0][1]},
    }
    assert (told["role"], told["tool_call_id"], told["content"]) == ("tool", "id0", "已发货")


@pytest.mark.parametrize("provider", ["dashscope", "openai"])
async def test_only_what_was_offered_can_be_called(provider: str, peer: DashScope) -> None:
    """A function that the model makes up is left out; arguments without end are a failure."""
    peer.script = [[("delete-order", "{}"), WANTED[0]], [("order-status", "9" * 9000)]]
    found = await _calls(_model(provider, "qwen-plus", peer), ASK)
    assert found == [Call("id1", *WANTED[0])]
    with pytest.raises(UpstreamError, match="calls without end"):
        await _calls(_model(provider, "qwen-plus", peer), ASK)
