"""Messages are stored first, answered once and in order; short ones together; nothing is lost when the process ends."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.messages import Kind, Message, Source
from benchmarks.delivering.storm import Storm
from bot.bursts import is_fragment, join, may_join
from bot.database import DatabaseUnavailable
from tests.delivering import Peer, Scripted, message, run_core, said


async def test_a_reply_goes_out_by_the_channel_it_came_from(tmp_path: Path) -> None:
    """What was accepted is answered and sent without anybody waiting for it."""
    peer = Peer()
    async with run_core(tmp_path, Scripted(), peer) as core:
        await core.inbox.accept(message("怎么退货？", "m1"))
        await core.settle()
    assert peer.sent == [("u1", "re: 怎么退货？")]


async def test_a_silent_reply_is_sent_nowhere_and_told_who_waits(tmp_path: Path) -> None:
    """Who floods a chat gets nothing there, again nothing for a repeat; a caller that waits gets the text."""
    peer = Peer()
    async with run_core(tmp_path, Scripted(silent=lambda message: True), peer) as core:
        await core.inbox.accept(message("刷屏", "m1"))
        await core.settle()
        await core.inbox.accept(message("刷屏", "m1"))
        waited = await core.inbox.receive(message("刷屏", "m2"))
        await core.settle()
    assert (peer.sent, waited.text) == ([], "re: 刷屏")


async def test_one_conversation_is_answered_in_order_and_one_at_a_time(tmp_path: Path) -> None:
    """A slow first answer is not overtaken by a fast second one."""
    peer, answerer = Peer(), Scripted(seconds=lambda m: 0.05 if m.id == "m0" else 0.0)
    async with run_core(tmp_path, answerer, peer) as core:
        for number in range(5):
            await core.inbox.accept(message(f"第{number}个问题是什么？", f"m{number}"))
        await core.settle()
    assert peer.texts() == [f"re: 第{number}个问题是什么？" for number in range(5)]
    assert answerer.most == 1


async def test_a_slow_user_delays_nobody_else(tmp_path: Path) -> None:
    """Other conversations are answered while one waits, at most `parallel` at once."""
    answerer = Scripted(seconds=lambda m: 5.0 if m.user == "slow" else 0.0)
    async with run_core(tmp_path, answerer, Peer(), parallel=2) as core:
        await core.inbox.accept(message("要很久的问题？", "s", "slow"))
        replies = [core.inbox.receive(message("快的问题？", f"m{user}", user)) for user in "abcdef"]
        answered = await asyncio.wait_for(asyncio.gather(*replies), 2.0)
    assert [reply.text for reply in answered] == ["re: 快的问题？"] * 6
    assert answerer.most == 2


async def test_a_flood_of_one_user_holds_nobody_up(tmp_path: Path) -> None:
    """With one slot for all, who asks once is answered after at most a few of another's two hundred messages."""
    peer, answerer = Peer(), Scripted(seconds=lambda m: 0.001)
    async with run_core(tmp_path, answerer, peer, parallel=1) as core:
        flood = (message(f"第{number}条刷屏的消息，占着位置不放？", f"f{number}", "flood") for number in range(200))
        await asyncio.gather(*(core.inbox.accept(one) for one in flood))
        await core.inbox.accept(message("我只问一句？", "m1", "calm"))
        await core.settle()
    order = [to for to, _ in peer.sent]
    assert len(order) == 201
    assert order.index("calm") < len(order) - 150


async def test_who_waits_long_sees_somebody_typing(tmp_path: Path) -> None:
    """On a platform that can show it, once, and not for a quick answer; a sign that fails harms nothing."""

    class Typing(Peer):
        typing = True
        shown: tuple[str, ...] = ()

        async def type(self, message: Message) -> None:
            self.shown += (message.id,)
            raise ConnectionError

    peer, answerer = Typing(), Scripted(seconds=lambda m: 1.2 if m.id == "slow" else 0.0)
    async with run_core(tmp_path, answerer, peer) as core:
        for name in ("quick", "slow"):
            await core.inbox.accept(message("怎么退货呢，请问？", name, name))
        await core.settle()
    assert peer.shown == ("slow",)
    assert len(peer.sent) == 2


