"""Every phrasing of every entry, searchable by equal text, by shared grams and by learnt nearness.

An index is built once from a Content and never changes. It finds candidates and describes them; it does not decide.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faq import features, mapped, words
from faq.cells import Bytes, Cells, blocks
from faq.content import Content, Entry
from faq.embedding import Embedder
from faq.features import Reader, Reading
from faq.grams import Values, Weighed
from faq.lexicon import Lexicon
from faq.metric import Metric, identity
from faq.products import Blocks, cut, multiply
from faq.spelling import Speller
from faq.text import LIMIT, normalise
from faq.words import unit

Mask = NDArray[np.bool_]

CANDIDATES = 6  # entries described for each question; twelve rank no better
_ROWS = 24  # phrasings from which they are taken
_NEAREST = 100  # phrasings near by meaning, of those looked at in cells
SMALL = 20_000  # phrasings up to which all are looked at
_WORDS = 0.8  # weight of the blended words beside the sentence embedding
_CROWD = 6  # nearest phrasings whose mean says how crowded the place is
_HUB_SAMPLE = 2000
ENTRY = (
    "near",
    "near_second",
    "phrasings",
    "hub",
    "shared_best",
    "spelling_best",
    "crowd",
    "missing_anywhere",  # weight of the ideographs and words of the question that no phrasing of the entry nearby has
    "missing_anywhere_most",
)
LEADS = ("near_lead", "shared_lead", "spelling_lead", "sound_lead", "aligned_lead")
FEATURES = (*features.PAIR, *features.PIECES, *ENTRY, *LEADS)
AT = {name: column for column, name in enumerate(FEATURES)}
_LEADING = [AT[name] for name in ("near", "shared_best", "spelling", "sound", "question_aligned")]  # as in LEADS


@dataclass(frozen=True, slots=True)
class Question:
    """A question once read: its folded text and pieces, its grams, its raw row (before the metric).

    `near`: how near it is to every phrasing, when that is known already.
    """

    reading: Reading
    grams: Weighed
    raw: Values
    near: Values | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Candidate entries, nearest first by a plain score: owners, their nearest phrasing, and FEATURES of each."""

    owners: NDArray[np.int64]
    rows: NDArray[np.int64]
    values: Values


@dataclass(frozen=True, slots=True)
class _Nearby:
    """Phrasings near a question, nearest first by a plain score."""

    rows: NDArray[np.int64]
    near: Values
    shared: Values


