"""Which knowledge base a question belongs to; all of them when that is not clear.

Learnt from the phrasings of the content. Does not answer anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from sklearn.linear_model import LogisticRegression

from faq.content import Content
from faq.embedding import Embedder
from faq.text import normalise

_ENOUGH = 0.95  # the knowledge bases kept hold the right one with this probability
_LEAST = 10  # phrasings a knowledge base needs before one can learn what it is about


@dataclass(frozen=True, slots=True)
class Route:
    """`knowledge_bases` to search, empty = all; `intent` is a special intent such as a greeting, or None."""

    knowledge_bases: tuple[str, ...] = ()
    probabilities: Mapping[str, float] = field(default_factory=dict)
    intent: str | None = None
    intent_probability: float = 0.0


class Router:
    """Routes questions among the knowledge bases of one Content; immutable."""

    def __init__(self, model: LogisticRegression | None, embedder: Embedder) -> None:
        self._model, self._embedder = model, embedder

    @classmethod
    def build(cls, content: Content, embedder: Embedder) -> "Router":
        labelled = [(phrasing, entry.knowledge_base) for entry in content.entries for phrasing in entry.phrasings]
        sizes = [sum(base.id == label for _, label in labelled) for base in content.knowledge_bases]
        if len(sizes) < 2 or min(sizes) < _LEAST:
            return cls(None, embedder)
        model = LogisticRegression(C=20.0, class_weight="balanced", max_iter=300)
        model.fit(embedder.embed([text for text, _ in labelled]), [label for _, label in labelled])
        return cls(model, embedder)

    def route(self, question: str) -> Route:
        """Name the likeliest knowledge bases that together are nearly certain to hold the answer."""
        if self._model is None or not normalise(question):
            return Route()
        found = self._model.predict_proba(self._embedder.embed([question]))[0]
        probabilities = {str(name): float(p) for name, p in zip(self._model.classes_, found, strict=True)}
        order = sorted(probabilities, key=lambda name: -probabilities[name])
        needed = 1 + int(np.searchsorted(np.cumsum([probabilities[name] for name in order]), _ENOUGH))
        unsure = needed >= len(order)
        return Route(() if unsure else tuple(order[:needed]), probabilities)
