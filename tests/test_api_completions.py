"""OpenAI's own client talks to /v1, plain and streamed, and gets OpenAI's errors."""

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam

from adapters.messages import Reply, Source
from bot.api.keys import digest
from bot.settings import ApiKey, ServerSettings, Settings
from tests.scripted import Client, ScriptedService, serving

SUGGESTED = Reply("您是不是想问：\n1. 怎么退款", Source.SUGGEST, suggestions=("怎么退款",))
URL = "/v1/chat/completions"


@pytest.fixture
def service() -> ScriptedService:
    """A service with an answer, a suggestion and a topic it does not speak of."""
    return ScriptedService(
        {
            "怎么退货": Reply("七天内可以退。", Source.EXACT, "orders", "return", 1.0),
            "退": SUGGESTED,
            "违禁": Reply("抱歉。", Source.BLOCKED),
        }
    )


@pytest.fixture
async def client(service: ScriptedService, settings: Settings) -> AsyncIterator[Client]:
    """A client of it, where integrators need a key."""
    key = ApiKey(name="shop", sha256=digest("secret"), scopes=("chat",))
    server = ServerSettings(api_keys=(key,), burst=1000)
    async with serving(service, settings.model_copy(update={"server": server})) as client:
        yield client


@pytest.fixture
async def ai(client: Client) -> AsyncIterator[AsyncOpenAI]:
    """The official client with that key."""
    url = f"http://127.0.0.1:{client.port}/v1"
    async with AsyncOpenAI(base_url=url, api_key="secret", max_retries=0) as ai:
        yield ai


def user(text: str) -> ChatCompletionMessageParam:
    """What the user says."""
    return {"role": "user", "content": text}


def assistant(text: str) -> ChatCompletionMessageParam:
    """What the bot said."""
    return {"role": "assistant", "content": text}


async def test_a_plain_answer(ai: AsyncOpenAI) -> None:
    """The answer is the assistant's message; why it was given stands beside it."""
    completion = await ai.chat.completions.create(model="zhida", messages=[user("怎么退货")])
    assert completion.choices[0].message.content == "七天内可以退。"
    assert completion.choices[0].message.role == "assistant"
    assert completion.choices[0].finish_reason == "stop"
    assert completion.model == "zhida"
    assert completion.usage is not None
    assert completion.usage.total_tokens == len("怎么退货") + len("七天内可以退。")
    assert completion.model_extra is not None
    assert completion.model_extra["zhida"]["entry"] == "return"


