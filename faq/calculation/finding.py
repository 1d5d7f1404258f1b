"""Finds the template a question asks for: phrasings and question are compared with their values masked by kind.

贷款{principal}，分{months}期 and 贷款10万，分36期 both become 贷款¤，分§. The score (0 to 1) joins how alike the
words are
with how much of what was said the template can use; it is compared with the thresholds like the score of an FAQ entry.
"""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from faq.calculation import arithmetic
from faq.calculation.filling import Filling, fill, target_unit
from faq.calculation.reading.folding import fold
from faq.calculation.templates import Template
from faq.calculation.values import Type, Value

ANSWER, ASK, NAMED = 0.6, 0.8, 0.72  # scores to compute at, to ask for what is missing at; likeness without any value
LEAST_LIKENESS = 0.4
_AMOUNT, _SHARE, _LENGTH, _DAY, _QUANTITY, _WORD, _SUM = "¤", "‰", "§", "◷", "◇", "◆", "∑"
_MARKS: Mapping[str, str] = {
    "money": _AMOUNT, "number": _AMOUNT, "count": _AMOUNT, "percent": _SHARE, "duration": _LENGTH, "date": _DAY,
    "time": _DAY, "quantity": _QUANTITY, "choice": _WORD, "unit": _WORD, "currency": _WORD, "expression": _SUM,
}  # fmt: skip
_TYPE_MARKS: Mapping[Type, str] = {
    Type.NUMBER: _AMOUNT, Type.CURRENCY: _AMOUNT, Type.PERCENTAGE: _SHARE, Type.DURATION: _LENGTH, Type.DATE: _DAY,
    Type.TIME: _DAY, Type.DATETIME: _DAY, Type.DIMENSION: _QUANTITY, Type.TEMPERATURE: _QUANTITY, Type.AGE: _AMOUNT,
    Type.DATE_RANGE: _DAY,
}  # fmt: skip
_SLOT = re.compile(r"\{([a-z0-9_]+)\}")
_SILENT = re.compile(
    r"[\s，。？！、,.?!~：:；;\"'“”‘’（）()]+|请问|我想问一下|你好|您好|帮我|麻烦|一下|那么|的话|please|could you"
    r"|can you"
)
_LIKENESS, _COVERED, _FILLED, _UNUSED = 0.45, 0.35, 0.2, 0.6
_WORDS = re.compile(r"[a-z]+|\S")
_ALL_MARKS = frozenset(_MARKS.values())
_PERIODS = frozenset(
    (
        "一个月",
        "一月",
        "一年",
        "一天",
        "一周",
        "1年",
        "1个月",
        "1天",
        "今年",
        "今天",
        "现在",
        "目前",
        "a month",
        "a year",
        "today",
    )
)


@dataclass(frozen=True, slots=True)
class Found:
    """A template, how surely it is meant, by how much it leads the next, and what the question says of its inputs."""

    template: Template
    score: float
    likeness: float
    margin: float
    filling: Filling

    @property
    def is_sure(self) -> bool:
        """Whether to compute, or to ask for what is missing; 怎么还款 is like a phrasing but gives no value."""
        if not self.filling.items and not self.filling.wrong:
            return self.likeness >= NAMED
        needed = [item.name for item in self.template.inputs.values() if item.default is None]
        complete = all(name in self.filling.items for name in needed) or bool(self.filling.wrong)
        return self.likeness >= LEAST_LIKENESS and self.score >= (ANSWER if complete else ASK)


