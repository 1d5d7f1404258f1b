"""The path of a message, from text to reply, over real content, real matching and a real history."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.messages import Message, Reply, Source
from bot.database import Database, DatabaseUnavailable
from bot.history import History, MemoryHistory, SqlHistory, Turn
from bot.pipeline import Pipeline
from bot.reload import Live
from bot.settings import Settings
from faq.embedding import Usem3Embedder
from policies.limits import Limits, Rates
from tests.test_api_garbage import nasty_strings

RULES = """\
category: test
title: 测试
in: block
out: block
reply: 请换个话题。
words: [赌博网站]
"""


def message(text: str, **changes: object) -> Message:
    """A message of one user of the web page."""
    plain = Message("web", "", "c1", "u1", "m1", text, datetime(2026, 11, 22, tzinfo=UTC))
    return replace(plain, **changes)  # type: ignore[arg-type]


class Bot:
    """A pipeline with what it stands on at hand."""

    def __init__(self, settings: Settings, embedder: Usem3Embedder, history: History | None = None) -> None:
        self.live = Live(settings, embedder)
        self.history = history or MemoryHistory()
        self.pipeline = Pipeline(self.live, self.history, settings)

    async def reply(self, text: str, **changes: object) -> Reply:
        """The reply to one message."""
        return await self.pipeline.reply(message(text, **changes))


@pytest.fixture
def bot(settings: Settings, embedder: Usem3Embedder) -> Bot:
    """A bot on the small knowledge base."""
    return Bot(settings, embedder)


@pytest.mark.parametrize("text", ["怎么查物流？", "怎麼查物流", "  怎么查物流 ！", "HOW do I track MY order?"])
async def test_a_phrasing_of_the_staff_is_answered_word_for_word(bot: Bot, text: str) -> None:
    """Case, width, script, spaces and punctuation do not matter; the score is certainty."""
    reply = await bot.reply(text)
    assert reply.source is Source.EXACT
    assert reply.score == 1.0
    assert reply.text in {"打开「我的订单」，点「查看物流」。", "Open My Orders and choose Track."}


async def test_another_wording_is_matched(bot: Bot) -> None:
    """What the staff did not write, but means the same, is answered or offered, never invented."""
    reply = await bot.reply("快递到哪里了呀")
    assert (reply.knowledge_base, reply.entry) == ("orders", "track")
    assert reply.source in {Source.FAQ, Source.SUGGEST}
    assert reply.evidence[0].entry == "track"
    assert reply.evidence[0].score == reply.score


async def test_each_platform_hears_its_own_answer(bot: Bot) -> None:
    """`answers:` of the entry wins over `answer:`."""
    assert (await bot.reply("怎么查物流", platform="wechat")).text == "回复「物流」即可查看。"


async def test_a_number_picks_a_suggestion(bot: Bot) -> None:
    """After 您是不是想问, "2" means the second question; the tapped text means itself."""
    offered = ("怎么取消订单？", "怎么开发票？")
    asked = Turn(
        "web//c1", "web", "u1", "m0", "订单？", "您是不是想问", "suggest", "", "", 0.5, offered, datetime.now(UTC)
    )
    await bot.history.append(asked)
    assert (await bot.reply("2")).entry == "invoice"
    await bot.history.append(asked)
    assert (await bot.reply("怎么取消订单？")).entry == "cancel"


MONEY = """\
knowledge_base: money
title: 钱
entries:
  - {id: refund-time, question: 退款多久到账？, answer: 三天。}
  - {id: withdraw-time, question: 提现多久到账？, answer: 两小时。}
  - {id: withdraw, question: 怎么提现？, answer: 点「提现」。}
