"""Personal data in a text: found by form and checksum, masked for logs, hidden from a language model and put back.

A text is first cut into tokens (letters, digits and what joins them), then each token is examined alone. So what is
found never depends on how the text was cut into pieces, and nothing is ever counted inside a longer run of digits.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
LONGEST_TOKEN = 256  # longer ones are data, not something a person has

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_PART = r"0-9A-Za-z@._%+\-/:?=&#~*·•０-９Ａ-Ｚａ-ｚ＠．－"
_TOKEN = re.compile(rf"(?:[{PROVINCES}](?=[A-Za-zＡ-Ｚａ-ｚ]))?[{_PART}](?:[{_PART}]| (?<=[0-9０-９] )(?=[0-9０-９]))*")
_PARTS = re.compile(f"[{_PART}]")
_DIGIT_RUN = re.compile(r"\d+(?:[ -]\d+)*(?:(?<=\d{17})[Xx](?![A-Za-z0-9]))?")
_NUMBER = re.compile(r"\d(?:[=*_~ /.-]*\d){7,}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])")
_PLATE = re.compile(
    rf"[{PROVINCES}][A-HJ-NP-Za-hj-np-z][·•.-]?(?=[A-Za-z]*\d)[A-HJ-NP-Za-hj-np-z0-9]{{5,6}}(?![A-Za-z0-9])"
)
_IP = re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.]*\d)")
_TLD = "com|cn|net|org|top|xyz|vip|info|cc|tv|me|io|site|shop|club|online|link|ru|hk|tw|biz|pro|app|fun|icu|win|wang"
_URL = re.compile(
    rf"(?<![A-Za-z0-9@.-])(?:[A-Za-z0-9-]{{1,63}}\.){{1,8}}(?:{_TLD})(?![A-Za-z0-9-])(?::\d{{1,5}})?(?:[/?#][{_PART}]*)?",
    re.IGNORECASE,
)
_PLACE = "[省市区县州盟旗镇乡村]|街道|新区|开发区"
_NUMERAL = "[0-9０-９A-Za-z一二三四五六七八九十百-]{1,6}"
_NUMBERED_ROAD = (
    r"(?:路|街|道|巷|弄|里|胡同|小区|花园|大厦|公寓|村|苑|城|园)"
    rf"[\u4e00-\u9fff]{{0,4}}?{_NUMERAL}(?:号楼|号院|号|栋|幢|座|单元|室|楼|层|弄)"
)
_ROAD = re.compile(_NUMBERED_ROAD)
_ADDRESS = re.compile(
    rf"(?:[\u4e00-\u9fff]{{2,8}}?(?:{_PLACE})){{0,5}}[\u4e00-\u9fff0-9]{{1,12}}?{_NUMBERED_ROAD}"
    rf"(?:{_NUMERAL}(?:号楼|号|栋|幢|座|单元|室|楼|层)){{0,4}}(?:[0-9]{{2,4}}(?![0-9年月日元]))?"
)
_BEFORE_ROAD, _AFTER_ROAD = 80, 80  # more than _ADDRESS can have around a road
_TO = re.compile(r"[\u4e00-\u9fff]{0,6}?[在住寄送到给从往去是址]+(?=[\u4e00-\u9fff]{3})")  # before a place, not of it
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_ID_CHECKS = "10X98765432"


class Datum(NamedTuple):
    """One piece of personal data: text[start:end], of this kind."""

    start: int
    end: int
    kind: str


Find = Callable[[str], Iterable[tuple[int, int]]]


def find(text: str, kinds: Iterable[str], orders: Sequence[str] = ()) -> list[Datum]:
    """Find data of these kinds, and order numbers of these templates (`#` a digit, `@` a letter), left to right.

    Where two overlap the longer one counts.
    """
    wanted = [*kinds, *(f"order:{template}" for template in orders)]
    return find_with([(kind, finder(kind)) for kind in wanted if kind != "address"], text, "address" in wanted)


def find_with(finders: Sequence[tuple[str, Find]], text: str, addresses: bool = False) -> list[Datum]:
    """Do what `find` does with finders that were made before."""
    found: list[Datum] = []
    for token in tokens(text) if finders else ():
        found += examine(text[token], token.start, finders)
    if addresses:
        found += [Datum(start, end, "address") for start, end in _addresses(text)]
    return longest(found)


def tokens(text: str) -> list[slice]:
    """Cut out the parts of `text` where personal data can be."""
    return [slice(*match.span()) for match in _TOKEN.finditer(text) if len(match[0]) <= LONGEST_TOKEN]


def examine(token: str, at: int, finders: Iterable[tuple[str, Find]]) -> list[Datum]:
    """Find data in one token, which stands at place `at`."""
    plain = token.translate(_WIDE)
    return [
        Datum(at + start, at + end, kind.partition(":")[0]) for kind, spans in finders for start, end in spans(plain)
    ]


def longest(found: Iterable[Datum]) -> list[Datum]:
    """Of data that overlap keep the longest; give them left to right."""
    kept: list[Datum] = []  # left to right
    for datum in sorted(found, key=lambda one: (one.start - one.end, one)):
        place = bisect_left(kept, datum)
        if (not place or kept[place - 1].end <= datum.start) and (place == len(kept) or datum.end <= kept[place].start):
            kept.insert(place, datum)
    return kept


def open_token(text: str) -> int:
    """Give the place from which the end of `text` may be a token that is still growing (len(text) when none is)."""
    start = len(text)
    while start and (_PARTS.match(text[start - 1]) or _joins(text, start - 1)):
        start -= 1
    if start and text[start - 1] in PROVINCES and (start == len(text) or text[start].isalpha()):
        start -= 1
    return start


def finder(kind: str) -> Find:
    """Give what finds one kind of data in a token, or the order numbers of `order:<template>`."""
    if kind.startswith("order:"):
        return _by_pattern(_template(kind.removeprefix("order:")))
    return _FINDERS[kind]


def is_id_card(number: str) -> bool:
    """Check an 18-character identity number: a date that can be, and the check digit of GB 11643-1999."""
    if not re.fullmatch(r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]", number):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number, strict=False))
    return _ID_CHECKS[total % 11] == number[17].upper()


def is_bank_card(number: str) -> bool:
    """Check a card number of 15 to 19 digits: an issuer that there is, and the Luhn digit (ISO/IEC 7812)."""
    if not re.fullmatch(r"(?:62|60|4|5[1-5]|3[4-7]|9[4-6])\d{13,17}", number):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(digit - 9 * (digit > 9) for digit in doubled) % 10 == 0


def is_phone(number: str) -> bool:
    """Check a Chinese mobile number, with or without 86, or a landline with its area code."""
    return re.fullmatch(r"(?:(?:00)?86)?1[3-9]\d{9}|0(?:10|2\d|[3-9]\d\d)[2-8]\d{6,7}", number) is not None


def _addresses(text: str) -> Iterable[tuple[int, int]]:
    for start, end in _near_roads(text):
        for match in _ADDRESS.finditer(text, start, end):
            verb = _TO.match(match[0])
            yield match.start() + (verb.end() if verb else 0), match.end()


def _near_roads(text: str) -> list[tuple[int, int]]:
    """Give the parts of `text` in which there may be an address: looking for one takes long."""
    found: list[tuple[int, int]] = []
    for match in _ROAD.finditer(text):
        start, end = max(match.start() - _BEFORE_ROAD, 0), match.end() + _AFTER_ROAD
        if found and start <= found[-1][1]:
            start, _ = found.pop()
        found.append((start, end))
    return found


def _digits(check: Callable[[str], bool]) -> Find:
    """Find the groups of digits that pass `check`: the whole run first, then neighbouring groups, longest first."""

    def spans(token: str) -> Iterable[tuple[int, int]]:
        for run in _DIGIT_RUN.finditer(token):
            if not (check is not is_phone and run.start() and token[run.start() - 1].isalpha()):
                yield from _groups(token, run.start(), run.end(), check)

    return spans


def _groups(token: str, start: int, end: int, check: Callable[[str], bool]) -> Iterable[tuple[int, int]]:
    groups = [match.span() for match in re.finditer(r"[0-9Xx]+", token[start:end])][:24]
    first = 0
    while first < len(groups):
        for last in range(len(groups) - 1, first - 1, -1):
            span = (start + groups[first][0], start + groups[last][1])
            if check(re.sub("[ -]", "", token[slice(*span)])):
                yield span
                first = last
                break
        first += 1


def _by_pattern(pattern: re.Pattern[str]) -> Find:
    return lambda token: [match.span() for match in pattern.finditer(token)]


def _template(template: str) -> re.Pattern[str]:
    signs = {"#": r"\d", "@": "[A-Za-z]"}
    body = "".join(signs.get(sign) or re.escape(sign) for sign in template)
    return re.compile(f"(?<![A-Za-z0-9]){body}(?![A-Za-z0-9])", re.IGNORECASE)


def _joins(text: str, at: int) -> bool:
    """Say whether text[at] is a space between two digits, or one that may become it at the end of the text."""
    after = text[at + 1 : at + 2]
    return text[at] == " " and at > 0 and text[at - 1].isdecimal() and (not after or after.isdecimal())


_FINDERS: Mapping[str, Find] = {
    "phone": _digits(is_phone),
    "id_card": _digits(is_id_card),
    "bank_card": _digits(is_bank_card),
    "email": _by_pattern(_EMAIL),
    "plate": _by_pattern(_PLATE),
    "url": _by_pattern(_URL),
    "ip": _by_pattern(_IP),
    "number": _by_pattern(_NUMBER),
}
