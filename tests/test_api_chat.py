"""The chat page's way in: a signed visitor, a conversation that is still there, answers as events."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.messages import Citation, Reply, Source, Step
from adapters.protocol import Emit
from bot.api.answers import Answers
from bot.api.visitors import load_secret
from bot.settings import ServerSettings, Settings, SettingsError
from tests.scripted import Client, ScriptedService, serving
from tests.waiting import until

SUGGESTED = Reply(
    "您是不是想问：\n1. 怎么退款",
    Source.SUGGEST,
    "orders",
    "refund",
    0.5,
    ("怎么退款",),
    citations=(Citation("手册.md"),),
    trace=(Step("match", 1.0),),
)


@pytest.fixture
def service() -> ScriptedService:
    """A service that asks back."""
    return ScriptedService({"退": SUGGESTED})


@pytest.fixture
async def client(service: ScriptedService, settings: Settings) -> AsyncIterator[Client]:
    """A browser, as far as cookies go."""
    async with serving(service, settings) as client:
        yield client


async def say(client: Client, text: str) -> list[dict[str, Any]]:
    """Send what a visitor types; the events that come back."""
    async with client.post("/chat/messages", json={"text": text}) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        return [json.loads(event.removeprefix("data: ")) for event in (await response.text()).split("\n\n")[:-1]]


async def test_an_answer_streams(client: Client, service: ScriptedService) -> None:
    """The pieces come first, then the whole reply without what is none of a visitor's business."""
    service.deltas = ("您是不是", "想问：")
    assert await say(client, "退") == [
        {"delta": "您是不是"},
        {"delta": "想问："},
        {
            "reply": {
                "text": SUGGESTED.text,
                "source": "suggest",
                "suggestions": ["怎么退款"],
                "documents": ["[1] 手册.md"],
            }
        },
    ]


async def test_the_conversation_is_still_there(client: Client) -> None:
    """After a reload the page gets what was said, to the same visitor only."""
    await say(client, "退")
    await say(client, "怎么退款")
    session = await (await client.get("/chat/session")).json()
    assert [(turn["question"], turn["source"]) for turn in session["turns"]] == [
        ("退", "suggest"),
        ("怎么退款", "none"),
    ]
    assert session["turns"][0]["suggestions"] == ["怎么退款"]
    assert session["phrases"]["zh"]["greeting"]
    client.session.cookie_jar.clear()
    assert (await (await client.get("/chat/session")).json())["turns"] == []


async def test_the_cookie_is_kept_from_scripts_and_other_sites(client: Client) -> None:
    """HttpOnly, SameSite=Lax, for as long as turns are kept; Secure comes with https."""
    async with client.get("/chat/session") as response:
        morsel = response.cookies["zhida_visitor"]
    assert morsel["httponly"]
    assert morsel["samesite"] == "Lax"
    assert int(morsel["max-age"]) == 180 * 24 * 60 * 60
    assert not morsel["secure"]


async def test_behind_https_the_cookie_is_secure(service: ScriptedService, settings: Settings) -> None:
    """What a trusted proxy says of the client's connection counts; what a stranger says does not."""
    for proxies, secure in ((0, False), (1, True), (2, True)):
        server = ServerSettings(trusted_proxies=proxies)
        async with (
            serving(service, settings.model_copy(update={"server": server})) as client,
            client.get("/chat/session", headers={"X-Forwarded-Proto": "https"}) as response,
        ):
            assert bool(response.cookies["zhida_visitor"]["secure"]) is secure


@pytest.mark.parametrize("cookie", ["", "x", "a.b", "A" * 22 + "." + "A" * 43, "é" * 22 + "." + "A" * 43])
async def test_a_forged_cookie_is_a_new_visitor(client: Client, service: ScriptedService, cookie: str) -> None:
    """A name that we did not sign is not taken over."""
    forged = {"Cookie": f"zhida_visitor={cookie}"}
    async with client.post("/chat/messages", json={"text": "退"}, headers=forged) as response:
        assert response.cookies["zhida_visitor"].value.partition(".")[0] == service.received[0].conversation
    assert service.received[0].conversation not in cookie or not cookie


async def test_a_visitor_keeps_the_name(client: Client, service: ScriptedService) -> None:
    """Two messages of one visitor are one conversation of one user."""
    await say(client, "退")
    await say(client, "退")
    first, second = service.received
    assert (first.thread, first.user) == (second.thread, second.user)
    assert first.id != second.id


async def test_a_history_that_is_away_does_not_stop_the_page(client: Client, service: ScriptedService) -> None:
    """The visitor sees an empty conversation and can ask."""
    service.broken = True
    assert (await (await client.get("/chat/session")).json())["turns"] == []
    assert (await say(client, "退"))[-1]["reply"]["source"] == "suggest"


@pytest.mark.parametrize("asked", [{}, {"text": ""}, {"text": 5}, {"text": "x", "user": "u"}, {"text": "\ud800"}])
async def test_mistakes_are_refused(client: Client, asked: dict[str, object]) -> None:
    """The page's way in is as strict as the machines'."""
    assert (await client.post("/chat/messages", json=asked)).status == 400