"""


@pytest.mark.parametrize(("minutes", "rule"), [(1, "replaced"), (31, "alone")])
async def test_a_follow_up_leans_on_the_question_just_before(
    settings: Settings, embedder: Usem3Embedder, minutes: int, rule: str
) -> None:
    """ "那退款呢" means 退款多久到账 after 提现多久到账, but not half an hour later; the trace names the rule alone."""
    (settings.content.knowledge / "money.yaml").write_text(MONEY, encoding="utf-8")
    bot = Bot(settings, embedder)
    await bot.reply("提现多久到账")
    reply = await bot.reply("那退款呢", received=datetime(2026, 11, 22, tzinfo=UTC) + timedelta(minutes=minutes))
    assert next(step.detail for step in reply.trace if step.name == "resolve")["rule"] == rule
    assert (reply.text == "三天。") == (rule == "replaced")
    assert "退款" not in repr([step.detail for step in reply.trace])


async def test_several_questions_are_answered_one_by_one(bot: Bot) -> None:
    """Each answer follows its question; the first names the entry, the evidence names all."""
    reply = await bot.reply("怎么查物流？还有怎么开发票？")
    assert reply.text == (
        "【怎么查物流？】\n打开「我的订单」，点「查看物流」。\n\n【怎么开发票？】\n在订单详情页点「申请发票」。"
    )
    assert (reply.source, reply.score, reply.entry) == (Source.EXACT, 1.0, "track")
    assert [candidate.entry for candidate in reply.evidence] == ["track", "invoice"]


async def test_the_part_that_nobody_taught_is_declined(bot: Bot) -> None:
    """What is known is answered, and the user hears that the rest is not."""
    reply = await bot.reply("怎么查物流？火星上几点下雨？")
    answer, rest = reply.text.split("\n\n")
    assert answer.startswith("【怎么查物流？】")
    assert rest.startswith("抱歉，其余的问题")
    assert reply.source is Source.FAQ


async def test_a_number_without_a_suggestion_picks_nothing(bot: Bot) -> None:
    """ "2" out of the blue is not an answer to anything."""
    assert (await bot.reply("2")).source is Source.NONE


async def test_a_suggestion_is_numbered_and_remembered(bot: Bot) -> None:
    """What is offered is what the next message can pick from."""
    for text in ("订单", "订单取消", "发票 订单", "包裹"):
        reply = await bot.reply(text)
        if reply.source is Source.SUGGEST:
            break
    assert reply.source is Source.SUGGEST
    assert reply.text.splitlines()[1] == f"1. {reply.suggestions[0]}"
    turn = (await bot.history.recent("web//c1", 1))[0]
    assert turn.suggestions == reply.suggestions


@pytest.mark.parametrize(("text", "start"), [("今天股市涨了吗", "抱歉"), ("what is quantum gravity", "Sorry")])
async def test_what_nobody_taught_is_not_answered(bot: Bot, text: str, start: str) -> None:
    """It says so, in the user's language."""
    reply = await bot.reply(text)
    assert reply.source is Source.NONE
    assert reply.text.startswith(start)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b\u200b"])
async def test_an_empty_message_is_answered_politely(bot: Bot, text: str) -> None:
    """Nothing asked, nothing guessed."""
    reply = await bot.reply(text)
    assert reply.source is Source.NONE
    assert reply.text.startswith(("请输入", "抱歉"))


@pytest.mark.parametrize(
    "text", ["😀" * 50, "\u202eلماذا\u202c", "。" * 1000, "a" * 100_000, "退" * 20_000, "\x00\x01\x02"]
)
async def test_strange_messages_are_answered_politely(bot: Bot, text: str) -> None:
    """Emoji, other scripts, control characters and 100 kB of one letter end in a reply."""
    assert (await bot.reply(text)).text


async def test_every_step_leaves_its_time_and_no_text(bot: Bot) -> None:
    """The trace tells why, without what was said."""
    reply = await bot.reply("快递到哪里了呀")
    assert [step.name for step in reply.trace] == [
        *("recall", "screen in", "read", "resolve", "exact", "calculate", "route", "match"),
        *("screen out", "remember"),
    ]
    assert all(step.ms >= 0 for step in reply.trace)
    assert "快递" not in repr([step.detail for step in reply.trace])


async def test_turns_are_remembered_as_they_were_said(bot: Bot) -> None:
    """Question, answer, source, entry and score are in the history."""
    reply = await bot.reply("怎么查物流")
    turn = (await bot.history.recent("web//c1", 1))[0]
    assert (turn.question, turn.answer, turn.source, turn.entry, turn.score) == (
        *("怎么查物流", reply.text, "exact", "track", 1.0),
    )


async def test_text_is_emitted_once_it_may_be_shown(bot: Bot) -> None:
    """A streaming caller gets exactly the reply's text."""
    heard: list[str] = []

    async def emit(text: str) -> None:
        heard.append(text)

    reply = await bot.pipeline.reply(message("怎么查物流"), emit)
    assert "".join(heard) == reply.text


class LostHistory(MemoryHistory):
    """A history whose database is gone."""

    async def recent(self, thread: str, limit: int) -> list[Turn]:
        """Fail."""
        raise DatabaseUnavailable("gone")

    def append(self, turn: Turn) -> asyncio.Future[bool]:
        """Fail."""
        lost: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        lost.set_exception(DatabaseUnavailable("gone"))
        return lost


async def test_a_lost_history_does_not_cost_the_answer(settings: Settings, embedder: Usem3Embedder) -> None:
    """Without its database the bot still answers; the operator is told what failed."""
    with capture_logs() as logs:
        reply = await Bot(settings, embedder, LostHistory()).reply("怎么查物流")
        await asyncio.sleep(0)
    assert reply.source is Source.EXACT
    assert [step.name for step in reply.trace if step.detail.get("failed")] == ["recall"]
    assert [line["event"] for line in logs] == ["history not readable", "history not writable"]


