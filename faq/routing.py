"""Which knowledge base a question belongs to, all of them when that is not clear, and whether it is small talk instead.

Learnt from the phrasings of the content, the examples of its intents, and the shipped special intents (intents.yaml).
Does not answer anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from faq import prior, storing
from faq.classifying import Classifier, recall, store, train
from faq.content import Content
from faq.embedding import Embedder
from faq.text import LIMIT, normalise

_ENOUGH = 0.98  # the knowledge bases kept hold the right one with this probability
_SPECIAL = "special:"
_TAUGHT = 8_000  # phrasings learnt from
_PLAIN = 0.5  # probability from which a special intent is named


@dataclass(frozen=True, slots=True)
class Route:
    """`knowledge_bases` to search, empty = all; `intent` is the likeliest special intent when it is likely, or None.

    `probabilities` are of the knowledge bases, given that the question belongs to one.
    """

    knowledge_bases: tuple[str, ...] = ()
    probabilities: Mapping[str, float] = field(default_factory=dict)
    intent: str | None = None
    intent_probability: float = 0.0


class Router:
    """Routes questions among the knowledge bases of one Content; immutable."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    @classmethod
    def build(cls, content: Content, embedder: Embedder, *, folder: Path | None = None) -> "Router":
        """Learn from the content (2 s for 2,000 entries), or recall from `folder` what was learnt of it before."""
        labelled = [(phrasing, entry.knowledge_base) for entry in content.entries for phrasing in entry.phrasings]
        for base in content.knowledge_bases:
            labelled += [(example, base.id) for intent in base.intents for example in intent.examples]
        for name, examples in prior.intents().items():
            labelled += [(example, _SPECIAL + name) for example in examples]
        texts, labels = [text for text, _ in labelled], [label for _, label in labelled]
        if folder is None:
            return cls(train(texts, labels, embedder, _TAUGHT))
        path = folder / f"routes-{storing.name_of(content.version, embedder.id)}.npz"
        classifier = recall(path, embedder)
        if classifier is None:
            classifier = train(texts, labels, embedder, _TAUGHT)
            store(path, classifier)
        return cls(classifier)

    def route(self, question: str) -> Route:
        """Name the likeliest knowledge bases that together are nearly certain to hold the answer."""
        return self.routes([question])[0]

    def routes(self, questions: Sequence[str]) -> list[Route]:
        """As `route`; together questions cost less."""
        found = self._classifier.probabilities(questions).tolist()
        return [self._route(*one) for one in zip(questions, found, strict=True)]

    def _route(self, question: str, found: Sequence[float]) -> Route:
        if not normalise(question[:LIMIT]):
            return Route()
        by_name = dict(zip(self._classifier.classes, found, strict=True))
        special = {name: p for name, p in by_name.items() if name.startswith(_SPECIAL)}
        likeliest = max(special, key=lambda name: special[name])
        bases = {name: p for name, p in by_name.items() if name not in special}
        within = sum(bases.values()) or 1.0
        probabilities = {name: p / within for name, p in bases.items()}
        intent = likeliest.removeprefix(_SPECIAL) if special[likeliest] >= _PLAIN else None
        return Route(_likeliest(probabilities), probabilities, intent, special[likeliest])


def _likeliest(probabilities: Mapping[str, float]) -> tuple[str, ...]:
    """The fewest names that together are likely enough; none, meaning all, when that takes more than half of them."""
    kept: list[str] = []
    total = 0.0
    for name in sorted(probabilities, key=lambda name: -probabilities[name]):
        if total >= _ENOUGH:
            break
        kept.append(name)
        total += probabilities[name]
    return tuple(kept) if 2 * len(kept) <= len(probabilities) else ()
