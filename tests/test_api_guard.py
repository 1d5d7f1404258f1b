"""Who is let in: keys, scopes, limits, hosts, origins, and the headers that every response carries."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.hdrs import AUTHORIZATION

from bot.__main__ import main
from bot.api.app import ROUTES
from bot.api.keys import digest, require_keys_off_loopback
from bot.settings import ApiKey, ServerSettings, Settings, SettingsError, load
from tests.scripted import Client, ScriptedService, serving

KEYS = (
    ApiKey(name="shop", sha256=digest("shop-key"), scopes=("messages", "chat")),
    ApiKey(name="ops", sha256=digest("ops-key"), scopes=("users", "metrics")),
)
PROTECTED = [(method, path, scope) for method, path, _, scope in ROUTES if scope]
ASKED = {"text": "你好", "user": "u1"}


@pytest.fixture
def service() -> ScriptedService:
    """A service that echoes."""
    return ScriptedService()


def with_server(settings: Settings, **server: object) -> Settings:
    """The settings with this server group."""
    return settings.model_copy(update={"server": ServerSettings.model_validate(server)})


@pytest.fixture
async def keyed(service: ScriptedService, settings: Settings) -> AsyncIterator[Client]:
    """A client of a service that asks for keys."""
    async with serving(service, with_server(settings, api_keys=KEYS)) as client:
        yield client


@pytest.fixture
async def keyless(service: ScriptedService, settings: Settings) -> AsyncIterator[Client]:
    """A client of a service without keys, as on a developer's machine."""
    async with serving(service, settings) as client:
        yield client


def bearer(key: str) -> dict[str, str]:
    """The header that presents a key."""
    return {AUTHORIZATION: f"Bearer {key}"}


def filled(path: str) -> str:
    """A path with something in the place of its names."""
    return re.sub(r"{[^}]*}", "x", path)


@pytest.mark.parametrize(("method", "path", "scope"), PROTECTED)
async def test_every_way_in_for_machines_needs_a_key(keyed: Client, method: str, path: str, scope: str) -> None:
    """Without a key, or with a wrong one, it is a 401 that tells how to present one."""
    for headers in (
        {},
        bearer("wrong"),
        bearer(""),
        bearer("钥匙".encode().decode("latin-1")),
        {AUTHORIZATION: "Basic eDp5"},
    ):
        async with keyed.request(method, filled(path), headers=headers) as response:
            assert response.status == 401
            assert response.headers["WWW-Authenticate"] == "Bearer"
            assert (await response.json())["error"]["code"] == "invalid_api_key"


@pytest.mark.parametrize(("method", "path", "scope"), PROTECTED)
async def test_a_key_does_only_what_its_scopes_say(keyed: Client, method: str, path: str, scope: str) -> None:
    """The key without the scope gets a 403 that names it; the key with it is let in."""
    right, wrong = ("shop-key", "ops-key") if scope in ("messages", "chat") else ("ops-key", "shop-key")
    async with keyed.request(method, filled(path), headers=bearer(wrong)) as response:
        assert response.status == 403
        assert scope in (await response.json())["error"]["message"]
    async with keyed.request(method, filled(path), headers=bearer(right)) as response:
        assert response.status not in (401, 403)


def test_the_page_and_the_probes_are_all_that_needs_no_key() -> None:
    """A new route without a scope must be put into this list on purpose."""
    assert {path for _, path, _, scope in ROUTES if scope is None} == {
        *("/", "/static/{name:.+}", "/chat/session", "/chat/messages", "/chat/feedback"),
        *("/healthz", "/readyz"),
    }


async def test_two_integrators_do_not_share_conversations(service: ScriptedService, settings: Settings) -> None:
    """The same user and conversation under two keys are two threads."""
    keys = [key.model_copy(update={"scopes": ("messages",)}) for key in KEYS]
    async with serving(service, with_server(settings, api_keys=keys)) as client:
        for key in ("shop-key", "ops-key"):
            await client.post("/api/messages", json=ASKED, headers=bearer(key))
    first, second = service.received
    assert first.thread != second.thread


async def test_too_many_requests_are_told_when_to_come_back(service: ScriptedService, settings: Settings) -> None:
    """After the burst it is a 429 with Retry-After, for wrong keys too; probes are never limited."""
    limited = with_server(settings, api_keys=KEYS, requests_per_minute=6, burst=2)
    async with serving(service, limited) as client:
        statuses = [(await client.post("/api/messages", headers=bearer("guess"))).status for _ in range(3)]
        assert statuses == [401, 401, 429]
        async with client.get("/") as response:
            assert response.status == 429
            assert 1 <= int(response.headers["Retry-After"]) <= 10
            assert (await response.json())["error"]["code"] == "too_many_requests"
        async with client.post("/api/messages", json=ASKED, headers=bearer("shop-key")) as response:
            assert response.status == 200, "one client's flood is not another's"
        for path in ("/healthz", "/readyz") * 3:
            assert (await client.get(path)).status == 200


