"""The bar that evidence must pass, learnt from the operator's own documents before anybody asks.

A sentence becomes a question: a run of its words is what is asked for, some others are said differently, a word that
asks is added. The documents answer it; with its section and all that says the same out of sight they do not. A logistic
curve between the two says how sure an amount of evidence is. Where pages resemble each other the bar rises. Few
sentences move it little: a bar that was learnt from no documents counts as 300 of them.
"""

import json
import math
import os
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.rag.lexicon import Scores
from bot.rag.meaning import Rows
from bot.rag.passages import Passage
from bot.rag.splitting import sentences
from faq.embedding import Embedder, Vectors

Evidence = NDArray[np.float64]

VERSION = "1"  # of the way it is learnt
_QUESTIONS = 300  # asked at most, and what the bar before counts for
_CANDIDATES = 500  # passages looked at for each
_ASKED_FOR = 0.5  # share of the words that a question asks for; as many of the others are said differently
_SAME = 0.8  # share of a sentence's words from which a passage says it too
_LENGTHS = range(8, 161)  # characters of a sentence that is asked about
_MIDDLES, _SLOPES = np.linspace(0.3, 1.0, 71), np.geomspace(0.03, 0.3, 24)  # that are tried

_WORD = re.compile(r"[A-Za-z0-9.%]+|[㐀-鿿]{1,2}")
_HAN = re.compile(r"[㐀-鿿]")
_ASK = (
    *("是什么", "有哪些", "是多少", "几", "怎么", "如何", "什么时候"),
    *("在哪里", "为什么", "是谁", "哪个", "可以吗", "多久"),
)
_ASK_LATIN = ("what is", "how many", "how much", "how do I", "when", "where", "why", "who", "which", "can I")


@dataclass(frozen=True, slots=True)
class Bar:
    """With `middle` evidence every second question is answered; `slope` is how fast that turns."""

    middle: float = 0.55
    slope: float = 0.08

    def certainty(self, evidence: float) -> float:
        """The probability that a passage with this much evidence answers the question."""
        return 1 / (1 + math.exp((self.middle - evidence) / self.slope))


PRIOR = Bar()


class Searchable(Protocol):
    """What is learnt from: passages that are found by their evidence."""

    @property
    def passages(self) -> tuple[Passage, ...]: ...

    def weigh(self, text: str, vector: Vectors, limit: int) -> tuple[Rows, Scores]:
        """Give the rows that are near, unordered, and the evidence of each."""
        ...

    def words(self, question: str) -> Scores: ...


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question made of a sentence of the passage in that place."""

    place: int
    said: str
    question: str


def learn(index: Searchable, embedder: Embedder, prior: Bar = PRIOR) -> Bar:
    """Ask what the documents say, with and without the passages that say it; 5 ms a question, more of many passages."""
    asked = list(_questions(index.passages))
    rows = embedder.embed([one.question for one in asked])
    pairs = [pair for one, row in zip(asked, rows, strict=True) if (pair := _ask(index, one, row))]
    if not pairs:
        return prior
    found = _curve(np.array([seen for seen, _ in pairs]), np.array([unseen for _, unseen in pairs]), prior)
    share = len(pairs) / (len(pairs) + _QUESTIONS)
    slope = prior.slope * math.exp(share * math.log(found.slope / prior.slope))
    return Bar(prior.middle + share * (found.middle - prior.middle), slope)


def recall(file: Path, version: str) -> Bar | None:
    """The bar that was learnt from this version of the documents, None when it has to be learnt."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return Bar(float(kept["middle"]), float(kept["slope"])) if kept["version"] == version else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def keep(file: Path, version: str, bar: Bar) -> None:
    """Write down what was learnt; a crash leaves the old or the new file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(f".{os.getpid()}")  # `index` and the service may learn at the same time
    unfinished.write_text(json.dumps({"version": version, **asdict(bar)}), encoding="utf-8")
    unfinished.replace(file)


def _questions(passages: Sequence[Passage]) -> Iterator[_Asked]:
    """Of a sentence each of passages drawn at random, the same ones every time."""
    chance, left = random.Random(1), _QUESTIONS
    for place in chance.sample(range(len(passages)), len(passages)):
        fitting = [said for text in sentences(passages[place].text) if len(said := text.strip()) in _LENGTHS]
        if fitting and left:
            said, left = chance.choice(fitting), left - 1
            if question := as_question(said, random.Random(said)):
                yield _Asked(place, said, question)


def _ask(index: Searchable, asked: _Asked, row: Vectors) -> tuple[float, float] | None:
    """The evidence with and without what says it; None where nothing else is found."""
    rows, evidence = index.weigh(asked.question, row, _CANDIDATES)
    held, own = index.words(asked.said), index.passages[asked.place]
    near = [index.passages[row] for row in rows]
    beside = np.array([(one.document, one.section) == (own.document, own.section) for one in near], bool)
    unseen = ~(beside | (held[rows] >= _SAME * held.max()))
    return (float(evidence.max()), float(evidence[unseen].max())) if unseen.any() else None


def as_question(said: str, chance: random.Random) -> str:
    """What a customer might ask who gets this sentence as the answer; empty when it says too little."""
    words = _WORD.findall(said)
    gone = max(1, round(len(words) * _ASKED_FOR))
    first = chance.randrange(len(words) - gone + 1) if words else 0
    kept = [word for word in words[:first] + words[first + gone :] if chance.random() >= _ASKED_FOR]
    if len(words) < 4 or len(kept) < 2:
        return ""
    return "".join(kept) + chance.choice(_ASK) if _HAN.search(said) else " ".join([chance.choice(_ASK_LATIN), *kept])


def _curve(seen: Evidence, unseen: Evidence, prior: Bar) -> Bar:
    """The likeliest logistic curve between both; `prior` where they are not told apart at all."""
    distance = np.concatenate([seen[:, None] - _MIDDLES, _MIDDLES - unseen[:, None]])  # to the right side of a middle
    losses = [np.logaddexp(0, -distance / slope).sum(axis=0) for slope in _SLOPES]
    slope, middle = divmod(int(np.argmin(losses)), len(_MIDDLES))
    return Bar(float(_MIDDLES[middle]), float(_SLOPES[slope])) if slope + 1 < len(_SLOPES) else prior
