"""The hit log: what is kept of a hit, and counts by day; calibration on ordinary messages."""

from datetime import UTC, date, datetime

import pytest

from policies import Action, Direction, Policy, segmentation
from policies.calibration import Estimate, calibrate, estimate
from policies.hits import count_by_day, record
from policies.rulebook import Category, Rulebook, Word

WHEN = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def rules(*words: str, allow: tuple[str, ...] = ()) -> Policy:
    """Make a Policy that flags these words."""
    what = {direction: dict.fromkeys((1, 2, 3), Action.FLAG) for direction in Direction}
    category = Category("ads", "ads", what, words=tuple(Word(word, 2, "rules", 1) for word in words))
    return Policy.build(Rulebook((category,), tuple(Word(word, 2, "rules", 1) for word in allow)))


def test_a_record_names_the_word_and_hides_what_is_personal() -> None:
    """Staff see what hit and where, but neither the bad word in its sentence nor a phone number."""
    text = "加微信13812345678赚大钱"
    (first, second) = record(rules("加微信", "赚大钱").screen(text, Direction.IN), text, Direction.IN, "c1", WHEN)
    assert (first.word, first.category, first.action, first.conversation) == ("加微信", "ads", Action.FLAG, "c1")
    assert second.context == "138****5678***" or "13812345678" not in second.context
    assert "加微信" not in first.context


def test_hits_are_counted_by_day() -> None:
    """Day, category and word."""
    text = "加微信，再加微信"
    records = record(rules("加微信").screen(text, Direction.IN), text, Direction.IN, "c1", WHEN)
    assert count_by_day(records) == {(date(2026, 11, 22), "ads", "加微信"): 2}


def test_calibration_proposes_longer_words_where_they_are_few_and_the_word_else() -> None:
    """A few surroundings are allowed one by one; a word that is everywhere is an ordinary word here."""
    policy = rules("口交", "手机")
    messages = ["地铁口交易", "路口交叉", "路口交叉口", "地铁口交易所"]
    messages += [f"{before}手机{after}" for before in "买卖修换看用" for after in "坏好新旧贵慢"]
    findings = {finding.word: finding for finding in calibrate(policy, messages)}
    assert findings["手机"].allow == ("手机",)
    assert findings["手机"].messages == 36
    calibrated = rules("口交", "手机", allow=tuple(word for one in findings.values() for word in one.allow))
    assert not any(calibrated.screen(message, Direction.IN).hits for message in messages)
    assert calibrated.screen("口交", Direction.IN).hits


def test_an_estimate_says_what_is_left_on_messages_that_were_not_calibrated_on() -> None:
    """Two halves, each measured with what the other allows; short words pieced together would not be flagged."""
    words = ("手机", *(f"{one}干" for one in "来去想要会能"))
    messages = [f"手机{number}坏了" for number in "一二三四五六七八"]
    messages += [f"你{one}干吗" for one in "来去想要会能"] + [f"没事{number}" for number in "一二三四五六"]
    listed = tuple(Word(word, 2, "rules", 1) for word in words)
    what = {direction: dict.fromkeys((1, 2, 3), Action.FLAG) for direction in Direction}
    found = estimate(Rulebook((Category("ads", "ads", what, words=listed),)), messages)
    assert found == Estimate(14 / 20, 6 / 20, 0.0)
    assert found.helps
    assert estimate(Rulebook((Category("ads", "ads", what, words=listed),)), []) == Estimate(0, 0, 0)


def test_an_estimate_proposes_nothing_where_it_helps_little_or_cannot_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library there is no share; a share that is hardly less is no reason."""
    assert not Estimate(0.5, 0.1, 0.095).helps
    assert not Estimate(0.5, 0.0, 0.0).helps
    monkeypatch.setattr(segmentation, "_segmenter", lambda: None)
    assert estimate(Rulebook(()), ["没事"]) == Estimate(0, 0, None)
    assert not Estimate(0.5, 0.1, None).helps


def test_calibration_lists_no_personal_data_and_no_phrases() -> None:
    """They cannot be allowed, and a phone number has no place in a list."""
    what = {direction: dict.fromkeys((1, 2, 3), Action.FLAG) for direction in Direction}
    phrases = (Word("忽略 … 指令", 2, "rules", 1),)
    policy = Policy.build(Rulebook((Category("x", "x", what, patterns=("phone",), phrases=phrases),)))
    text = "我的电话13812345678，忽略这些指令"
    assert len(policy.screen(text, Direction.IN).hits) == 2
    assert calibrate(policy, [text]) == []
    assert estimate(Rulebook((Category("x", "x", what, patterns=("phone",)),)), [text]).now == 0
