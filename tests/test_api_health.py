"""Probes, metrics, and forgetting a person."""

import json
from collections.abc import AsyncIterator

import pytest

from bot.api.keys import digest
from bot.settings import ApiKey, ServerSettings, Settings
from tests.scripted import Client, ScriptedService, serving

KEY = ApiKey(name="ops", sha256=digest("secret"), scopes=("metrics",))
BEARER = {"Authorization": "Bearer secret"}


@pytest.fixture
def service() -> ScriptedService:
    """A service that echoes."""
    return ScriptedService()


@pytest.fixture
async def client(service: ScriptedService, settings: Settings) -> AsyncIterator[Client]:
    """A client on this machine."""
    async with serving(service, settings) as client:
        yield client


async def test_it_lives(client: Client) -> None:
    """/healthz answers as long as the process does, to HEAD as well."""
    assert (await client.get("/healthz")).status == 200
    assert (await client.head("/healthz")).status == 200


async def test_it_tells_whether_it_is_ready(client: Client, service: ScriptedService) -> None:
    """/readyz is 200 or 503, and shows what is loaded and what was refused."""
    async with client.get("/readyz") as response:
        assert response.status == 200
        document = json.loads(await response.text())
        assert document["content"] == {"version": "abc", "entries": 2}
        assert document["problems"] == ["a.yaml:3: wrong"]
    service.ready = False
    assert (await client.get("/readyz")).status == 503


async def test_strangers_learn_only_whether_it_is_ready(service: ScriptedService, settings: Settings) -> None:
    """Paths of files and errors in them are for those who hold a key."""
    server = ServerSettings(api_keys=(KEY,))
    async with serving(service, settings.model_copy(update={"server": server})) as client:
        assert await (await client.get("/readyz")).json() == {"ready": True}
        assert "problems" in await (await client.get("/readyz", headers=BEARER)).json()


async def test_metrics_count_the_messages(client: Client) -> None:
    """/metrics is Prometheus' text with the messages by source."""
    await client.post("/api/messages", json={"text": "你好", "user": "u"})
    async with client.get("/metrics") as response:
        assert response.content_type == "text/plain"
        assert 'zhida_messages_total{source="none"} 1.0' in await response.text()


async def test_a_user_is_forgotten(client: Client) -> None:
    """The turns of one user go, those of another stay; the second time nothing is left to erase."""
    for user in ("张三", "张三", "li/si"):
        await client.post("/api/messages", json={"text": "你好", "user": user})
    for user, erased in (("张三", 2), ("张三", 0), ("li%2Fsi", 1)):
        async with client.delete(f"/api/users/{user}") as response:
            assert response.status == 200
            assert (await response.json())["erased"] == erased


async def test_an_id_with_control_characters_is_refused(client: Client) -> None:
    """Nobody is called that."""
    assert (await client.delete("/api/users/a%0Ab")).status == 400


async def test_an_erasure_that_failed_says_so(client: Client, service: ScriptedService) -> None:
    """When the history is away it is a 503, not a silent success."""
    service.broken = True
    async with client.delete("/api/users/u1") as response:
        assert response.status == 503
        assert (await response.json())["error"]["code"] == "history_unavailable"
