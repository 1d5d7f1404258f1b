"""What a short message means after the turns before it."""

from datetime import date

import pytest

from faq.embedding import Usem3Embedder
from faq.followups import pick, resolve, several, split
from faq.matching import Matcher
from faq.text import normalise
from tests.contents import content, entry

DAY = date(2026, 6, 1)
OFFERED = ("怎么退货？", "怎么换货？", "怎么退款？")


@pytest.mark.parametrize(
    "text", ["2", "２", "②", "二", "第二个", "第2条", "选2", "我选第二个吧", "2.", "the second one", "怎么换货"]
)
def test_a_suggestion_is_picked_by_number_or_by_its_text(text: str) -> None:
    """Digits of any width, ordinals, English and the tapped text all pick the second one."""
    assert pick(text, OFFERED) == OFFERED[1]


def test_the_last_one_can_be_picked() -> None:
    """ "最后一个" is the last of however many."""
    assert pick("最后一个", OFFERED) == pick("last one", OFFERED[1:]) == OFFERED[2]


@pytest.mark.parametrize("text", ["4", "0", "第九个", "22", "2天", "第二个怎么弄", "", "？", "2024", "我要退货"])
def test_anything_else_picks_nothing(text: str) -> None:
    """A number that was not offered, a quantity and a new question are no pick."""
    assert pick(text, OFFERED) is None


def test_nothing_offered_nothing_picked() -> None:
    """Without suggestions a number is just a number."""
    assert pick("1", ()) is None


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    """A shop with cards."""
    return Matcher.build(
        content(
            entry("怎么申请信用卡", "我要办信用卡", id="apply"),
            entry("信用卡年费多少", "信用卡每年要交多少年费", id="fee"),
            entry("退款多久到账", "退的钱几天能收到", id="refund-time"),
            entry("怎么申请退款", "我要退钱", id="refund"),
            entry("什么时候发货", "下单几天发货", id="delivery"),
        ),
        Usem3Embedder(),
    )


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        ("怎么申请信用卡", "那年费呢", "fee"),
        ("怎么申请退款", "它多久到账", "refund-time"),
        ("怎么申请退款", "那要几天到账", "refund-time"),
    ],
)
def test_a_follow_up_is_read_with_the_question_before_it(
    matcher: Matcher, before: str, question: str, expected: str
) -> None:
    """What is left out is what was spoken of."""
    resolved = resolve(question, [before], matcher, DAY)
    assert resolved.decision.matches[0].entry.id == expected


def test_a_question_that_stands_alone_stays_alone(matcher: Matcher) -> None:
    """The turns before never spoil a clear question, and without turns nothing is joined."""
    clear = resolve("下单以后几天发货呀", ["怎么申请信用卡"], matcher, DAY)
    assert (clear.followed, clear.decision.matches[0].entry.id) == (False, "delivery")
    assert not resolve("那年费呢", [], matcher, DAY).followed


def test_several_questions_are_parted_and_answered_each(matcher: Matcher) -> None:
    """Two questions in one message have two decisions; the same one twice has one."""
    parts = several("怎么申请信用卡？什么时候发货？", matcher, DAY)
    assert [decision.matches[0].entry.id for _, decision in parts] == ["apply", "delivery"]
    assert len(several("怎么申请信用卡？我要办信用卡", matcher, DAY)) == 1
    assert len(several("你好。怎么申请信用卡", matcher, DAY)) == 1


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("怎么退货", 1),
        ("怎么退货？多久到账？", 2),
        ("在吗？怎么退货", 1),
        ("怎么退货\n怎么换货\n谢谢", 2),
        ("？？？", 1),
        ("", 1),
    ],
)
def test_a_message_is_parted_where_a_question_ends(text: str, parts: int) -> None:
    """A greeting and thanks are no question of their own, and nothing of the text is lost."""
    found = split(text)
    assert len(found) == parts
    assert normalise("".join(found)) == normalise(text)