async def test_a_streamed_answer(ai: AsyncOpenAI, service: ScriptedService) -> None:
    """The pieces make up the answer, in the order in which they were shown; usage comes when it was asked for."""
    service.deltas = ("七天内", "可以退。")
    stream = await ai.chat.completions.create(
        model="zhida", messages=[user("怎么退货")], stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert [piece for piece in pieces if piece] == ["七天内", "可以退。"]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert not chunks[-1].choices
    assert len({chunk.id for chunk in chunks}) == 1


async def test_the_stream_ends_as_openai_ends_it(client: Client) -> None:
    """Each event is one line of data, and the last says [DONE]."""
    asked = {"messages": [user("怎么退货")], "stream": True}
    async with client.post(URL, json=asked, headers={"Authorization": "Bearer secret"}) as response:
        assert response.content_type == "text/event-stream"
        events = (await response.text()).split("\n\n")
    assert all(event.startswith("data: ") for event in events[:-1])
    assert events[-2:] == ["data: [DONE]", ""]


async def test_a_stream_that_was_changed_at_the_end(ai: AsyncOpenAI, service: ScriptedService) -> None:
    """What had been shown cannot be taken back: the final text follows it. What was not shown yet is added."""
    for deltas, shown in ((("七天",), "七天内可以退。"), (("八天内",), "八天内\n\n七天内可以退。")):
        service.deltas = deltas
        stream = await ai.chat.completions.create(model="zhida", messages=[user("怎么退货")], stream=True)
        said = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        assert said == shown


async def test_a_blocked_answer_is_marked(ai: AsyncOpenAI) -> None:
    """The finish reason of a topic that is not spoken of is content_filter."""
    completion = await ai.chat.completions.create(model="zhida", messages=[user("违禁")])
    assert completion.choices[0].finish_reason == "content_filter"


async def test_the_model_is_listed(ai: AsyncOpenAI) -> None:
    """There is one model, zhida; another is not found."""
    assert [model.id async for model in ai.models.list()] == ["zhida"]
    assert (await ai.models.retrieve("zhida")).id == "zhida"
    with pytest.raises(openai.NotFoundError, match="one model here"):
        await ai.models.retrieve("gpt-4")


async def test_the_question_is_the_last_message_of_the_user(ai: AsyncOpenAI, service: ScriptedService) -> None:
    """System prompts, pictures' captions in parts and knobs of a model do no harm."""
    await ai.chat.completions.create(
        model="gpt-4o",
        temperature=0.2,
        max_tokens=50,
        messages=[
            {"role": "system", "content": "You are helpful."},
            {"role": "user", "content": [{"type": "text", "text": "第一行"}, {"type": "text", "text": "第二行"}]},
        ],
        user="u1",
    )
    message = service.received[0]
    assert (message.platform, message.account, message.user) == ("openai", "shop", "u1")
    assert message.text == "第一行\n第二行"


async def test_a_conversation_goes_on(ai: AsyncOpenAI, service: ScriptedService) -> None:
    """A client that sends back what was said stays in its conversation, whatever its system prompt."""
    told: list[ChatCompletionMessageParam] = [user("退")]
    await ai.chat.completions.create(model="zhida", messages=told)
    told += [assistant(SUGGESTED.text + "\n"), user("1")]
    await ai.chat.completions.create(model="zhida", messages=told)
    told += [assistant("你说：1"), user("谢谢")]
    await ai.chat.completions.create(model="zhida", messages=[{"role": "system", "content": "Now: 12:00"}, *told])
    assert len({message.thread for message in service.received}) == 1
    assert len({message.user for message in service.received}) == 1


async def test_two_people_with_the_same_words_stay_apart(ai: AsyncOpenAI, service: ScriptedService) -> None:
    """Two nameless clients that said the same so far go on in two conversations, one each."""
    for _ in range(2):
        await ai.chat.completions.create(model="zhida", messages=[user("退")])
    told = [user("退"), assistant(SUGGESTED.text), user("1")]
    for _ in range(2):
        await ai.chat.completions.create(model="zhida", messages=told)
    first, second, third, fourth = (message.thread for message in service.received)
    assert first != second
    assert {third, fourth} == {first, second}


async def test_a_transcript_nobody_waits_for_starts_anew(ai: AsyncOpenAI, service: ScriptedService) -> None:
    """After a restart an old transcript is a new conversation; another user's words are another transcript."""
    await ai.chat.completions.create(model="zhida", messages=[user("退")], user="u1")
    told = [user("退"), assistant(SUGGESTED.text), user("1")]
    await ai.chat.completions.create(model="zhida", messages=told, user="u2")
    first, second = service.received
    assert first.thread != second.thread


async def test_a_client_may_name_its_conversation(ai: AsyncOpenAI, service: ScriptedService) -> None:
    """metadata.conversation keeps a conversation together without sending what was said."""
    for text in ("退", "1"):
        await ai.chat.completions.create(model="zhida", messages=[user(text)], metadata={"conversation": "c-7"})
    assert {message.conversation for message in service.received} == {"c-7"}


async def test_a_wrong_key_is_openais_error(client: Client) -> None:
    """The official client raises its own exceptions from ours."""
    async with AsyncOpenAI(base_url=f"http://127.0.0.1:{client.port}/v1", api_key="wrong", max_retries=0) as ai:
        with pytest.raises(openai.AuthenticationError) as caught:
            await ai.models.list()
    assert caught.value.code == "invalid_api_key"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({}, "wrong_type"),
        ({"messages": []}, "wrong_type"),
        ({"messages": "怎么退货"}, "wrong_type"),
        ({"messages": ["怎么退货"]}, "wrong_type"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "wrong_role"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, "wrong_role"),
        ({"messages": [{"content": "x"}]}, "wrong_role"),
        ({"messages": [{"role": "user", "content": 5}]}, "wrong_type"),
        ({"messages": [{"role": "user"}]}, "wrong_type"),
        ({"messages": [{"role": "assistant", "content": None}]}, "no_question"),
        ({"messages": [{"role": "system", "content": "x"}]}, "no_question"),
        ({"messages": [{"role": "user", "content": " "}]}, "empty_text"),
        ({"messages": [{"role": "user", "content": "\ud83d"}]}, "bad_text"),
        ({"messages": [{"role": "user", "content": []}]}, "empty_text"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}, "unsupported_content"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "unsupported_content"),
        ({"messages": [{"role": "user", "content": ["x"]}]}, "unsupported_content"),
        ({"messages": [{"role": "user", "content": "x"}], "stream": "yes"}, "wrong_type"),
        ({"messages": [{"role": "user", "content": "x"}], "stream_options": 1}, "wrong_type"),
        ({"messages": [{"role": "user", "content": "x"}], "n": 2}, "unsupported_value"),
        ({"messages": [{"role": "user", "content": "x"}], "user": "\n"}, "bad_id"),
        ({"messages": [{"role": "user", "content": "x"}], "metadata": {"conversation": 5}}, "wrong_type"),
    ],
)
async def test_mistakes_are_told_in_openais_shape(client: Client, document: dict[str, object], code: str) -> None:
    """Every mistake is a 400 with message, type, param and code."""
    async with client.post(URL, json=document, headers={"Authorization": "Bearer secret"}) as response:
        answer: dict[str, Any] = await response.json()
        assert response.status == 400
        assert set(answer["error"]) == {"message", "type", "param", "code"}
        assert (answer["error"]["type"], answer["error"]["code"]) == ("invalid_request_error", code)


async def test_surrogates_in_earlier_messages_do_no_harm(client: Client, service: ScriptedService) -> None:
    """Half a character in what was said before is only hashed."""
    asked = {"messages": [{"role": "user", "content": "\ud83d"}, user("怎么退货")]}
    async with client.post(URL, json=asked, headers={"Authorization": "Bearer secret"}) as response:
        assert response.status == 200
