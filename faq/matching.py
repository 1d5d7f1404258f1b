"""Which entry answers a question, and how sure that is: answer it, offer a choice, or pass it on.

Pure: a question and a day in, a Decision out. The score is the probability that the match is right, learnt from the
content itself (faq/learning.py); the staff say which share of wrong answers they accept, and the bands follow.
"""

import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faq import index as indexing
from faq import keeping, metric, prior, storing
from faq.content import Content, Entry
from faq.embedding import Embedder
from faq.index import AT, Found, Index, Question
from faq.learning import Judge, decision
from faq.text import LIMIT, normalise

WRONG_ANSWERS = 0.05  # share of the answers given that may be wrong, unless the staff say otherwise
SUGGESTIONS = 3
_WORTH_OFFERING = 0.08  # probability from which an entry is offered
_WORTH_ASKING = 0.25  # probability of the first, from which the user is asked at all
_LIKELY = 0.6  # the same for a question that looks far from the whole content
_EVEN_TALK = 0.9  # score from which small talk is asked back about too
_GUARDED = 0.5  # what a guard leaves of a score
_MANY, _BEYOND = 3, 1.0  # other entries that say all that is asked (退款), and how much more the likeliest says


class Band(StrEnum):
    """What to do with the matches."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    PASS = "pass"  # noqa: S105 (not a password)


@dataclass(frozen=True, slots=True)
class Match:
    """An entry, the probability that it is right (0 to 1), its lead over the next, and its nearest phrasing."""

    entry: Entry
    score: float
    margin: float
    phrasing: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The band and the distinct entries considered, best first; `detail` says why, for the trace."""

    band: Band
    matches: tuple[Match, ...] = ()
    detail: Mapping[str, object] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """The probability that the first entry is right; 0 when there is none."""
        return self.matches[0].score if self.matches else 0.0

    @property
    def suggestions(self) -> tuple[Match, ...]:
        """The at most three entries worth offering to the user; empty in the band PASS."""
        if self.band is Band.PASS:
            return ()
        return tuple(match for match in self.matches[:SUGGESTIONS] if match.score >= _WORTH_OFFERING)


