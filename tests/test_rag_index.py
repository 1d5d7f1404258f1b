"""Words and meaning find passages; the score says whether they answer at all."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rag import vectors
from bot.rag.index import Index
from bot.rag.lexicon import K1, B, Lexicon, tokens
from bot.rag.meaning import Meaning
from bot.rag.passages import Passage
from faq.embedding import Embedder, Usem3Embedder
from tests.scripted_models import LetterEmbedder

WORDS = st.text(st.sampled_from("退货款 ab1。"), max_size=12)


def passage(text: str, document: str = "a.md", base: str = "kb", section: str = "") -> Passage:
    """A passage of a knowledge base."""
    return Passage(base, document, "手册", section, None, text)


def index_of(passages: list[Passage], embedder: Embedder) -> Index:
    """An index of passages."""
    return Index(passages, vectors.embed(passages, embedder), embedder)


def _grams(text: str) -> list[str]:
    words = list(tokens(text))
    pairs = [f"{a} {b}" for a, b in pairwise(words) if not (a.isascii() and b.isascii())]
    return words + pairs


def _bm25(texts: list[str], question: str) -> list[float]:
    """The formula, written down plainly."""
    counts = [Counter(_grams(text)) for text in texts]
    mean = max(sum(sum(count.values()) for count in counts) / max(len(counts), 1), 1.0)
    asked = set(_grams(question))
    rarity = {}
    for gram in asked:
        found = sum(gram in count for count in counts)
        rarity[gram] = math.log1p((len(texts) - found + 0.5) / (found + 0.5))
    ideal = sum(rarity.values())
    scores = []
    for count in counts:
        length = 1 - B + B * sum(count.values()) / mean
        score = sum(rarity[g] * (K1 + 1) * count[g] / (count[g] + K1 * length) for g in asked if g in count)
        scores.append(score / ideal if ideal else 0.0)
    return scores


@settings(deadline=None)  # the first example builds the table of characters
@given(st.lists(WORDS, min_size=1, max_size=6), WORDS)
def test_the_lexicon_is_bm25(texts: list[str], question: str) -> None:
    """Arrays and plain loops agree, unknown and repeated words included."""
    assert np.allclose(Lexicon(texts).scores(question), _bm25(texts, question), atol=1e-5)


def test_an_empty_lexicon_scores_nothing() -> None:
    """No passages, no scores, no warning."""
    assert Lexicon([]).scores("退货").shape == (0,)


def test_the_passage_that_says_it_is_first(embedder: Usem3Embedder) -> None:
    """Shared characters and like meaning both count; an unrelated question is not sure of anything."""
    index = index_of(
        [
            passage("七天内可以免费退货，运费由商家承担。"),
            passage("会员积分每年一月一日清零。", "b.md"),
            passage("客服电话每天九点到十八点有人接听。", "c.md"),
        ],
        embedder,
    )
    found = index.find("几天内可以退货？", 3)
    assert found.passages[0].text.startswith("七天内")
    assert found.score > 0.9
    assert index.find("红烧肉怎么做", 3).score < 0.2


@pytest.mark.parametrize("question", ["", "   ", "\n", "？？", "😀", "\0"])
def test_a_question_without_words_finds_nothing_sure(question: str, embedder: Usem3Embedder) -> None:
    """No crash, no answer."""
    assert index_of([passage("七天内可以免费退货。")], embedder).find(question, 3).score < 0.6


def test_a_very_long_question_is_read_in_part(embedder: Usem3Embedder) -> None:
    """Twenty thousand characters cost no more than five hundred."""
    index = index_of([passage("七天内可以免费退货。")], embedder)
    assert index.find("退货" * 10_000, 1) == index.find("退货" * 250, 1)


def test_only_the_named_knowledge_bases_are_searched() -> None:
    """A routed question never meets another subject."""
    index = index_of([passage("退货七天", base="a"), passage("退货三天", base="b")], LetterEmbedder())
    assert {p.knowledge_base for p in index.find("退货", 5, {"b"}).passages} == {"b"}
    assert len(index.find("退货", 5).passages) == 2


def test_a_passage_that_is_not_alive_is_not_found() -> None:
    """The next best one takes its place."""
    index = index_of([passage("退货七天", "old.md"), passage("退货三天", "new.md")], LetterEmbedder())
    found = index.find("退货七天", 5, alive=lambda one: one.document != "old.md")
    assert [p.document for p in found.passages] == ["new.md"]


def test_the_same_text_of_two_documents_is_shown_once() -> None:
    """Copies do not push out what says something else."""
    copies = [passage("七天内免费退货，运费由商家承担。", f"{n}.md") for n in range(9)]
    index = index_of([*copies, passage("退货请带发票。", "other.md")], LetterEmbedder())
    assert [p.text for p in index.find("退货", 3).passages] == [
        "退货请带发票。",
        "七天内免费退货，运费由商家承担。",
    ]


def test_the_picture_of_many_rows_keeps_the_near_ones() -> None:
    """The rows nearest to a question are among the first of the narrow picture."""
    chance = np.random.default_rng(1)
    hidden = chance.normal(size=(20_100, 24)) @ chance.normal(size=(24, 128))
    rows = (hidden / np.linalg.norm(hidden, axis=1, keepdims=True)).astype(np.float32)
    meaning = Meaning(rows)
    for row in (0, 777, 20_099):
        assert row in np.argsort(-meaning.roughly(rows[row]))[:5]
        assert meaning.exactly(rows[row], np.array([row]))[0] == pytest.approx(1, abs=1e-4)


def test_every_sentence_is_embedded_once() -> None:
    """What passages share costs nothing again."""
    embedder = LetterEmbedder()
    rows = vectors.embed([passage("一句。二句。"), passage("二句。三句。")], embedder)
    assert embedder.seen == 4  # three sentences and one heading
    assert np.allclose(np.linalg.norm(rows, axis=1), 1)