async def test_a_visitor_who_leaves_harms_nobody(client: Client, service: ScriptedService) -> None:
    """A connection closed in the middle of an answer: the next visitor is served."""
    service.delay = 0.1
    response = await client.post("/chat/messages", json={"text": "退"})
    response.close()
    service.delay = 0
    assert (await say(client, "退"))[-1]["reply"]["source"] == "suggest"


async def test_a_late_answer_becomes_an_apology(service: ScriptedService, settings: Settings) -> None:
    """The time limit holds for the page too."""
    service.delay = 5
    server = ServerSettings(answer_seconds=0.1)
    async with serving(service, settings.model_copy(update={"server": server})) as client:
        assert "抱歉" in (await say(client, "退"))[-1]["reply"]["text"]


def test_the_cookie_secret_is_made_once(settings: Settings) -> None:
    """Without one in the settings it is made in the data folder, for its owner's eyes, and found again."""
    secret = load_secret(settings)
    assert len(secret) == 32
    assert load_secret(settings) == secret
    (file,) = (path for path in settings.data.iterdir() if path.is_file())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_cookie_secret_of_the_settings_wins(settings: Settings) -> None:
    """Several replicas share one that way."""
    server = ServerSettings(cookie_secret=SecretStr("s3cret"))
    assert load_secret(settings.model_copy(update={"server": server})) == b"s3cret"


def test_a_data_folder_that_cannot_be_written_is_told(settings: Settings, tmp_path: Path) -> None:
    """The operator reads which file could not be kept."""
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(SettingsError, match="cookie_secret"):
        load_secret(settings.model_copy(update={"data": tmp_path / "file"}))


@pytest.mark.parametrize(("name", "kind"), [("page.js", "text/javascript"), ("avatar.svg", "image/svg+xml")])
async def test_files_are_packed_and_not_sent_twice(client: Client, name: str, kind: str) -> None:
    """A browser that has the file gets a 304; one that unpacks gets it packed; the others plain."""
    url = f"/static/{name}"
    async with client.get(url, headers={"Accept-Encoding": "identity"}) as response:
        plain = await response.read()
        assert response.content_type == kind
        assert "Content-Encoding" not in response.headers
        etag = response.headers["ETag"]
    async with client.get(url, headers={"Accept-Encoding": "gzip"}) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert await response.read() == plain
    async with client.get(url, headers={"If-None-Match": etag}) as response:
        assert response.status == 304
        assert await response.read() == b""


def sent(text: str, name: str) -> dict[str, Any]:
    """A message that the page names."""
    return {"json": {"text": text, "id": name}}


async def heard(client: Client, text: str, name: str) -> list[dict[str, Any]]:
    """The events of a named message."""
    async with client.post("/chat/messages", **sent(text, name)) as response:
        return [json.loads(event.removeprefix("data: ")) for event in (await response.text()).split("\n\n")[:-1]]


async def test_a_message_sent_again_hears_its_answer_from_the_beginning(
    client: Client, service: ScriptedService
) -> None:
    """A reload in the middle of an answer: one question is asked, all of the answer is heard."""
    service.deltas, service.delay = ("您是不是", "想问："), 0.2
    await client.get("/chat/session")
    first = await client.post("/chat/messages", **sent("退", "q1"))
    await first.content.readuntil(b"\n\n")
    first.close()
    again, too = await asyncio.gather(heard(client, "退", "q1"), heard(client, "退", "q1"))
    assert again == too
    assert [event.get("delta") for event in again] == ["您是不是", "想问：", None]
    assert again[-1]["reply"]["text"] == SUGGESTED.text
    assert len(service.received) == 1
    session = await (await client.get("/chat/session")).json()
    assert [turn["id"] for turn in session["turns"]] == ["q1"]


async def test_a_name_is_the_visitors_own(client: Client, service: ScriptedService) -> None:
    """Who guesses the name of another's question hears nothing of its answer."""
    service.delay = 0.1
    await client.get("/chat/session")
    first = asyncio.create_task(heard(client, "退", "q1"))
    await until(lambda: len(service.received) == 1)
    client.session.cookie_jar.clear()
    assert (await heard(client, "你好", "q1"))[-1]["reply"]["text"] == "你说：你好"
    await first


async def test_an_answer_nobody_comes_back_for_ends() -> None:
    """A model is not kept talking to an empty room, but for a while it is, for pages reload."""
    told: list[str] = []
    gone = asyncio.Event()

    async def begin(emit: Emit) -> Reply:
        await emit("一")
        await gone.wait()
        for wait in (0.0, 0.1):
            await asyncio.sleep(wait)
            try:
                await emit("二")
            except ConnectionResetError:
                told.append("nobody")
        return Reply("一二", Source.DOCUMENTS)

    answers = Answers(patience=0.05)
    pieces = answers.hear("a", begin)
    assert await anext(pieces) == "一"
    await pieces.aclose()
    gone.set()
    await until(lambda: len(asyncio.all_tasks()) == 1)
    assert told == ["nobody"]
