"""Where a message parts into several questions, and where it does not."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.asking import Asking
from faq.embedding import Usem3Embedder
from faq.followups import Asked
from faq.matching import Band, Matcher
from faq.questions import part
from faq.routing import Router
from faq.text import LIMIT
from tests.contents import content, entry

DAY = date(2026, 6, 1)
APPLY = entry("怎么申请信用卡", "我要办信用卡", id="apply")
SHOP = content(
    APPLY,
    entry("信用卡年费多少", "信用卡每年要交多少年费", id="fee"),
    entry("什么时候发货", "下单几天发货", id="delivery"),
    entry("没收到货，怎么申请退款", "我要退钱", id="refund"),
    entry("退货和换货有什么区别", id="difference"),
    entry("怎么退货", id="return"),
    entry("How do I return an item?", id="return-en"),
    entry("Where is my parcel?", id="track-en"),
)


@pytest.fixture(scope="module")
def learnt(embedder: Usem3Embedder) -> tuple[Matcher, Router]:
    """A small shop, learnt once."""
    return Matcher.build(SHOP, embedder), Router.build(SHOP, embedder)


@pytest.fixture
def asking(learnt: tuple[Matcher, Router]) -> Asking:
    """The shop, ready for one message."""
    return Asking(*learnt, DAY)


def ids(message: str, asking: Asking) -> list[str]:
    """The entries of the parts, "" for a part without one."""
    return [one.entry.id if one.entry else "" for one in part(message, (), asking)]


@pytest.mark.parametrize(
    "message",
    [
        "怎么申请信用卡？什么时候发货？",
        "怎么申请信用卡，什么时候发货",
        "怎么申请信用卡还有什么时候发货",
        "你好，请问怎么申请信用卡？另外什么时候发货？谢谢！",
        "1. 怎么申请信用卡 2. 什么时候发货",
        "问两个问题：第一，怎么申请信用卡；第二，什么时候发货",
        "怎么申请信用卡\n什么时候发货",
        "怎么申请信用卡 什么时候发货",
        "怎么申请信用卡和什么时候发货",
        "怎么申请信用卡/什么时候发货",
    ],
)
def test_several_questions_are_parted(asking: Asking, message: str) -> None:
    """At marks, line breaks, numbers, connectives and commas; courtesies are no question."""
    assert ids(message, asking) == ["apply", "delivery"]


def test_english_questions_are_parted(asking: Asking) -> None:
    """ "and also" is a connective."""
    assert ids("How do I return an item? And where is my parcel?", asking) == ["return-en", "track-en"]
    assert ids("How do I return an item and also where is my parcel", asking) == ["return-en", "track-en"]


@pytest.mark.parametrize(
    "message",
    [
        *("没收到货，怎么申请退款？", "退货和换货有什么区别", "怎么退货", "怎么退货？急！", "在吗？怎么退货"),
        *(
            "怎么申请信用卡？我要办信用卡",
            "你好。怎么申请信用卡",
            "我买了鞋子，怎么退货",
            "",
            "？？？",
            "。\n。",
            "1. 2. 3.",
        ),
        "How do I return an item? What now?",
    ],
)
def test_one_question_stays_whole(asking: Asking, message: str) -> None:
    """A written phrasing, one question in two wordings, a greeting and a story are one question or none."""
    assert part(message, (), asking) == ()


def test_a_part_leans_on_the_part_before_it(asking: Asking) -> None:
    """ "年费多少" after the card is the fee of the card."""
    assert ids("怎么申请信用卡？年费呢？", asking) == ["apply", "fee"]


def test_the_first_part_leans_on_the_turn_before(asking: Asking) -> None:
    """Follow-ups may come two at a time."""
    found = part("那年费呢？还有什么时候发货？", [Asked(APPLY.question, APPLY)], asking)
    assert [one.entry.id if one.entry else "" for one in found] == ["fee", "delivery"]


def test_a_part_that_nobody_taught_stays_a_part(asking: Asking) -> None:
    """What plainly asks is told apart even without an answer, so that the bot can say so."""
    found = part("怎么申请信用卡？火星上的天气怎么样？", (), asking)
    assert [one.decision.band is Band.ANSWER for one in found] == [True, False]
    assert found[1].said == "火星上的天气怎么样"


def test_a_message_of_many_parts_is_a_text(asking: Asking) -> None:
    """Nobody asks twenty questions; a long text is not taken apart, and not one match is spent."""
    assert part("怎么申请信用卡？什么时候发货？" * 10, (), asking) == ()
    assert part("怎么退货？" * LIMIT, (), asking) == ()
    assert asking.matched == 0


@settings(max_examples=30, deadline=None)
@given(text=st.text(alphabet="怎么退货和发? ，。\n1.aé", max_size=40))
def test_any_text_parts_into_distinct_questions_or_none(learnt: tuple[Matcher, Router], text: str) -> None:
    """Whatever arrives: none or two to five parts, one of them answered, at most three matches a part."""
    asking = Asking(*learnt, DAY)
    found = part(text, (), asking)
    assert not found or 2 <= len(found) <= 5
    assert not found or any(one.decision.band is Band.ANSWER for one in found)
    assert asking.matched <= 1 + 3 * 5


def test_what_leads_up_to_a_question_is_not_asked_by_itself(asking: Asking) -> None:
    """A clause that tells and one that asks ("没收到货，怎么申请信用卡") are one question, and cost one match."""
    assert part("没收到货，怎么申请信用卡", (), asking) == ()
    assert asking.matched == 1
