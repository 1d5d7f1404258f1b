"""WeCom's AI robot by webhook: it asks for the text as it grows; what nobody asks for goes to the message's address."""

import json
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from adapters.protocol import Request
from bot.channels import Channel
from tests.delivering import Core, Scripted
from tests.peers.aibot_callback import RobotCallback
from tests.peers.vendor import Vendor, run_vendor
from tests.test_channels import open_one, serving
from tests.waiting import until

TOKEN, KEY = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    """Where late answers go."""
    async with run_vendor() as running:
        yield running


def robot(vendor: Vendor, asked_seconds: float = 5.0) -> Channel:
    """The robot's channel."""
    table = {"bot_name": "小助手", "base_url": vendor.url, "asked_seconds": asked_seconds}
    return open_one("wecom_aibot_webhook", {"token": TOKEN, "encoding_aes_key": KEY}, **table)


@asynccontextmanager
async def calling(
    folder: Path, answerer: Scripted, vendor: Vendor, channel: Channel
) -> AsyncIterator[tuple[RobotCallback, Core]]:
    """WeCom before the robot."""
    async with serving(folder, answerer, channel) as (url, core), aiohttp.ClientSession() as session:
        yield RobotCallback(url, TOKEN, KEY, vendor.url, session), core


async def test_a_bubble_grows_until_it_is_finished(tmp_path: Path, vendor: Vendor) -> None:
    """Empty at first, then what is shown so far, then the answer, once; the message's address is not used."""
    slow, channel = Scripted(seconds=lambda m: 0.3), robot(vendor)
    async with calling(tmp_path, slow, vendor, channel) as (wecom, core):
        name = await wecom.say("@小助手 怎么报销？")
        assert wecom.seen[name] == []
        (message,) = await core.ledger.unanswered()
        await channel.adapter.show(message, "首先")
        assert not await wecom.ask(name)
        await wecom.ask_until_finished(name)
        await core.settle()
        assert wecom.seen[name] == ["首先", "re: 怎么报销？"]
        assert await core.ledger.outcomes() == {"sent": 1}
    assert vendor.calls == []


async def test_an_answer_nobody_asks_for_goes_out_once(tmp_path: Path, vendor: Vendor) -> None:
    """To the address that came with the message, and the bubble stays empty; to an address of others it never goes."""
    async with calling(tmp_path, Scripted(), vendor, robot(vendor, 0.05)) as (wecom, core):
        name = await wecom.say("怎么报销？")
        await core.settle()
        assert await wecom.ask(name)
        assert wecom.seen[name] == []
        await wecom.say("食堂几点开？", "https://elsewhere.example/cgi-bin/aibot/response?response_code=C2")
        await core.settle()
        assert await core.ledger.outcomes() == {"sent": 1, "failed": 1}
    (call,) = vendor.calls
    assert (call.path, call.query) == ("/cgi-bin/aibot/response", {"response_code": "C1"})
    assert call.json == {"msgtype": "markdown", "markdown": {"content": "re: 怎么报销？"}}


async def test_a_restart_within_an_answer_goes_on_in_the_same_bubble(tmp_path: Path, vendor: Vendor) -> None:
    """WeCom goes on asking; the new process does not know the bubble yet, then fills it."""
    slow = Scripted(seconds=lambda m: 60.0)
    async with calling(tmp_path, slow, vendor, robot(vendor)) as (wecom, _):
        name = await wecom.say("怎么报销？")
    async with calling(tmp_path, Scripted(seconds=lambda m: 0.2), vendor, robot(vendor)) as (again, core):
        assert not await again.ask(name)
        await again.ask_until_finished(name)
        await until(lambda: core.inbox.waiting == 0)
        assert again.seen[name] == ["re: 怎么报销？"]


def test_the_vendors_node_library_is_understood_and_understands(node_modules: Path, vendor: Vendor) -> None:
    """@wecom/crypto signs and encrypts a message that we take, and opens what we answer."""
    adapter = robot(vendor).adapter
    stamp = str(int(time.time()))
    body = {"msgid": "m1", "from": {"userid": "zhang"}, "msgtype": "text", "text": {"content": "你好"}}
    sealed, signature = node(
        node_modules,
        "const s = c.encrypt(a[0], a[1], ''); console.log(JSON.stringify([s, c.getSignature(a[2], a[3], 'n', s)]))",
        *(KEY, json.dumps(body), TOKEN, stamp),
    )
    query = {"msg_signature": signature, "timestamp": stamp, "nonce": "n"}
    parsed = adapter.parse(Request("POST", query, {}, json.dumps({"encrypt": sealed}).encode(), time.time()))
    assert [message.text for message in parsed.messages] == ["你好"]
    answer = json.loads(parsed.response.body)
    text, theirs = node(
        node_modules,
        "console.log(JSON.stringify([c.decrypt(a[0], a[1]).message, c.getSignature(a[2], a[3], a[4], a[1])]))",
        *(KEY, answer["encrypt"], TOKEN, answer["timestamp"], answer["nonce"]),
    )
    assert json.loads(text)["stream"]["finish"] is False
    assert theirs == answer["msgsignature"]


def node(node_modules: Path, script: str, *values: str) -> list[str]:
    """What a script prints that knows the vendor's library as c and the values as a."""
    whole = f"const c = require('@wecom/crypto'); const a = process.argv.slice(1); {script}"
    command = ["node", "-e", whole, *values]
    done = subprocess.run(command, cwd=node_modules.parent, capture_output=True, check=True, text=True)
    printed: list[str] = json.loads(done.stdout)
    return printed
