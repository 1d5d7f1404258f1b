"""Callbacks come in by HTTP as platforms make them; what is wrong is refused with the right status and counted."""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer
from standardwebhooks.webhooks import Webhook as StandardWebhook

from adapters.protocol import Adapter, BadPayload, Passive, Request
from adapters.webhook import Webhook
from adapters.wechat_official import WechatOfficial
from bot.channel_options import read_channels
from bot.channels import Channel, Channels, open_channels
from bot.settings import SettingsError, load
from tests.delivering import Core, Peer, Scripted, message, run_core, said
from tests.peers.vendor import Vendor, run_vendor
from tests.test_adapters import SECRET

SECOND = 0.1  # WeChat's second in these tests


def open_one(platform: str, secrets: dict[str, str], **table: object) -> Channel:
    """One channel `shop`, as the settings file would have it."""
    environ = {f"ZHIDA_SHOP_{name.upper()}": value for name, value in secrets.items()}
    options, problems = read_channels({"shop": {"platform": platform, **table}}, environ)
    assert problems == ()
    return open_channels(options)[0]


@asynccontextmanager
async def running_channels(
    folder: Path, answerer: Scripted, channel: Channel, burst_seconds: float = 0.0
) -> AsyncIterator[tuple[Channels, Core]]:
    """The channels of a service, listening."""
    async with run_core(folder, answerer, channel.adapter, burst_seconds=burst_seconds) as core:
        phrases = said()
        channels = Channels([channel], core.inbox, core.ledger, lambda: phrases, core.metrics, body_seconds=0.3)
        channels.start()
        try:
            yield channels, core
        finally:
            await channels.stop_listening()
            await channels.close()


@asynccontextmanager
async def serving(
    folder: Path, answerer: Scripted, channel: Channel, burst_seconds: float = 0.0
) -> AsyncIterator[tuple[str, Core]]:
    """The channels of a service behind a real HTTP server; the address of `shop`."""
    async with running_channels(folder, answerer, channel, burst_seconds) as (channels, core):
        app = web.Application(client_max_size=65_536)
        app.add_routes(channels.routes())
        server = TestServer(app, host="127.0.0.1")
        await server.start_server()
        try:
            yield str(server.make_url("/channels/shop")), core
        finally:
            await server.close()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A client."""
    async with aiohttp.ClientSession() as opened:
        yield opened


def signed(name: str, body: str) -> dict[str, str]:
    """The headers that the reference library makes."""
    now = datetime.now(UTC)
    signature = StandardWebhook(SECRET).sign(name, now, body)
    return {"webhook-id": name, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}


async def test_standard_webhooks_library_both_ways(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """The reference library signs what we accept and accepts what we sign, once for each id."""
    async with run_vendor() as vendor:
        channel = open_one("webhook", {"secrets": f"whsec_bmV3LXNlY3JldC1uZXc= {SECRET}"}, reply_url=f"{vendor.url}/in")
        async with serving(tmp_path, Scripted(), channel) as (url, core):
            body = json.dumps({"user": "u1", "text": "怎么退货？", "context": {"ticket": "7"}})
            for _ in range(2):
                async with session.post(url, data=body, headers=signed("msg_1", body)) as response:
                    assert (response.status, await response.json()) == (202, {"accepted": "msg_1"})
            await core.settle()
        (call,) = vendor.calls
        headers = {name.lower(): value for name, value in call.headers.items()}
        event = StandardWebhook(SECRET).verify(call.raw, headers)
    assert event["type"] == "answered"
    assert event["data"]["text"] == "re: 怎么退货？"
    assert event["data"]["in_reply_to"] == "msg_1"
    assert event["data"]["context"] == {"ticket": "7"}


async def test_events_of_other_channels_and_feedback(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """Who subscribed hears of what another channel, or the API, left unanswered, and of feedback; of nothing else."""
    async with run_vendor() as vendor:
        table = {"reply_url": f"{vendor.url}/in", "events": ["unanswered", "feedback"]}
        channel = open_one("webhook", {"secrets": SECRET}, **table)
        answerer = Scripted(fails=lambda asked: "坏" in asked.text)
        async with run_core(tmp_path, answerer, channel.adapter, Peer()) as core:
            for number, text in enumerate(("好的问题？", "坏的问题？")):
                await core.inbox.accept(message(text, f"m{number}"))
            await core.inbox.receive(message("又一个坏问题？", "m2", platform="api"))
            body = json.dumps({"type": "feedback", "user": "u1", "in_reply_to": "m1", "rating": "bad"})
            headers = {name.lower(): value for name, value in signed("f1", body).items()}
            (feedback,) = channel.adapter.parse(Request("POST", {}, headers, body.encode(), time.time())).messages
            await core.inbox.accept(feedback)
            await core.settle()
            body = body.replace("bad", "so-so")
            unclear = Request("POST", {}, signed("f2", body), body.encode(), time.time())
            with pytest.raises(BadPayload, match="rating"):
                channel.adapter.parse(unclear)
        await channel.adapter.close()
    events = [call.json for call in vendor.calls]
    told = [(event["type"], event["data"]["platform"], event["data"].get("question")) for event in events]
    assert sorted(told, key=str) == [
        ("feedback", "webhook", None),
        ("unanswered", "api", "又一个坏问题？"),
        ("unanswered", "peer", "坏的问题？"),
    ]
    (heard,) = (event["data"] for event in events if event["type"] == "feedback")
    assert (heard["in_reply_to"], heard["rating"]) == ("m1", "bad")


async def test_what_is_wrong_has_its_status_and_is_stored_nowhere(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    """401 forged, 400 unreadable, 404 unknown, 413 large, 408 slow; each counted and logged, none in the ledger."""
    channel = open_one("webhook", {"secrets": SECRET})
    async with serving(tmp_path, Scripted(), channel) as (url, core):

        async def status(body: bytes | io.BytesIO, headers: dict[str, str], address: str = url) -> int:
            async with session.post(address, data=body, headers=headers) as response:
                assert await response.read() in (b"", b"404: Not Found")
                return response.status

        deep, private = "[" * 10_000, '{"text": "hunter2", "user": ["hunter2"], "kind": "hunter2"}'
        with structlog.testing.capture_logs() as logs:
            assert await status(private.encode(), signed("a", private)) == 400
            assert await status(b"{}", signed("a", '{"user":"u"}')) == 401
            assert await status(b"{}", {}) == 401
            assert await status(b"{}", signed("b", "{}")) == 400
            assert await status(deep.encode(), signed("c", deep)) == 400
            assert await status(b"{}", signed("d", "{}"), url + "-other") == 404
            assert await status(io.BytesIO(b"x" * (10 << 20)), signed("e", "{}")) == 413
            assert await dribble(url) == 408
        assert await core.ledger.unanswered() == []
        assert core.inbox.waiting == 0
        metrics = core.metrics.render().decode()
    assert len(logs) == 7
    assert "hunter2" not in repr(logs)
    for why, count in {"BadSignature": 2, "BadPayload": 3, "HTTPRequestEntityTooLarge": 1, "TimeoutError": 1}.items():
        assert f'zhida_refused_requests_total{{channel="shop",why="{why}"}} {count}.0' in metrics


async def dribble(url: str) -> int:
    """The status for a client that sends a byte and then nothing."""
    host, port = url.split("/")[2].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /channels/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    line = await asyncio.wait_for(reader.readline(), 5.0)
    writer.close()
    return int(line.split()[1])


async def test_groups_are_answered_by_the_rule(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """By default only when mentioned; `always` and `never` do what they say."""
    for rule, expected in {"mentioned": ["b"], "always": ["a", "b"], "never": []}.items():
        answerer = Scripted()
        channel = open_one("webhook", {"secrets": SECRET}, groups=rule)
        async with serving(tmp_path / rule, answerer, channel) as (url, core):
            for text, mentioned in (("a", False), ("b", True)):
                body = json.dumps({"user": text, "group": "g", "text": text, "mentioned": mentioned})
                async with session.post(url, data=body, headers=signed(f"m{text}", body)) as response:
                    assert response.status == 202
            await core.settle()
        assert answerer.asked == expected


def wechat_channel(vendor: Vendor, *, verified: bool, second: float = SECOND) -> Channel:
    """A plain-mode account on WeChat's scaled clock."""
    table = {"app_id": "wx1", "mode": "plain", "verified": verified, "base_url": vendor.url}
    channel = open_one("wechat_official", {"token": "spamtest", "app_secret": "s"}, **table)
    channel.adapter.passive = Passive(hold=4.3 * second, deadline=4.8 * second, deliveries=3, push=verified, room=2048)
    return channel


