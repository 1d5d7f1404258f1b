"""What a short message means after the turns before it."""

import pytest

from faq.followups import pick

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
