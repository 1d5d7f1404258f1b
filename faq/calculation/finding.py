"""Finds the template a question asks for: phrasings and question are compared with their values masked by kind.

贷款{principal}，分{months}期 and 贷款10万，分36期 both become 贷款¤，分§. The score (0 to 1) joins how alike the words are
with how much of what was said the template can use; it is compared with the thresholds like the score of an FAQ entry.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from faq.calculation.filling import Filling, fill
from faq.calculation.reading.folding import fold
from faq.calculation.templates import Template
from faq.calculation.values import Type, Value

ANSWER = 0.5
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
_SILENT = re.compile(r"[\s，。？！、,.?!~：:；;\"'“”‘’（）()]+|请问|我想问一下|你好|您好|帮我|麻烦|一下|那么|的话|please|could you|can you")
_LIKENESS, _USED, _FILLED = 0.55, 0.25, 0.2


@dataclass(frozen=True, slots=True)
class Found:
    """A template, how surely it is meant, by how much it leads the next, and what the question says of its inputs."""

    template: Template
    score: float
    likeness: float
    margin: float
    filling: Filling


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
    marked = ((value.start, value.end, _TYPE_MARKS[value.type]) for value in values if value.type in _TYPE_MARKS)
    return mask(text, marked)


def _grams(text: str) -> Counter[str]:
    return Counter([*text, *map("".join, zip(text, text[1:], strict=False))])


class Finder:
    """An index of all phrasings of all templates; immutable."""

    def __init__(self, templates: Sequence[Template], background: Iterable[str]) -> None:
        self._rows: list[tuple[Template, Mapping[str, float], frozenset[str]]] = []
        phrasings = [(template, self._mask(template, text)) for template in templates for text in template.calculation.phrasings]
        documents = [_grams(text) for _, text in phrasings] + [_grams(mask(text, ())) for text in background]
        counts = Counter(gram for document in documents for gram in document)
        self._idf = {gram: math.log((1 + len(documents)) / (1 + count)) + 1 for gram, count in counts.items()}
        self._rare = math.log(1 + len(documents)) + 1
        for template, text in phrasings:
            self._rows.append((template, self._vector(text), frozenset(text) & set(_MARKS.values())))

    def _mask(self, template: Template, phrasing: str) -> str:
        spans = ((match.start(), match.end(), _MARKS[template.inputs[match[1]].type]) for match in _SLOT.finditer(phrasing))
        return mask(phrasing, spans)

    def _vector(self, text: str) -> Mapping[str, float]:
        weights = {gram: (1 + math.log(count)) * self._idf.get(gram, self._rare) for gram, count in _grams(text).items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {gram: weight / length for gram, weight in weights.items()}

    def find(self, text: str, values: Sequence[Value], today: date) -> Found | None:
        """The best template, whatever its score; None when there is none at all."""
        vector = self._vector(mask_values(text, values))
        likeness: dict[str, tuple[float, Template]] = {}
        for template, row, _ in self._rows:
            score = _cosine(vector, row)
            if score > likeness.get(template.id, (0.0, template))[0]:
                likeness[template.id] = (score, template)
        near = sorted(likeness.values(), key=lambda pair: -pair[0])[:5]
        found = sorted((self._judge(text, values, *pair, today) for pair in near), key=lambda item: -item.score)
        if not found:
            return None
        best, second = found[0], found[1].score if len(found) > 1 else 0.0
        return Found(best.template, best.score, best.likeness, best.score - second, best.filling)

    def _judge(self, text: str, values: Sequence[Value], likeness: float, template: Template, today: date) -> Found:
        filling = fill(template, text, values, today=today)
        needed = [item for item in template.inputs.values() if item.default is None] or list(template.inputs.values())
        filled = sum(item.name in filling.items for item in needed) / len(needed) if needed else 1.0
        usable = len(values)
        used = 1 - len([value for value in filling.left if value.type in _TYPE_MARKS]) / usable if usable else 0.0
        score = _LIKENESS * math.sqrt(likeness) + (_USED * used + _FILLED * filled if filling.items else 0.0)
        return Found(template, min(score, 1.0), likeness, 0.0, filling)


def _cosine(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    small, large = (first, second) if len(first) < len(second) else (second, first)
    return sum(weight * large[gram] for gram, weight in small.items() if gram in large)