@dataclass(frozen=True)
class Index:
    """The phrasings in rows: `phrasings[row]` of `entries[owners[row]]`.

    Up to SMALL of them lie in `vectors`, as columns, and all are looked at; more lie in `cells`.
    """

    entries: tuple[Entry, ...]
    owners: NDArray[np.int64]
    phrasings: tuple[str, ...]
    speller: Speller
    reader: Reader
    lexicon: Lexicon
    embedder: Embedder
    metric: Metric
    vectors: Blocks  # a column of each phrasing mapped by the metric; nothing when there are cells
    hubs: Values  # how near each phrasing is to those of others: what is near everything means little
    exact: dict[str, tuple[int, ...]]
    negatives: dict[int, Values]  # raw rows of the negatives, by owner
    cells: Cells | None = None
    readings: dict[int, Reading] = field(default_factory=dict)

    def under(self, metric: Metric, raw: Values) -> "Index":
        """Give the same index measured by another metric; `raw` are its rows before any metric."""
        vectors = metric(raw)
        hubs = _hubs(lambda part: vectors[part], self.owners)
        return replace(self, metric=metric, vectors=cut(vectors.T), hubs=hubs)

    def asked_through(self, embedder: Embedder) -> "Index":
        """Give the same index, its questions embedded by another instance of the same embedder."""
        return replace(self, embedder=embedder)

    def denied(self, question: Question, owner: int, near: float) -> bool:
        """Say whether a negative of the entry is at least as near to the question as `near`."""
        rows = self.negatives.get(owner)
        return rows is not None and float((self.metric(rows) @ self.metric(question.raw[None])[0]).max()) >= near

    def wording(self, question: str) -> str:
        """The question with synonyms and likely typos as the phrasings have them."""
        return self.speller.canonical(question[:LIMIT])

    def read(self, question: str) -> Question:
        return self.read_all([question])[0]

    def read_all(self, questions: Sequence[str]) -> list[Question]:
        """Read questions; together they are embedded in a third of the time."""
        texts = [self.wording(question) for question in questions]
        readings = [self.reader.read(text) for text in texts]
        rows = raw_rows(texts, [reading.pieces for reading in readings], self.reader, self.embedder)
        return [self.question(reading, row) for reading, row in zip(readings, rows, strict=True)]

    def foresee(self, questions: Sequence[str]) -> list[Question]:
        """Read a few questions that will be found soon, with their nearness: that costs a fifth together."""
        read = self.read_all(questions)
        if self.cells is not None or not read:
            return read
        near = self._near(np.stack([one.raw for one in read]))
        return [replace(one, near=own) for one, own in zip(read, near, strict=True)]

    def question(self, reading: Reading, raw: Values) -> Question:
        """Ask what was read before; `raw` is its raw row."""
        return Question(reading, self.reader.grams.weigh(reading.text), raw)

    def find(self, question: Question, hidden: Mask | None = None) -> Found:
        """Describe the entries nearest to the question; rows in `hidden` do not exist."""
        nearby = self._among_all(question, hidden) if self.cells is None else self._among_many(question, hidden)
        by_owner: dict[int, list[int]] = {}
        for line, owner in enumerate(self.owners[nearby.rows].tolist()):
            by_owner.setdefault(owner, []).append(line)
        return self._describe(question, nearby, dict(list(by_owner.items())[:CANDIDATES]))

    def _among_all(self, question: Question, hidden: Mask | None) -> "_Nearby":
        near = self._near(question.raw[None])[0] if question.near is None else question.near
        shared = self.lexicon.scores(question.grams)
        rows = _best(near, shared) if hidden is None else _best(near, shared, np.flatnonzero(~hidden))
        return _Nearby(rows, near[rows], shared[rows])

    def _among_many(self, question: Question, hidden: Mask | None) -> "_Nearby":
        """As `_among_all`, but only phrasings in cells near the question or with its rarest grams are looked at."""
        assert self.cells is not None
        place = self.metric(question.raw[None])[0]
        alike = self.lexicon.likeliest(question.grams, hidden)
        rows = np.union1d(alike, self.cells.nearest(place, _NEAREST, hidden))
        near = self.cells.near(rows, place)
        shared = self.reader.grams.overlap(question.grams, rows)[0][:, 0]
        chosen = _best(near, shared)
        return _Nearby(rows[chosen], near[chosen], shared[chosen])

    def _near(self, raw: Values) -> Values:
        """The nearness of raw rows to every phrasing."""
        return multiply(self.metric(raw), self.vectors)[:, : len(self.owners)]

    def _describe(self, question: Question, nearby: "_Nearby", lines: dict[int, list[int]]) -> Found:
        """Describe the owners of these lines of what is nearby."""
        starts, every = np.cumsum([0, *map(len, lines.values())])[:-1], [*chain.from_iterable(lines.values())]
        overlap, missing = self.reader.grams.overlap(question.grams, nearby.rows[every])
        rows = nearby.rows[every][starts]
        pair = features.compare(question.reading, [self.reading(row) for row in rows.tolist()], overlap[starts])
        anywhere = np.minimum.reduceat(missing, starts) if len(lines) else missing
        near, shared = nearby.near.tolist(), nearby.shared.tolist()
        crowd = float(nearby.near[:_CROWD].mean()) if near else 0.0
        lacks = anywhere.sum(axis=1) / question.grams.weight, anywhere.max(axis=1, initial=0)
        of_rows = np.array([self.hubs[rows], pair[:, AT["spelling"]], np.full(len(rows), crowd), *lacks]).T.tolist()
        entry = []
        for own, (hub, *others) in zip(lines.values(), of_rows, strict=True):
            nearest = sorted((near[one] for one in own), reverse=True)
            second, best = nearest[min(1, len(own) - 1)], max(shared[one] for one in own)
            entry.append((nearest[0], second, min(len(own), 6) / 3, hub, best, *others))
        values = np.concatenate([pair, np.array(entry, np.float32).reshape(-1, len(ENTRY))], axis=1)
        values = np.concatenate([values, features.leads(values[:, _LEADING])], axis=1)
        return Found(np.fromiter(lines, np.int64), rows, values)

    def reading(self, row: int) -> Reading:
        reading = self.readings.get(row)
        if reading is None:
            text = self.speller.canonical(self.phrasings[row][:LIMIT])
            reading = self.reader.read(text, self.reader.pieces[row])
            if len(self.readings) < SMALL:
                self.readings[row] = reading
        return reading


