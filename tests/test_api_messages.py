"""POST /api/messages: what goes in, what comes out, what is refused and how."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from adapters.messages import Candidate, Citation, Reply, Source, Step
from bot.settings import ServerSettings, Settings
from tests.scripted import Client, ScriptedService, serving

URL = "/api/messages"
JSON = {"Content-Type": "application/json"}
FULL = Reply(
    "三天内到账。",
    Source.FAQ,
    "payments",
    "refund-time",
    0.91,
    ("怎么退款？",),
    (Candidate("payments", "refund-time", 0.91),),
    (Citation("refunds.md", "时限", 2),),
    (Step("match", 1.5, {"band": "answer"}),),
)


@pytest.fixture
def service() -> ScriptedService:
    """A service that knows one answer."""
    return ScriptedService({"退款多久到账": FULL})


@pytest.fixture
async def client(service: ScriptedService, settings: Settings) -> AsyncIterator[Client]:
    """A client of it, with small limits so that tests can pass them."""
    server = ServerSettings(body_seconds=0.3, answer_seconds=0.3, max_body_bytes=2048, burst=1000)
    async with serving(service, settings.model_copy(update={"server": server})) as client:
        yield client


async def refusal(client: Client, body: bytes, content_type: str = "application/json") -> tuple[int, str, str]:
    """Send a body; the status, the code and the message of the refusal."""
    async with client.post(URL, data=body, headers={"Content-Type": content_type}) as response:
        document = await response.json()
        assert set(document) == {"error"}
        assert set(document["error"]) == {"code", "message"}
        return response.status, document["error"]["code"], document["error"]["message"]


async def test_the_reply_tells_why(client: Client) -> None:
    """Every field of the reply is there, and the id of the message."""
    async with client.post(URL, json={"text": "退款多久到账", "user": "u1", "id": "m1"}) as response:
        assert response.status == 200
        assert await response.json() == {
            "text": "三天内到账。",
            "source": "faq",
            "knowledge_base": "payments",
            "entry": "refund-time",
            "score": 0.91,
            "suggestions": ["怎么退款？"],
            "evidence": [{"knowledge_base": "payments", "entry": "refund-time", "score": 0.91}],
            "citations": [{"document": "refunds.md", "section": "时限", "page": 2, "url": ""}],
            "trace": [{"name": "match", "ms": 1.5, "detail": {"band": "answer"}}],
            "id": "m1",
        }


async def test_the_message_carries_who_asked(client: Client, service: ScriptedService) -> None:
    """User, conversation and id of the request are those of the message."""
    await client.post(URL, json={"text": "你好", "user": "u1", "conversation": "c1", "id": "m1"})
    message = service.received[0]
    assert (message.platform, message.user, message.conversation, message.id) == ("api", "u1", "c1", "m1")
    assert message.received.tzinfo is not None


async def test_without_a_conversation_the_user_is_one(client: Client, service: ScriptedService) -> None:
    """A user who names no conversation has one of their own; every message gets its own id."""
    for _ in range(2):
        await client.post(URL, json={"text": "你好", "user": "u1"})
    first, second = service.received
    assert first.thread == second.thread
    assert first.id != second.id


@pytest.mark.parametrize(
    ("document", "code", "told"),
    [
        ({"user": "u"}, "missing_field", "text is missing"),
        ({"text": "你好"}, "missing_field", "user is missing"),
        ({"text": "你好", "user": "u", "converstion": "c"}, "unknown_field", "did you mean conversation?"),
        ({"text": "你好", "user": "u", "zzz": 1}, "unknown_field", "the fields are text, user, conversation, id"),
        ({"text": 5, "user": "u"}, "wrong_type", "text must be a string"),
        ({"text": "你好", "user": 5}, "wrong_type", "user must be a string"),
        ({"text": "你好", "user": "u", "id": None}, "wrong_type", "id must be a string"),
        ({"text": "", "user": "u"}, "empty_text", "write the question"),
        ({"text": " \n\t　", "user": "u"}, "empty_text", "write the question"),
        ({"text": "a\0b", "user": "u"}, "bad_text", "U+0000"),
        ({"text": "你好", "user": ""}, "bad_id", "1 to 128"),
        ({"text": "你好", "user": " "}, "bad_id", "printable"),
        ({"text": "你好", "user": "u" * 129}, "bad_id", "1 to 128"),
        ({"text": "你好", "user": "u\n1"}, "bad_id", "control"),
        ({"text": "你好", "user": "u", "conversation": "\u202ec"}, "bad_id", "conversation must be"),
        ({"text": "你好", "user": "u", "id": "\x00"}, "bad_id", "id must be"),
    ],
)
async def test_wrong_fields_are_named(
    client: Client, service: ScriptedService, document: dict[str, object], code: str, told: str
) -> None:
    """Each mistake is a 400 with its own code and a remedy, and nothing reaches the service."""
    status, given, message = await refusal(client, json.dumps(document).encode())
    assert (status, given) == (400, code)
    assert told in message
    assert not service.received


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_json"),
        (b"{", "bad_json"),
        (b"[]", "bad_json"),
        (b'"text"', "bad_json"),
        (b'{"text": NaN, "user": "u"}', "bad_json"),
        (b'{"text": ' + b"9" * 1500 + b'e99999, "user": "u"', "bad_json"),
        (b'{"text": "\xff\xfe", "user": "u"}', "bad_encoding"),
        ('{"text": "你好", "user": "u"}'.encode("utf-16"), "bad_encoding"),
        ('{"text": "你好", "user": "u"}'.encode("gbk"), "bad_encoding"),
        (b'{"text": "\\ud83d", "user": "u"}', "bad_text"),
        (b'{"text": "hello \\udc00\\ud83d", "user": "u"}', "bad_text"),
        (b'{"text": "hello", "user": "\\ud83d"}', "bad_id"),
    ],
)
async def test_what_is_no_text_is_refused(client: Client, body: bytes, code: str) -> None:
    """Broken JSON, wrong encodings and lone surrogates are a 400."""
    assert (await refusal(client, body))[:2] == (400, code)


async def test_nesting_cannot_exhaust_the_stack(service: ScriptedService, settings: Settings) -> None:
    """A body of 30,000 opening brackets is a 400 like any other broken JSON."""
    async with serving(service, settings) as client:
        for bomb in (b"[" * 30_000, b'{"a":' * 10_000):
            assert (await refusal(client, bomb))[:2] == (400, "bad_json")


async def test_numbers_cannot_exhaust_the_processor(service: ScriptedService, settings: Settings) -> None:
    """An integer of 50,000 digits is refused before it is read."""
    async with serving(service, settings) as client:
        body = b'{"user": "u", "text": ' + b"9" * 50_000 + b"}"
        assert (await refusal(client, body))[:2] == (400, "bad_json")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk"])
async def test_only_json_in_utf8_is_taken(client: Client, kind: str) -> None:
    """Another Content-Type is a 415; a form of a foreign page cannot send ours."""
    assert (await refusal(client, b'{"text": "hi", "user": "u"}', kind))[:2] == (415, "wrong_content_type")


async def test_a_large_body_is_refused(client: Client) -> None:
    """100 kB are a 413, announced or not."""
    body = json.dumps({"text": "好" * 33_000, "user": "u"}).encode()
    assert (await refusal(client, body))[:2] == (413, "body_too_large")

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 4096):
            yield body[start : start + 4096]

    async with client.post(URL, data=pieces(), headers=JSON) as response:
        assert response.status == 413


async def test_a_packed_body_counts_unpacked(client: Client) -> None:
    """A gzip bomb is a 413: what counts is what it unpacks to."""
    body = json.dumps({"text": "a" * 50_000, "user": "u"}).encode()
    async with client.post(URL, data=body, headers=JSON, compress="gzip") as response:
        assert response.status == 413


async def raw(client: Client, head: bytes, body: bytes) -> bytes:
    """Send bytes as they are and read until the server has answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(head + b"Host: 127.0.0.1\r\nContent-Type: application/json\r\n" + body)
    answer = await reader.read(4096)
    writer.close()
    await writer.wait_closed()
    return answer


