"""What a policy says of a text: Action, Direction, Hit, Verdict. Values only."""

from enum import StrEnum
from typing import NamedTuple


class Direction(StrEnum):
    """Which way a text goes: from the customer (in) or to the customer (out)."""

    __hash__ = str.__hash__  # of the value, as it compares; and faster than that of Enum

    IN = "in"
    OUT = "out"


class Action(StrEnum):
    """What happens to a text, mildest first: the order of definition is the order of strictness."""

    __hash__ = str.__hash__

    PASS = "pass"  # noqa: S105 - a verb, no password
    FLAG = "flag"
    MASK = "mask"
    HANDOFF = "handoff"
    BLOCK = "block"


STRICTNESS: dict[Action, int] = {action: rank for rank, action in enumerate(Action)}


class Hit(NamedTuple):
    """One place where a rule applies: text[start:end] in the original text, as the rules list it, and why."""

    word: str
    start: int
    end: int
    category: str
    rule: str  # which reading found it: plain, spaced, sound, pii:phone ...


class Verdict(NamedTuple):
    """The strictest action of all hits. `text` is masked where hits ask for it; `reply` is the category's own words."""

    action: Action
    text: str
    hits: tuple[Hit, ...] = ()
    reply: str | None = None


def passing(text: str) -> Verdict:
    """Give the verdict on a text without a hit, as nearly all are, in a third of the time of Verdict(...)."""
    return tuple.__new__(Verdict, (Action.PASS, text, (), None))
