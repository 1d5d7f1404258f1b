"""How often something may be said: per user, per conversation and in all, a minute and a day; floods of one message.

Time is handed in (seconds of any clock that never goes back; for quotas also the day), nothing is waited for. State is
kept in process; another keeper (Redis) has the same methods.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """Remembers the values of at most `capacity` keys and forgets the longest unused."""

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError("capacity must be at least 1")
        self.capacity = capacity
        self._values: OrderedDict[str, V] = OrderedDict()

    def get(self, key: str, default: V) -> V:
        return self._values.get(key, default)

    def put(self, key: str, value: V) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self.capacity:
            self._values.popitem(last=False)


class TokenBuckets:
    """One bucket a key, `per_minute` tokens a minute, at most `burst` at once.

    Remembers at most `capacity` keys, so that a flood of invented users costs no memory.
    """

    def __init__(self, per_minute: float, burst: int, capacity: int = 10_000) -> None:
        if per_minute <= 0 or burst < 1:
            raise ValueError("per_minute must be above 0 and burst at least 1")
        self.per_second = per_minute / 60
        self.burst = burst
        self._buckets: Recent[tuple[float, float]] = Recent(capacity)  # tokens, as of when

    def wait(self, key: str, now: float) -> float:
        """Say how many seconds until there is a token for `key`; 0.0 when there is one."""
        tokens, _ = self._now(key, now)
        return 0.0 if tokens >= 1 else (1 - tokens) / self.per_second

    def take(self, key: str, now: float) -> float:
        """Take one token of `key`. Gives 0.0 when it was there, else the seconds until it would be."""
        tokens, since = self._now(key, now)
        wait = self.wait(key, now)
        self._buckets.put(key, (tokens if wait else tokens - 1, since))
        return wait

    def _now(self, key: str, now: float) -> tuple[float, float]:
        tokens, since = self._buckets.get(key, (float(self.burst), now))
        return min(self.burst, tokens + max(0.0, now - since) * self.per_second), max(now, since)


class Refusal(StrEnum):
    """Why a message is not admitted."""

    USER = "user"
    CONVERSATION = "conversation"
    ALL = "all"
    QUOTA = "quota"
    FLOOD = "flood"


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a message is answered. When not: why, for how many seconds, and whether to say so (only once)."""

    refusal: Refusal | None = None
    wait: float = 0.0
    silent: bool = False

    @property
    def allowed(self) -> bool:
        return self.refusal is None


@dataclass(frozen=True, slots=True)
class Rates:
    """What is allowed: messages a minute (a fifth of them at once, but at least 3). 0 is no limit."""

    user: float = 20
    conversation: float = 30
    everyone: float = 3000
    day: int = 500  # messages of one user a day
    same: int = 3  # the same text of one user within `same_within` seconds
    same_within: float = 60


class Limits:
    """Admits or refuses messages: a polite reply the first time, then silence until the user is admitted again."""

    def __init__(self, rates: Rates, capacity: int = 10_000) -> None:
        self._rates = rates
        per_minute = {
            Refusal.USER: rates.user,
            Refusal.CONVERSATION: rates.conversation,
            Refusal.ALL: rates.everyone,
        }
        self._buckets = {why: TokenBuckets(rate, _burst(rate), capacity) for why, rate in per_minute.items() if rate}
        self._days: Recent[tuple[date, int]] = Recent(capacity)
        self._texts: Recent[tuple[float, int]] = Recent(capacity)
        self._told: Recent[bool] = Recent(capacity)

    def admit(self, user: str, conversation: str, text: str, now: float, day: date) -> Admission:
        """Decide on one message. Only an admitted one is counted, but for floods of the same text."""
        refused = (
            self._flooded(user, text, now) or self._over_quota(user, day) or self._too_fast(user, conversation, now)
        )
        if refused:
            silent = self._told.get(user, False) or refused.refusal is Refusal.FLOOD
            self._told.put(user, True)
            return Admission(refused.refusal, refused.wait, silent)
        self._told.put(user, False)
        self._count(user, day)
        return Admission()

    def _count(self, user: str, day: date) -> None:
        counted, messages = self._days.get(user, (day, 0))
        self._days.put(user, (day, messages + 1 if counted == day else 1))

    def _flooded(self, user: str, text: str, now: float) -> Admission | None:
        if not self._rates.same:
            return None
        key = f"{user}\0{hashlib.blake2b(text.strip().encode(errors='replace'), digest_size=16).hexdigest()}"
        since, times = self._texts.get(key, (now, 0))
        if now - since >= self._rates.same_within:
            since, times = now, 0
        self._texts.put(key, (since, times + 1))
        return Admission(Refusal.FLOOD, since + self._rates.same_within - now) if times >= self._rates.same else None

    def _over_quota(self, user: str, day: date) -> Admission | None:
        counted, messages = self._days.get(user, (day, 0))
        if self._rates.day and counted == day and messages >= self._rates.day:
            return Admission(Refusal.QUOTA)
        return None

    def _too_fast(self, user: str, conversation: str, now: float) -> Admission | None:
        keys = {Refusal.USER: user, Refusal.CONVERSATION: conversation, Refusal.ALL: ""}
        for why, bucket in self._buckets.items():
            if wait := bucket.wait(keys[why], now):
                return Admission(why, wait)
        for why, bucket in self._buckets.items():
            bucket.take(keys[why], now)
        return None


def _burst(per_minute: float) -> int:
    return max(3, round(per_minute / 5))
