"""What is odd in content as far as only matching shows."""

from datetime import date

import pytest

from faq.content import Content
from faq.deep_lint import lint_deep
from faq.embedding import Usem3Embedder
from faq.matching import Matcher
from tests.contents import content, entry

DAY = date(2026, 6, 1)


@pytest.fixture(scope="module")
def embedder() -> Usem3Embedder:
    """The real model, loaded once."""
    return Usem3Embedder()


def found(taught: Content, embedder: Usem3Embedder) -> list[str]:
    """The problems as printed."""
    return [str(problem) for problem in lint_deep(taught, Matcher.build(taught, embedder), DAY)]


def test_clean_content_has_no_problems(embedder: Usem3Embedder) -> None:
    """Entries that mean different things stand in nobody's way."""
    clean = content(entry("怎么退货", "我想退货", examples=("我要退货",)), entry("多久发货"), entry("怎么修改登录密码"))
    assert found(clean, embedder) == []


def test_near_duplicates_are_told_apart_from_conflicts(embedder: Usem3Embedder) -> None:
    """The same question twice is to be merged; with two answers it is a conflict; both say where the other stands."""
    same = content(
        entry("怎么重置登录密码呢", id="a", answer="甲"), entry("怎么重置登录密码啊", id="b", answer="甲", line=9)
    )
    assert any("merge the two" in text and "shop.yaml:9" in text for text in found(same, embedder))
    other = content(entry("怎么重置登录密码呢", id="a", answer="甲"), entry("怎么重置登录密码啊", id="b", answer="乙"))
    assert any("answers differently" in text for text in found(other, embedder))


def test_a_phrasing_under_the_wrong_entry_is_found(embedder: Usem3Embedder) -> None:
    """A variant that belongs to its neighbour is named with its neighbour."""
    stray = content(
        entry("怎么退货", "怎么修改登录的密码", id="return"), entry("怎么修改登录密码", "修改登录密码", id="password")
    )
    assert any("lands on" in text and "rather than on return" in text for text in found(stray, embedder))


def test_an_entry_whose_phrasings_are_taken_is_unreachable(embedder: Usem3Embedder) -> None:
    """The earlier entry always wins an exact match."""
    taken = content(entry("怎么退货", id="first"), entry("怎麼退貨？", id="second", line=7))
    assert any(text.startswith("shop.yaml:7: second is never reached") for text in found(taken, embedder))


def test_an_example_that_lands_elsewhere_fails(embedder: Usem3Embedder) -> None:
    """Where it lands is said; nothing is an answer too."""
    wrong = content(
        entry("怎么退货", examples=("怎么修改密码", "今天天气怎么样"), id="return"),
        entry("怎么修改密码呢", id="password"),
    )
    texts = found(wrong, embedder)
    assert any("'怎么修改密码' lands on password" in text for text in texts)
    assert any("'今天天气怎么样' lands on nothing" in text for text in texts)
