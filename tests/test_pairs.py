"""Two questions share an answer only when they mean the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.pairs import LONGEST, alike, judge, refusal
from faq.wording import read

SURE = 1.0  # a cosine that forbids nothing

SAME = [
    ("怎么查询开户行", "如何查开户行"),
    ("怎样删除交易记录", "交易记录怎么删除？"),
    ("请问退款多久到账", "退款要多久到账呢"),
    ("为什么不能登录", "为何不能登录啊"),
    ("一字千金什么意思", "一字千金是什么意思？"),
    ("忘记密碼怎麼辦", "忘记密码怎么办"),
    ("How do I reset my password?", "how to reset the password"),
]
DIFFERENT = [
    ("北京到上海多少钱", "上海到北京多少钱", "another order"),
    ("flights from Paris to Rome", "flights from Rome to Paris", "another order"),
    ("分3期手续费多少", "分6期手续费多少", "another number"),
    ("三个月免息吗", "六个月免息吗", "another number"),
    ("本月账单怎么查", "上月账单怎么查", "another number"),
    ("可以退货吗", "不可以退货吗", "negation"),
    ("can I return it", "can't I return it", "negation"),
    ("怎么开通花呗", "怎么关闭花呗", "the opposite"),
    ("怎么提前还款", "能提前还款吗", "another question"),
    ("我能看你的订单吗", "你能看我的订单吗", "another person"),
    ("蜜果园面膜怎么样", "花果园面膜怎么样", "another word"),
    ("不能上网能打电话", "能上网不能打电话", "negation"),
    ("小明喜欢小红吗", "小红喜欢小明吗", "another order"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_merges_what_only_words_of_no_weight_tell_apart(one: str, other: str) -> None:
    """Courtesy, particles, synonyms, script and a turned phrase do not make another question."""
    assert refusal(one, other) == ""
    assert judge(one, other, SURE).same


@pytest.mark.parametrize(("one", "other", "reason"), DIFFERENT)
def test_keeps_apart_what_similarity_cannot_see(one: str, other: str, reason: str) -> None:
    """However near the embeddings are, the gate names the difference, in either direction."""
    assert refusal(one, other) == reason
    assert refusal(other, one) == reason
    assert not judge(one, other, SURE).same


def test_asks_for_more_nearness_the_more_words_differ() -> None:
    """Equal words may be less near than words that differ."""
    assert judge("怎么退款到账", "怎么退款才到账", 0.88).same
    assert not judge("退款多久到账", "一般退款大概多久到账", 0.85).same
    assert judge("退款多久到账", "一般退款多久到账", 0.98).same
    assert judge("退款多久到账", "一般退款多久到账", 0.5).reason == "not near enough"


def test_asks_for_no_nearness_when_only_courtesy_differs() -> None:
    """The words are the same, whatever an embedding of so short a text says."""
    assert alike("怎么查开户行", "请问如何查开户行呢")
    assert judge("怎么查开户行", "请问如何查开户行呢", 0.5).same
    assert not alike("退款多久到账", "一般退款多久到账")
    assert not alike("怎么开通花呗", "怎么关闭花呗")


def test_never_merges_long_texts_that_differ() -> None:
    """A long text holds too much that must be equal; only the same text is the same."""
    long = "他出生在沃斯堡后来搬到蒙特雷并且在那里上学工作"
    assert len(long) > LONGEST
    assert refusal(long, long + "了") == "too long"
    assert refusal(long, long + "。") == ""


@given(st.text(max_size=40), st.text(max_size=40))
def test_is_symmetric_and_reflexive_for_any_text(one: str, other: str) -> None:
    """What is refused one way is refused the other way; a text is always itself."""
    assert refusal(one, other) == refusal(other, one)
    assert refusal(one, one) == ""


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_never_merges_other_numbers(one: int, other: int) -> None:
    """Every number counts."""
    assert (refusal(f"{one}元能分期吗", f"{other}元能分期吗") == "") == (one == other)


def test_reads_what_is_asked_in_one_writing() -> None:
    """The many ways to ask how become one."""
    assert {read(text).asked["怎"] for text in ("怎么退货", "如何退货", "怎样才能退货", "有什么办法退货")} == {1}