class Matcher:
    """Answers from one Content; immutable, so that a new one can replace it between two questions."""

    def __init__(self, content: Content, index: Index, judge: Judge, wrong_answers: float) -> None:
        self._index, self._judge = index, judge
        self._base_ids = {base.id: number for number, base in enumerate(content.knowledge_bases)}
        self._bases = np.array([self._base_ids[entry.knowledge_base] for entry in index.entries], np.int32)
        self._places = {(entry.knowledge_base, entry.id): place for place, entry in enumerate(index.entries)}
        self._valid_on = functools.lru_cache(maxsize=2)(self._validity)
        accepted = {base.id: base.wrong_answers for base in content.knowledge_bases}
        self._thresholds = {
            base: judge.threshold(wrong_answers if share is None else share) for base, share in accepted.items()
        }
        self._hidden = functools.lru_cache(maxsize=32)(self._hide)
        self._written = "\n".join(index.exact)
        self._talk = prior.talk(index.embedder.id)
        self._phrasing_talks = functools.lru_cache(maxsize=indexing.SMALL)(self._talked)

    @classmethod
    def build(
        cls, content: Content, embedder: Embedder, *, folder: Path | None = None, wrong_answers: float = WRONG_ANSWERS
    ) -> "Matcher":
        """Learn from the content, or recall from `folder` what was learnt of it before (7 s for 2,000 entries).

        Of a content too large to be looked at as a whole, a sample teaches how to decide.
        """
        if sum(len(entry.phrasings) for entry in content.entries) > indexing.SMALL:
            return cls._build_many(content, embedder, folder, wrong_answers)
        index, raw = keeping.build_index(content, embedder, folder)
        index = index.asked_through(embedder)
        learnt, judge = keeping.recall(folder, content, embedder) or keeping.learn_and_keep(
            index, raw, folder, content, embedder
        )
        return cls(content, index.under(learnt, raw), judge, wrong_answers)

    @classmethod
    def _build_many(cls, content: Content, embedder: Embedder, folder: Path | None, share: float) -> "Matcher":
        sample = keeping.sample(content)
        known = keeping.recall(folder, sample, embedder)
        if known is None:
            index, raw = keeping.build_index(sample, embedder, folder)
            known = keeping.learn_and_keep(index, raw, folder, sample, embedder, metric.narrow)
        learnt, judge = known
        place = folder / f"cells-{storing.name_of(content.version, embedder.id)}" if folder else None
        return cls(content, indexing.build_many(content, embedder, learnt, place), judge, share)

    @property
    def index(self) -> Index:
        return self._index

    @property
    def judge(self) -> Judge:
        """What was learnt of deciding."""
        return self._judge

    def exact(self, question: str, day: date) -> Entry | None:
        """Give the entry with a phrasing equal to `question`, whatever its case, width, script and punctuation.

        Synonyms are equal too, but words as they stand come first.
        """
        for text in (question[:LIMIT], self._index.wording(question)):
            for owner in self._index.exact.get(normalise(text), ()):
                if (entry := self._index.entries[owner]).valid_on(day):
                    return entry
        return None

    def says(self, words: str) -> bool:
        """Whether some phrasing has these words in it."""
        return normalise(words) in self._written

    def match(
        self,
        question: str,
        day: date,
        knowledge_bases: Collection[str] | None = None,
        besides: Entry | None = None,
        top: int = 5,
        read: Question | None = None,
    ) -> Decision:
        """Decide among the entries valid on `day`, of `knowledge_bases` alone when given (empty or None: all).

        The entry `besides` does not exist; `read` is the question as `foresee` gave it.
        """
        detail: dict[str, object] = {"capped": len(question) > LIMIT}
        if not normalise(question[:LIMIT]):
            return Decision(Band.PASS, (), detail | {"reason": "nothing to read"})
        asked = read or self._index.read(question)
        found = self._index.find(asked, self._without(besides, self._hidden(day, frozenset(knowledge_bases or ()))))
        if not len(found.owners):
            return Decision(Band.PASS, (), detail | {"reason": "no entry"})
        return self._decide(asked, found, top, detail)

    def reads(self, question: str) -> str:
        """The question as it is embedded: what the staff call by one name has one name."""
        return self._index.wording(question)

    def foresee(self, questions: Sequence[str]) -> list[Question]:
        """Read together what will be matched soon."""
        return self._index.foresee(questions)

    def ask_again(self, day: date) -> Iterator[tuple[Entry, str, Decision, Decision]]:
        """For every phrasing: its entry, itself, what is decided with it hidden, and with its whole entry hidden."""
        owners, closed = self._index.owners, self._hidden(day, frozenset())
        for row, phrasing in enumerate(self._index.phrasings):
            asked = self._index.read(phrasing)
            without = [np.arange(len(owners)) == row, owners == owners[row]]
            found = [self._index.find(asked, mask if closed is None else mask | closed) for mask in without]
            alone, stranger = (
                self._decide(asked, one, 1, {}) if len(one.owners) else Decision(Band.PASS) for one in found
            )
            yield self._index.entries[owners[row]], phrasing, alone, stranger

    def _decide(self, asked: Question, found: Found, top: int, detail: dict[str, object]) -> Decision:
        order, logits = self._judge.rank(found)
        guard = self._guard(asked, found, int(order[0]))
        first = decision(found, order, logits)
        sure = self._judge.sure(first)
        scores = _shares(sure * _GUARDED if guard else sure, logits)
        matches = tuple(
            Match(
                self._index.entries[found.owners[line]],
                score,
                score - following,
                self._index.phrasings[found.rows[line]],
            )
            for line, score, following in zip(order[:top], scores, [*scores[1:], 0.0], strict=False)
        )
        threshold = self._thresholds[matches[0].entry.knowledge_base]
        band = _band(scores[0], threshold, guard, self._judge.belongs(first))
        talk = band is Band.SUGGEST and scores[0] < _EVEN_TALK and self._is_talk(asked, matches[0].phrasing)
        why = {"threshold": threshold, "guard": guard, "small_talk": talk, **_why(found, int(order[0]))}
        return Decision(Band.PASS if talk else band, matches, detail | why)

    def _is_talk(self, asked: Question, phrasing: str) -> bool:
        """Say whether a question is small talk and, with what it resembles, remains so: not worth asking back about."""
        alone = self._talks(asked.raw)
        return alone > 0 and alone + self._phrasing_talks(phrasing) > 0

    def _talked(self, phrasing: str) -> float:
        return self._talks(self._index.embedder.embed([self._index.wording(phrasing)])[0])

    def _talks(self, raw: NDArray[np.float32]) -> float:
        return float(raw[: len(self._talk) - 1] @ self._talk[:-1] + self._talk[-1])

    def _guard(self, asked: Question, found: Found, line: int) -> str:
        """Name what forbids to answer with this candidate although it is near; empty when nothing does."""
        values = found.values[line]
        if values[AT["numbers_clash"]]:
            return "another number"
        if values[AT["opposed"]]:
            return "the opposite"
        if self._index.denied(asked, int(found.owners[line]), float(values[AT["near"]])):
            return "like a negative"
        says_all = found.values[:, AT["missing"]] == 0
        others = int(says_all.sum()) - int(says_all[line])
        return "one word for many" if others >= _MANY and values[AT["extra"]] > _BEYOND else ""

    def _without(self, entry: Entry | None, hidden: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
        """Mark the phrasings of an entry too."""
        if entry is None:
            return hidden
        own: NDArray[np.bool_] = self._index.owners == self._places.get((entry.knowledge_base, entry.id), -1)
        return own if hidden is None else hidden | own

    def _hide(self, day: date, knowledge_bases: frozenset[str]) -> NDArray[np.bool_] | None:
        """Mark the phrasings that must not answer; None when all may."""
        allowed = self._valid_on(day)
        if knowledge_bases:
            allowed = allowed & np.isin(self._bases, [self._base_ids.get(base, -1) for base in knowledge_bases])
        return None if allowed.all() else ~allowed[self._index.owners]

    def _validity(self, day: date) -> NDArray[np.bool_]:
        return np.array([entry.valid_on(day) for entry in self._index.entries], bool)


def _shares(sure: float, logits: NDArray[np.float32]) -> list[float]:
    """The probability of each candidate: the first as judged, the others by their odds against it."""
    odds = np.exp(logits - logits[0])
    rest = min(1.0, (1 - sure) / max(1e-6, float(odds[1:].sum()) * sure)) if sure else 0.0
    return [sure, *(float(sure * odd * rest) for odd in odds[1:])]


def _band(sure: float, threshold: float, guard: str, belongs: bool) -> Band:
    if sure >= threshold and not guard:
        return Band.ANSWER
    return Band.SUGGEST if sure >= (_WORTH_ASKING if belongs else _LIKELY) else Band.PASS


def _why(found: Found, line: int) -> dict[str, object]:
    names = ("near", "shared", "spelling", "sound", "near_lead")
    return {name: round(float(found.values[line, AT[name]]), 3) for name in names}
