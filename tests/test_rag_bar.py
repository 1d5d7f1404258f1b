"""The bar is learnt from the documents: where pages resemble each other it rises, few sentences hardly move it."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.model import Trouble, UpstreamError
from bot.rag import bar, vectors
from bot.rag.bar import PRIOR, Bar, as_question, learn
from bot.rag.files import wanted
from bot.rag.index import Index
from bot.rag.indexing import gather
from bot.rag.lexicon import Scores
from bot.rag.meaning import Rows
from bot.rag.passages import Passage
from bot.rag.store import MemoryStore
from bot.settings import ROOT
from faq.embedding import Usem3Embedder, Vectors
from tests.scripted_models import LetterEmbedder
from tests.test_rag_indexing import content

GOODS = ("水壶", "雨伞", "键盘", "台灯", "书包", "耳机", "风扇", "手表", "相机", "地毯")
CARE = ("每周用温水清洗一次", "存放在阴凉干燥的地方", "不要用力拉扯它的表面", "损坏以后请送到门店修理")


def _index(texts: list[str], embedder: Usem3Embedder) -> Index:
    passages = [Passage("kb", f"{number}.md", "", "", None, text) for number, text in enumerate(texts)]
    return Index(passages, vectors.embed(passages, embedder), embedder)


def _pages() -> list[str]:
    """The pages of this project that say many different things."""
    said = [line for page in sorted((ROOT / "docs/zh").glob("*.md")) for line in page.read_text("utf-8").splitlines()]
    return [line for line in said if len(line) > 40][:120]


def test_certainty_rises_with_evidence() -> None:
    """From nearly never to nearly always."""
    levels = [PRIOR.certainty(evidence / 10) for evidence in range(12)]
    assert levels == sorted(levels)
    assert levels[0] < 0.01
    assert levels[-1] > 0.99


class Pages:
    """Every page answers its own questions with about `own` evidence and those of all others with about `others`."""

    def __init__(self, own: float, others: float) -> None:
        self.passages = tuple(Passage("kb", f"{n}.md", "", "", None, text) for n, text in enumerate(_pages()))
        self._own, self._others, self._chance = own, others, np.random.default_rng(1)

    def words(self, question: str) -> Scores:
        """All of a sentence stands on its page."""
        return np.array([float(question in page.text) for page in self.passages], np.float32)

    def weigh(self, text: str, vector: Vectors, limit: int) -> tuple[Rows, Scores]:
        """One page whose words are in the question, and two others."""
        shared = [len(set(text) & set(page.text)) / len(set(text)) for page in self.passages]
        rows = np.argsort(np.array(shared))[[-1, 0, 1]]
        evidence = np.array([self._own, self._others, self._others]) + self._chance.normal(0, 0.1, 3)
        return rows, evidence.astype(np.float32)


def test_pages_that_resemble_each_other_raise_the_bar() -> None:
    """Where much of every question stands elsewhere too, more must be found; where little does, less is enough."""
    bars = [learn(Pages(0.9, others), LetterEmbedder()).middle for others in (0.1, 0.3, 0.5)]
    assert bars == sorted(bars)
    assert PRIOR.middle + 0.03 < bars[2] > bars[0] + 0.01


def test_where_nothing_is_told_apart_nothing_is_learnt() -> None:
    """Documents that answer for each other say nothing about what they lack."""
    assert learn(Pages(0.5, 0.5), LetterEmbedder()).middle == pytest.approx(PRIOR.middle, abs=0.03)


def test_what_was_learnt_keeps_answers_and_refuses_the_rest(embedder: Usem3Embedder) -> None:
    """Questions made as for learning, of sentences it did not see: most are told apart from those it cannot answer."""
    pages = _pages()
    known, unknown = pages[::2], pages[1::2]
    index = _index(known, embedder)
    learnt = learn(index, embedder)
    chance = random.Random(7)
    asked = [[q for text in texts if (q := as_question(text[:60], chance))] for texts in (known, unknown)]
    sure = [
        [learnt.certainty(float(index.weigh(q, embedder.embed([q])[0], 50)[1].max())) for q in questions]
        for questions in asked
    ]
    kept, passed = (sum(one >= 0.6 for one in ones) / len(ones) for ones in sure)
    assert kept > 0.65  # of some fifty: the pages of this project change
    assert passed < 0.35


def test_few_sentences_hardly_move_it(embedder: Usem3Embedder) -> None:
    """And none do not at all."""
    assert learn(_index([], embedder), embedder) == PRIOR
    assert learn(_index(["七天内可以免费退货，运费由商家承担。"], embedder), embedder) == PRIOR
    few = learn(_index([f"{goods}请{CARE[0]}，这样可以用很久。" for goods in GOODS], embedder), embedder)
    assert abs(few.middle - PRIOR.middle) < 0.03


@given(st.text(max_size=80), st.integers(0, 9))
def test_any_sentence_becomes_a_shorter_question_or_none(said: str, seed: int) -> None:
    """The same one for the same chance."""
    question = as_question(said, random.Random(seed))
    assert question == as_question(said, random.Random(seed))
    assert len(question) < len(said) + 12


def test_a_question_asks_in_the_language_of_the_sentence() -> None:
    """Half of the words and what asks."""
    assert (
        as_question("自签收之日起七天内可以免费退货，运费由商家承担", random.Random(1))[-1]
        in "什么些少几何候里谁个吗久"
    )
    assert " " in as_question("Returns are free of charge within seven days of delivery", random.Random(1))


def test_it_is_kept_with_its_version(tmp_path: Path) -> None:
    """Another version, a damaged or a missing file: learnt anew."""
    file = tmp_path / "cache" / "bar.json"
    assert bar.recall(file, "1") is None
    bar.keep(file, "1", Bar(0.6, 0.1))
    assert bar.recall(file, "1") == Bar(0.6, 0.1)
    assert bar.recall(file, "2") is None
    file.write_text("[", encoding="utf-8")
    assert bar.recall(file, "1") is None


@pytest.mark.parametrize("text", ["{}", "[]", "7", '{"version": "1", "middle": "x", "slope": 1}'])
def test_a_file_of_another_shape_is_no_bar(text: str, tmp_path: Path) -> None:
    """As if it were not there."""
    (tmp_path / "bar.json").write_text(text, encoding="utf-8")
    assert bar.recall(tmp_path / "bar.json", "1") is None


def test_it_is_learnt_when_documents_changed_and_only_then(tmp_path: Path) -> None:
    """The second run embeds nothing; a changed document teaches anew."""
    for number, text in enumerate(_pages()[:40]):
        (tmp_path / f"{number}.md").write_text(text, encoding="utf-8")
    files, _ = wanted(content(tmp_path, "*.md"))
    store, embedder, file = MemoryStore(), LetterEmbedder(), tmp_path / "bar.json"
    first = gather(files, lambda: store, embedder, learnt=file)
    seen = embedder.seen
    assert gather(files, lambda: store, embedder, learnt=file).bar == first.bar != PRIOR
    assert embedder.seen == seen
    for number, goods in enumerate(GOODS):
        (tmp_path / f"{number}.md").write_text(f"{goods}请{CARE[0]}，这样可以用很久。", encoding="utf-8")
    assert gather(files, lambda: store, embedder, learnt=file).bar != first.bar


class Failing(LetterEmbedder):
    """A provider that embeds the documents and then is away."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Passages, no questions."""
        if any(text.endswith(("吗", "么", "谁", "久", "里", "少", "些", "几", "何", "候", "个")) for text in texts):
            raise UpstreamError("failing", Trouble.BUSY, "429")
        return super().embed(texts)


def test_without_the_provider_the_bar_before_stands_until_the_next_run(tmp_path: Path) -> None:
    """The documents answer all the same."""
    for number, text in enumerate(_pages()[:40]):
        (tmp_path / f"{number}.md").write_text(text, encoding="utf-8")
    files, _ = wanted(content(tmp_path, "*.md"))
    store, file = MemoryStore(), tmp_path / "bar.json"
    assert gather(files, lambda: store, Failing(), learnt=file).bar == PRIOR
    assert not file.exists()
    assert gather(files, lambda: store, LetterEmbedder(), learnt=file).bar != PRIOR