def build(content: Content, embedder: Embedder) -> tuple[Index, Values]:
    """Build the index of a content under the identity metric; also give the raw row of each phrasing."""
    index, texts = _open(content, embedder)
    raw = raw_rows(texts, index.reader.pieces, index.reader, embedder)
    hubs = np.zeros(len(raw), np.float32)
    return replace(index, metric=identity(raw, index.owners), vectors=cut(unit(raw).T), hubs=hubs), raw


def build_many(content: Content, embedder: Embedder, metric: Metric, folder: Path | None) -> Index:
    """Build the index of a content too large for `build`, by a metric learnt before; `folder` keeps its rows.

    Rows are embedded a block at a time and kept as bytes: a million phrasings take 300 MB beside their texts.
    """
    index, texts = _open(content, embedder)
    index = replace(index, metric=metric)
    stored = mapped.read(folder) if folder else {}
    if stored:
        return replace(index, cells=Cells.of(stored), hubs=np.asarray(stored["hubs"], np.float32))
    given = Bytes.empty(len(texts), metric.matrix.shape[1])
    for part in blocks(len(texts)):
        given.put(part, metric(raw_rows(texts[part], index.reader.pieces[part], index.reader, embedder)))
    hubs, cells = _hubs(given.get, index.owners), Cells.build(given)
    if folder:
        mapped.write(folder, {**cells.arrays(), "hubs": hubs})
    return replace(index, cells=cells, hubs=hubs)


def _open(content: Content, embedder: Embedder) -> tuple[Index, list[str]]:
    """An index in which nothing is near yet, and the texts as they are read."""
    speller = Speller(base.synonyms for base in content.knowledge_bases)
    rows = [(owner, phrasing) for owner, entry in enumerate(content.entries) for phrasing in entry.phrasings]
    texts = [speller.canonical(phrasing[:LIMIT]) for _, phrasing in rows]
    reader = Reader(texts)
    owners = np.array([owner for owner, _ in rows], np.int64)
    nothing = np.empty((0, 0), np.float32)
    index = Index(
        entries=content.entries,
        owners=owners,
        phrasings=tuple(phrasing for _, phrasing in rows),
        speller=speller,
        reader=reader,
        lexicon=Lexicon(reader.grams),
        embedder=embedder,
        metric=identity(nothing, owners),
        vectors=cut(nothing),
        hubs=np.empty(0, np.float32),
        exact=_by_text([*rows, *((owner, text) for (owner, _), text in zip(rows, texts, strict=True))]),
        negatives=_negatives(content, speller, reader, embedder),
    )
    return index, texts


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


def _hubs(rows: Callable[[slice | NDArray[np.int64]], Values], owners: NDArray[np.int64]) -> Values:
    """The mean nearness of each phrasing to its five nearest of other owners, among a sample."""
    hubs = np.zeros(len(owners), np.float32)
    sample = np.random.default_rng(0).permutation(len(owners))[:_HUB_SAMPLE]
    beside = rows(sample).T
    for part in blocks(len(owners)):
        near = rows(part) @ beside
        near[owners[part, None] == owners[sample]] = 0
        fifth = max(0, near.shape[1] - 5)
        hubs[part] = np.partition(near, fifth, axis=1)[:, fifth:].mean(axis=1)
    return hubs


def _best(near: Values, shared: Values, among: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """The rows, of these if they are given, that come first by a plain score, best first."""
    scores = _plain(near, shared) if among is None else _plain(near[among], shared[among])
    places = np.argpartition(scores, -_ROWS)[-_ROWS:] if len(scores) > _ROWS else np.arange(len(scores))
    places = places[np.argsort(-scores[places], kind="stable")]
    return places if among is None else among[places]


def _plain(near: Values, shared: Values) -> Values:
    return 0.6 * near + 0.4 * shared
