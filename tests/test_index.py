"""Finding and describing candidates among the phrasings."""

import numpy as np
import pytest

from faq.embedding import Usem3Embedder
from faq.features import Reader, grams
from faq.index import AT, FEATURES, Index, build
from faq.lexicon import Lexicon
from tests.contents import content, entry


@pytest.fixture(scope="module")
def index() -> Index:
    """Three entries, two of them with a variant, and a synonym."""
    entries = (entry("怎么退货", "想退掉买的东西"), entry("怎么修改密码", "改密码"), entry("How do I reset it"))
    return build(content(*entries, synonyms=(("密码", "口令"),)), Usem3Embedder())[0]


def test_grams_are_ideographs_words_and_their_pairs() -> None:
    """Chinese is read by one and two ideographs, Latin text and numbers by words."""
    assert grams("退货3.5 ok") == ["退", "货", "3.5", "ok", "退 货", "货 3.5", "3.5 ok"]


def test_an_equal_text_scores_one_and_a_strange_one_nothing() -> None:
    """The lexical score is a cosine."""
    texts = ["怎么退货", "修改密码"]
    reader = Reader(texts)
    lexicon = Lexicon(texts, reader)

    def scores(text: str) -> list[float]:
        reading = reader.read(text)
        return [float(score) for score in lexicon.scores(reading.grams.items(), reading.length)]

    assert scores("怎么退货") == pytest.approx([1, 0], abs=1e-6)
    assert scores("天气") == pytest.approx([0, 0])
    assert 0 < scores("怎么退掉它")[0] < 1


def test_exact_ignores_how_it_is_written(index: Index) -> None:
    """The key of a phrasing is its normal form."""
    assert index.exact["想退掉买的东西"] == (0,)
    assert index.exact["howdoiresetit"] == (2,)
    assert "退货" not in index.exact


def test_found_entries_are_described(index: Index) -> None:
    """Each entry is found once, by its nearest phrasing, and an equal one has everything in common."""
    found = index.find(index.read("改密码"))
    assert sorted(found.owners) == [0, 1, 2]
    assert found.rows[0] == 3
    assert found.values.shape == (3, len(FEATURES))
    assert found.values[0, AT["near"]] == pytest.approx(1, abs=1e-3)
    assert found.values[0, AT["spelling"]] == pytest.approx(1)
    assert found.values[0, AT["missing"]] == 0


def test_a_synonym_reads_like_the_first_of_its_group(index: Index) -> None:
    """The staff's synonyms make two writings one."""
    assert index.find(index.read("改口令")).values[0, AT["spelling"]] == pytest.approx(1)


def test_hidden_phrasings_are_not_found(index: Index) -> None:
    """What may not answer now does not exist, down to nothing at all."""
    hidden = np.array([True, True, False, False, False])
    assert set(index.find(index.read("怎么退货"), hidden).owners) == {1, 2}
    assert len(index.find(index.read("怎么退货"), np.ones(5, bool)).owners) == 0


def test_an_empty_content_has_no_candidates() -> None:
    """No entries at all is a content too."""
    empty, raw = build(content(), Usem3Embedder())
    assert len(raw) == 0
    assert len(empty.find(empty.read("退货")).owners) == 0