def mask(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """The folded text with each span replaced by its mark, without what says nothing."""
    folded, parts, at = fold(text), [], 0
    for start, end, mark in sorted(spans):
        if start >= at:
            parts += [folded[at:start], mark]
            at = end
    return _SILENT.sub("", "".join([*parts, folded[at:]]))


def mask_values(text: str, values: Iterable[Value]) -> str:
    """A question, masked."""
    marked = [
        (value.start, value.end, _WORD if value.value is None else _TYPE_MARKS[value.type])
        for value in values
        if value.type in _TYPE_MARKS
    ]
    unit = target_unit(text)
    if unit is not None and all(unit[1] <= start or end <= unit[0] for start, end, _ in marked):
        marked.append((unit[0], unit[1], _WORD))
    return mask(text, marked)


def _grams(text: str) -> Counter[str]:
    return Counter([*text, *map("".join, itertools.pairwise(text))])


class Finder:
    """An index of all phrasings of all templates; immutable."""

    def __init__(self, templates: Sequence[Template], background: Iterable[str]) -> None:
        self._rows: list[tuple[Template, bool]] = []  # of each phrasing: its template, whether it is arithmetic
        self._postings: dict[str, list[tuple[int, float]]] = {}
        phrasings = [
            (template, self._mask(template, text)) for template in templates for text in template.calculation.phrasings
        ]
        documents = [_grams(text) for _, text in phrasings] + [_grams(mask(text, ())) for text in background]
        counts = Counter(gram for document in documents for gram in document)
        self._idf = {gram: math.log((1 + len(documents)) / (1 + count)) + 1 for gram, count in counts.items()}
        self._rare = math.log(1 + len(documents)) + 1
        self._letters: dict[str, set[str]] = {}
        for template, text in phrasings:
            self._letters.setdefault(template.id, set()).update(_words(text))
        for template, text in phrasings:
            self._add(template, text)
            if any(item.type == "quantity" and not item.unit for item in template.inputs.values()):
                self._add(template, text.replace(_QUANTITY, _LENGTH))

    def _add(self, template: Template, text: str) -> None:
        for gram, weight in self._vector(text).items():
            self._postings.setdefault(gram, []).append((len(self._rows), weight))
        self._rows.append((template, _SUM in text))

    def _likeness(self, masked: str) -> Mapping[int, float]:
        """The cosine of every row that shares something with the text."""
        likeness: dict[int, float] = {}
        for gram, weight in self._vector(masked).items():
            for row, other in self._postings.get(gram, ()):
                likeness[row] = likeness.get(row, 0.0) + weight * other
        return likeness

    def _mask(self, template: Template, phrasing: str) -> str:
        spans = (
            (match.start(), match.end(), _MARKS[template.inputs[match[1]].type]) for match in _SLOT.finditer(phrasing)
        )
        return mask(phrasing, spans)

    def _vector(self, text: str) -> Mapping[str, float]:
        weights = {
            gram: (1 + math.log(count)) * self._idf.get(gram, self._rare) for gram, count in _grams(text).items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {gram: weight / length for gram, weight in weights.items()}

    def find(self, text: str, values: Sequence[Value], today: date) -> Found | None:
        """The best template that is like the question at all, or None."""
        masked = mask_values(text, values)
        likeness = {row: score for row, score in self._likeness(masked).items() if not self._rows[row][1]}
        if found_sum := arithmetic.find(text):
            summed = self._likeness(mask(text, [(found_sum.start, found_sum.end, _SUM)]))
            likeness |= {row: score for row, score in summed.items() if self._rows[row][1]}
        best: dict[str, tuple[float, Template]] = {}
        for row, score in likeness.items():
            template = self._rows[row][0]
            if score >= LEAST_LIKENESS and score > best.get(template.id, (0.0, template))[0]:
                best[template.id] = (score, template)
        near = sorted(best.values(), key=lambda pair: -pair[0])[:4]
        found = sorted((self._judge(text, masked, values, *pair, today) for pair in near), key=lambda item: -item.score)
        if not found:
            return None
        second = found[1].score if len(found) > 1 else 0.0
        return replace(found[0], margin=found[0].score - second)

    def _judge(
        self, text: str, masked: str, values: Sequence[Value], likeness: float, template: Template, today: date
    ) -> Found:
        filling = fill(template, text, values, today=today)
        needed = [item for item in template.inputs.values() if item.default is None] or list(template.inputs.values())
        filled = sum(item.name in filling.items for item in needed) / len(needed)
        left = [] if filling.twice or filling.wrong else [value for value in filling.left if _counts(text, value)]
        is_sum = any(item.type == "expression" for item in template.inputs.values())
        covered = 1.0 if is_sum and filling.items else self._covered(template, masked)
        score = _LIKENESS * math.sqrt(likeness) + _COVERED * covered
        if filling.items:
            score += _FILLED * filled
        return Found(template, min(score * _UNUSED ** len(left), 1.0), likeness, 0.0, filling)

    def _covered(self, template: Template, masked: str) -> float:
        """How much of what the question says, by weight, occurs in the phrasings of the template."""
        known = self._letters[template.id]
        weights = [(self._idf.get(word, self._rare), word in known) for word in _words(masked)]
        if not weights:
            return 1.0
        return sum(weight for weight, is_known in weights if is_known) / sum(weight for weight, _ in weights)


def _words(masked: str) -> list[str]:
    """Chinese characters and Latin words, without the marks."""
    return [word for word in _WORDS.findall(masked) if word not in _ALL_MARKS]


def _counts(text: str, value: Value) -> bool:
    """Whether a value that no input takes speaks against a template."""
    return value.type in _TYPE_MARKS and value.value is not None and not _is_period(text, value)


def _is_period(text: str, value: Value) -> bool:
    """一个月 in 一个月还多少 says how often, 今年 in 今年几岁 that it is now; neither is left over."""
    return text[value.start : value.end] in _PERIODS
