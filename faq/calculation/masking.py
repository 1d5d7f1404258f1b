"""Takes the values out of phrasings and questions: each becomes the same sample of its kind, so that only words differ.

贷款{principal}，分{months}期 and 贷款10万，分36期 both become 贷款100元,分3个月. Samples rather than signs, because
what compares the texts knows how people write.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from faq.calculation import arithmetic
from faq.calculation.filling import target_unit
from faq.calculation.reading.folding import fold
from faq.calculation.templates import Template
from faq.calculation.values import Type, Value
from faq.content import Input

_AMOUNT, _SHARE, _LENGTH, _DAY, _QUANTITY, _NAME, _SUM = "100元", "5%", "3个月", "5月1日", "2公里", "厘米", "1+1"
_OF_INPUTS: Mapping[str, str] = {
    "money": _AMOUNT, "number": _AMOUNT, "count": _AMOUNT, "percent": _SHARE, "duration": _LENGTH, "date": _DAY,
    "time": _DAY, "quantity": _QUANTITY, "unit": _NAME, "currency": _NAME, "expression": _SUM,
}  # fmt: skip
_OF_VALUES: Mapping[Type, str] = {
    Type.NUMBER: _AMOUNT, Type.CURRENCY: _AMOUNT, Type.PERCENTAGE: _SHARE, Type.DURATION: _LENGTH, Type.DATE: _DAY,
    Type.TIME: _DAY, Type.DATETIME: _DAY, Type.DIMENSION: _QUANTITY, Type.TEMPERATURE: _QUANTITY, Type.AGE: _AMOUNT,
    Type.DATE_RANGE: _DAY,
}  # fmt: skip
_SLOT = re.compile(r"\{([a-z0-9_]+)\}期?")
_COMMA = re.compile(r"[，,]")
_INSTALMENTS = re.compile(r" *期")
_PERIOD = re.compile(r"一个月|一月|一年|一天|一周|1年|1个月|1天|今年|今天|现在|目前|a month|a year|today")
_OFTEN = re.compile(r"一个月|一月|一年|今年|现在|目前|a month|a year")  # 一个月还多少: how often, in any such question
_ARTICLE = re.compile(r"一(?=[个家本位只件张条部名种样份])")  # 我想查一家公司: no number is meant
_MOST_LABELS = 24  # ways of writing one phrasing with the labels of its choices

Span = tuple[int, int, str]


def mask_phrasings(template: Template) -> Iterator[str]:
    """The phrasings as questions look once masked: one for each label of a choice; a length may be a quantity too."""
    for phrasing in template.calculation.phrasings:
        yield from _mask(template, phrasing)


def mask_shortened(template: Template) -> Iterator[str]:
    """The same without one of several clauses that tell a value: who leaves one out is asked for it."""
    for phrasing in template.calculation.phrasings:
        clauses = _COMMA.split(phrasing)
        telling = [at for at, clause in enumerate(clauses) if _SLOT.search(clause)]
        for at in telling if len(telling) > 1 else ():
            yield from _mask(template, "，".join(clauses[:at] + clauses[at + 1 :]))


def _mask(template: Template, phrasing: str) -> Iterator[str]:
    kinds = [template.inputs[name] for name in _SLOT.findall(phrasing)]
    for chosen in itertools.islice(itertools.product(*map(_samples, kinds)), _MOST_LABELS):
        texts = _SLOT.split(phrasing)[::2]
        yield fold("".join(itertools.chain(*itertools.zip_longest(texts, chosen, fillvalue=""))))


def _samples(kind: Input) -> tuple[str, ...]:
    if kind.type == "choice":
        return tuple(kind.choices)
    sample = _OF_INPUTS[kind.type]
    return (sample, _LENGTH) if kind.type == "quantity" and not kind.unit else (sample,)


def mask_question(text: str, values: Sequence[Value]) -> tuple[str, ...]:
    """The question, masked: with its arithmetic as one value if it has any, else also with the unit it asks for."""
    folded = fold(text)
    if summed := arithmetic.find(text):
        return (_replace(folded, [(summed.start, summed.end, _SUM)]),)
    spans = [_span(folded, value) for value in values if value.type in _OF_VALUES and not _says_nothing(folded, value)]
    unit = target_unit(text)
    if unit is None or any(start < unit[1] and unit[0] < end for start, end, _ in spans):
        return (_replace(folded, spans),)
    return _replace(folded, spans), _replace(folded, [*spans, (unit[0], unit[1], _NAME)])


def counts(text: str, value: Value) -> bool:
    """Whether a value that no input takes speaks against a template; 今年 in 今年几岁 only says that it is now."""
    if value.type not in _OF_VALUES or value.value is None:
        return False
    return not _PERIOD.fullmatch(text, value.start, value.end) and not _is_article(text, value)


def _says_nothing(folded: str, value: Value) -> bool:
    return _OFTEN.fullmatch(folded, value.start, value.end) is not None or _is_article(folded, value)


def _is_article(text: str, value: Value) -> bool:
    match = _ARTICLE.match(text, value.start)
    return match is not None and match.end() == value.end


def _span(folded: str, value: Value) -> Span:
    if value.type is Type.NUMBER and (match := _INSTALMENTS.match(folded, value.end)):
        return value.start, match.end(), _LENGTH
    is_name = value.type is Type.CURRENCY and value.value is None
    return value.start, value.end, _NAME if is_name else _OF_VALUES[value.type]


def _replace(folded: str, spans: Iterable[Span]) -> str:
    parts, at = [], 0
    for start, end, sample in sorted(spans):
        if start >= at:
            parts += [folded[at:start], sample]
            at = end
    return "".join([*parts, folded[at:]])
