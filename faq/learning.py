"""What the content teaches about its own questions: how to rank candidates, and how surely the first one is right.

Asked again with itself hidden, each variant shows how right answers look; with its whole entry hidden, how wrong ones
do; small talk shows what lies far from everything. Rows learnt the same way from questions written for Zhida
(faq/prior) are added, so that a content of ten entries is judged sensibly too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from faq import metric
from faq.features import Values
from faq.index import AT, CANDIDATES, FEATURES, Found, Index, Question
from faq.odds import sigmoid
from faq.solving import Bounds, minimise

Labels = NDArray[np.bool_]

DECISION = (*FEATURES, "logit", "logit_lead", "rest", "second_near", "second_shared", "second_aligned")
_ASKED = 1000  # variants asked with themselves hidden
_REMOVED = 500  # phrasings asked with their entry hidden
_SHARES = (0.6, 0.25, 0.15)  # of questions an entry answers, near ones that none answers, far ones
_PRIOR = 400.0  # questions of the content that the prior weighs as much as
_FOLDS = 3
# More of the first never makes an answer less sure, more of the second never surer, whatever a small sample says.
_RISING = frozenset(
    name
    for name in DECISION
    if name.startswith(("near", "shared", "spelling", "sound", "logit"))
    or name.endswith(("_covered", "_aligned", "_lead"))
    or name in {"overlap", "kinds_shared", "length_ratio"}
) - {"near_second", "second_aligned"}
_FALLING = frozenset(
    name
    for name in DECISION
    if name.startswith(("missing", "extra", "misaligned", "unaligned", "swapped"))
    or name in {"kinds_apart", "polarity_differs", "opposed", "numbers_clash", "rest", "hub", "second_near"}
)
_COPIES = 80  # phrasings asked almost word for word
_OPENINGS, _ENDINGS = (
    ("请问", "你好，", "我想问一下", "麻烦问下，", "那个", ""),
    ("呢", "啊", "，谢谢", "，急", "呀", ""),
)
Train = Callable[[Values, NDArray[np.int64]], metric.Metric]


@dataclass(frozen=True, slots=True)
class Rows:
    """What a model learns from: one line of `values` a case, whether it was `right`, its `weight` and its `group`."""

    values: Values
    right: Labels
    weight: Values
    group: NDArray[np.int64]

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(field.name for field in fields(cls))

    def where(self, chosen: Labels) -> "Rows":
        return Rows(*(getattr(self, name)[chosen] for name in self.names()))


@dataclass(frozen=True, slots=True)
class Case:
    """A question asked in learning: what was found and the owner that is right (absent when hidden)."""

    found: Found
    owner: int


@dataclass(frozen=True, slots=True)
class Lesson:
    """All that was learnt from: candidates for ranking, first candidates for deciding."""

    pairs: Rows
    tops: Rows


@dataclass(frozen=True, slots=True)
class Judge:
    """Ranks candidates and says how surely the first is right."""

    weights: Values  # of FEATURES, for ranking
    decision: Values  # of DECISION, for the probability
    scores: Values  # of cases not seen in learning, falling
    wrong: Values  # expected share of wrong answers when all cases down to that score are answered

    @classmethod
    def unsure(cls, weights: Values) -> "Judge":
        """A judge that ranks and is never sure, for want of anything to learn from."""
        never = np.append(np.zeros(len(DECISION)), -5).astype(np.float32)
        return cls(weights, never, np.ones(1, np.float32), np.zeros(1, np.float32))

    def rank(self, found: Found) -> tuple[NDArray[np.int64], Values]:
        """Give the order of the candidates, best first, and the log-odds of each in that order."""
        logits = found.values @ self.weights[:-1] + self.weights[-1]
        order = np.argsort(-logits, kind="stable")
        return order, logits[order]

    def sure(self, found: Found, order: NDArray[np.int64], logits: Values) -> float:
        """Give the probability that the first candidate is right."""
        return float(sigmoid(decision(found, order, logits) @ self.decision[:-1] + self.decision[-1]))

    def threshold(self, accepted: float) -> float:
        """Give the least score at which at most the share `accepted` of the answers is wrong."""
        kept = np.flatnonzero(self.wrong <= accepted)
        return float(self.scores[kept[-1]]) if len(kept) else 1 - accepted


def decision(found: Found, order: NDArray[np.int64], logits: Values) -> Values:
    """Describe the first candidate beside the others, shape (len(DECISION),)."""
    first = found.values[order[0]]
    second = found.values[order[1]] if len(order) > 1 else np.zeros_like(first)
    rest = float(np.logaddexp.reduce(logits[1:])) if len(order) > 1 else -10.0
    lead = float(logits[0] - logits[1]) if len(order) > 1 else 10.0
    beside = (logits[0], lead, rest, second[AT["near"]], second[AT["shared_best"]], second[AT["question_aligned"]])
    return np.concatenate([first, np.array(beside, np.float32)])


def learn(
    index: Index, raw: Values, far: Sequence[str], prior: Lesson | None = None, train: Train = metric.learn
) -> tuple[Judge, Lesson]:
    """Learn from an index, the raw rows of its phrasings and far questions; also give what was learnt from."""
    asked, removed = _ask(index, raw, train)
    strange = [Case(index.find(index.read(text)), -1) for text in far] if len(index.owners) else []
    pairs = _pairs(asked)
    weights = _ranking([pairs, *([_scaled(prior.pairs, _PRIOR * CANDIDATES)] if prior else [])])
    tops = _tops(weights, [*asked, *_copies(index)], removed, strange)
    return _deciding(weights, [tops, *([_scaled(prior.tops, _PRIOR)] if prior else [])]), Lesson(pairs, tops)


def _ask(index: Index, raw: Values, train: Train) -> tuple[list[Case], list[Case]]:
    """Ask variants with themselves hidden, then phrasings with their entries hidden, by metrics that saw neither."""
    owners, random = index.owners, np.random.default_rng(0)
    if not len(owners):
        return [], []
    several = random.permutation(np.flatnonzero(np.bincount(owners)[owners] > 1))[:_ASKED]
    any_row = random.permutation(len(owners))[:_REMOVED]
    asked, removed = [], []
    for half in (0, 1):
        mine = owners % 2 == half
        blind = index.under(train(raw[~mine], owners[~mine]), raw) if not mine.all() else index
        asked += [_hide(blind, raw, row, np.arange(len(owners)) == row) for row in several[mine[several]]]
        removed += [_hide(blind, raw, row, owners == owners[row]) for row in any_row[mine[any_row]]]
    return asked, removed


def _copies(index: Index) -> list[Case]:
    """Ask phrasings as people retype them: with an opening, an ending, a character lost."""
    random = np.random.default_rng(0)
    cases = []
    for row in random.permutation(len(index.owners))[:_COPIES]:
        text, lost = index.phrasings[row], int(random.integers(len(index.phrasings[row])))
        kept = text[:lost] + text[lost + 1 :] if len(text) > 5 and random.random() < 0.5 else text
        asked = str(random.choice(_OPENINGS)) + kept + str(random.choice(_ENDINGS))
        cases.append(Case(index.find(index.read(asked)), int(index.owners[row])))
    return cases


def _hide(index: Index, raw: Values, row: int, hidden: Labels) -> Case:
    return Case(index.find(Question(index.reading(int(row)), raw[row]), hidden), int(index.owners[row]))


def _pairs(cases: Sequence[Case]) -> Rows:
    """Every candidate of every case: is it the right one?"""
    cases = [case for case in cases if len(case.found.owners)]
    return Rows(
        np.concatenate([np.zeros((0, len(FEATURES)), np.float32), *(case.found.values for case in cases)]),
        np.concatenate([np.zeros(0, bool), *(case.found.owners == case.owner for case in cases)]),
        np.ones(sum(len(case.found.owners) for case in cases), np.float32),
        np.concatenate([np.zeros(0, np.int64), *(np.full(len(case.found.owners), case.owner) for case in cases)]),
    )


def _tops(weights: Values, *kinds: Sequence[Case]) -> Rows:
    """The first candidate of every case: is it the right one? The kinds of cases weigh as in `_SHARES`."""
    judge = Judge.unsure(weights)
    kept = [[case for case in cases if len(case.found.owners)] for cases in kinds]
    mass = len(kept[0]) / _SHARES[0]
    ranked = [(case, *judge.rank(case.found)) for cases in kept for case in cases]
    return Rows(
        np.array([decision(case.found, order, logits) for case, order, logits in ranked], np.float32).reshape(
            -1, len(DECISION)
        ),
        np.array([case.found.owners[order[0]] == case.owner for case, order, _ in ranked], bool),
        np.concatenate(
            [
                np.full(len(cases), mass * share / max(1, len(cases)), np.float32)
                for cases, share in zip(kept, _SHARES, strict=True)
            ]
        ),
        np.array([case.owner for case, *_ in ranked], np.int64),
    )


def _scaled(rows: Rows, mass: float) -> Rows:
    """Prior rows, weighing `mass` together, in groups of their own."""
    return replace(rows, weight=rows.weight * np.float32(mass / rows.weight.sum()), group=-2 - np.abs(rows.group))


def _join(parts: Sequence[Rows]) -> Rows:
    return Rows(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("values", "right", "weight", "group"))
    )


def _ranking(parts: Sequence[Rows]) -> Values:
    """Logistic regression over all candidates; gives a weight a feature and the intercept last."""
    rows = _join(parts)
    if len(np.unique(rows.right)) < 2:
        return np.zeros(len(FEATURES) + 1, np.float32)
    return _logistic(rows, [(None, None)] * len(FEATURES), ridge=3.0)


def _deciding(weights: Values, parts: Sequence[Rows]) -> Judge:
    """Learn to decide; also, on cases not seen in learning, how many of the answers above each score to expect wrong.

    The share expected from the scores is smoother than the share counted, which a few doubtful labels of the content
    (two entries that say the same) drive up exactly where the scores are highest.
    """
    rows = _join(parts)
    if len(np.unique(rows.right)) < 2:
        return Judge.unsure(weights)
    scores = np.zeros(len(rows.right), np.float32)
    for fold in range(_FOLDS):
        unseen = rows.group % _FOLDS == fold
        model = _logistic(rows.where(~unseen), _signs(), ridge=20.0)
        scores[unseen] = sigmoid(rows.values[unseen] @ model[:-1] + model[-1])
    order = np.argsort(-scores)
    wrong = np.cumsum(rows.weight[order] * (1 - scores[order])) / np.cumsum(rows.weight[order])
    return Judge(weights, _logistic(rows, _signs(), ridge=20.0), scores[order], wrong.astype(np.float32))


def _signs() -> Bounds:
    return [(0 if name in _RISING else None, 0 if name in _FALLING else None) for name in DECISION]


def _logistic(rows: Rows, bounds: Bounds, ridge: float) -> Values:
    """Logistic regression of standardised values, each weight within its bounds; gives the intercept last."""
    total = float(rows.weight.sum())
    share = (rows.weight / total).astype(np.float64)
    mean = share @ rows.values
    scale = np.sqrt(share @ (rows.values - mean) ** 2) + 1e-3
    standard, penalty = (rows.values - mean) / scale, ridge / total

    def loss(model: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = standard @ model[:-1] + model[-1]
        slope = share * (sigmoid(logits) - rows.right)
        value = share @ np.logaddexp(0, np.where(rows.right, -logits, logits)) + penalty / 2 * (model[:-1] @ model[:-1])
        return float(value), np.append(standard.T @ slope + penalty * model[:-1], slope.sum())

    start = np.zeros(len(bounds) + 1)
    model = minimise(loss, start, [*bounds, (None, None)])
    weights = model[:-1] / scale
    return np.append(weights, model[-1] - weights @ mean).astype(np.float32)
