"""WeCom's AI robot: the vendor's client proves the stand-in, the stand-in proves the adapter."""

import asyncio
from pathlib import Path

import aibot.ws
import pytest
from aibot import WSClient, WSClientOptions

from bot.channels import Channel
from tests.delivering import Scripted, said
from tests.peers.aibot import AibotServer, run_aibot_server
from tests.test_channels import open_one, running_channels
from tests.waiting import until


def robot(server: AibotServer, secret: str = "robot-secret") -> Channel:
    """The robot's channel."""
    return open_one("wecom_aibot", {"secret": secret}, bot_id="bot", bot_name="小助手", base_url=server.url)


async def test_the_vendors_client_is_at_home_in_the_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its login, a message and a stream of two frames work as against the real thing."""
    monkeypatch.setattr(aibot.ws, "_SSL_CONTEXT", None)  # it would insist on TLS
    async with run_aibot_server() as server:
        client = WSClient(WSClientOptions(bot_id="bot", secret="robot-secret", ws_url=server.url))
        received: list[dict[str, object]] = []

        async def answer(frame: dict[str, object]) -> None:
            await client.reply_stream(frame, "s1", "你", finish=False)
            await client.reply_stream(frame, "s1", "你好", finish=True)
            received.append(frame)

        client.on("message.text", answer)
        await client.connect()
        await until(lambda: server.socket)
        await server.say("hello")
        await until(lambda: received)
        assert server.bubbles == {"s1": ["你", "你好"]}
        client.disconnect()
        await asyncio.sleep(0.1)


async def test_private_and_group_messages_are_answered_in_their_bubble(tmp_path: Path) -> None:
    """The group's mention is taken out; each answer ends its own stream; a greeting greets."""
    async with run_aibot_server() as server:
        channel, answerer = robot(server), Scripted()
        async with running_channels(tmp_path, answerer, channel) as (_, core):
            await until(lambda: channel.adapter.connected)
            await server.say("怎么报销？")
            await server.say("@小助手 食堂几点开？", "li", "group1")
            await server.push("aibot_event_callback", {
                "msgid": "e1", "msgtype": "event", "from": {"userid": "wang"}, "event": {"eventtype": "enter_chat"},
            })  # fmt: skip
            await server.push("aibot_msg_callback", {"msgid": 7, "from": None})
            await until(lambda: len(server.frames) >= 4)
            await core.settle()
        assert sorted(texts[-1] for texts in server.bubbles.values()) == ["re: 怎么报销？", "re: 食堂几点开？"]
        assert len(server.finished) == 2
        welcome = [frame["body"] for frame in server.frames if frame["cmd"] == "aibot_respond_welcome_msg"]
        assert welcome == [{"msgtype": "text", "text": {"content": said().say("greeting", "zh")}}]


async def test_text_grows_in_one_bubble(tmp_path: Path) -> None:
    """Shown so far, shown longer, finished: the same stream, cumulative."""
    async with run_aibot_server() as server:
        channel = robot(server)
        async with running_channels(tmp_path, Scripted(seconds=lambda m: 0.3), channel) as (_, core):
            await until(lambda: channel.adapter.connected)
            await server.say("怎么报销？")
            await until(lambda: core.inbox.waiting == 1)
            message = next(iter(await core.ledger.unanswered()))
            await channel.adapter.show(message, "首先")
            await channel.adapter.show(message, "首先填单")
            await core.settle()
        assert list(server.bubbles.values()) == [["首先", "首先填单", "re: 怎么报销？"]]


async def test_a_wrong_secret_a_takeover_and_a_silent_server(tmp_path: Path) -> None:
    """Refused: never connected. Taken over by another service: no fight. Not acknowledged: unknown, not sent again."""
    async with run_aibot_server() as server:
        channel = robot(server, "wrong")
        async with running_channels(tmp_path / "wrong", Scripted(), channel):
            await until(lambda: server.frames)
            await asyncio.sleep(0.1)
            assert not channel.adapter.connected
        channel = robot(server)
        async with running_channels(tmp_path / "right", Scripted(), channel):
            await until(lambda: channel.adapter.connected)
            logins = len([frame for frame in server.frames if frame["cmd"] == "aibot_subscribe"])
            await server.push("aibot_event_callback", {"event": {"eventtype": "disconnected_event"}})
            await until(lambda: not channel.adapter.connected)
            await asyncio.sleep(1.2)
            assert len([frame for frame in server.frames if frame["cmd"] == "aibot_subscribe"]) == logins
