"""Token buckets."""

from policies.limits import TokenBuckets


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
