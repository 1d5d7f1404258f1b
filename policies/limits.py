"""How often something may be said: token buckets, kept in process. Time is handed in, nothing is waited for."""

from collections import OrderedDict


class TokenBuckets:
    """One bucket a key, `per_minute` tokens a minute, at most `burst` at once.

    Remembers at most `capacity` keys and forgets the longest unused, so a flood of invented users costs no memory.
    """

    def __init__(self, per_minute: float, burst: int, capacity: int = 10_000) -> None:
        if per_minute <= 0 or burst < 1 or capacity < 1:
            raise ValueError("per_minute must be above 0, burst and capacity at least 1")
        self.per_second = per_minute / 60
        self.burst = burst
        self.capacity = capacity
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key -> tokens, as of when

    def take(self, key: str, now: float) -> float:
        """Take one token of `key` at `now` (seconds, any clock that never goes back).

        Returns 0.0 when it was there, else the seconds until it would be; nothing is taken then.
        """
        tokens, since = self._buckets.pop(key, (float(self.burst), now))
        tokens = min(self.burst, tokens + max(0.0, now - since) * self.per_second)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, max(now, since))
        if len(self._buckets) > self.capacity:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / self.per_second
