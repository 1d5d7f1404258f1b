"""Finds the template a question asks for, by the matcher of the FAQ over the masked phrasings of all templates.

The score is the matcher's probability that the template is meant, so it may be set beside that of an FAQ entry. With
every value there that the template needs, more likely than not is enough to compute; to ask for values it must be as
sure as an FAQ entry that is answered.
"""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faq.calculation.filling import Filling, fill
from faq.calculation.masking import counts, mask_phrasings, mask_question, mask_shortened
from faq.calculation.templates import Template
from faq.calculation.values import Value
from faq.content import Content, Entry, KnowledgeBase, Place
from faq.matching import Band, Matcher
from faq.text import normalise

_LIKELY = 0.5
_LIKELIER = 0.7  # score from which the rest is asked for when a value was given
_KNOWN = 0.45  # share of a question's pairs of characters that some phrasing has, below which no template is meant
_BASE = "calculations"

Named = tuple[Template, float, bool]  # the probability that it is meant, and whether an entry would be answered at it


@dataclass(frozen=True, slots=True)
class Found:
    """A template, the probability that it is meant, and what the question says of its inputs."""

    template: Template
    score: float
    filling: Filling
    is_complete: bool  # nothing has to be asked


class WordsAlone:
    """An embedder that leaves sentences out: masked questions are short and told apart by their words."""

    id, dim = "words", 1

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give a row of nothing a text, shape (len(texts), 1)."""
        return np.zeros((len(texts), 1), np.float32)


class Finder:
    """All phrasings of all templates, masked; immutable."""

    def __init__(self, templates: Sequence[Template], folder: Path | None = None) -> None:
        """Learn the phrasings, or recall from `folder` what was learnt of them before."""
        self._owners: dict[str, list[Template]] = {}  # the first one stands for all in the matcher
        for template in templates:
            for masked in mask_phrasings(template):
                owners = self._owners.setdefault(masked, [])
                owners += [template] if template not in owners else []
        for template in templates:
            for masked in mask_shortened(template):
                self._owners.setdefault(masked, [template])
        self._exact: dict[str, list[Template]] = {}
        for masked, owners in self._owners.items():
            same = self._exact.setdefault(normalise(masked), [])
            same += [template for template in owners if template not in same]
        self._longest = 2 * max(map(len, self._owners))
        self._known = {pair for masked in self._owners for pair in pairwise(masked)}
        self._matcher = _matcher(tuple((masked, owners[0].id) for masked, owners in self._owners.items()), folder)

    def find(self, text: str, values: Sequence[Value], today: date) -> Found | None:
        """The template that is meant, or None when none surely is."""
        for masked in filter(self._is_near, mask_question(text, values)):
            for named in (self._written, self._alike):
                tried = ((*one, fill(one[0], text, values, today=today)) for one in named(masked, today))
                sure = [found for one in tried if (found := _judge(*one, text))]
                if sure:
                    return max(sure, key=lambda found: (found.score, found.is_complete))
        return None

    def _written(self, masked: str, today: date) -> list[Named]:
        """The templates with a phrasing in these very words, whatever the punctuation."""
        return [(template, 1.0, True) for template in self._exact.get(normalise(masked), ())]

    def _alike(self, masked: str, today: date) -> list[Named]:
        """The templates whose phrasings are alike, as far as they may be sure."""
        decision = self._matcher.match(masked, today, top=1)
        answers = decision.band is Band.ANSWER
        likely = [match for match in decision.matches if answers or match.score >= _LIKELY]
        return [(template, match.score, answers) for match in likely for template in self._owners[match.phrasing]]

    def _is_near(self, masked: str) -> bool:
        """A test that costs nothing beside matching, which most messages are spared by it."""
        pairs = list(pairwise(masked))
        if len(pairs) > self._longest:
            return False
        return sum(pair in self._known for pair in pairs) >= _KNOWN * len(pairs) > 0


def _judge(template: Template, score: float, answers: bool, filling: Filling, text: str) -> Found | None:
    """Values that no input takes speak against the template, unless it is them that the user must be asked about."""
    odd = bool(filling.twice or filling.wrong)
    if not odd and any(counts(text, value) for value in filling.left):
        return None
    needed = [item.name for item in template.inputs.values() if item.default is None]
    complete = bool(filling.wrong) or (bool(filling.items) and all(name in filling.items for name in needed))
    likely = score >= (_LIKELY if complete else _LIKELIER if filling.items else 1)
    return Found(template, score, filling, complete) if answers or likely else None


@functools.lru_cache(maxsize=4)
def _matcher(phrasings: tuple[tuple[str, str], ...], folder: Path | None) -> Matcher:
    """The matcher of masked phrasings and their templates; kept, since the staff seldom change templates."""
    by_template: dict[str, list[str]] = {}
    for masked, template in phrasings:
        by_template.setdefault(template, []).append(masked)
    place = Place(_BASE, 1)
    entries = tuple(
        Entry(template, _BASE, first, tuple(more), (), "", {}, None, None, (), place)
        for template, (first, *more) in by_template.items()
    )
    base = KnowledgeBase(_BASE, "", entries, (), (), (), (), None, place)
    version = hashlib.sha256(repr(phrasings).encode()).hexdigest()
    return Matcher.build(Content((base,), version), WordsAlone(), folder=folder)
