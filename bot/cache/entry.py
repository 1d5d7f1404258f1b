"""What is kept of an answer, what it rests on, and how long it may be given."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from adapters.messages import Citation
from bot.rag.passages import Found, Passage


@dataclass(frozen=True, slots=True)
class Origin:
    """One document, in one version, that an answer was made from."""

    knowledge_base: str
    document: str
    content: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer. `negative`: nothing was found, so that asking again is not worth money for a while."""

    text: str
    score: float
    knowledge_base: str
    citations: tuple[Citation, ...] = ()
    origins: tuple[Origin, ...] = ()
    passages: tuple[Found, ...] = ()
    negative: bool = False
    money: float = 0.0

    def to_json(self) -> str:
        said = {
            "text": self.text,
            "score": self.score,
            "citations": [asdict(one) for one in self.citations],
            "passages": [asdict(one) for one in self.passages],
        }
        return json.dumps(said, ensure_ascii=False)

    def origins_json(self) -> str:
        return json.dumps([asdict(origin) for origin in self.origins], ensure_ascii=False)

    @classmethod
    def from_json(cls, answer: str, origins: str, knowledge_base: str, negative: bool, money: float) -> "Entry":
        """Raises ValueError, KeyError or TypeError when it was written by another version."""
        said = json.loads(answer)
        return cls(
            text=str(said["text"]),
            score=float(said["score"]),
            knowledge_base=knowledge_base,
            citations=tuple(Citation(**one) for one in said["citations"]),
            origins=tuple(Origin(**one) for one in json.loads(origins)),
            passages=tuple(Found(Passage(**one["passage"]), float(one["score"])) for one in said["passages"]),
            negative=negative,
            money=money,
        )


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """When an answer is too old. Freshness is likeness times one half for every half-life of age."""

    whole: timedelta = timedelta(days=14)
    negative: timedelta = timedelta(minutes=10)
    half: timedelta = timedelta(days=7)
    half_of: Mapping[str, timedelta] = field(default_factory=dict)  # by knowledge base
    fresh_from: float = 0.5

    def freshness(self, entry: Entry, likeness: float, age: timedelta) -> float:
        """Give the freshness, 0 when the entry is from the future or past its time."""
        if not timedelta() <= age < (self.negative if entry.negative else self.whole):
            return 0.0
        half = self.half_of.get(entry.knowledge_base, self.half)
        freshness: float = likeness * 0.5 ** (age / half)
        return freshness if freshness >= self.fresh_from else 0.0
