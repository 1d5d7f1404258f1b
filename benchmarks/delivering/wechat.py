"""An official account before WeChat's five seconds: 1,000 questions whose answers take 1 to 20 s."""

import asyncio
import random
from pathlib import Path

import aiohttp

from adapters.messages import Message
from tests.delivering import Scripted
from tests.peers.vendor import run_vendor
from tests.peers.wechat import WeChat
from tests.test_channels import serving, wechat_channel

_ARRIVAL_SECONDS = 40.0  # WeChat and the account share this process: a rush would measure the stand-in


async def five_seconds(folder: Path, questions: int, *, verified: bool) -> dict[str, object]:
    """Every user asks once, every fourth a second time while the first answer is being made; in real time."""

    def seconds(message: Message) -> float:
        return random.Random(message.text).uniform(1.0, 20.0)

    answerer = Scripted(seconds=seconds)
    token = {"access_token": "T", "expires_in": 7200, "errcode": 0}
    channel_folder = folder / ("verified" if verified else "unverified")
    channel_folder.mkdir()
    async with run_vendor(**{"cgi-bin__stable_token": token}) as vendor:
        channel = wechat_channel(vendor, verified=verified, second=1.0)
        connector = aiohttp.TCPConnector(limit=0)
        async with (
            serving(channel_folder, answerer, channel) as (url, core),
            aiohttp.ClientSession(connector=connector) as session,
        ):
            wechat = WeChat(url, "spamtest", session)
            vendor.replies["/cgi-bin/message/custom/send"] = wechat.pushed
            users = questions * 4 // 5
            await asyncio.gather(*(_chat(wechat, f"u{number}", number % 4 == 0) for number in range(users)))
            await core.settle()
            await _collect(wechat, users)
            return {"account": channel_folder.name, **_judge(wechat, users)}


async def _chat(wechat: WeChat, user: str, twice: bool) -> None:
    await asyncio.sleep(random.Random(user).uniform(0, _ARRIVAL_SECONDS))
    asked = [asyncio.create_task(wechat.say_until_answered(user, _question(user, 1)))]
    if twice:
        await asyncio.sleep(2.0)
        asked.append(asyncio.create_task(wechat.say_until_answered(user, _question(user, 2))))
    await asyncio.gather(*asked)


async def _collect(wechat: WeChat, users: int) -> None:
    """Who still waits for something asks once more, as users do."""
    for number in range(users):
        if sum(text.count("re: ") for text in wechat.seen[f"u{number}"]) < 1 + (number % 4 == 0):
            await wechat.say(f"u{number}", "查看答案")


def _judge(wechat: WeChat, users: int) -> dict[str, object]:
    lost = doubled = swapped = 0
    for number in range(users):
        user = f"u{number}"
        wanted = [f"re: {_question(user, index)}" for index in range(1, 2 + (number % 4 == 0))]
        seen = [line for text in wechat.seen[user] for line in text.split("\n\n") if line.startswith("re: ")]
        lost += len(set(wanted) - set(seen))
        doubled += len(seen) - len(set(seen))
        swapped += len(set(seen) - set(wanted))
    asked = users + (users + 3) // 4
    return {"questions": asked, "lost": lost, "doubled": doubled, "swapped": swapped, "deliveries": wechat.deliveries}


def _question(user: str, index: int) -> str:
    return f"{user}的第{index}个问题要想很久，请问应该怎么办才好呢，谢谢您的耐心解答和帮助，非常感谢？"