async def test_kill_9_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """A service in a process of its own dies within a storm of messages, repeats and failing sends."""
    result = await Storm(tmp_path, 10, 3, kills=1).run()
    assert (result["lost"], result["doubled"], result["conversations out of order"]) == (0, 0, 0)


async def test_a_repeated_message_joins_the_answer_under_way(tmp_path: Path) -> None:
    """Three deliveries of one id give one answer and one send."""
    peer, answerer = Peer(), Scripted(seconds=lambda m: 0.05)
    async with run_core(tmp_path, answerer, peer) as core:
        tickets = await asyncio.gather(*(core.inbox.accept(message("在哪里退款？", "m1")) for _ in range(3)))
        await core.settle()
    assert len({id(ticket) for ticket in tickets}) == 1
    assert answerer.asked == ["在哪里退款？"]
    assert peer.texts() == ["re: 在哪里退款？"]


async def test_a_message_repeated_after_a_restart_gets_the_stored_reply(tmp_path: Path) -> None:
    """The ledger, not the memory, knows what was answered."""
    async with run_core(tmp_path, Scripted()) as core:
        first = await core.inbox.receive(message("在哪里退款？", "m1"))
    answerer = Scripted()
    async with run_core(tmp_path, answerer) as core:
        again = await core.inbox.receive(message("在哪里退款？", "m1"))
    assert (again.text, again.source, answerer.asked) == (first.text, Source.FAQ, [])


async def test_the_same_id_in_another_account_is_another_message(tmp_path: Path) -> None:
    """Ids are unique within platform and account, not beyond."""
    answerer = Scripted()
    async with run_core(tmp_path, answerer) as core:
        await core.inbox.receive(message("问题一是这个？", "m1"))
        await core.inbox.receive(replace(message("问题二是那个？", "m1"), account="other"))
    assert answerer.asked == ["问题一是这个？", "问题二是那个？"]


async def test_short_messages_in_a_row_are_one_question(tmp_path: Path) -> None:
    """A greeting, a subject and a question, sent as three, are asked and answered as one."""
    peer, answerer = Peer(), Scripted()
    async with run_core(tmp_path, answerer, peer, burst_seconds=0.3) as core:
        for number, text in enumerate(("你好", "我的订单", "怎么还没到？")):
            await core.inbox.accept(message(text, f"m{number}"))
            await asyncio.sleep(0.02)
        await core.settle()
        again = await core.inbox.accept(message("你好", "m0"))
    assert answerer.asked == ["你好\n我的订单\n怎么还没到？"]
    assert len(peer.sent) == 1
    assert again.reply.done(), "a repeat of a part is answered already"


async def test_a_newer_message_interrupts_an_answer_nobody_has_seen(tmp_path: Path) -> None:
    """The first question's work is given up, both are asked together, and both are in the ledger as answered."""
    peer, answerer = Peer(), Scripted(seconds=lambda m: 0.2)
    async with run_core(tmp_path, answerer, peer, burst_seconds=1.0) as core:
        await core.inbox.accept(message("这个可以退吗？", "m1"))
        await asyncio.sleep(0.05)
        await core.inbox.accept(message("已经拆封了。", "m2"))
        await core.settle()
        assert not await core.ledger.unanswered()
    assert answerer.asked == ["这个可以退吗？", "这个可以退吗？\n已经拆封了。"]
    assert peer.texts() == ["re: 这个可以退吗？\n已经拆封了。"]


async def test_callers_who_wait_get_replies_of_their_own(tmp_path: Path) -> None:
    """Bursts are for chat platforms; two requests by API are two answers."""
    async with run_core(tmp_path, Scripted(), burst_seconds=0.5) as core:
        asked = [core.inbox.receive(message(text, text)) for text in ("你好", "退款")]
        replies = await asyncio.wait_for(asyncio.gather(*asked), 0.4)
    assert [reply.text for reply in replies] == ["re: 你好", "re: 退款"]


