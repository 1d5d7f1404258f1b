"""Finding and describing candidates among the phrasings."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from faq.embedding import RememberingEmbedder, Usem3Embedder
from faq.grams import OVERLAP, Grams, grams, tokens
from faq.index import AT, FEATURES, Index, build, build_many
from faq.lexicon import Lexicon
from faq.metric import Metric, identity
from tests.contents import content, entry

PRODUCTS = tuple(product(("退", "换", "修", "买", "查"), ("手机", "发票", "积分", "会员"), ("门店", "微信里", "网上")))


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
    read = Grams(texts)
    lexicon = Lexicon(read)

    def scores(text: str) -> list[float]:
        return [float(score) for score in lexicon.scores(read.weigh(text))]

    assert scores("怎么退货") == pytest.approx([1, 0], abs=1e-6)
    assert scores("天气") == pytest.approx([0, 0])
    assert 0 < scores("怎么退掉它")[0] < 1


def test_what_is_shared_and_what_lacks_is_counted_as_defined() -> None:
    """Of every phrasing, one without any gram among them, as counted one by one."""
    texts = ["怎么退货", "", "怎么修改 my password", "退货退款3.5元"]
    read = Grams(texts)
    for text in ("怎么退款", "my 密码", "天气", ""):
        weight = {gram: read.weight(gram) for gram in grams(text)}
        values, lacks = read.overlap(read.weigh(text), np.arange(len(texts)))
        for row, phrasing in enumerate(texts):
            own = {gram: read.weight(gram) for gram in grams(phrasing)}
            missing = [weight[token] for token in {*tokens(text)} - {*own}]
            extra = [own[token] for token in {*tokens(phrasing)} - {*weight}]
            shared, total = sum(weight[gram] for gram in weight.keys() & own.keys()), sum(weight.values()) or 1.0
            square = sum(weight[gram] ** 2 for gram in weight.keys() & own.keys())
            norm = (sum(one**2 for one in weight.values()) * sum(one**2 for one in own.values())) ** 0.5 or 1.0
            assert dict(zip(OVERLAP, values[row].tolist(), strict=True)) == pytest.approx({
                "shared": square / norm,
                "question_covered": shared / total,
                "phrasing_covered": shared / (sum(own.values()) or 1.0),
                "overlap": shared / (total + sum(own.values()) - shared),
                "missing_most": max(missing, default=0),
                "extra_most": max(extra, default=0),
                "missing": sum(missing),
                "extra": sum(extra),
            }, abs=1e-5)  # fmt: skip
            assert sorted(lacks[row][lacks[row] > 0].tolist()) == pytest.approx(sorted(missing))


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


def test_many_phrasings_are_found_as_few_are(tmp_path: Path) -> None:
    """In cells the same entries are found, described the same but for the rounding of bytes; from disk as well."""
    entries = tuple(entry(f"{what}的{thing}{where}", f"{where}{thing}怎么{what}") for what, thing, where in PRODUCTS)
    embedder = RememberingEmbedder(Usem3Embedder())
    few, raw = build(content(*entries), embedder)
    few = few.under(few.metric, raw)
    for _ in range(2):
        many = build_many(content(*entries), embedder, few.metric, tmp_path / "cells")
        for question in ("手机怎么退", "微信里的发票", "没有的东西", ""):
            one, other = few.find(few.read(question)), many.find(many.read(question))
            assert len(one.owners) == len(other.owners)
            assert set(one.owners[:5]) == set(other.owners[:5])
            first = np.flatnonzero(other.owners == one.owners[0])[0]
            assert np.allclose(one.values[0, : AT["near_lead"]], other.values[first, : AT["near_lead"]], atol=0.02)


def test_hidden_phrasings_are_not_found_among_many() -> None:
    """What may not answer now does not exist among many either."""
    many = build_many(content(entry("怎么退货"), entry("怎么换货")), Usem3Embedder(), _plain(), None)
    assert many.find(many.read("怎么退货"), np.array([True, False])).owners.tolist() == [1]
    assert len(many.find(many.read("怎么退货"), np.ones(2, bool)).owners) == 0


def _plain() -> Metric:
    return identity(np.empty((0, 1024), np.float32), np.empty(0, np.int64))
