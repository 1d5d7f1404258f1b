"""Telling short texts apart."""

from pathlib import Path

import numpy as np
import pytest

from faq import classifying
from faq.classifying import Classifier
from faq.embedding import Usem3Embedder

GOODS = (
    "怎么退货",
    "多久发货",
    "运费多少",
    "快递到哪了",
    "能换货吗",
    "发票怎么开",
    "where is my parcel",
    "return an item",
)
DOORS = (
    "怎么改密码",
    "登录不上",
    "忘记密码",
    "怎么注册",
    "验证码收不到",
    "账号被盗",
    "reset my password",
    "I cannot log in",
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """Two classes of eight texts, in two languages."""
    return classifying.train([*GOODS, *DOORS], ["goods"] * 8 + ["doors"] * 8, Usem3Embedder())


@pytest.mark.parametrize(
    ("text", "label"), [("我的快递呢", "goods"), ("密码想不起来了", "doors"), ("forgot the password", "doors")]
)
def test_a_text_belongs_where_its_like_belong(classifier: Classifier, text: str, label: str) -> None:
    """The likeliest class is the right one and probabilities add up to one."""
    probabilities = classifier.probabilities([text])[0]
    assert classifier.classes[int(probabilities.argmax())] == label
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_what_is_strange_scores_low_everywhere(classifier: Classifier) -> None:
    """The best score of a strange text is below those of texts that belong."""
    strange, known = classifier.scores(["唐朝是哪一年建立的", "怎么找回密码"]).max(axis=1)
    assert strange < known


def test_what_was_learnt_is_recalled(classifier: Classifier, tmp_path: Path) -> None:
    """A stored classifier says the same; a missing one is learnt again."""
    classifying.store(tmp_path / "it.npz", classifier)
    recalled = classifying.recall(tmp_path / "it.npz", classifier.embedder)
    assert recalled is not None
    assert np.allclose(recalled.probabilities(GOODS), classifier.probabilities(GOODS), atol=1e-5)
    assert classifying.recall(tmp_path / "none.npz", classifier.embedder) is None


def test_a_rare_class_is_learnt_beside_a_frequent_one() -> None:
    """Of more texts than are learnt from, those of rare classes are all kept."""
    many = [f"{number}号订单怎么退货" for number in range(200)]
    taught = classifying.train([*many, *DOORS], ["goods"] * 200 + ["doors"] * 8, Usem3Embedder(), 24)
    assert taught.classes == ("doors", "goods")
    assert taught.probabilities(["忘记密码"]).argmax() == 0
    assert len(taught.unseen) == 24