def test_choices_commands_and_long_texts_stand_alone() -> None:
    """“2” after a list, “/help” and a whole paragraph are never joined; a full question is no fragment."""
    assert not any(may_join(message(text, "m")) for text in ("2", " b. ", "/help", "#人工", "很长" * 30))
    assert not may_join(message("", "m", kind=Kind.IMAGE))
    assert [is_fragment(message(text, "m")) for text in ("你好", "在吗？", "怎么修改收货地址")] == [True, False, False]
    joined = join([message("a", "m1"), message("b", "m2")])
    assert (joined.text, joined.id) == ("a\nb", "m2")


async def test_a_lone_greeting_is_answered_after_the_window(tmp_path: Path) -> None:
    """Waiting in vain costs the window once; then it is shorter for this user."""
    peer = Peer()
    async with run_core(tmp_path, Scripted(), peer, burst_seconds=0.2) as core:
        started = asyncio.get_running_loop().time()
        await core.inbox.accept(message("你好", "m1"))
        await core.settle()
        first = asyncio.get_running_loop().time() - started
        await core.inbox.accept(message("在吗", "m2"))
        await core.settle()
        second = asyncio.get_running_loop().time() - started - first
    assert peer.texts() == ["re: 你好", "re: 在吗"]
    assert first >= 0.2
    assert second < first


async def test_what_is_not_text_gets_a_word_of_its_own(tmp_path: Path) -> None:
    """An image is politely declined, a greeting greeted; a reader of images makes a question of them."""
    peer, answerer, phrases = Peer(), Scripted(), said()

    async def read(seen: Message) -> str:
        return f"text in {seen.media}"

    async with run_core(tmp_path, answerer, peer) as core:
        await core.inbox.accept(message("", "m1", kind=Kind.IMAGE))
        await core.inbox.accept(message("", "m2", kind=Kind.GREETING))
        await core.settle()
        core.inbox.media = {Kind.IMAGE: read}
        await core.inbox.accept(message("", "m3", kind=Kind.IMAGE, media="a.png"))
        await core.settle()
    assert peer.texts() == [phrases.say("got_image", "zh"), phrases.say("greeting", "zh"), "re: text in a.png"]
    assert answerer.asked == ["text in a.png"]


async def test_a_failure_is_an_apology_not_silence(tmp_path: Path) -> None:
    """An exception in the pipeline reaches the user as a polite phrase, and the next message is answered."""
    peer = Peer()
    async with run_core(tmp_path, Scripted(fails=lambda m: m.id == "m1"), peer) as core:
        await core.inbox.accept(message("会出错的问题？", "m1"))
        await core.inbox.accept(message("正常的问题？", "m2"))
        await core.settle()
    assert peer.texts() == [said().say("apology", "zh"), "re: 正常的问题？"]


async def test_work_left_behind_is_taken_up_at_the_next_start(tmp_path: Path) -> None:
    """Messages that were stored but not answered are answered, in order, by the next process."""
    peer = Peer()
    async with run_core(tmp_path, Scripted(seconds=lambda m: 60.0), peer) as core:
        for number in range(3):
            await core.inbox.accept(message(f"问题{number}是什么？", f"m{number}"))
    assert peer.sent == []
    async with run_core(tmp_path, Scripted(), peer) as core:
        await core.settle()
    assert peer.texts() == [f"re: 问题{number}是什么？" for number in range(3)]


async def test_without_a_ledger_callers_are_answered_and_platforms_refused(tmp_path: Path) -> None:
    """Who waits gets a reply all the same; a platform is not acknowledged, so that it delivers again."""
    async with run_core(tmp_path, Scripted(), Peer()) as core:
        for table in ("messages", "deliveries", "cursors"):
            with closing(sqlite3.connect(tmp_path / "z.db")) as connection:
                connection.execute(f"DROP TABLE {table}")
        assert (await core.inbox.receive(message("还在吗？", "m1"))).text == "re: 还在吗？"
        with pytest.raises(DatabaseUnavailable, match="messages"):
            await core.inbox.accept(message("还在吗？", "m2"))
        assert core.inbox.waiting == 0
