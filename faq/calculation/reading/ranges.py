"""Ranges of numbers: 大于20且小于等于35, 一到五, 20~100, between 20 and 30, at least 3, 200 or more.

Two numbers and what stands between, or one number and a comparing word before or after it. Ends are as said: 到 and
"between" take both (Recognizers-Text, experimental mode).
"""

import itertools
import re
from dataclasses import dataclass
from decimal import Decimal

from faq.calculation.reading.numbers import Number, stands_alone
from faq.calculation.values import Interval, Type, Value

_OVER_EQUAL = (
    r"(?:大于|多于|高于|超过)(?: *或者? *| *)?等于|大于等于|不小于|不少于|不低于|至少(?:是|有)?|最少(?:是|有)?|>=|≥|> ="
    r"|(?:greater|higher|bigger|larger|more)(?: than)? or equal (?:to|than)|equal to or (?:greater|more|higher"
    r"|larger) than"
    r"|no(?:t)? (?:less|smaller|fewer|lower) than|at least|at the least|equal to or over"
)
_UNDER_EQUAL = (
    r"(?:小于|少于|低于)(?: *或者? *| *)?等于|小于等于|不大于|不多于|不超过|不高于|至多(?:是|有)?|最多(?:是|有)?|<=|≤"
    r"|< ="
    r"|(?:less|smaller|lower|fewer)(?: than)? or equals?(?: to| than)?|equal to or (?:less|smaller|lower|fewer) than"
    r"|no(?:t)? (?:more|greater|larger|higher|bigger) than|at most|at the most|up to"
)
_OVER = (
    r"大于|多于|高于|超过|比|>|greater than|higher than|more than|bigger than|larger than|above|over|exceed(?:s|ed"
    r"|ing)?"
    r"|surpass(?:es|ed|ing)?|in excess of"
)
_UNDER = r"小于|少于|低于|不到|不足|<|less than|lower than|smaller than|fewer than|below|under"
_EQUAL = r"等于|equals? to|equals|="
_BEFORE = re.compile(
    rf"(?:(?P<oe>{_OVER_EQUAL})|(?P<ue>{_UNDER_EQUAL})|(?P<o>{_OVER})|(?P<u>{_UNDER})|(?P<e>{_EQUAL})) *$"
)
_AFTER = re.compile(
    r" *(?:(?P<oe>(?:及|或者|或)以上|(?:and|or) (?:above|more than|greater than|higher than|over|more|greater|higher"
    r"|larger)(?! \d)|或者?更多|\+)"
    r"|(?P<ue>(?:及|或者|或)以下|(?:and|or) (?:below|less than|less|under|lower|smaller|fewer)(?! \d))|(?P<o>以上|多"
    r"(?=[个^]|$"
    r"|人))|(?P<u>以下|以内))"
)
_THAN = re.compile(r" *(?:要)?(?P<word>大|高|多|小|低|少)")
_OR_EQUAL = re.compile(r" *or equals?(?: to)?(?! *[\d])(?: *(?=it\b))?")
_TO = re.compile(r" *(?:个|岁|元|块)? *(?:~|-{1,3}|到|至|to|through|till|until) *")
_AND = re.compile(r" *(?:和|与|跟|and|to|-|~|到|至) *(?:the +)?")
_BETWEEN = re.compile(r"(?:between|from|介于|位于|在|从)(?: +the)? *$")
_LINK = re.compile(r"[ ,，]*(?:and|but|或者|并且|同时|的同时|且|而且|并|又)?[ ,，]*(?:has to be |is |be )?$")


@dataclass(slots=True)
class _Bound:
    """One comparison: from `start` to `end` of the text, a lower or an upper bound."""

    start: int
    end: int
    value: Decimal
    lower: bool
    included: bool


def read(text: str, numbers: list[Number]) -> list[Value]:
    """All number ranges of the folded text."""
    usable = [number for number in numbers if stands_alone(number, text)]
    found, taken = _pairs(text, usable), set[int]()
    for value in found:
        taken.update(range(value.start, value.end))
    bounds = [bound for number in usable if number.start not in taken for bound in _bounds(text, number)]
    return sorted([*found, *_combine(text, bounds)], key=lambda value: value.start)


def _pairs(text: str, numbers: list[Number]) -> list[Value]:
    found: list[Value] = []
    for first, second in itertools.pairwise(numbers):
        if found and first.start < found[-1].end:
            continue
        value = _between(text, first, second) or _to(text, first, second)
        if value is not None:
            found.append(value)
    return found


