"""Finding candidates among the phrasings."""

import numpy as np
import pytest

from faq.embedding import Usem3Embedder
from faq.index import Index, Lexicon, grams
from tests.contents import content, entry


@pytest.fixture(scope="module")
def index() -> Index:
    """Three entries, two of them with a variant."""
    return Index(
        content(entry("怎么退货", "想退掉买的东西"), entry("怎么修改密码", "改密码"), entry("How do I reset it")),
        Usem3Embedder(),
    )


def test_grams_are_ideographs_words_and_their_pairs() -> None:
    """Chinese is read by one and two ideographs, Latin text and numbers by words."""
    assert grams("退货3.5 ok") == ["退", "货", "3.5", "ok", "退 货", "货 3.5", "3.5 ok"]


def test_an_equal_text_scores_one_and_a_strange_one_nothing() -> None:
    """The lexical score is a cosine."""
    lexicon = Lexicon(["怎么退货", "修改密码"])
    assert lexicon.scores("怎么退货") == pytest.approx([1, 0], abs=1e-6)
    assert lexicon.scores("天气") == pytest.approx([0, 0])
    assert 0 < lexicon.scores("怎么退掉它")[0] < 1


def test_exact_ignores_how_it_is_written(index: Index) -> None:
    """Any phrasing is found whatever its punctuation; a part of one is not."""
    assert index.exact("想，退掉买的东西！") == (0,)
    assert index.exact("HOW DO I RESET IT?") == (2,)
    assert index.exact("退货") == index.exact("") == ()


def test_near_looks_at_allowed_owners_alone(index: Index) -> None:
    """Candidates come from the owners that may answer now."""
    everyone = np.array([True, True, True])
    assert {candidate.row for candidate in index.near("改密码", everyone, 2)} >= {2, 3}
    assert {index.owners[candidate.row] for candidate in index.near("改密码", ~everyone, 2)} == set()
    assert {index.owners[candidate.row] for candidate in index.near("改密码", np.array([True, False, False]), 9)} == {0}


def test_an_empty_content_has_no_candidates() -> None:
    """No entries at all is a content too."""
    empty = Index(content(), Usem3Embedder())
    assert empty.exact("退货") == ()
    assert empty.near("退货", np.empty(0, bool), 5) == []
