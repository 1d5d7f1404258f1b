"""Finds arithmetic written out in a question: (12.5+3)*4等于多少, 100的15%, 3加5乘2, 12除以4, 根号16, 2 plus 3.

Gives the text of a formula; faq.calculation.expressions computes it.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from faq.calculation.expressions import ExpressionError, parse
from faq.calculation.reading import LIMIT
from faq.calculation.reading.english import START
from faq.calculation.reading.folding import fold
from faq.calculation.reading.numbers import Number, percentages, read
from faq.calculation.values import Type, digits

_SIGNS = {
    "+": "+", "-": "-", "*": "*", "×": "*", "x": "*", "·": "*", "/": "/", "÷": "/", "^": "**", "**": "**", "(": "(",
    ")": ")",
    "加上": "+", "加": "+", "减去": "-", "减掉": "-", "减": "-", "乘以": "*", "乘上": "*", "乘": "*", "除以": "/",
    "比上": "/",
    "plus": "+", "minus": "-", "times": "*", "multiplied by": "*", "divided by": "/", "over": "/",
    "to the power of": "**",
    "的平方": "**2", "的立方": "**3", "squared": "**2", "cubed": "**3", "%": "/100",
}  # fmt: skip
_SIGN = re.compile(r"\s*(" + "|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True)) + r")\s*")
_ROOT = re.compile(r"\s*(?:根号|开平方|square root of|the square root of|sqrt)\s*")
_SHARE = re.compile(r"\s*的\s*")
_OF = re.compile(r"\s*of\s*")
_NTH_POWER = re.compile(r"\s*的(?P<n>.{1,4}?)次方")
_ASKS = re.compile(
    r"[\s,，。.?？!！=:：、~]|(?:结果|答案)?(?:等于|是|得|=)(?:多少|几|什么)?|多少|几|结果|请问|帮我|请|给我|我想知道"
    r"|计算|算一下|算算|算出|算|求|一下|下|呢|啊|吗|呀|的|和"
    r"|值|得数"
    r"|what(?:'s| is)|how much is|calculate|compute|equals?(?: to)?|is|please|the|result|tell me|of"
)


_STARTS = 8  # places where the arithmetic may begin: hardly a number stands before it
_DATE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}|0\d{2,3}-\d{7,8}|\d{3}-\d{4}-\d{4}")


_NOTHING_ELSE = re.compile(  # whatever can stand in a question that is nothing but arithmetic
    rf"(?>(?:\s|{_SIGN.pattern}|{_ROOT.pattern}|{_ASKS.pattern}|次方"
    rf"|[\d.,，零一二三四五六七八九十百千万亿两半分之又负点成折打%‰]|{START.pattern}|and"
    rf"|hundred|point|percent|per cent|negative|-)*)"
)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`text[start:end]` is the arithmetic, `formula` the same for the formula language."""

    start: int
    end: int
    formula: str


@lru_cache(maxsize=256)
def find(text: str) -> Arithmetic | None:
    """The arithmetic that the whole question is about, or None when there is more in it than that."""
    folded = fold(text[:LIMIT]).replace("（", "(").replace("）", ")")
    if not _NOTHING_ELSE.fullmatch(folded):
        return None
    numbers = read(folded, folded)
    parser, best = _Parser(folded, numbers), None
    for start in itertools.islice(_starts(folded, numbers), _STARTS):
        if best is not None and start < best.end:
            continue
        found = parser.expression(start)
        if found is not None and (best is None or found.end - found.start > best.end - best.start):
            best = found
    if (
        best is None
        or _DATE.fullmatch(folded, best.start, best.end)
        or _ASKS.sub("", folded[: best.start] + " " + folded[best.end :]).strip()
    ):
        return None
    try:
        parse(best.formula)
    except ExpressionError:
        return None
    return best


def _starts(text: str, numbers: list[Number]) -> Iterator[int]:
    for number in numbers:
        before = re.search(r"(?:\(\s*|-\s*|根号\s*|sqrt\s*|square root of\s*)+$", text[: number.start])
        yield before.start() if before else number.start


