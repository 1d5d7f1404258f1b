"""WeChat through the real npm gateway: messages, rooms, bursts, and every way a gateway can fail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.messages import Message, Reply, Source
from adapters.protocol import Outcome
from adapters.wechaty import Wechaty, WechatyOptions
from tests.peers.gateway import TOKEN, Gateway, run_gateway
from tests.waiting import until


class NoCursor:
    """A gateway has no position to go on from."""

    async def read(self, name: str) -> str:
        """Nothing."""
        return ""

    async def write(self, name: str, value: str) -> None:
        """Nothing."""


def client(gateway: Gateway, token: str = TOKEN) -> Wechaty:
    """An adapter for the gateway, with quick keep-alive."""
    options = {
        "platform": "wechaty",
        "name": "wx",
        "endpoint": gateway.endpoint,
        "token": token,
        "keepalive_seconds": 1,
    }
    return Wechaty(WechatyOptions.model_validate(options))


@asynccontextmanager
async def listening(adapter: Wechaty) -> AsyncIterator[list[Message]]:
    """Let it listen; what it received."""
    received: list[Message] = []

    async def receive(message: Message) -> None:
        received.append(message)

    listener = asyncio.create_task(adapter.listen(receive, NoCursor()))
    try:
        yield received
    finally:
        listener.cancel()
        with suppress(asyncio.CancelledError):
            await listener
        await adapter.close()


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    """A real gateway."""
    async with run_gateway(tmp_path) as running:
        yield running


async def answer(adapter: Wechaty, message: Message, text: str) -> list[Outcome]:
    """Send a reply to a message."""
    return [(await adapter.send(piece)).outcome for piece in adapter.render(Reply(text, Source.FAQ), message)]


async def test_direct_and_room_messages_go_there_and_back(gateway: Gateway) -> None:
    """Private text, a room's mention by id and by name alone, a quotation, our own words, an image, bad events."""
    async with listening(bot := client(gateway)) as received:
        await until(lambda: bot.connected)
        assert await bot.check() == (), "which disturbs nobody"
        await gateway.tell("say", text="ding")
        await until(lambda: received)
        assert (received[0].text, received[0].user, received[0].user_name) == ("ding", "wxid_mary", "Mary")
        assert not received[0].group
        assert await answer(bot, received[0], "**dong**") == [Outcome.SENT]
        await until(lambda: gateway.sent("wxid_mary") == ["dong"])

        await gateway.tell("room", text="@客服(1)*\u2005怎么退货 @Tom\u2005", mention=["wxid_bot", "wxid_tom"])
        await gateway.tell("room", text="随便聊聊")
        await gateway.tell("raw", payload={"roomId": "1@chatroom", "text": "@客服(1)*\u2005在吗"})
        await until(lambda: len(received) == 4)
        assert [message.mentioned for message in received[1:]] == [True, False, True]
        assert received[1].text == "怎么退货 @Tom"
        assert received[1].conversation == "1@chatroom/wxid_mary"
        assert await answer(bot, received[1], "可以退") == [Outcome.SENT]
        await until(lambda: gateway.sent("1@chatroom") == ["@Mary\u2005可以退"])

        await gateway.tell("selfsay", text="我自己说的")
        await gateway.tell("emit", event="error", payload={"gerror": "boom"})
        await gateway.tell("emit", event="message", payload={"messageId": "unknown"})
        await gateway.tell("raw", payload={"talkerId": "", "text": "没有发送人"})
        await gateway.tell("raw", payload={"type": 99, "text": "新类型"})
        await gateway.tell("image")
        await gateway.tell("raw", payload={"text": "「Tom：昨天的价格」\n- - - - - - - - - - - - - - -\n今天呢"})
        await until(lambda: len(received) == 7)
        assert [message.kind for message in received[4:]] == ["other", "image", "text"]
        assert (received[6].text, received[6].quote) == ("今天呢", "Tom：昨天的价格")

        await gateway.tell("faults", failSend=True)
        assert await answer(bot, received[0], "会被拒绝") == [Outcome.FAILED]


async def test_a_burst_of_200_arrives_whole_and_in_order(gateway: Gateway) -> None:
    """Nothing is dropped, nothing overtakes."""
    async with listening(bot := client(gateway)) as received:
        await until(lambda: bot.connected)
        for number in range(200):
            await gateway.tell("say", text=f"第{number}条", **{"from": "wxid_tom" if number % 2 else "wxid_mary"})
        await until(lambda: len(received) == 200)
    assert [message.text for message in received] == [f"第{number}条" for number in range(200)]
    assert len({message.id for message in received}) == 200


async def test_it_waits_for_a_gateway_survives_its_death_and_notices_a_frozen_one(tmp_path: Path) -> None:
    """Absent at the start, killed and started again, stopped without a word: back each time by itself."""
    gateway = Gateway(tmp_path)
    bot = client(gateway)
    async with listening(bot) as received:
        await asyncio.sleep(1.0)
        assert not bot.connected
        assert await bot.check() != ()
        await gateway.start()
        await until(lambda: bot.connected)
        await gateway.kill()
        await until(lambda: not bot.connected)
        message = Message("wechaty", "wx", "wxid_mary", "wxid_mary", "m", "", datetime.now(UTC))
        assert await answer(bot, message, "现在不行") == [Outcome.RETRY]
        await gateway.start()
        await until(lambda: bot.connected)
        gateway.freeze(frozen=True)
        await until(lambda: not bot.connected, 15.0)
        gateway.freeze(frozen=False)
        await until(lambda: bot.connected, 15.0)
        await gateway.tell("say", text="还在吗")
        await until(lambda: received)
        assert received[-1].text == "还在吗"
        await gateway.tell("logout")
        await until(lambda: not bot.connected)
    await gateway.kill()


async def test_a_second_replica_waits_instead_of_throwing_the_first_out(gateway: Gateway) -> None:
    """The gateway has one stream: the second client keeps trying and takes over when the first one goes."""
    second = client(gateway)
    async with listening(first := client(gateway)) as one:
        await until(lambda: first.connected)
        async with listening(second) as other:
            await asyncio.sleep(2.0)
            assert not second.connected
            await gateway.tell("say", text="给第一个")
            await until(lambda: one)
            assert other == []
    async with listening(second) as other:
        await until(lambda: second.connected)
        await gateway.tell("say", text="给第二个")
        await until(lambda: other)


async def test_a_wrong_token_never_connects_and_check_says_so(gateway: Gateway) -> None:
    """The gateway refuses; nothing else does harm."""
    async with listening(bot := client(gateway, "wrong")):
        await asyncio.sleep(1.0)
        assert not bot.connected
        assert "does not answer" in (await bot.check())[0]
