"""Calculations as customers meet them: through the whole pipeline, beside the FAQ of a bank, with a history on disk."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.messages import Message, Reply, Source
from bot.database import Database
from bot.history import SqlHistory
from bot.pipeline import Pipeline
from bot.reload import Live
from bot.settings import Settings
from faq.embedding import Usem3Embedder

BANK = """\
knowledge_base: bank
title: 贷款
entries:
  - {id: repay, question: 怎么还款, variants: [如何还钱, 在哪里还款], answer: 打开账单，点「还款」。}
  - {id: each-month, question: 每月还多少, variants: [每个月要还多少钱, 月供在哪里看], answer: 账单里有每月应还的金额。}
  - {id: annuity, question: 等额本息怎么计算, variants: [等额本息是什么意思], answer: 每月还一样多。}
  - {id: hours, question: 你们几点上班, variants: [营业时间], answer: 九点到六点。}
"""
START = datetime(2026, 11, 22, 2, tzinfo=UTC)
LOAN = "贷款10万，年利率4.35%，每月还多少"


class Bank:
    """A bot over the bank's knowledge, its clock in our hands, that can be started again on the same database."""

    def __init__(self, settings: Settings, live: Live) -> None:
        self._settings, self._live = settings, live
        self._now, self._count = START, 0
        self._database: Database | None = None

    async def restart(self) -> None:
        """End the process, as it were: nothing is left but what is on disk."""
        if self._database is not None:
            await self._database.close()
        self._database = await Database.open(self._settings.database_url)

    async def say(self, text: str, after: timedelta = timedelta(minutes=1)) -> Reply:
        """The reply to the next message of one user, so long after the one before."""
        assert self._database is not None
        self._now, self._count = self._now + after, self._count + 1
        asked = Message("web", "", "c1", "u1", f"m{self._count}", text, self._now)
        reply = await Pipeline(self._live, SqlHistory(self._database, 6), self._settings).reply(asked)
        await self._database.write()  # as the inbox, which gives no reply before all is on disk
        return reply

    async def close(self) -> None:
        assert self._database is not None
        await self._database.close()


@pytest.fixture
async def bank(settings: Settings, embedder: Usem3Embedder, knowledge: Path) -> AsyncIterator[Bank]:
    """A bank that has just opened."""
    (knowledge / "orders.yaml").write_text(BANK, encoding="utf-8")
    opened = Bank(settings, Live(settings, embedder))
    await opened.restart()
    yield opened
    await opened.close()


@pytest.mark.parametrize("text", ["怎么还款", "每月还多少", "每月要还多少钱呀", "等额本息怎么算", "等额本息如何计算"])
async def test_a_question_without_values_is_the_faqs(bank: Bank, text: str) -> None:
    """A template may sound like it, and its own phrasing be 等额本息怎么算: the staff have an answer."""
    assert (await bank.say(text)).source in {Source.EXACT, Source.FAQ, Source.SUGGEST}


@pytest.mark.parametrize("text", ["10万3年利率4%怎么还", "贷款10万，年利率4%，分3年，每月还多少"])
async def test_a_question_with_its_values_is_computed(bank: Bank, text: str) -> None:
    """怎么还 and 每月还多少 are the words of entries; the values make it a calculation."""
    reply = await bank.say(text)
    assert (reply.source, reply.entry) == (Source.CALCULATION, "loan-annuity")
    assert 0.5 <= reply.score <= 1
    assert "2,952.40" in reply.text


async def test_what_is_missing_is_asked_also_after_a_restart(bank: Bank) -> None:
    """Every turn may meet another process; the form lies with the history."""
    assert "请问分多久还清" in (await bank.say(LOAN)).text
    await bank.restart()
    assert "2,967.99" in (await bank.say("3年")).text
    await bank.restart()
    assert "1,857.4" in (await bank.say("改成5年")).text
    assert "1,887.1" in (await bank.say("利率改成5%呢")).text


async def test_another_question_meanwhile_is_answered_and_the_form_offered_again(bank: Bank) -> None:
    """The value may come afterwards."""
    await bank.say(LOAN)
    aside = await bank.say("你们几点上班")
    assert aside.text == "九点到六点。\n\n刚才的计算还没完成：请问分多久还清？例如 3年或36期。"
    assert "2,967.99" in (await bank.say("36期")).text


async def test_another_calculation_meanwhile_is_computed(bank: Bank) -> None:
    """It takes the place of the form."""
    await bank.say(LOAN)
    assert (await bank.say("1.5公里是多少米")).text == "1.5公里 = 1500米"


async def test_start_over_asks_from_the_first_value(bank: Bank) -> None:
    """What was said is forgotten."""
    await bank.say(LOAN)
    assert "请问贷款金额是多少" in (await bank.say("重新开始")).text
    for value in ("20万", "4%"):
        await bank.say(value)
    assert "5,904.80" in (await bank.say("3年")).text


async def test_give_up_ends_the_form(bank: Bank) -> None:
    """Nothing is asked for any more."""
    await bank.say(LOAN)
    assert (await bank.say("算了")).text == "好的，不算了。"
    assert (await bank.say("你们几点上班")).text == "九点到六点。"


async def test_a_form_expires(bank: Bank) -> None:
    """After half an hour a value is only a number, and no reminder follows an answer."""
    await bank.say(LOAN)
    late = await bank.say("你们几点上班", after=timedelta(minutes=31))
    assert late.text == "九点到六点。"
    assert (await bank.say("3年")).source is not Source.CALCULATION


async def test_a_wrong_value_is_refused_in_a_sentence_and_asked_again(bank: Bank) -> None:
    """The good values stay."""
    await bank.say(LOAN)
    assert "最多应为 480" in (await bank.say("900年")).text
    assert "两个不同的值" in (await bank.say("3年还是5年")).text
    assert "2,967.99" in (await bank.say("3年")).text
