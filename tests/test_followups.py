"""What a short message means after the turns before it."""

from datetime import date

import pytest

from faq.asking import Asking
from faq.content import Entry
from faq.embedding import Usem3Embedder
from faq.followups import Asked, Rule, pick, resolve
from faq.matching import Band, Matcher
from faq.routing import Router
from tests.contents import content, entry

DAY = date(2026, 6, 1)
OFFERED = ("怎么退货？", "怎么换货？", "怎么退款？")
ENTRIES = {
    made.id: made
    for made in (
        entry("怎么申请信用卡", "我要办信用卡", id="apply"),
        entry("信用卡年费多少", "信用卡每年要交多少年费", id="fee"),
        entry("退款多久到账", "退的钱几天能收到", id="refund-time"),
        entry("提现多久到账", "提现几天能收到", id="withdraw-time"),
        entry("怎么申请退款", "我要退钱", id="refund"),
        entry("什么时候发货", "下单几天发货", id="delivery"),
        entry("How do I return an item?", id="return-en"),
        entry("How do I exchange an item?", id="exchange-en"),
        entry("好的", "谢谢", knowledge_base="chat", id="okay"),
    )
}


@pytest.mark.parametrize(
    "text",
    [
        *("2", "２", "②", "二", "第二个", "第2条", "选2", "我选第二个吧", "2.", "the second one", "怎么换货"),
        *("第二个怎么弄", "那第二个呢", "我想问第二个", "2 please", "number 2", "中间那个", "换货的那个"),
    ],
)
def test_a_suggestion_is_picked_by_place_or_by_its_words(text: str) -> None:
    """Digits of any width, ordinals, English, a word of it and the tapped text all pick the second one."""
    assert pick(text, OFFERED) == OFFERED[1]


def test_the_last_one_can_be_picked() -> None:
    """ "最后一个" is the last of however many."""
    assert pick("最后一个", OFFERED) == pick("last one", OFFERED[1:]) == pick("后面那个", OFFERED) == OFFERED[2]


@pytest.mark.parametrize(
    "text", ["4", "0", "第九个", "22", "2天", "", "？", "2024", "我要退货", "一个月", "怎么的那个"]
)
def test_anything_else_picks_nothing(text: str) -> None:
    """A number that was not offered, a quantity, a new question and a word of all of them are no pick."""
    assert pick(text, OFFERED) is None


def test_nothing_offered_nothing_picked() -> None:
    """Without suggestions a number is just a number."""
    assert pick("1", ()) is None


@pytest.fixture(scope="module")
def parts(embedder: Usem3Embedder) -> tuple[Matcher, Router]:
    """A shop with cards, learnt once."""
    shop = content(*ENTRIES.values())
    return Matcher.build(shop, embedder), Router.build(shop, embedder)


@pytest.fixture
def asking(parts: tuple[Matcher, Router]) -> Asking:
    """The shop, ready for one message."""
    return Asking(*parts, DAY)


def asked(*ids: str) -> list[Asked]:
    """The turns that these entries answered."""
    return [Asked(ENTRIES[id].question, ENTRIES[id]) for id in ids]


def found(question: str, asking: Asking) -> Entry:
    """The likeliest entry."""
    return asking.decide(question).matches[0].entry


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        ("apply", "那年费呢", "fee"),
        ("refund", "它多久到账", "refund-time"),
        ("refund", "那要几天到账", "refund-time"),
        ("refund-time", "那提现呢", "withdraw-time"),
        ("withdraw-time", "退款呢？", "refund-time"),
        ("return-en", "what about exchange?", "exchange-en"),
    ],
)
def test_a_follow_up_is_read_with_the_question_before_it(
    asking: Asking, before: str, question: str, expected: str
) -> None:
    """What is left out is what was spoken of; a topic takes the place of the other topic."""
    assert found(resolve(question, asked(before), asking).question, asking).id == expected


def test_a_topic_that_the_staff_wrote_of_is_certain_and_costs_one_match(asking: Asking) -> None:
    """The question with its topic replaced is looked up, not matched."""
    resolution = resolve("那提现呢", asked("refund-time"), asking)
    assert (resolution.rule, resolution.score, resolution.question) == (Rule.REPLACED, 1.0, "提现多久到账")
    assert asking.matched == 1


def test_a_short_question_that_is_likely_alone_is_not_read_with_the_one_before_it(asking: Asking) -> None:
    """It need not be sure enough to be answered."""
    before = [Asked("提现多久到账", ENTRIES["withdraw-time"])]
    assert resolve("申请下退款", before, asking).rule is Rule.ALONE
    assert asking.match("申请下退款").band is Band.SUGGEST
    assert asking.matched == 1


def test_what_is_offered_for_a_topic_is_not_narrowed_by_the_question_before(asking: Asking) -> None:
    """Only an answer takes its place: nobody who says 信用卡 has said that it is about the fee."""
    assert asking.match("信用卡").band is Band.SUGGEST
    assert resolve("信用卡", asked("refund-time"), asking).rule is Rule.ALONE


def test_small_talk_between_does_not_lose_the_thread(asking: Asking) -> None:
    """After 好的 a message still leans on the question before that."""
    resolution = resolve("那年费呢", asked("apply", "okay"), asking)
    assert found(resolution.question, asking).id == "fee"
    assert asking.matched <= 3


@pytest.mark.parametrize(
    "question", ["什么时候发货", "谢谢", "How do I return an item?", "我上周五在你们店里买了一双鞋子"]
)
def test_a_message_complete_by_itself_is_not_even_matched(asking: Asking, question: str) -> None:
    """What the staff wrote, and what is long and points nowhere, costs nothing."""
    assert resolve(question, asked("apply"), asking).rule is Rule.ALONE
    assert asking.matched == 0


@pytest.mark.parametrize("question", ["那年费呢", "谢谢", "", "呢", "那"])
def test_without_turns_or_words_nothing_is_resolved(asking: Asking, question: str) -> None:
    """A message is itself when nothing was said before; what is empty leans on nothing."""
    assert resolve(question, [], asking).question == question
    assert resolve(question if question != "那年费呢" else "", asked("apply"), asking).rule is Rule.ALONE


@pytest.mark.parametrize("question", ["红烧肉怎么做好吃", "今晚吃什么", "哈哈哈"])
def test_what_nobody_taught_does_not_become_a_question_before(asking: Asking, question: str) -> None:
    """Together with the question before it is still nothing but that question."""
    assert resolve(question, asked("refund"), asking).rule is Rule.ALONE


def test_a_turn_without_an_answer_lends_its_own_words(asking: Asking) -> None:
    """What the user said first and what is added make one question."""
    resolution = resolve("要几天", [Asked("退款到账")], asking)
    assert found(resolution.question, asking).id == "refund-time"
