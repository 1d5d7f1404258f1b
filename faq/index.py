"""Every phrasing of every entry, searchable by equal text, by shared grams and by learnt nearness.

An index is built once from a Content and never changes. It finds candidates and describes them; it does not decide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from faq import features, words
from faq.content import Content, Entry
from faq.embedding import Embedder
from faq.features import Reader, Reading, Values
from faq.lexicon import Lexicon
from faq.metric import Metric, identity
from faq.spelling import Speller
from faq.text import LIMIT, normalise
from faq.words import unit

Mask = NDArray[np.bool_]

CANDIDATES = 12  # entries described for each question
_ROWS = 40  # phrasings from which they are taken
_WORDS = 0.8  # weight of the blended words beside the sentence embedding
_CROWD = 6  # nearest phrasings whose mean says how crowded the place is
_HUB_SAMPLE = 2000
_STRETCHES = 20  # of phrasings that are not hidden, up to which each is looked at by itself
ENTRY = ("near", "near_second", "phrasings", "hub", "shared_best", "spelling_best", "crowd")
LEADS = ("near_lead", "shared_lead", "spelling_lead", "sound_lead", "aligned_lead")
FEATURES = (*features.PAIR, *features.PIECES, *ENTRY, *LEADS)
AT = {name: column for column, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True)
class Question:
    """A question once read: its folded text, its grams and pieces, its raw row (before the metric)."""

    reading: Reading
    raw: Values


@dataclass(frozen=True, slots=True)
class Found:
    """Candidate entries, nearest first by a plain score: owners, their nearest phrasing, and FEATURES of each."""

    owners: NDArray[np.int64]
    rows: NDArray[np.int64]
    values: Values


@dataclass(frozen=True)
class Index:
    """The phrasings in rows: `phrasings[row]`, as read in `texts[row]`, of `entries[owners[row]]`."""

    entries: tuple[Entry, ...]
    owners: NDArray[np.int64]
    phrasings: tuple[str, ...]
    texts: tuple[str, ...]
    speller: Speller
    reader: Reader
    lexicon: Lexicon
    embedder: Embedder
    metric: Metric
    vectors: Values  # (phrasings, width) mapped by the metric
    hubs: Values  # how near each phrasing is to those of others: what is near everything means little
    exact: dict[str, tuple[int, ...]]
    negatives: dict[int, Values]  # raw rows of the negatives, by owner
    readings: dict[int, Reading] = field(default_factory=dict)

    def under(self, metric: Metric, raw: Values) -> "Index":
        """Give the same index measured by another metric; `raw` are its rows before any metric."""
        vectors = metric(raw)
        return replace(self, metric=metric, vectors=vectors, hubs=_hubs(vectors, self.owners))

    def asked_through(self, embedder: Embedder) -> "Index":
        """Give the same index, its questions embedded by another instance of the same embedder."""
        return replace(self, embedder=embedder)

    def denied(self, question: Question, owner: int, near: float) -> bool:
        """Say whether a negative of the entry is at least as near to the question as `near`."""
        rows = self.negatives.get(owner)
        return rows is not None and float((self.metric(rows) @ self.metric(question.raw[None])[0]).max()) >= near

    def foresee(self, questions: Sequence[str]) -> None:
        self.embedder.embed([self.speller.canonical(question[:LIMIT]) for question in questions])

    def read(self, question: str) -> Question:
        text = self.speller.canonical(question[:LIMIT])
        reading = self.reader.read(text)
        return Question(reading, raw_rows([text], [reading.pieces], self.reader, self.embedder)[0])

    def find(self, question: Question, hidden: Mask | None = None) -> Found:
        """Describe the entries nearest to the question; rows in `hidden` do not exist."""
        near = self._near(self.metric(question.raw[None])[0], hidden)
        shared = self.lexicon.scores(question.reading.grams.items(), question.reading.length)
        fused = 0.6 * near + 0.4 * shared
        rows = _largest(fused, _ROWS)
        rows = rows[np.isfinite(fused[rows])]
        by_owner: dict[int, list[int]] = {}
        for row in rows:
            by_owner.setdefault(int(self.owners[row]), []).append(int(row))
        chosen = list(by_owner.items())[:CANDIDATES]
        return self._describe(question, chosen, near, shared, float(near[rows[:_CROWD]].mean()) if len(rows) else 0.0)

    def _near(self, mapped: Values, hidden: Mask | None) -> Values:
        """The nearness of every phrasing; hidden ones are infinitely far, not looked at in stretches."""
        if hidden is None:
            return self.vectors @ mapped
        ends = np.flatnonzero(hidden[1:] != hidden[:-1]) + 1
        if len(ends) > _STRETCHES:
            return np.where(hidden, -np.inf, self.vectors @ mapped)
        near = np.full(len(hidden), -np.inf, np.float32)
        for start, end in pairwise([0, *ends, len(hidden)]):
            if not hidden[start]:
                near[start:end] = self.vectors[start:end] @ mapped
        return near

    def _describe(
        self, question: Question, chosen: Sequence[tuple[int, list[int]]], near: Values, shared: Values, crowd: float
    ) -> Found:
        first = np.array([rows[0] for _, rows in chosen], np.int64)
        values = np.zeros((len(chosen), len(FEATURES)), np.float32)
        pair = features.compare(question.reading, [self.reading(int(row)) for row in first])
        values[:, : pair.shape[1]] = pair
        for line, (_, rows) in enumerate(chosen):
            nearest = sorted((float(near[row]) for row in rows), reverse=True)
            second = nearest[min(1, len(nearest) - 1)]
            best = max(float(shared[row]) for row in rows)
            spelling = pair[line, AT["spelling"]]
            values[line, AT["near"] : AT["near_lead"]] = (
                nearest[0], second, min(len(rows), 6) / 3, self.hubs[rows[0]], best, spelling, crowd,
            )  # fmt: skip
        leads = ("near", "shared_best", "spelling", "sound", "question_aligned")
        for lead, name in zip(LEADS, leads, strict=True):
            values[:, AT[lead]] = features.spread(values[:, AT[name]])
        return Found(np.array([owner for owner, _ in chosen], np.int64), first, values)

    def reading(self, row: int) -> Reading:
        reading = self.readings.get(row)
        if reading is None:
            reading = self.reader.read(self.texts[row], self.reader.pieces[row])
            if len(self.readings) < 50_000:
                self.readings[row] = reading
        return reading


def build(content: Content, embedder: Embedder) -> tuple[Index, Values]:
    """Build the index of a content under the identity metric; also give the raw row of each phrasing."""
    speller = Speller(base.synonyms for base in content.knowledge_bases)
    rows = [(owner, phrasing) for owner, entry in enumerate(content.entries) for phrasing in entry.phrasings]
    texts = tuple(speller.canonical(phrasing[:LIMIT]) for _, phrasing in rows)
    reader = Reader(texts)
    raw = raw_rows(texts, reader.pieces, reader, embedder)
    owners = np.array([owner for owner, _ in rows], np.int64)
    index = Index(
        entries=content.entries,
        owners=owners,
        phrasings=tuple(phrasing for _, phrasing in rows),
        texts=texts,
        speller=speller,
        reader=reader,
        lexicon=Lexicon(texts, reader),
        embedder=embedder,
        metric=identity(raw, owners),
        vectors=unit(raw),
        hubs=np.zeros(len(raw), np.float32),
        exact=_by_text(rows),
        negatives=_negatives(content, speller, reader, embedder),
    )
    return index, raw


def _negatives(content: Content, speller: Speller, reader: Reader, embedder: Embedder) -> dict[int, Values]:
    owned = [(owner, text) for owner, entry in enumerate(content.entries) for text in entry.negatives]
    texts = [speller.canonical(text[:LIMIT]) for _, text in owned]
    rows = raw_rows(texts, [words.pieces(text) for text in texts], reader, embedder)
    owners = np.array([owner for owner, _ in owned], np.int64)
    return {int(owner): rows[owners == owner] for owner in np.unique(owners)}


def raw_rows(texts: Sequence[str], pieces: Sequence[words.Ids], reader: Reader, embedder: Embedder) -> Values:
    """Give sentence embedding and blended words side by side, shape (len(texts), embedder.dim + words.WIDTH)."""
    return np.concatenate([embedder.embed(texts), _WORDS * words.blend(pieces, reader.rarity)], axis=1)


def _by_text(rows: Iterable[tuple[int, str]]) -> dict[str, tuple[int, ...]]:
    exact: dict[str, tuple[int, ...]] = {}
    for owner, phrasing in rows:
        key = normalise(phrasing[:LIMIT])
        if key and owner not in exact.get(key, ()):
            exact[key] = (*exact.get(key, ()), owner)
    return exact


def _hubs(vectors: Values, owners: NDArray[np.int64]) -> Values:
    """The mean nearness of each phrasing to its five nearest of other owners, among a sample."""
    hubs = np.zeros(len(vectors), np.float32)
    sample = np.random.default_rng(0).permutation(len(vectors))[:_HUB_SAMPLE]
    for start in range(0, len(vectors), 4096):
        part = slice(start, start + 4096)
        near = vectors[part] @ vectors[sample].T
        near[owners[part, None] == owners[sample]] = 0
        hubs[part] = np.sort(near, axis=1)[:, -5:].mean(axis=1)
    return hubs


def _largest(scores: Values, limit: int) -> NDArray[np.int64]:
    """The rows of the `limit` largest scores, largest first."""
    rows = np.argpartition(scores, -limit)[-limit:] if len(scores) > limit else np.arange(len(scores))
    ordered: NDArray[np.int64] = rows[np.argsort(-scores[rows], kind="stable")]
    return ordered
