"""What is read off the surface of a question."""

import pytest

from faq.language import kinds, negated, numbers, numbers_clash, opposed, opposites, sound


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("为什么扣款", "why"),
        ("多久到账", "when"),
        ("手续费多少", "amount"),
        ("入口在哪里", "where"),
        ("能不能提前还", "may"),
        ("有没有影响", "whether"),
        ("需要什么材料", "what"),
        ("如何退货", "how"),
        ("how much is it", "amount"),
    ],
)
def test_the_kind_of_a_question(text: str, kind: str) -> None:
    """Question words name the kind."""
    assert kind in kinds(text)


def test_a_denial_is_seen_and_two_are_none() -> None:
    """不 alone denies; 不同 does not, and two denials cancel."""
    assert negated("收不到验证码")
    assert not negated("有什么不同")
    assert not negated("不能不还")


@pytest.mark.parametrize(
    "text", ["能不能退", "有没有优惠", "可以吃不", "到账了没", "能否退货", "是否收费", "别人用了我的号"]
)
def test_what_asks_either_way_denies_nothing(text: str) -> None:
    """能不能 is 能吗; 别人 and 区别 forbid nothing."""
    assert not negated(text)
    assert negated(f"不要{text}")


@pytest.mark.parametrize(
    ("one", "other"), [("怎么开通会员", "怎么取消会员"), ("提高额度", "降低额度"), ("login", "logout")]
)
def test_opposites_are_opposed(one: str, other: str) -> None:
    """One has a word, the other its opposite."""
    assert opposed(opposites(one), opposites(other))
    assert not opposed(opposites(one), opposites(one))


def test_numbers_are_read_with_their_units() -> None:
    """Digits with or without a unit, Chinese numerals only with one."""
    assert numbers("满12分要三十天和2.50元") == {("12", "分"), ("30", "天"), ("2.5", "元")}
    assert numbers("一般怎么办") == frozenset()


def test_numbers_clash_in_one_unit_only() -> None:
    """3天 is not 30天; 3天 and 30元 have nothing to do with one another."""
    assert numbers_clash(numbers("3天到账"), numbers("30天到账"))
    assert not numbers_clash(numbers("3天到账"), numbers("三天到账"))
    assert not numbers_clash(numbers("3天到账"), numbers("30元"))


def test_homophones_sound_alike() -> None:
    """充植 sounds like 充值."""
    assert sound("充植") == sound("充值") == "chong zhi"
