"""WeChat's five seconds: an answer is shown once, in order, to who listens, and waits for who does not."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.messages import Message
from adapters.protocol import Passive
from bot.holding import Clock, Holder
from tests.delivering import Core, Peer, Scripted, message, run_core, said
from tests.peers.vendor import run_vendor
from tests.peers.wechat import WeChat
from tests.test_adapters import WX_TOKEN
from tests.test_channels import SECOND, serving, wechat_channel
from tests.waiting import until

COLLECT = said().say("collect", "zh")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A client."""
    async with aiohttp.ClientSession() as opened:
        yield opened


@asynccontextmanager
async def an_account(
    folder: Path, session: aiohttp.ClientSession, answerer: Scripted, *, verified: bool, burst_seconds: float = 0.0
) -> AsyncIterator[tuple[WeChat, Core]]:
    """WeChat, an official account of ours, and the vendor's API behind."""
    async with (
        run_vendor(**{"cgi-bin__stable_token": WX_TOKEN}) as vendor,
        serving(folder, answerer, wechat_channel(vendor, verified=verified), burst_seconds) as (url, core),
    ):
        wechat = WeChat(url, "spamtest", session, SECOND)
        vendor.replies["/cgi-bin/message/custom/send"] = wechat.pushed
        yield wechat, core


