"""An official account before WeChat's five seconds: 1,000 questions whose answers take 1 to 20 s."""

import asyncio
import random
import re
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from benchmarks.delivering.child import Child
from tests.delivering import said
from tests.peers.vendor import run_vendor
from tests.peers.wechat import WeChat
from tests.servers import free_port

_ARRIVAL_SECONDS = 40.0
_TRIES = 10
_ANSWER = re.compile(r"^re: .+$", re.MULTILINE)
_TOKEN = {"access_token": "T", "expires_in": 7200, "errcode": 0}
_ENVIRON: Mapping[str, str] = {"ZHIDA_SHOP_TOKEN": "spamtest", "ZHIDA_SHOP_APP_SECRET": "s"}


async def five_seconds(folder: Path, questions: int, *, verified: bool, stops: bool = False) -> dict[str, object]:
    """Every user asks once, every fourth a second time while the first answer is being made; in real time.

    `stops`: the service stands still for 2 to 6 s again and again, as under a machine that swaps.
    """
    name = f"{'' if verified else 'un'}verified{', stopped again and again' if stops else ''}"
    place, port, users = folder / name, free_port(), questions * 4 // 5
    place.mkdir()
    async with run_vendor(**{"cgi-bin__stable_token": _TOKEN}) as vendor:
        table = {"platform": "wechat_official", "app_id": "wx1", "mode": "plain", "base_url": vendor.url}
        account = Child(port, place, {"shop": {**table, "verified": verified}}, _ENVIRON, slow=20.0)
        await account.start()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            wechat = WeChat(f"http://127.0.0.1:{port}/channels/shop", "spamtest", session)
            vendor.replies["/cgi-bin/message/custom/send"] = wechat.pushed
            standing = asyncio.create_task(_stand_still(account)) if stops else None
            await asyncio.gather(*(_chat(wechat, f"u{number}", number % 4 == 0) for number in range(users)))
            if standing is not None:
                standing.cancel()
                await asyncio.gather(standing, return_exceptions=True)
            await asyncio.gather(*(_collect(wechat, f"u{number}", 1 + (number % 4 == 0)) for number in range(users)))
        await account.kill()
    return {"account": name, **_judge(wechat, users)}


async def _stand_still(account: Child) -> None:
    while True:
        await asyncio.sleep(random.uniform(3.0, 8.0))
        await asyncio.shield(account.stop(random.uniform(2.0, 6.0)))


async def _chat(wechat: WeChat, user: str, twice: bool) -> None:
    await asyncio.sleep(random.Random(user).uniform(0, _ARRIVAL_SECONDS))
    asked = [asyncio.create_task(_ask(wechat, user, 1))]
    if twice:
        await asyncio.sleep(2.0)
        asked.append(asyncio.create_task(_ask(wechat, user, 2)))
    await asyncio.gather(*asked)


async def _ask(wechat: WeChat, user: str, index: int) -> None:
    """Ask, and tap the link for as long as the answer is one, and has not come with another."""
    answer = await wechat.say(user, _question(user, index))
    while (link := wechat.link_in(answer or "")) and _answer(user, index) not in _read(wechat, user):
        await asyncio.sleep(2.0)
        if _answer(user, index) not in _read(wechat, user):
            answer = await wechat.say(user, link[1], link[0])


async def _collect(wechat: WeChat, user: str, questions: int) -> None:
    """Who still waits for something asks for it, as users do who got no link."""
    for _ in range(_TRIES):
        if len(set(_read(wechat, user))) >= questions:
            return
        await wechat.say(user, said().say("collect", "zh"))
        await asyncio.sleep(5.0)


def _read(wechat: WeChat, user: str) -> list[str]:
    """The answers a user has seen, in order."""
    return _ANSWER.findall("\n\n".join(wechat.seen[user]))


def _judge(wechat: WeChat, users: int) -> dict[str, object]:
    lost = doubled = swapped = disordered = asked = 0
    for number in range(users):
        user = f"u{number}"
        wanted = [_answer(user, index) for index in range(1, 2 + (number % 4 == 0))]
        seen = _read(wechat, user)
        asked += len(wanted)
        lost += len(set(wanted) - set(seen))
        doubled += len(seen) - len(set(seen))
        swapped += len(set(seen) - set(wanted))
        disordered += list(dict.fromkeys(seen)) != [text for text in wanted if text in set(seen)]
    counts = {"lost": lost, "doubled": doubled, "swapped": swapped, "conversations out of order": disordered}
    return {"questions": asked, **counts, "deliveries": wechat.deliveries}


def _answer(user: str, index: int) -> str:
    return f"re: {_question(user, index)}"


def _question(user: str, index: int) -> str:
    return f"{user}的第{index}个问题要想很久，请问应该怎么办才好呢，谢谢您的耐心解答和帮助，非常感谢？"