def test_mistakes_in_the_settings_are_all_named(tmp_path: Path) -> None:
    """An unknown platform, a secret in the file, a missing secret, a wrong field: each in a line."""
    file = tmp_path / "zhida.toml"
    file.write_text(
        '[channels.a]\nplatform = "fax"\n'
        '[channels.b]\nplatform = "webhook"\nsecrets = "x"\n'
        '[channels.c]\nplatform = "wecom"\ncorp_id = "c"\nagent_id = 1\ncolour = "red"\n'
        '[channels.d]\nplatform = "wecom_kf"\ncorp_id = "c"\n',
        encoding="utf-8",
    )
    environ = {"ZHIDA_D_TOKEN": "t", "ZHIDA_D_ENCODING_AES_KEY": "too short", "ZHIDA_D_APP_SECRET": "hidden"}
    with pytest.raises(SettingsError) as caught:
        load(file, environ)
    text = str(caught.value)
    assert "channels.a.platform: write one of openim" in text
    assert "channels.b.secrets is a secret; remove it and set ZHIDA_B_SECRETS" in text
    assert "ZHIDA_C_TOKEN: Field required" in text
    assert "channels.c.colour: Extra inputs" in text
    assert "ZHIDA_D_ENCODING_AES_KEY" in text
    assert "hidden" not in text


def test_two_secrets_while_one_is_replaced(tmp_path: Path) -> None:
    """A blank between two words of the environment variable makes two active secrets."""
    file = tmp_path / "zhida.toml"
    file.write_text('[channels.shop]\nplatform = "webhook"\n', encoding="utf-8")
    (options,) = load(file, {"ZHIDA_SHOP_SECRETS": f"{SECRET} whsec_b2xk"}).channels
    assert len(options.model_dump()["secrets"]) == 2
    assert SECRET not in repr(options)


def test_adapters_are_what_they_say() -> None:
    """The platform of the table is the adapter that opens."""
    assert isinstance(open_one("webhook", {"secrets": SECRET}).adapter, Webhook)
    adapter: Adapter = open_one("wechat_official", {"token": "t"}, app_id="wx1").adapter
    assert isinstance(adapter, WechatOfficial)
