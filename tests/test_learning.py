"""What the content teaches, and keeping it."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from faq import cases, learning, metric, prior, storing
from faq.embedding import Usem3Embedder, Vectors
from faq.index import Index, build
from faq.matching import Band, Matcher
from tests.contents import content, entry

SMALL = content(entry("怎么退货", "我想退货"), entry("多久发货", "什么时候发货"), entry("怎么改密码", "改密码"))
DAY = date(2026, 6, 1)


class Noting:
    """The real embedder, noting how many texts it was asked for."""

    def __init__(self) -> None:
        self._embedder = Usem3Embedder()
        self.id, self.dim, self.asked = self._embedder.id, self._embedder.dim, 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += len(texts)
        return self._embedder.embed(texts)


def test_the_metric_draws_phrasings_of_one_entry_together() -> None:
    """Noise that differs within entries loses its weight."""
    random = np.random.default_rng(0)
    meaning = np.repeat(random.normal(size=(150, 8)), 2, axis=0)
    raw = np.concatenate([meaning, 3 * random.normal(size=(300, 8))], axis=1).astype(np.float32)
    owners = np.repeat(np.arange(150), 2)

    def contrast(rows: Vectors) -> float:
        near, same = rows @ rows.T, owners[:, None] == owners[None]
        return float(near[same].mean() - near[~same].mean())

    assert metric.can_learn(owners)
    assert contrast(metric.learn(raw, owners)(raw)) > contrast(metric.identity(raw, owners)(raw)) + 0.01


def test_the_prior_knows_right_from_wrong() -> None:
    """The shipped rows of both kinds have their columns and both outcomes."""
    for kind in prior.KINDS:
        lesson = prior.lesson(kind)
        assert lesson.tops.values.shape[1] == len(learning.DECISION)
        assert 0.2 < lesson.tops.right.mean() < 0.8


def test_a_smaller_share_of_wrong_answers_needs_a_higher_score() -> None:
    """Staff who accept fewer wrong answers get fewer answers."""
    index, raw = learning_index()
    judge, _ = learning.learn(index, raw, prior.far(), prior.lesson("plain"), metric.identity)
    assert judge.threshold(0.01) >= judge.threshold(0.05) >= judge.threshold(0.2)


def learning_index() -> tuple[Index, Vectors]:
    """Index the small content."""
    return build(SMALL, Usem3Embedder())


def test_what_was_learnt_is_kept_and_recalled(tmp_path: Path) -> None:
    """A second build embeds no phrasing again and decides the same; a changed entry is embedded alone."""
    embedder = Noting()
    first = Matcher.build(SMALL, embedder, folder=tmp_path)
    embedder.asked = 0
    second = Matcher.build(SMALL, embedder, folder=tmp_path)
    assert embedder.asked == 0
    one, other = (matcher.match("东西不想要了能退吗", DAY).matches[0] for matcher in (first, second))
    assert one.entry == other.entry
    assert one.score == pytest.approx(other.score, abs=1e-3)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 nonsense", b"\x93NUMPY"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    """What cannot be read is learnt again."""
    Matcher.build(SMALL, Usem3Embedder(), folder=tmp_path)
    for file in tmp_path.iterdir():
        file.write_bytes(damage)
        assert storing.read(file) == {}
    assert Matcher.build(SMALL, Usem3Embedder(), folder=tmp_path).match("今天天气怎么样", DAY).band is Band.PASS


def test_what_is_far_from_everything_does_not_belong() -> None:
    """Small talk about nothing that is taught is not worth asking back; a question of the content is."""
    index, raw = learning_index()
    judge, _ = learning.learn(index, raw, prior.far(), prior.lesson("plain"), metric.identity)

    def belongs(text: str) -> bool:
        found = index.find(index.read(text))
        return judge.belongs(learning.decision(found, *judge.rank(found)))

    assert belongs("怎么退货呀")
    assert not belongs("唐朝的首都在哪座城市")


def test_examples_and_negatives_are_asked() -> None:
    """An example is asked with its owner, a negative that is nearest to its entry with none."""
    taught = content(
        entry("怎么退货", examples=("东西不想要了能退吗",), negatives=("怎么退货给别人",)),
        entry("多久发货", "什么时候发货"),
    )
    index, raw = build(taught, Usem3Embedder())
    asked = cases.collect(index, raw, (), metric.identity)
    assert [case.owner for case in asked.told] == [0]
    assert [case.owner for case in asked.denied] == [cases.NOBODY]


def test_a_single_negative_does_not_stand_for_all_questions_without_an_answer() -> None:
    """One case of a kind weighs as one question at most, however large the share of its kind in life."""
    one = tuple(entry(f"第{number}件事怎么办", f"怎么处理第{number}件事") for number in range(40))
    few = content(*one, entry("怎么退货", "我想退货", negatives=("怎么退货给别人",)))
    index, raw = build(few, Usem3Embedder())
    asked = cases.collect(index, raw, prior.far(), metric.identity)
    _, learnt = learning.conclude(asked, prior.lesson("plain"))
    assert len(asked.denied) == 1
    assert learnt.tops.weight.max() <= 1.0


def test_trees_and_line_are_kept_together(tmp_path: Path) -> None:
    """What is recalled scores as what was learnt, trees and all."""
    index, raw = learning_index()
    judge, _ = learning.learn(index, raw, prior.far(), prior.lesson("plain"), metric.identity)
    storing.store_learnt(tmp_path / "learnt.npz", metric.identity(raw, index.owners), judge)
    recalled = storing.recall_learnt(tmp_path / "learnt.npz")
    assert recalled
    found = index.find(index.read("东西不想要了能退吗"))
    values = learning.decision(found, *judge.rank(found))
    assert len(judge.trees)
    assert recalled[1].sure(values) == pytest.approx(judge.sure(values), abs=1e-6)
