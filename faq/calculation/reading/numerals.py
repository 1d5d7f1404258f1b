"""Chinese numerals: 一万二, 3千5, 壹佰零伍, 二〇二四, 两千三点一, 十几万. Works on folded text.

A numeral is scanned from one position as far as it is well formed; what a numeral means beside a unit, a percent sign
or another numeral is decided by its callers.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

DIGITS = {
    char: value
    for value, chars in enumerate(
        ["零", "一壹幺", "二两贰俩", "三叁仨", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"]
    )
    for char in chars
}
SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
BIG = {"万": 10**4, "亿": 10**8, "兆": 10**12}
TENS = {"廿": 20, "卅": 30}

_TOKEN = re.compile(
    r"(?P<n>\d{1,3}(?:,\d{3})+(?![\d,]*\d)(?:\.\d+)?|(?<!\d\.)\d+\.\d+(?!\.?\d)|(?<!\d)\.\d+|\d+)"
    r"|(?P<d>[零一二两三四五六七八九壹贰叁肆伍陆柒捌玖俩仨])|(?P<t>[廿卅])|(?P<u>[十拾百佰千仟万亿兆])|(?P<a>多|余|几"
    r"|数|来)"
)
_SPACES = re.compile(r"[ \t]*")
_POINT = re.compile(r"[ \t]*点[ \t]*((?:[ \t]*[零一二两三四五六七八九壹贰叁肆伍陆柒捌玖])+|\d+)")
_START = re.compile(r"[\d.俩仨零一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟廿卅几数]")


@dataclass(frozen=True, slots=True)
class Numeral:
    """`text[start:end]` says `value`; `upper` is the other end when it says a span (七八, 十几, 三千多)."""

    start: int
    end: int
    value: Decimal
    upper: Decimal | None = None
    plain: bool = False  # Arabic digits only


@dataclass(slots=True)
class _Sum:
    """The numeral being added up: finished parts, the part below the next 万/亿, and the digits before a unit."""

    parts: list[tuple[Decimal, int]]
    section: Decimal = Decimal(0)
    number: Decimal | None = None
    unit: int = 1  # the last unit, for 一万三
    zero: bool = False
    digits: str = ""
    units: int = 0
    fraction: bool = False
    spread: tuple[Decimal, Decimal] | None = None  # 七八 before a unit

    def add(self, kind: str, text: str) -> bool:
        """Takes one more token; False when the numeral cannot go on with it."""
        if kind == "n":
            return self._take_number(text)
        if kind == "d":
            return self._take_digit(text)
        if kind == "t":
            self.section, self.unit, self.number = self.section + TENS[text], 10, None
            self.units += 1
            return True
        return self._take_small(SMALL[text]) if text in SMALL else self._take_big(BIG[text])

    def _take_number(self, text: str) -> bool:
        if self.number is not None or self.fraction:
            return False
        self.number, self.digits = Decimal(text.replace(",", "")), text
        return True

    def _take_digit(self, text: str) -> bool:
        digit = DIGITS[text]
        if self.number is None:
            if digit == 0 and self.units:
                self.zero = True
                return not self.fraction
            self.number, self.digits = Decimal(digit), text
            return not self.fraction
        if self.digits[-1] not in DIGITS or (self.units and not self._spreads(digit)):
            return False
        if len(self.digits) == 1 and self._spreads(digit):
            self.spread = (self.number, Decimal(digit))
        self.number, self.digits = self.number * 10 + digit, self.digits + text
        return True

    def _spreads(self, digit: int) -> bool:
        return len(self.digits) == 1 and self.number is not None and digit - self.number in {1, 2} and self.number > 0

    def _digits_before_unit(self) -> Decimal | None:
        """七八 before 百 is 七 (to 八); 二三四 before 百 is not a numeral."""
        if self.spread and len(self.digits) == 2:
            return self.spread[0]
        return None if len(self.digits) > 1 and self.digits[0] in DIGITS else self.number

    def _take_small(self, unit: int) -> bool:
        if self.number is None and self.units and not self.zero and not 10 == unit < self.unit:
            return False
        number = Decimal(1) if not self.number else self._digits_before_unit()
        if number is None or (self.section and unit >= self.unit and self.unit != 1):
            return False
        self._note_fraction()
        self.section += number * unit
        self._close(unit)
        return True

    def _take_big(self, unit: int) -> bool:
        number = Decimal(0) if self.number is None else self._digits_before_unit()
        if number is None:
            return False
        below = sum((value for value, scale in self.parts if scale < unit or scale == unit == BIG["万"]), Decimal(0))
        amount = below + self.section + number
        if not amount:
            return False
        self._note_fraction()
        self.parts = [part for part in self.parts if part[1] > unit or (part[1] == unit and unit != BIG["万"])]
        self.parts.append((amount * unit, unit))
        self.section = Decimal(0)
        self._close(unit)
        return True

    def _note_fraction(self) -> None:
        self.fraction = self.number is not None and self.number != int(self.number)

    def _close(self, unit: int) -> None:
        self.unit, self.number, self.digits, self.zero = unit, None, "", False
        self.units += 1

    def total(self) -> Decimal:
        """The sum; a lone digit after a unit counts tenths of it (一万三 = 13000)."""
        rest = self.number or Decimal(0)
        lone = self.units and len(self.digits) == 1 and not self.zero and self.unit > 10
        rest = rest * self.unit / 10 if lone else rest
        return sum((value for value, _ in self.parts), Decimal(0)) + self.section + rest


def scan(text: str, start: int) -> Numeral | None:
    """The longest numeral that begins at `start` of the folded text, or None."""
    if not _START.match(text, start):
        return None
    total, position, end, plain, vague = _Sum([]), start, start, True, ""
    while (token := _TOKEN.match(text, _past_measure(text, position, total))) is not None:
        kind = str(token.lastgroup)
        if kind == "a":
            if not _goes_on(text, token, total):
                break
            if total.number is None and not total.units:
                total.number, total.digits, vague = Decimal(1), "一", "leading"
            vague = vague or token.group()
        elif not _joins(text, token, end, start) or not total.add(kind, token.group()):
            break
        plain = plain and kind == "n"
        end = token.end()
        position = _SPACES.match(text, end).end()  # type: ignore[union-attr]
    return _finish(text, start, end, total, plain, vague)


_DIGITS_AND_UNIT = re.compile(r"\d+[十百千万]")
_LENGTH = re.compile(r" *(?:年|期|个月|个星期|天|周|小时)")
_KILO = re.compile(r"(?:千(?:[米克瓦卡焦赫]|比特|字节)|兆(?:字节|比特|赫|[bB]))")


def _past_measure(text: str, position: int, total: _Sum) -> int:
    """两个亿 is 两亿."""
    return position + (total.number is not None and text[position : position + 2] in {"个亿", "个万"})


def _joins(text: str, token: re.Match[str], end: int, start: int) -> bool:
    """Whether a token goes on with the numeral before it: not 两 the weight (二两), not 千米 the unit (2千米)."""
    position = token.start()
    if position == start or text[position - 1] == "个":
        return True
    if _LENGTH.match(text, token.end()) and text[end - 1] in BIG:
        return False  # 10万3年
    if token["n"]:
        apart = position > end and text[end - 1] in {*SMALL, *BIG}
        return position == end or (apart and _DIGITS_AND_UNIT.match(text, position) is not None)
    if token["d"] == "两":
        return text[token.end() : token.end() + 1] in {"百", "千", "万", "亿"}
    return not _KILO.match(text, position) or (
        text[position] == "千" and text[position - 1] in {*SMALL, *DIGITS} and position - start > 1
    )


def _goes_on(text: str, token: re.Match[str], total: _Sum) -> bool:
    """几, 多 and 余 belong to a numeral only when a unit follows (十几万), or 几 closes it (二十几)."""
    after = _SPACES.match(text, token.end())
    follows = after is not None and text[after.end() : after.end() + 1] in {*SMALL, *BIG} and after.end() < len(text)
    if token.group() in "几数":
        return total.number is None and (follows or (token.group() == "几" and total.unit == 10))
    return follows and total.units + (total.number is not None) > 0


def _finish(text: str, start: int, end: int, total: _Sum, plain: bool, vague: str) -> Numeral | None:
    if end == start:
        return None
    value = total.total()
    if total.units == 1 and not total.parts and total.unit >= 100 and end - start == 1:
        return None  # 百, 千 alone
    upper = _upper(total, value, vague)
    point = None if plain else _POINT.match(text, end)
    if point and upper is None:
        value += Decimal("0." + "".join(str(DIGITS.get(char, char)) for char in point[1] if not char.isspace()))
        end = point.end()
    return Numeral(start, end, value, upper, plain)


def _upper(total: _Sum, value: Decimal, vague: str) -> Decimal | None:
    if total.spread and total.units:
        return value / total.spread[0] * total.spread[1] if not value % total.spread[0] else None
    if not vague:
        return None
    scale = Decimal(10) ** (len(digits := f"{value:f}") - len(digits.rstrip("0")))
    return value * 10 if vague == "leading" else value + scale


def find(text: str) -> list[Numeral]:
    """All numerals of the folded text, left to right, none inside another."""
    found: list[Numeral] = []
    position = 0
    while (start := _START.search(text, position)) is not None:
        numeral = scan(text, start.start())
        if numeral is None:
            position = start.end()
            continue
        found.append(numeral)
        position = numeral.end
    return found
