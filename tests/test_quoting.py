"""What a message quotes is what it leans on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.messages import Message, Reply, Source
from bot.history import MemoryHistory, Turn
from bot.inquiring import inquire
from bot.pipeline import Pipeline
from bot.quoting import quoted_turn
from bot.reload import Live
from bot.settings import Settings
from faq.embedding import Usem3Embedder
from policies.privacy import Vault

SAID = Message("wechaty", "shop", "g/u1", "u1", "m1", "", datetime(2026, 11, 22, 8, 0, tzinfo=UTC))


def turns(*pairs: tuple[str, str]) -> Sequence[Turn]:
    """Questions and their answers."""
    return [Turn.of(replace(SAID, text=asked), Reply(told, Source.FAQ)) for asked, told in pairs]


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("客服：打开「我的订单」，点「查看物流」。", 0),
        ("打开「我的订单」，点…", 0),
        ("客服：在订单详情页\n点「申请发票」。", 1),
        ("小李：怎么开发票？", 1),
        ("小李：明天放假吗", None),
        ("的…", None),
        ("", None),
    ],
)
def test_the_turn_that_is_quoted(quote: str, expected: int | None) -> None:
    """By its answer or its question, cut or broken differently, with the speaker's name or without."""
    said = turns(
        ("怎么查物流？", "打开「我的订单」，点「查看物流」。"), ("怎么开发票？", "在订单详情页点「申请发票」。")
    )
    assert quoted_turn(quote, said) is (None if expected is None else said[expected])


async def test_a_question_leans_on_what_it_quotes(settings: Settings, embedder: Usem3Embedder) -> None:
    """Not on the last turn: on the one that is quoted, or on another member's words."""
    pipeline = Pipeline(Live(settings, embedder), MemoryHistory(), settings)
    first = await pipeline.reply(replace(SAID, text="怎么查物流？"))
    await pipeline.reply(replace(SAID, id="m2", text="怎么开发票？"))
    later = replace(SAID, text="再说一遍，那个怎么弄？", received=SAID.received + timedelta(hours=1))
    quotes = {"客服：" + first.text: "怎么查物流？", "小李：怎么取消订单？": "怎么取消订单？"}
    for number, (quote, meant) in enumerate(quotes.items()):
        case = pipeline._open(replace(later, id=f"q{number}", quote=quote))
        await pipeline._recall(case)
        assert [asked.question for asked in case.before] == [meant]
        told = [(turn.question, turn.answer) for turn in inquire(case, Vault(())).turns]
        assert told == [(meant, first.text if quote.startswith("客服") else "")]
    case = pipeline._open(later)
    await pipeline._recall(case)
    assert case.before == () == inquire(case, Vault(())).turns