async def test_visitors_behind_one_address_have_their_own_limits(service: ScriptedService, settings: Settings) -> None:
    """A visitor who has the cookie does not pay for the others; a forged cookie is worth nothing."""
    async with serving(service, with_server(settings, requests_per_minute=1, burst=3)) as client:
        async with client.get("/") as response:
            cookie = response.cookies["zhida_visitor"].value
        client.session.cookie_jar.clear()
        assert [(await client.get("/healthz/x")).status for _ in range(3)] == [404, 404, 429]
        forged = {"Cookie": f"zhida_visitor={cookie[:-1]}{'A' if cookie[-1] != 'A' else 'B'}"}
        assert (await client.get("/", headers=forged)).status == 429
        assert (await client.get("/", headers={"Cookie": f"zhida_visitor={cookie}"})).status == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "statuses"),
    [
        (0, ["1.1.1.1", "2.2.2.2"], [200, 429]),  # nobody is believed
        (1, ["1.1.1.1", "2.2.2.2"], [200, 200]),
        (1, ["6.6.6.6, 1.1.1.1", "7.7.7.7, 1.1.1.1"], [200, 429]),  # what a client claims is to the left
        (2, ["1.1.1.1, 9.9.9.9", "2.2.2.2, 9.9.9.9"], [200, 200]),
        (2, ["1.1.1.1", "2.2.2.2"], [200, 429]),  # it did not come through both proxies
        (1, ["2001:db8::1", "2001:db8::2"], [200, 429]),  # one subscriber's network
        (1, ["2001:db8:0:1::1", "2001:db8:0:2::1"], [200, 200]),
        (1, ["a:b", "a:c"], [200, 200]),
    ],
)
async def test_only_trusted_proxies_say_who_the_client_is(
    service: ScriptedService, settings: Settings, proxies: int, forwarded: list[str], statuses: list[int]
) -> None:
    """The address that is limited is the one that the outermost trusted proxy saw."""
    limited = with_server(settings, requests_per_minute=1, burst=1, trusted_proxies=proxies)
    async with serving(service, limited) as client:
        given = [(await client.get("/metrics", headers={"X-Forwarded-For": entry})).status for entry in forwarded]
    assert given == statuses


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:8080", "[bad", "", "localhost.evil"]
)
async def test_without_keys_a_foreign_name_is_refused(keyless: Client, host: str) -> None:
    """A page that rebinds its name to 127.0.0.1 cannot talk to a developer's service."""
    for path in ("/", "/readyz", "/chat/session", "/v1/models"):
        async with keyless.get(path, headers={"Host": host}) as response:
            assert response.status == 403
            assert (await response.json())["error"]["code"] == "wrong_host"


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080", "LOCALHOST"])
async def test_without_keys_this_machine_is_let_in(keyless: Client, host: str) -> None:
    """Every name of loopback will do."""
    assert (await keyless.get("/healthz", headers={"Host": host})).status == 200


async def test_with_keys_any_name_will_do(keyed: Client) -> None:
    """A public service has names that only its operator knows."""
    assert (await keyed.get("/", headers={"Host": "chat.example.com"})).status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://a.example", "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://behind.a.proxy", "Sec-Fetch-Site": "same-origin"}, 200),
        ({}, 200),
    ],
)
async def test_a_foreign_page_cannot_write(keyless: Client, headers: dict[str, str], status: int) -> None:
    """A browser's POST from another site is refused, on the page's way in and on the machines'."""
    for path, asked in (("/chat/messages", {"text": "你好"}), ("/api/messages", ASKED)):
        assert (await keyless.post(path, json=asked, headers=headers)).status == status


async def test_the_page_itself_may_write(keyless: Client) -> None:
    """An Origin that is the address asked for is the page's own."""
    origin = f"http://127.0.0.1:{keyless.port}"
    assert (await keyless.post("/chat/messages", json={"text": "你好"}, headers={"Origin": origin})).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/api/messages", 405), ("POST", "/", 405), ("GET", "/static/../app.py", 404)],
)
async def test_what_is_not_there_is_told_in_json(keyless: Client, method: str, path: str, status: int) -> None:
    """A wrong address or method is an error like every other."""
    async with keyless.request(method, path) as response:
        assert response.status == status
        assert set((await response.json())["error"]) == {"code", "message"}
        assert (status == 405) == ("Allow" in response.headers)


@pytest.mark.parametrize(
    "path", ["/", "/static/page.js", "/chat/session", "/healthz", "/metrics", "/nowhere", "/v1/models"]
)
async def test_every_response_has_the_security_headers(keyless: Client, path: str) -> None:
    """No sniffing, no referrer, no framing by others, no inline script, and no version of ours."""
    async with keyless.get(path) as response:
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] in ("no-store", "no-cache")
        assert "aiohttp" not in response.headers["Server"]


def test_other_addresses_need_keys(settings: Settings) -> None:
    """Listening beyond loopback without a key is refused before anything starts; with a key it is not."""
    for host in ("0.0.0.0", "::", "192.168.1.5", "chat.example.com"):
        with pytest.raises(SettingsError, match="python -m bot key"):
            require_keys_off_loopback(with_server(settings, host=host))
        require_keys_off_loopback(with_server(settings, host=host, api_keys=KEYS))
    for host in ("127.0.0.1", "127.1.2.3", "::1", "localhost"):
        require_keys_off_loopback(with_server(settings, host=host))


def test_the_key_command_prints_what_the_settings_take(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The TOML it prints is read by the settings, and the key it shows is the one they know."""
    name = 'shop "one" 商城'
    assert main(["key", "--name", name, "--scope", "messages", "--scope", "chat", "--scope", "chat"]) == 0
    printed = capsys.readouterr().out
    key = re.search(r"zhida_[\w-]{43}", printed)
    assert key
    file = tmp_path / "zhida.toml"
    file.write_text(printed, encoding="utf-8")
    (known,) = load(file, {}).server.api_keys
    assert known == ApiKey(name=name, sha256=digest(key[0]), scopes=("messages", "chat"))
