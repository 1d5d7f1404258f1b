"""What the content teaches about its own questions: how to rank candidates, and how surely the first one is right.

Learnt from the cases that the content asks itself (faq/cases.py). Rows learnt the same way from questions written for
Zhida (faq/prior) are added, so that a content of ten entries is judged sensibly too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from faq import boosting, cases, metric
from faq.cases import NOBODY, Case, Cases, Train
from faq.grams import Values
from faq.index import AT, CANDIDATES, FEATURES, Found, Index
from faq.odds import sigmoid
from faq.solving import Bounds, minimise

Labels = NDArray[np.bool_]

DECISION = (*FEATURES, "logit", "logit_lead", "rest", "second_near", "second_shared", "second_aligned")
# Of the questions of customers: those an entry answers, near ones that none does, far ones.
_SHARES = {"asked": 0.5, "retold": 0.07, "removed": 0.16, "denied": 0.08, "swapped": 0.06, "strange": 0.2}
_PRIOR = 800.0  # questions of the content that the prior weighs as much as
_TRUST = 3  # power of the share of hidden phrasings that find their entry
_TOLD, _FEW = 5.0, 10  # what an example counts beside a hidden phrasing, and how few say nothing
_FOLDS, _RIDGE = 3, 5.0
_MOST = 1.0  # weight of a case that no entry answers: a few must not stand for their whole kind
_GUARDS = ("numbers_clash", "opposed")  # what they mark is never answered, however sure (faq/matching.py)
_TREES = 0.5  # share of the trees in the score, beside the straight line that holds where nothing was learnt
_STRANGE = 0.01  # share of far questions that may look as if they belonged
# More of the first never makes an answer less sure, more of the second never surer, whatever a small sample says.
_RISING = frozenset(
    name
    for name in DECISION
    if name.startswith(("near", "shared", "spelling", "sound", "logit"))
    or name.endswith(("_covered", "_aligned", "_lead"))
    or name in {"overlap", "kinds_shared", "facets_shared", "length_ratio"}
) - {"near_second", "second_aligned"}
_FALLING = frozenset(
    name
    for name in DECISION
    if name.startswith(("missing", "extra", "misaligned", "unaligned", "swapped", "facets_"))
    or name in {"kinds_apart", "polarity_differs", "opposed", "numbers_clash", "rest", "hub", "second_near"}
) - {"facets_shared"}
# What trees ask: not how long the texts are or how crowded the content is, in which contents differ most.
_TREE_SIGNS = {
    column: (name in _RISING) - (name in _FALLING)
    for column, name in enumerate(DECISION)
    if name not in {"missing", "extra", "phrasings", "hub", "crowd", "rest"}
    and not name.startswith(("question_length", "phrasing_length", "length_ratio", "numbers_"))
}


@dataclass(frozen=True, slots=True)
class Rows:
    """What a model learns from, a line a case: `values`, whether `right`, whether `far` from all, `weight`, `group`."""

    values: Values
    right: Labels
    far: Labels
    weight: Values
    group: NDArray[np.int64]

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(field.name for field in fields(cls))

    def where(self, chosen: Labels) -> "Rows":
        return Rows(*(getattr(self, name)[chosen] for name in self.names()))


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
    trees: Values  # of DECISION, what they add to it
    belonging: Values  # of DECISION, positive for what some entry may be about
    scores: Values  # of cases not seen in learning, falling
    wrong: Values  # expected share of wrong answers when all cases down to that score are answered

    @classmethod
    def unsure(cls, weights: Values) -> "Judge":
        """A judge that ranks and is never sure, for want of anything to learn from."""
        never = np.append(np.zeros(len(DECISION)), -5).astype(np.float32)
        no_trees = np.zeros((0, boosting.WIDTH), np.float32)
        return cls(weights, never, no_trees, never, np.ones(1, np.float32), np.zeros(1, np.float32))

    def rank(self, found: Found) -> tuple[NDArray[np.int64], Values]:
        """Give the order of the candidates, best first, and the log-odds of each in that order."""
        logits = found.values @ self.weights[:-1] + self.weights[-1]
        order = np.argsort(-logits, kind="stable")
        return order, logits[order]

    def sure(self, values: Values) -> float:
        """Give the probability that the first candidate is right, by what `decision` says of it."""
        score = values @ self.decision[:-1] + self.decision[-1] + boosting.add(self.trees, values[None])[0]
        return float(sigmoid(score))

    def belongs(self, values: Values) -> bool:
        """Say whether the question is near enough to the content to ask back; of far ones hardly any is."""
        return float(values @ self.belonging[:-1] + self.belonging[-1]) >= 0

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
    return conclude(cases.collect(index, raw, far, train), prior)


def conclude(asked: Cases, prior: Lesson | None = None, shares: Mapping[str, float] = _SHARES) -> tuple[Judge, Lesson]:
    """Learn from cases, their kinds weighed by `shares`, and from what was known before."""
    if len(asked.told) < _FEW:
        asked = replace(asked, told=())
    pairs = _join([_pairs(asked.told, _TOLD), _pairs(asked.asked, 1.0)])
    weights = _ranking([pairs, *([_scaled(prior.pairs, _PRIOR * CANDIDATES)] if prior else [])])
    tops = _tops(weights, asked, shares)
    return _deciding(weights, [tops, *([_scaled(prior.tops, _PRIOR)] if prior else [])]), Lesson(pairs, tops)


def _pairs(asked: Sequence[Case], weight: float) -> Rows:
    """Every candidate of every case: is it the right one?"""
    many = sum(len(case.found.owners) for case in asked)
    return Rows(
        np.concatenate([np.zeros((0, len(FEATURES)), np.float32), *(case.found.values for case in asked)]),
        np.concatenate([np.zeros(0, bool), *(case.found.owners == case.owner for case in asked)]),
        np.zeros(many, bool),
        np.full(many, weight, np.float32),
        np.concatenate([np.zeros(0, np.int64), *(np.full(len(case.found.owners), case.owner) for case in asked)]),
    )


def _tops(weights: Values, asked: Cases, shares: Mapping[str, float]) -> Rows:
    """The first candidate of every case: is it the right one?

    Examples are what customers really ask. Where hidden phrasings seldom find their entry they were written to cover
    new ground; customers ask more plainly, so such phrasings count less.
    """
    judge = Judge.unsure(weights)
    kinds = {
        kind.name: [(case, *judge.rank(case.found)) for case in getattr(asked, kind.name)] for kind in fields(asked)
    }
    trust = float(np.mean([_is_right(*one) for one in kinds["asked"]] or [False])) ** _TRUST
    weight = {"told": _TOLD, "asked": trust}
    mass = sum(weight[kind] * len(kinds[kind]) for kind in weight)
    weight = {kind: weight[kind] * shares["asked"] for kind in weight}
    weight |= {kind: min(_MOST, mass * shares[kind] / max(1, len(kinds[kind]))) for kind in kinds if kind not in weight}
    ranked = [(kind, *one) for kind, several in kinds.items() for one in several]
    return Rows(
        np.array([decision(case.found, order, logits) for _, case, order, logits in ranked], np.float32).reshape(
            -1, len(DECISION)
        ),
        np.array([_is_right(*one) for _, *one in ranked], bool),
        np.array([kind == "strange" for kind, *_ in ranked], bool),
        np.array([weight[kind] for kind, *_ in ranked], np.float32),
        np.array([number if case.owner == NOBODY else case.owner for number, (_, case, *_) in enumerate(ranked)]),
    )


def _is_right(case: Case, order: NDArray[np.int64], logits: Values) -> bool:
    return bool(case.found.owners[order[0]] == case.owner)


def _scaled(rows: Rows, mass: float) -> Rows:
    """Prior rows, weighing `mass` together, in groups of their own."""
    return replace(
        rows, weight=rows.weight * np.float32(mass / max(1.0, rows.weight.sum())), group=-2 - np.abs(rows.group)
    )


def _join(parts: Sequence[Rows]) -> Rows:
    return Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in Rows.names()))


def _ranking(parts: Sequence[Rows]) -> Values:
    """Logistic regression over all candidates; gives a weight a feature and the intercept last."""
    rows = _join(parts)
    if len(np.unique(rows.right)) < 2:
        return np.zeros(len(FEATURES) + 1, np.float32)
    return _logistic(rows, _signs()[: len(FEATURES)], ridge=3.0)


@dataclass(frozen=True, slots=True)
class _Score:
    """The log-odds of being right: a straight line and trees."""

    line: Values
    trees: Values

    @classmethod
    def of(cls, rows: Rows) -> "_Score":
        trees = boosting.learn(rows.values, rows.right, rows.weight, _TREE_SIGNS)
        line = (1 - _TREES) * _logistic(rows, _signs(), _RIDGE)
        line[-1] += _TREES * boosting.start(rows.right, rows.weight)
        return cls(line, _stretched(trees, _TREES))

    def __call__(self, values: Values) -> Values:
        return np.asarray(values @ self.line[:-1] + self.line[-1] + boosting.add(self.trees, values), np.float32)


def _stretched(trees: Values, by: float) -> Values:
    return np.concatenate([trees[:, : boosting.LEAVES], trees[:, boosting.LEAVES :] * np.float32(by)], axis=1)


def _deciding(weights: Values, parts: Sequence[Rows]) -> Judge:
    """Learn to decide; also, on cases not seen in learning, how many of the answers above each score to expect wrong.

    The share expected from the scores is smoother than the share counted, which a few doubtful labels of the content
    (two entries that say the same) drive up exactly where the scores are highest.
    """
    rows = _join(parts)
    rows = rows.where((rows.weight > 0) & ~rows.values[:, [DECISION.index(name) for name in _GUARDS]].any(axis=1))
    if len(np.unique(rows.right)) < 2:
        return Judge.unsure(weights)
    score, unseen = _Score.of(rows), _unseen(rows, _Score.of)
    stretch, shift = _logistic(replace(rows, values=unseen[:, None]), [(0, None)], ridge=1.0)  # Platt 1999
    line = score.line * stretch
    line[-1] += shift
    scores = sigmoid(unseen * stretch + shift)
    order = np.argsort(-scores)
    wrong = np.cumsum(rows.weight[order] * (1 - scores[order])) / np.cumsum(rows.weight[order])
    trees = _stretched(score.trees, stretch)
    return Judge(weights, line, trees, _belonging(rows), scores[order], wrong.astype(np.float32))


def _belonging(rows: Rows) -> Values:
    """Learn to tell right answers from far questions, with nought where few far questions still pass."""
    clear = rows.where(rows.right | rows.far)
    if not clear.far.any():
        return np.append(np.zeros(len(DECISION)), 1).astype(np.float32)
    scores, model = _unseen(clear, _line)[clear.far], _line(clear).line
    order = np.argsort(-scores)
    passing = np.cumsum(clear.weight[clear.far][order]) / clear.weight[clear.far].sum()
    model[-1] -= scores[order][np.searchsorted(passing, _STRANGE)]
    return model


def _line(rows: Rows) -> _Score:
    return _Score(_logistic(rows, _signs(), _RIDGE), np.zeros((0, boosting.WIDTH), np.float32))


def _unseen(rows: Rows, learn: Callable[[Rows], _Score]) -> Values:
    """The log-odds of each row by a model that learnt from other groups."""
    scores = np.zeros(len(rows.right), np.float32)
    for fold in range(_FOLDS):
        unseen = rows.group % _FOLDS == fold
        scores[unseen] = learn(rows.where(~unseen))(rows.values[unseen])
    return scores


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
