"""Scanner: an automaton of folded words that reads texts as they came."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.evasions import WAYS, plain_table
from policies.scanning import UNEVEN, build_scanner, unfolding

WORDS = ["赌博", "badword", "一三", "博", "c"]
TABLE = plain_table()
FOLDED = build_scanner([*WORDS, UNEVEN])
READS = unfolding(FOLDED, TABLE.images)


@settings(max_examples=300, deadline=None)
@given(st.text("赌賭博bＢⓑaаd𝐝wordc①壹1３三，！ 网", max_size=20))
def test_a_text_as_it_came_has_the_words_of_the_folded_one(text: str) -> None:
    """The same words end at the same places, without folding."""
    assert TABLE.is_even(text) or any(one > "\uffff" for one in text)
    folded = FOLDED.find_overlapping(TABLE.fold(text))
    assert [match[1:] for match in READS.find_overlapping(text)] == [match[1:] for match in folded]


@pytest.mark.parametrize("sign", ["-", "\u200b", "\U000e0041", "℡", "ﬃ", "\0"])
def test_what_is_noise_or_several_is_told(sign: str) -> None:
    """Such a text must be folded, and the scanner says so."""
    assert (1, len(WORDS)) in [match[1:] for match in READS.find_overlapping(f"{sign}赌")]


@pytest.mark.parametrize("name", [name for name, way in WAYS.items() if not way.folds_on])
def test_folding_twice_is_folding_once(name: str) -> None:
    """Else a folded text could not be read by a scanner that folds."""
    table = WAYS[name].table()
    folded = table.fold("".join(map(chr, range(0x20000))))
    assert table.fold(folded) == folded


def test_bytes_of_another_form_are_refused() -> None:
    """A daachorse that writes other bytes must not be misread."""

    class Other:
        """An automaton of a version to come."""

        def serialize(self) -> bytes:
            """Give bytes in which nothing is where it is sought."""
            return bytes(range(1, 256)) * 64

    with pytest.raises(ValueError, match=r"daachorse 0\.5"):
        unfolding(Other(), TABLE.images)  # type: ignore[arg-type]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("aB赌賭℡ﬃ½\ud800\U000e0041\U0001ffff\U0010ffff\0 -*", max_size=6), max_size=6))
def test_many_texts_are_folded_as_one(texts: list[str]) -> None:
    """Whatever is in them: what is several, noise, beyond the table, half a character, or between texts."""
    assert TABLE.fold_all(texts) == [TABLE.fold(text.replace("\U0001ffff", "")) for text in texts]