async def test_a_quick_answer_is_the_response(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """Ready within five seconds: passive, once, escaped."""
    async with an_account(tmp_path, session, Scripted(), verified=True) as (wechat, core):
        assert await wechat.say("u1", "怎么退货 ]]> <b>？") == "re: 怎么退货 ]]> <b>？"
        await core.settle()
        assert (wechat.deliveries, wechat.seen["u1"]) == (1, ["re: 怎么退货 ]]> <b>？"])


async def test_a_late_answer_of_a_verified_account_is_pushed(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """After five seconds WeChat hears `success`, the user gets the answer by customer service, once."""
    slow = Scripted(seconds=lambda m: 8 * SECOND)
    async with an_account(tmp_path, session, slow, verified=True) as (wechat, core):
        assert await wechat.say("u1", "要想很久的问题？") is None
        await core.settle()
        assert (wechat.deliveries, wechat.seen["u1"]) == (1, ["re: 要想很久的问题？"])


@pytest.mark.parametrize(("seconds", "deliveries"), [(3, 1), (7, 2), (12, 3)])
async def test_an_unverified_account_answers_a_retry(
    tmp_path: Path, session: aiohttp.ClientSession, seconds: int, deliveries: int
) -> None:
    """Who may not push stays silent until WeChat asks again, and answers that."""
    slow = Scripted(seconds=lambda m: seconds * SECOND)
    async with an_account(tmp_path, session, slow, verified=False) as (wechat, _):
        assert await wechat.say("u1", "要想一会儿的问题？") == "re: 要想一会儿的问题？"
        assert wechat.deliveries == deliveries
        assert slow.asked == ["要想一会儿的问题？"]


async def test_a_very_late_answer_is_collected_by_a_tap(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """After the third delivery the user gets a link; tapping it brings the answer, which is not repeated."""
    slow = Scripted(seconds=lambda m: 17 * SECOND)
    async with an_account(tmp_path, session, slow, verified=False) as (wechat, core):
        first, second = await wechat.say_until_answered("u1", "要想很久的问题？")
        assert said().say("thinking", "zh") in first
        assert second == "re: 要想很久的问题？"
        assert await core.ledger.outcomes() == {"shown": 1}
        slow.seconds = lambda m: 0.0
        assert await wechat.say("u1", "下一个问题？") == "re: 下一个问题？"
        assert slow.asked == ["要想很久的问题？", "下一个问题？"]


@pytest.mark.parametrize("verified", [True, False])
async def test_an_answer_to_who_hung_up_is_not_lost(
    tmp_path: Path, session: aiohttp.ClientSession, verified: bool
) -> None:
    """WeChat broke off just before the answer: it is pushed, or waits for the next request."""
    slow = Scripted(seconds=lambda m: 3 * SECOND if m.text.startswith("一") else 0.0)
    async with an_account(tmp_path, session, slow, verified=verified) as (wechat, core):
        wechat.second = SECOND / 10  # it waits for half a second of the account's, three times
        assert await wechat.say("u1", "一号问题？") is None
        wechat.second = SECOND
        await until(lambda: core.inbox.waiting == 0)
        if verified:
            await until(lambda: wechat.seen["u1"])
        assert "re: 二号问题？" in (await wechat.say("u1", "二号问题？") or "")
        assert "\n\n".join(wechat.seen["u1"]) == "re: 一号问题？\n\nre: 二号问题？"


async def test_an_answer_too_late_for_the_response_is_pushed(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """A service that was busy until WeChat was about to hang up does not trust the response to arrive."""

    def be_busy(_: Message) -> float:
        time.sleep(5 * SECOND)
        return 0.0

    async with an_account(tmp_path, session, Scripted(seconds=be_busy), verified=True) as (wechat, core):
        wechat.second = 3 * SECOND  # this time it is patient, which we do not know
        assert await wechat.say("u1", "问题一？") is None
        await core.settle()
        assert (wechat.seen["u1"], await core.ledger.outcomes()) == (["re: 问题一？"], {"sent": 1})


async def test_a_repeat_joins_until_it_is_known_who_got_the_answer(tmp_path: Path) -> None:
    """WeChat hung up and asks again in the same moment: one ticket, so the answer is not given back and shown too."""
    async with run_vendor() as vendor:
        adapter = wechat_channel(vendor, verified=True).adapter
        async with run_core(tmp_path, Scripted(), adapter) as core:
            asked = message("怎么退货？", "m1", platform="wechat_official")
            first = await core.inbox.accept(asked, held=True)
            reply = await asyncio.shield(first.reply)
            assert await core.inbox.accept(asked, held=True) is first
            first.holds = 0
            await core.inbox.give_back(first, reply)
            first.handed.set()
            again = await core.inbox.accept(asked, held=True)
            assert again is not first
            assert not again.given
        await adapter.close()


async def test_a_service_that_stood_still_takes_the_time_off() -> None:
    """What it sees first afterwards may have come at any moment meanwhile; what comes later came later."""
    clock = Clock(0.02)
    ticking = asyncio.create_task(clock.run())
    try:
        await asyncio.sleep(0.03)
        stopped = asyncio.get_running_loop().time()
        time.sleep(0.2)  # noqa: ASYNC251
        assert clock.began <= stopped
        await asyncio.sleep(0.05)
        assert clock.began <= stopped
        await asyncio.sleep(0.3)
        assert asyncio.get_running_loop().time() - clock.began < 0.1
    finally:
        ticking.cancel()


async def test_the_next_question_takes_a_waiting_answer_along(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """Who asks again instead of tapping gets both, in the order asked; neither is eaten or doubled."""
    slow = Scripted(seconds=lambda m: 16 * SECOND if m.text.startswith("一") else 0.0)
    async with an_account(tmp_path, session, slow, verified=False) as (wechat, core):
        assert "bizmsgmenu" in (await wechat.say("u1", "一号问题？") or "")
        await until(lambda: core.inbox.waiting == 0)
        assert await wechat.say("u1", "二号问题？") == "re: 一号问题？\n\nre: 二号问题？"
        assert await wechat.say("u1", "三号问题？") == "re: 三号问题？"
        assert await core.ledger.outcomes() == {"shown": 3}


async def test_a_long_answer_is_read_page_by_page(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """Longer than a response: a link leads to each next page, and together they are the whole, in order."""
    slow = Scripted(seconds=lambda m: 16 * SECOND if m.text.startswith("一") else 0.0)
    words = "".join(f"第{number}句话，说明一件事情。" for number in range(150))
    async with an_account(tmp_path, session, slow, verified=False) as (wechat, core):
        await wechat.say("u1", "一号问题？")
        await until(lambda: core.inbox.waiting == 0)
        answers = await wechat.say_until_answered("u1", f"二{words}")
        assert all(len(answer.encode()) <= 2048 for answer in answers)
        assert answers[0].startswith("re: 一号问题？\n\nre: 二")
        read = "".join(answer.split("\n\n<a href")[0].removeprefix("re: 一号问题？\n\n") for answer in answers)
        assert read == f"re: 二{words}"
        assert len(answers) > 2
        assert await wechat.say("u1", "三号问题？") == "re: 三号问题？"


async def test_an_answer_that_never_arrived_is_fetched_by_words(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """WeChat threw the response away, which nobody can know: who asks to see the answer gets it, nobody else does."""
    slow = Scripted(seconds=lambda m: 12 * SECOND if m.text.startswith("一") else 0.0)
    async with an_account(tmp_path, session, slow, verified=False) as (wechat, core):
        wechat.deaf = {3}
        assert await wechat.say("u1", "一号问题？") is None
        assert await wechat.say("u2", COLLECT) is None
        assert await wechat.say("u1", COLLECT) == "re: 一号问题？"
        assert await wechat.say("u1", "二号问题？") == "re: 二号问题？"
        assert await core.ledger.outcomes() == {"shown": 2}


async def test_a_link_is_tapped_again_when_nothing_came(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """Each tap of one link shows the same, also when another answer was shown between; others' links show nothing."""
    slow = Scripted(seconds=lambda m: 16 * SECOND if m.text.startswith("一") else 0.0)
    async with an_account(tmp_path, session, slow, verified=False) as (wechat, core):
        long = "一号问题，" + "请您详细地说明一下，" * 90
        (name, words) = wechat.link_in(await wechat.say("u1", long) or "")
        await until(lambda: core.inbox.waiting == 0)
        wechat.deaf = {1, 2, 3}
        assert await wechat.say("u1", words, name) is None
        wechat.deaf = set()
        first = await wechat.say("u1", words, name) or ""
        assert first.startswith("re: 一号问题，")
        second = await wechat.say("u1", words, wechat.link_in(first)[0]) or ""
        assert first.split("\n\n<a href")[0] + second == f"re: {long}"
        assert await wechat.say("u2", words, name) is None
        assert await wechat.say("u1", "二号问题？") == "re: 二号问题？"
        again = await wechat.say("u1", words, name) or ""
        assert again.split("\n\n<a href")[0] == first.split("\n\n<a href")[0]
        assert await wechat.say("u1", words, wechat.link_in(again)[0]) == second


async def test_asking_for_an_answer_eats_no_question(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    """Words typed while the answer is made bring nothing twice, and are no part of a question before them."""
    slow = Scripted(seconds=lambda m: 3 * SECOND)
    async with an_account(tmp_path, session, slow, verified=False, burst_seconds=2 * SECOND) as (wechat, _):
        asked = asyncio.create_task(wechat.say("u1", "怎么退货"))
        await asyncio.sleep(SECOND)
        assert await wechat.say("u1", COLLECT) is None
        assert await asked == "re: 怎么退货"
        assert slow.asked == ["怎么退货"]


async def test_who_hung_up_while_the_service_was_busy_is_noticed(tmp_path: Path) -> None:
    """The news of it lies unread: it is read before an answer is trusted to a connection."""
    async with run_core(tmp_path, Scripted()) as core:
        holder = Holder(Peer(), Passive(4.3, 4.8, 3, push=False, room=2048), core.inbox, said)
    noticed: list[bool] = []
    served = asyncio.Event()

    async def be_busy(request: web.Request) -> web.Response:
        await request.read()
        call = holder.open(request)
        for pause in (0.0, 0.2):
            time.sleep(pause)  # noqa: ASYNC251 - busy is what it is
            noticed.append(await call.is_open(9.0))
        served.set()
        return web.Response()

    app = web.Application()
    app.router.add_post("/", be_busy)
    async with TestServer(app, host="127.0.0.1") as server:
        _, writer = await asyncio.open_connection("127.0.0.1", urlsplit(str(server.make_url("/"))).port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
        connection = writer.get_extra_info("socket")
        hang_up = threading.Timer(0.1, connection.shutdown, [1])
        hang_up.start()
        await served.wait()
        writer.close()
    assert noticed == [True, False]
