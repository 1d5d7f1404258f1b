"""The hit log of staff: which word, category and action, in which conversation, with masked context; counts by day.

Values and counting only; keeping them is the owner's.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from policies import privacy
from policies.judging import longest
from policies.verdict import Action, Direction, Verdict

CONTEXT = 10  # characters shown on either side


@dataclass(frozen=True, slots=True)
class HitRecord:
    """One hit as it is kept. `context` has every hit and all personal data masked."""

    when: datetime  # aware
    word: str
    category: str
    rule: str
    action: Action
    direction: Direction
    conversation: str
    context: str


def record(
    verdict: Verdict, text: str, direction: Direction, conversation: str, when: datetime, orders: Sequence[str] = ()
) -> tuple[HitRecord, ...]:
    """Give what is kept of a verdict on `text` (the original); nothing when there was no hit."""
    hidden = _masked(text, verdict)
    return tuple(
        HitRecord(
            when,
            "*" * len(hit.word) if hit.rule.startswith("pii:") else privacy.mask(hit.word, orders),
            hit.category,
            hit.rule,
            verdict.action,
            direction,
            conversation,
            privacy.mask(hidden[max(hit.start - CONTEXT, 0) : hit.end + CONTEXT], orders),
        )
        for hit in longest(verdict.hits)
    )


def count_by_day(records: Iterable[HitRecord]) -> Counter[tuple[date, str, str]]:
    """Count hits by (day, category, word); the day is that of the record's own time zone."""
    return Counter((one.when.date(), one.category, one.word) for one in records)


def _masked(text: str, verdict: Verdict) -> str:
    signs = list(text)
    for hit in verdict.hits:
        signs[hit.start : hit.end] = "*" * (hit.end - hit.start)
    return "".join(signs)