def _between(text: str, first: Number, second: Number) -> Value | None:
    """between 20 and 30; 10000与20000之间."""
    link = _AND.match(text, first.end)
    if link is None or link.end() != second.start:
        return None
    before = _BETWEEN.search(text, max(0, first.start - 14), first.start)
    after = re.compile(r" *(?:之间|间)").match(text, second.end)
    if after is not None:
        start = before.start() if before and before.group().strip() in {"位于", "介于"} else first.start
        return _range(text, start, after.end(), first, second)
    if before is not None and before.group().split()[0] in {"between", "from"}:
        return _range(text, before.start(), second.end, first, second)
    return None


def _range(text: str, start: int, end: int, first: Number, second: Number) -> Value | None:
    if first.value > second.value:
        return None
    return Value(Type.NUMBER_RANGE, start, end, Interval(_scaled(text, first, second), second.value, True, True))


def _scaled(text: str, first: Number, second: Number) -> Decimal:
    """八到九百亿 begins at 八亿: the first number takes the 万 or 亿 of the second if it stays the smaller one."""
    scale = {"万": 10**4, "亿": 10**8}.get(text[second.end - 1], 1)
    scaled = first.value * scale
    return scaled if 0 < first.value < 10**4 and scaled <= second.value else first.value


def _to(text: str, first: Number, second: Number) -> Value | None:
    link = _TO.match(text, first.end)
    if link is None or link.end() != second.start:
        return None
    if re.match(r"[-/.:]\d|[年月:%日号]", text[second.end : second.end + 2]) or re.search(
        r"[-/.:+]$", text[: first.start]
    ):
        return None
    if (text[first.start] == "0" and first.end - first.start > 1) or (
        text[second.start] == "0" and second.end - second.start > 1
    ):
        return None
    return _range(text, first.start, second.end, first, second)


def _bounds(text: str, number: Number) -> list[_Bound]:
    before = _BEFORE.search(text, max(0, number.start - 36), number.start)
    if before is not None and text[before.start() - 1 : before.start()] not in {"=", "<", ">"}:
        return _before(text, number, before)
    after = _AFTER.match(text, number.end)
    if after is not None:
        kind = str(after.lastgroup)
        return [_Bound(number.start, after.end(), number.value, kind[0] == "o", kind.endswith("e"))]
    if number.upper is not None and text[number.start : number.end][-1] in "万亿":
        return [_Bound(number.start, number.end, number.value, True, False)]
    return []


def _before(text: str, number: Number, before: re.Match[str]) -> list[_Bound]:
    kind, start, end = str(before.lastgroup), before.start(), number.end
    included = kind.endswith("e")
    if before.group().startswith("比"):
        than = _THAN.match(text, number.end)
        if than is None:
            return []
        end, kind = than.end(), "o" if than["word"] in "大高多" else "u"
    if kind == "e":
        after = _AFTER.match(text, end)
        if after is not None and after.lastgroup in {"oe", "ue"}:
            return [_Bound(start, after.end(), number.value, after.lastgroup == "oe", True)]
        if before.group().strip() in {"="}:
            return []
        return [_Bound(start, end, number.value, True, True), _Bound(start, end, number.value, False, True)]
    if equal := _OR_EQUAL.match(text, end):
        end, included = equal.start() + len(equal.group().rstrip()), True
    return [_Bound(start, end, number.value, kind[0] == "o", included)]


def _combine(text: str, bounds: list[_Bound]) -> list[Value]:
    """大于10小于20 is one range when the bounds stand together and agree; else each is its own."""
    values: list[Value] = []
    at = 0
    while at < len(bounds):
        first, second = bounds[at], bounds[at + 1] if at + 1 < len(bounds) else None
        if second is not None and _together(text, first, second):
            values.append(_joined(first, second))
            at += 2
            continue
        low, high = (first.value, None) if first.lower else (None, first.value)
        interval = Interval(low, high, first.included and first.lower, first.included and not first.lower)
        values.append(Value(Type.NUMBER_RANGE, first.start, first.end, interval))
        at += 1
    return values


def _together(text: str, first: _Bound, second: _Bound) -> bool:
    if first.lower == second.lower or not _LINK.fullmatch(text, first.end, max(first.end, second.start)):
        return False
    low, high = (first, second) if first.lower else (second, first)
    return low.value <= high.value


def _joined(first: _Bound, second: _Bound) -> Value:
    low, high = (first, second) if first.lower else (second, first)
    interval = Interval(low.value, high.value, low.included, high.included)
    return Value(Type.NUMBER_RANGE, min(first.start, second.start), max(first.end, second.end), interval)
