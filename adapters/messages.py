"""What travels between a chat platform and the bot: Message in, Reply out, Trace why.

Knows no platform, no transport and no policy; every adapter parses into Message and renders from Reply.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Source(StrEnum):
    """Which step of the pipeline gave the answer."""

    EXACT = "exact"
    FAQ = "faq"
    SUGGEST = "suggest"
    CALCULATION = "calculation"
    CACHE = "cache"
    DOCUMENTS = "documents"
    HANDOFF = "handoff"
    BLOCKED = "blocked"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Message:
    """What a platform delivered. `id` is the platform's own, unique within platform and account."""

    platform: str
    account: str
    conversation: str
    user: str
    id: str
    text: str
    received: datetime  # aware

    @property
    def thread(self) -> str:
        """The conversation's name across platforms: what keeps order and history together."""
        return f"{self.platform}/{self.account}/{self.conversation}"


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence of an answer comes from."""

    document: str
    section: str = ""
    page: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the pipeline: how long it took and what it saw; never the user's text."""

    name: str
    ms: float
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that was considered, and the probability that it answers the question."""

    knowledge_base: str
    entry: str
    score: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back, with the reason for it. `score` is the probability (0 to 1) that the answer is right."""

    text: str
    source: Source
    knowledge_base: str = ""
    entry: str = ""
    score: float = 0.0
    suggestions: tuple[str, ...] = ()
    evidence: tuple[Candidate, ...] = ()  # best first
    citations: tuple[Citation, ...] = ()
    trace: tuple[Step, ...] = ()
    silent: bool = False  # said before: a platform sends nothing, a caller that waits gets the text