async def test_a_slow_body_is_given_up(client: Client) -> None:
    """A client that announces a body and does not send it gets a 408 after body_seconds."""
    answer = await raw(client, b"POST /api/messages HTTP/1.1\r\n", b"Content-Length: 50\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"body_too_slow"' in answer


async def test_a_broken_body_is_refused(client: Client) -> None:
    """Chunks that are none, and gzip that is none, are a 400."""
    answer = await raw(client, b"POST /api/messages HTTP/1.1\r\n", b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")
    assert b" 400 " in answer.splitlines()[0]
    async with client.post(URL, data=b'{"text": 1}', headers={**JSON, "Content-Encoding": "gzip"}) as response:
        assert response.status == 400


async def test_a_late_answer_becomes_an_apology(client: Client, service: ScriptedService) -> None:
    """After answer_seconds the user hears that it took too long, in their language."""
    service.delay = 5
    for text, said in (("你好", "抱歉"), ("hello there", "Sorry")):
        async with client.post(URL, json={"text": text, "user": "u"}) as response:
            document: dict[str, Any] = await response.json()
            assert (response.status, document["source"]) == (200, "none")
            assert said in document["text"]


@pytest.mark.parametrize("change", [str.upper, str.title])
async def test_the_content_type_may_be_in_capitals(client: Client, change: Callable[[str], str]) -> None:
    """Media types are compared without case."""
    body = b'{"text": "hi", "user": "u"}'
    async with client.post(URL, data=body, headers={"Content-Type": change("application/json")}) as response:
        assert response.status == 200