@pytest.fixture
def ruled(settings: Settings, embedder: Usem3Embedder, tmp_path: Path) -> Bot:
    """A bot whose rules are the test's own, with an answer that breaks one."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "test.yaml").write_text(RULES, encoding="utf-8")
    (settings.content.knowledge / "bad.yaml").write_text(
        "knowledge_base: bad\ntitle: 坏\nentries:\n  - {id: oops, question: 晚上玩什么, answer: 去赌博网站看看}\n",
        encoding="utf-8",
    )
    content = settings.content.model_copy(update={"rules": rules})
    return Bot(settings.model_copy(update={"content": content}), embedder)


async def test_what_may_not_be_asked_is_not_answered(ruled: Bot) -> None:
    """The rule's own words go back; nothing after the filter runs."""
    reply = await ruled.reply("有没有赌博网站")
    assert (reply.source, reply.text) == (Source.BLOCKED, "请换个话题。")
    assert "match" not in {step.name for step in reply.trace}


async def test_what_may_not_be_said_is_withheld(ruled: Bot) -> None:
    """Not even an answer that the staff wrote passes the filter on the way out."""
    reply = await ruled.reply("晚上玩什么")
    assert reply.source is Source.BLOCKED
    assert "赌博" not in reply.text


async def test_nasty_strings_end_in_a_reply_and_a_turn(settings: Settings, embedder: Usem3Embedder) -> None:
    """Whatever arrives, a reply goes back and the history keeps it, in SQLite too."""
    database = await Database.open(settings.database_url)
    history = SqlHistory(database, 6)
    bot = Bot(settings, embedder, history)
    for number, text in enumerate(nasty_strings()):
        whole = text.encode("utf-8", "ignore").decode()  # the ways in refuse half a character
        assert (await bot.reply(whole, id=str(number))).text
    assert len(await history.recent("web//c1", 1000)) == len(nasty_strings())
    await database.close()


async def test_who_sends_too_much_hears_so_once(settings: Settings, embedder: Usem3Embedder) -> None:
    """The first message over the limit is answered politely, the next ones are silent; others are not affected."""
    bot = Bot(settings, embedder)
    bot.pipeline = Pipeline(bot.live, bot.history, settings, Limits(Rates(user=1, same=0)))
    replies = [await bot.reply("怎么开发票", id=str(number)) for number in range(6)]
    assert [reply.source for reply in replies] == [Source.EXACT] * 3 + [Source.BLOCKED] * 3
    assert [reply.silent for reply in replies] == [False] * 4 + [True] * 2
    assert replies[3].text.startswith("您发得有点快")
    assert (await bot.reply("怎么开发票", user="u2", conversation="c2")).source is Source.EXACT
    assert len(await bot.history.recent("web//c1", 99)) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [("100的15%是多少", "15"), ("1.5公里是多少米", "1500"), ("(12.5+3)*4等于多少", "62")],
)
async def test_what_can_be_computed_is_computed(bot: Bot, text: str, said: str) -> None:
    """No model, no entry: a template, and its working in the trace."""
    reply = await bot.reply(text)
    assert reply.source is Source.CALCULATION
    assert said in reply.text.replace(",", "")
    assert next(step.detail["template"] for step in reply.trace if step.name == "calculate") == reply.entry


async def test_a_calculation_asks_and_waits_for_what_is_missing(settings: Settings, embedder: Usem3Embedder) -> None:
    """Another question meanwhile is answered, then the value is asked for again; a restart in between loses nothing."""
    for text in ("贷款10万，年利率4.35%，每月还多少", "怎么开发票"):
        database = await Database.open(settings.database_url)
        reply = await Bot(settings, embedder, SqlHistory(database, 6)).reply(text)
        await database.close()
    assert "申请发票" in reply.text
    assert "请问分多久还清？" in reply.text
    database = await Database.open(settings.database_url)
    history = SqlHistory(database, 6)
    bot = Bot(settings, embedder, history)
    paid = await bot.reply("3年")
    assert paid.source is Source.CALCULATION
    assert "2,967.99" in paid.text
    changed = await bot.reply("改成5年")
    assert "1,857.4" in changed.text
    await database.close()


async def test_a_word_problem_is_never_answered_by_an_entry(bot: Bot) -> None:
    """A computation without a template is refused, not guessed."""
    reply = await bot.reply("小明有12个苹果，给了小红5个，又买了8个，现在一共有多少个苹果？")
    assert reply.source is Source.NONE
