"""Policy: rules of a folder on a text, in and out."""

from pathlib import Path

import pytest

import policies
from policies import Action, Direction, Policy

RULES = Path(policies.__file__).parent / "rules"


@pytest.fixture(scope="module")
def policy() -> Policy:
    """The shipped rules."""
    return policies.load(RULES)


def test_an_ordinary_question_passes_unchanged(policy: Policy) -> None:
    """What customers ask every day is neither flagged nor touched."""
    verdict = policy.screen("我的订单什么时候发货？How long does delivery take?", Direction.IN)
    assert (verdict.action, verdict.hits) == (Action.PASS, ())


def test_a_disguised_word_is_blocked_with_the_categorys_reply(policy: Policy) -> None:
    """Noise and traditional characters do not hide a word, and its place is that in the original text."""
    verdict = policy.screen("我要去赌-博網站", Direction.IN)
    assert verdict.action is Action.BLOCK
    assert verdict.reply
    assert [(hit.word, hit.start, hit.end, hit.category) for hit in verdict.hits] == [("赌博网站", 3, 8, "gambling")]


def test_what_is_flagged_in_is_masked_out(policy: Policy) -> None:
    """A customer may swear, the bot may not: the same word has one action a direction."""
    assert policy.screen("他妈的", Direction.IN).action is Action.FLAG
    assert policy.screen("别说他妈的了", Direction.OUT).text == "别说***了"
