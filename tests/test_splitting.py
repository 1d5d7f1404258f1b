"""Long texts are cut by the platform's unit, at bounds a reader would choose, and never lose a word."""

import regex
from hypothesis import given
from hypothesis import strategies as st

from adapters.splitting import MEASURES, MORE, Unit, split


def squeeze(text: str) -> str:
    """Without whitespace, which a cut may take, and without code fences, which it may add."""
    return "".join(text.split()).replace("```", "")


@given(text=st.text(max_size=400), limit=st.integers(24, 80), unit=st.sampled_from(Unit))
def test_pieces_fit_and_hold_the_whole_text(text: str, limit: int, unit: Unit) -> None:
    """Each piece is within the limit; together they are the text."""
    pieces = split(text, limit, unit)
    assert all(MEASURES[unit](piece) <= limit for piece in pieces)
    assert squeeze("".join(pieces)) == squeeze(text)


@given(
    drawn=st.lists(
        st.sampled_from(["👨‍👩‍👧", "e\u0301", "한", "a", "👍🏽", "🇨🇳", "。", "\u0bb5\u0bbf", " "]), max_size=120
    )
)
def test_no_grapheme_is_torn(drawn: list[str]) -> None:
    """A family emoji, a flag, a skin tone and a letter with its accent stay whole."""
    text = "".join(drawn)
    limit = 2 + max((len(found.encode()) for found in regex.findall(r"\X", text)), default=1)
    pieces = split(text, limit, Unit.BYTES)
    whole = [found for found in regex.findall(r"\X", text.strip()) if found.strip()]
    assert [found for piece in pieces for found in regex.findall(r"\X", piece) if found.strip()] == whole


def test_the_best_bound_in_the_second_half_is_taken() -> None:
    """Paragraph before line before sentence before clause before word."""
    assert split("一二三四五六。\n\n七八九十。一二三。", 12, Unit.CHARS) == ("一二三四五六。", "七八九十。一二三。")
    assert split("one two three. four five six", 18, Unit.CHARS) == ("one two three.", "four five six")
    assert split("甲乙丙丁，戊己庚辛，壬癸", 11, Unit.CHARS) == ("甲乙丙丁，戊己庚辛，", "壬癸")
    assert split("abcdefghij", 4, Unit.CHARS) == ("abcd", "efgh", "ij")


def test_units_differ() -> None:
    """A Han character is three bytes, an emoji two UTF-16 units, both one character."""
    assert [MEASURES[unit]("中😀") for unit in (Unit.BYTES, Unit.UTF16, Unit.CHARS)] == [7, 3, 2]
    assert len(split("中" * 2048, 2048, Unit.BYTES)) == 4


def test_a_quota_ends_in_a_sign_that_there_was_more() -> None:
    """At most so many pieces; the last says that it is not the end."""
    pieces = split("一句话。" * 100, 40, Unit.CHARS, most=3)
    assert len(pieces) == 3
    assert pieces[-1].endswith(MORE)
    assert all(len(piece) <= 40 for piece in pieces)
    assert split("短", 40, Unit.CHARS, most=1) == ("短",)


def test_a_cut_code_block_is_closed_and_opened_again() -> None:
    """Each piece shows its code as code."""
    text = "看这里：\n```\n" + "\n".join(f"line {number} of the code" for number in range(12)) + "\n```\n完"
    pieces = split(text, 120, Unit.CHARS)
    assert len(pieces) > 2
    assert all(piece.count("```") % 2 == 0 for piece in pieces)


def test_nothing_to_say_is_no_piece() -> None:
    """Blank text is not sent; a lone surrogate is replaced."""
    assert split(" \n ", 10, Unit.BYTES) == ()
    assert split("a\ud800b", 10, Unit.BYTES) == ("a?b",)
