"""The forms in which questions are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.text import fold, normalise


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("怎麼重置 登錄密碼？", "怎么重置登录密码"),
        ("Ｈｏｗ do I　RESET it??", "howdoiresetit"),
        ("\u200b你\ufe0f好😀\x07\u202e", "你好"),
        ("１,０００元", "1000元"),
        ("ﬀ ㎏ ①", "ffkg1"),
        ("\ud800怎么\udfff退货", "怎么退货"),
        ("？！。…", ""),
        ("🙂🎉", ""),
        ("", ""),
    ],
)
def test_how_a_text_is_written_does_not_matter(written: str, plain: str) -> None:
    """Width, case, script, punctuation, emoji and invisible characters are no difference."""
    assert normalise(written) == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [("3.5%", "35%"), ("1-2天", "12天"), ("9:30", "930"), ("1/3", "13"), ("½", "12"), ("C++", "C"), ("$5", "5")],
)
def test_what_changes_a_number_is_kept(one: str, other: str) -> None:
    """A separator between digits, a percent sign, a plus and a currency are part of what is asked."""
    assert normalise(one) != normalise(other)


def test_fold_keeps_latin_words_apart() -> None:
    """Spaces stay between Latin words and vanish beside ideographs."""
    assert fold("  How do  I 重置 Wi-Fi 密码 now? ") == "how do i重置wi fi密码now"


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    """What is normal stays as it is, for any text at all, and `fold` differs by spaces alone."""
    assert normalise(normalise(text)) == normalise(text)
    assert fold(text).replace(" ", "") == normalise(text)
