"""faq.deep_lint: what is odd in content as far as only matching shows."""

from datetime import date, timedelta

from faq.content import Content, Entry
from faq.deep_lint import lint_deep, lint_examples
from faq.embedding import Usem3Embedder
from faq.matching import Matcher
from faq.routing import Router
from tests.contents import content, entry

DAY = date(2026, 6, 1)
LONG_AGO = (None, date(2026, 1, 1))


def found(embedder: Usem3Embedder, *entries: Entry) -> list[str]:
    """Give all problems as printed."""
    taught = content(*entries)
    return [str(problem) for problem in lint_deep(taught, Matcher.build(taught, embedder), DAY)]


def failed(embedder: Usem3Embedder, taught: Content, *, routed: bool = False) -> list[str]:
    """Give the examples that fail, as printed."""
    router = Router.build(taught, embedder) if routed else None
    return [str(problem) for problem in lint_examples(taught, Matcher.build(taught, embedder), DAY, router)]


def test_clean_content_has_no_problems(embedder: Usem3Embedder) -> None:
    """Entries that mean different things stand in nobody's way."""
    clean = (entry("怎么退货", "我想退货", examples=("我要退货",)), entry("多久发货"), entry("怎么修改登录密码"))
    assert found(embedder, *clean) == []


def test_the_same_question_with_the_same_answer_is_to_be_merged(embedder: Usem3Embedder) -> None:
    """A pair is told once, with both places."""
    (told,) = found(
        embedder,
        entry("怎么重置登录密码呢", id="a", answer="点忘记。", line=3),
        entry("怎么重置登录密码啊", id="b", answer="点「忘记」", line=9),
    )
    assert told.startswith("shop.yaml:")
    assert "shop.yaml:3" in told
    assert "shop.yaml:9" in told
    assert told.endswith("with the same answer; make one entry of the two")


def test_the_same_question_with_another_answer_is_a_conflict(embedder: Usem3Embedder) -> None:
    """It is a warning, for the content can be served; either remedy it names makes it go away."""
    first, second = "怎么重置登录密码呢", "怎么重置登录密码啊"
    (told,) = found(embedder, entry(first, id="a"), entry(second, id="b"))
    assert ": warning: " in told
    assert "which answers differently; give both one answer, or write each into the negatives of the other" in told
    apart = (entry(first, id="a", negatives=(second,)), entry(second, id="b", negatives=(first,)))
    assert found(embedder, *apart) == []


def test_an_entry_that_does_not_answer_today_is_in_nobodys_way(embedder: Usem3Embedder) -> None:
    """Last year's answer to the same question is told as expired and as nothing else."""
    old = entry("怎么重置登录密码呢", id="old", valid=LONG_AGO, examples=("密码怎么重置",))
    (told,) = found(embedder, old, entry("怎么重置登录密码啊", id="new"))
    assert "old expired on 2026-01-01" in told


def test_a_phrasing_under_the_wrong_entry_is_found(embedder: Usem3Embedder) -> None:
    """A variant that belongs to its neighbour is named with its neighbour."""
    told = found(
        embedder,
        entry("怎么退货", "我想退货", "我想修改登录密码", id="return"),
        entry("怎么修改登录密码", "修改登录密码", id="password", line=8),
    )
    assert told == [
        "shop.yaml:1: warning: '我想修改登录密码' is nearer to '修改登录密码' of password (shop.yaml:8) "
        "than to the rest of return; move it there, or reword it"
    ]


def test_an_entry_that_is_reached_word_for_word_only_is_found(embedder: Usem3Embedder) -> None:
    """When all that is like an entry is answered by another, the entry itself is told, not each phrasing."""
    told = found(
        embedder,
        entry("会员到期了怎么办呢", "怎么开发票呢", id="shadowed"),
        entry("会员到期了怎么办", id="member", line=5),
        entry("怎么开发票", id="invoice", line=8),
    )
    assert "shadowed is reached word for word only, what is like it lands on '会员到期了怎么办' of member" in told[0]
    assert not [text for text in told if "than to the rest of shadowed" in text]


def test_an_example_answered_with_another_entry_is_an_error(embedder: Usem3Embedder) -> None:
    """A customer who says it would be told something wrong."""
    wrong = content(
        entry("怎么退货", examples=("怎么修改登录密码啊",), id="return", line=2),
        entry("怎么修改登录密码", "修改登录密码", id="password", line=6),
    )
    assert failed(embedder, wrong) == [
        "shop.yaml:2: the example '怎么修改登录密码啊' is answered with '怎么修改登录密码' of password (shop.yaml:6); "
        "add a variant like it to return, or delete it"
    ]


def test_an_example_that_finds_no_answer_is_a_warning(embedder: Usem3Embedder) -> None:
    """Nobody is told anything wrong, but the staff expected more."""
    taught = content(entry("怎么退货", examples=("今天天气怎么样",), id="return"), entry("怎么修改登录密码"))
    (told,) = failed(embedder, taught)
    assert told.startswith("shop.yaml:1: warning: the example '今天天气怎么样' is not answered; add a variant like it")


def test_examples_are_asked_through_the_router(embedder: Usem3Embedder) -> None:
    """As customers' questions are: what lands with all knowledge bases lands with those it is routed to."""
    taught = content(
        entry("怎么退货", "我想退货", examples=("我要退货",)),
        entry("怎么修改登录密码", "改密码", knowledge_base="account"),
    )
    assert failed(embedder, taught, routed=True) == failed(embedder, taught) == []


def test_an_example_that_is_a_phrasing_is_left_to_the_plain_lint(embedder: Usem3Embedder) -> None:
    """One mistake is told once."""
    taught = content(entry("怎么退货", examples=("多久发货？",), id="return"), entry("多久发货", id="delivery"))
    assert failed(embedder, taught) == []
    assert len(found(embedder, *taught.entries)) == 1


def test_each_kind_of_disorder_is_told_in_one_small_content(embedder: Usem3Embedder) -> None:
    """Eight entries teach little, and still each is told at its place."""
    refund = entry("怎么申请退货？", "我想把东西退掉", "退货怎么操作", "退货流程是什么", id="refund", line=1)
    invoice = entry("怎么开发票？", "我要开发票", "怎么开 发票", id="invoice", line=3)
    soon, past = (None, DAY + timedelta(days=8)), (None, DAY - timedelta(days=8))
    disorder = (
        entry("多久发货？", "什么时候发货", "下单后几天发货", "请问退货怎么操作呢", id="shipping", line=2),
        entry("怎么重置登录密码呢", id="reset", line=4),
        entry("怎么重置登录密码啊", id="restore", line=4),
        entry("双十一有什么优惠？", id="sale", valid=soon, line=5),
        entry("春节期间发货吗？", id="spring", valid=past, line=6),
        entry("会员有什么权益", id="member", examples=("退货流程怎么操作呢",), line=7),
    )
    told = found(embedder, refund, invoice, *disorder)
    kinds = {
        2: "than to the rest of shipping; move it there, or reword it",
        3: "is the same as '怎么开发票？' above; delete it",
        4: "which answers differently; give both one answer, or write each into the negatives of the other",
        5: "write what holds afterwards",
        6: "delete it or change valid",
        7: "add a variant like it to member, or delete it",
    }
    missing = [
        text for line, text in kinds.items() if not any(f"yaml:{line}:" in one and one.endswith(text) for one in told)
    ]
    assert not missing, told
