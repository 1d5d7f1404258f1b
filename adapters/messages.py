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
    TOOL = "tool"
    CACHE = "cache"
    DOCUMENTS = "documents"
    HANDOFF = "handoff"
    BLOCKED = "blocked"
    NONE = "none"


class Kind(StrEnum):
    """What a user sent; what is not TEXT gets a polite reply or goes to a media hook first."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    GREETING = "greeting"  # the user followed, opened the chat or was welcomed
    FEEDBACK = "feedback"  # what the user thinks of an answer: told to who wants to know, never answered
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Message:
    """What a platform delivered. `id` is the platform's own, unique within platform and account.

    In a group `conversation` names one user within the group (each has a history of their own) and `group` is where
    the reply goes; `mentioned` says that the bot was addressed. `context` is what the platform needs back to answer
    this very message (request ids, reply addresses); it never reaches a model.
    """

    platform: str
    account: str
    conversation: str
    user: str
    id: str
    text: str
    received: datetime  # aware; the platform's own time where it tells one: what was sent first is answered first
    kind: Kind = Kind.TEXT
    group: str = ""
    mentioned: bool = False
    user_name: str = ""
    quote: str = ""
    media: str = ""  # where the image, voice or file can be fetched: a URL or the platform's media id
    context: Mapping[str, str] = field(default_factory=dict)

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

    def __str__(self) -> str:
        """退货.md › 运费 p.2"""
        where = " › ".join(filter(None, (self.document, self.section)))
        return f"{where} p.{self.page}" if self.page else where


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

    @property
    def footed(self) -> str:
        """The text, and below it what its [1] stands for: for platforms that show text alone."""
        cited = [f"[{number}] {citation}" for number, citation in enumerate(self.citations, 1)]
        return "\n\n".join((self.text, "\n".join(cited))) if "[1]" in self.text and cited else self.text
