"""Limits: bursts, quotas, floods; polite once, then silent."""

from datetime import date

import pytest

from policies.limits import Admission, Limits, Rates, Refusal, TokenBuckets

DAY = date(2026, 11, 22)


def test_a_burst_is_allowed_then_one_waits() -> None:
    """After the burst, the answer is the time until the next token."""
    buckets = TokenBuckets(per_minute=60, burst=2)
    assert [buckets.take("a", 0.0) for _ in range(3)] == [0.0, 0.0, 1.0]
    assert buckets.take("a", 1.0) == 0.0


def test_keys_do_not_share_a_bucket() -> None:
    """One user's flood does not silence another."""
    buckets = TokenBuckets(per_minute=60, burst=1)
    assert [buckets.take(key, 0.0) for key in "ab"] == [0.0, 0.0]


def test_the_longest_unused_key_is_forgotten() -> None:
    """Invented users cost no memory: beyond the capacity the oldest key starts anew."""
    buckets = TokenBuckets(per_minute=60, burst=1, capacity=2)
    for key in "abc":
        buckets.take(key, 0.0)
    assert buckets.take("a", 0.0) == 0.0
    assert buckets.take("c", 0.0) > 0


def test_a_clock_that_goes_back_gives_no_tokens() -> None:
    """Time that runs backwards neither fails nor refills."""
    buckets = TokenBuckets(per_minute=60, burst=1)
    buckets.take("a", 100.0)
    assert buckets.take("a", 50.0) > 0


@pytest.mark.parametrize(("per_minute", "burst", "capacity"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_limits_that_admit_nothing_are_refused(per_minute: float, burst: int, capacity: int) -> None:
    """A mistake in the settings is told when the service starts."""
    with pytest.raises(ValueError, match="at least 1"):
        TokenBuckets(per_minute, burst, capacity)


def ask(limits: Limits, text: str, now: float, user: str = "u", day: date = DAY) -> Admission:
    """One message of one user."""
    return limits.admit(user, f"c-{user}", text, now, day)


def test_a_fast_user_is_told_once_and_then_met_with_silence() -> None:
    """One polite reply; silence until a message is admitted again, then politeness again."""
    limits = Limits(Rates(user=6, conversation=0, everyone=0, same=0))
    told = [ask(limits, str(n), 0.0) for n in range(5)]
    assert [(one.refusal, one.silent) for one in told[3:]] == [(Refusal.USER, False), (Refusal.USER, True)]
    assert told[3].wait == pytest.approx(10)
    assert ask(limits, "later", 10.0).allowed
    assert not ask(limits, "again", 10.0).silent


def test_the_same_message_over_and_over_is_dropped() -> None:
    """A flood gets no reply, and another message of the same user does."""
    limits = Limits(Rates(same=2, same_within=60))
    assert [ask(limits, "在吗", 0.0).refusal for _ in range(3)] == [None, None, Refusal.FLOOD]
    assert ask(limits, "在吗", 1.0).silent
    assert ask(limits, "我的订单呢", 1.0).allowed
    assert ask(limits, "在吗", 60.0).allowed


def test_a_quota_lasts_until_the_next_day() -> None:
    """So many messages a day, then none until tomorrow."""
    limits = Limits(Rates(user=0, conversation=0, everyone=0, day=2, same=0))
    assert [ask(limits, str(n), n).refusal for n in range(3)] == [None, None, Refusal.QUOTA]
    assert ask(limits, "x", 5.0, day=date(2026, 11, 23)).allowed


def test_all_users_together_are_limited() -> None:
    """Many users at once cannot take more than the whole is allowed; a refused message costs nobody a token."""
    limits = Limits(Rates(user=60, conversation=60, everyone=15, same=0))
    refusals = [ask(limits, "x", 0.0, user=f"u{n}").refusal for n in range(4)]
    assert refusals == [None, None, None, Refusal.ALL]
    assert ask(limits, "x", 4.0, user="u3").allowed