class _Parser:
    """Reads numbers and signs in turn from one position; the result is a formula or nothing."""

    def __init__(self, text: str, found: list[Number]) -> None:
        self.text, self.at = text, 0
        numbers = [number for number in found if number.kind is Type.NUMBER]
        self._numbers = {number.start: number for number in numbers} | {
            number.start + 1: Number(number.start + 1, number.end, -number.value)
            for number in numbers
            if text[number.start] in "-" and number.end > number.start + 1
        }
        self._shares = {share.start: share for share in percentages(text, numbers)}

    def expression(self, start: int) -> Arithmetic | None:
        parts: list[str] = []
        signs, open_ = 0, 0
        self.at = end = start
        while (part := self._operand(parts)) is not None:
            open_ += part.count("(") - part.count(")")
            parts.append(part)
            signs += "sqrt" in part
            end = self.at
            tail, more = self._operator(open_)
            signs += more
            if not tail:
                break
            open_ += tail.count("(") - tail.count(")")
            parts.append(tail)
            if tail[-1] not in "+-*/(" or tail.endswith(("**2", "**3", "/100")):
                end = self.at
                if tail[-1] not in "+-*/(":
                    break
        while parts and parts[-1][-1] in "+-*/(":
            open_ -= parts[-1].count("(")
            parts.pop()
        if not signs or open_ != 0 or not parts:
            return None
        return Arithmetic(start, end, "".join(parts))

    def _operand(self, parts: list[str]) -> str | None:
        prefix = ""
        while True:
            if root := _ROOT.match(self.text, self.at):
                self.at = root.end()
                number = self._take()
                return None if number is None else f"{prefix}sqrt({number})"
            if match := re.compile(r"\s*([(]|-(?=\s*[\d(]))\s*").match(self.text, self.at):
                if match[1] == "-" and parts and not parts[-1].endswith(("(", "+", "-", "*", "/")):
                    return None
                prefix += match[1]
                self.at = match.end()
                continue
            number = self._take()
            return None if number is None else prefix + number

    def _take(self) -> str | None:
        share = self._shares.get(self.at)
        if share is not None:
            self.at = share.end
            return f"({digits(share.value)}/100)"
        number = self._numbers.get(self.at)
        if number is None or number.upper is not None:
            return None
        self.at = number.end
        text = self.text[number.start : number.end]
        if "/" in text and re.fullmatch(r"[\d/]+", text):
            return text
        if "分" in text and number.value > 0:
            return f"({Fraction(number.value).limit_denominator(10**6)})"
        return f"({digits(number.value)})" if number.value < 0 else _digits(number.value)

    def _operator(self, open_: int) -> tuple[str, int]:
        """The signs after an operand, up to the one that wants another operand."""
        said, count = "", 0
        while True:
            if power := _NTH_POWER.match(self.text, self.at):
                numbers = read(power["n"], power["n"])
                if numbers:
                    self.at, said, count = power.end(), said + f"**{digits(numbers[0].value)}", count + 1
                    continue
            match = _SIGN.match(self.text, self.at)
            if match is None:
                return self._share(said, count)
            sign = _SIGNS[match[1]]
            if sign == ")" and open_ + said.count("(") - said.count(")") <= 0:
                return said, count
            said, count = said + sign, count + (sign not in "()")
            self.at = match.end()
            if sign in {"+", "-", "*", "/", "**"}:
                return said, count

    def _share(self, said: str, count: int) -> tuple[str, int]:
        """100的15%."""
        match = _SHARE.match(self.text, self.at) or _OF.match(self.text, self.at)
        shared = match is not None and self.text[match.start() - 1] == "%" and match.end() in self._numbers
        if match and (shared or match.end() in self._shares or self._is_fraction(match.end())):
            self.at = match.end()
            return said + "*", count + 1
        return said, count

    def _is_fraction(self, at: int) -> bool:
        number = self._numbers.get(at)
        return number is not None and 0 < number.value < 1 and "分" in self.text[number.start : number.end]


def _digits(value: Decimal) -> str:
    return digits(value)
