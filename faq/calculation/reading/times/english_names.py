"""The names of English months and weekdays, of directions and of numbers in dates; the stamps readers give."""

import re
from dataclasses import dataclass

from faq.calculation.reading import english as words
from faq.calculation.reading.times.stamps import Stamp

MONTHS = {
    name: at
    for at, names in enumerate(
        [
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ],
        1,
    )
    for name in names.split()
}
WEEKDAYS = {
    name: at
    for at, names in enumerate(
        [
            "mon monday",
            "tue tues tuesday",
            "wed weds wednesday",
            "thu thur thurs thursday",
            "fri friday",
            "sat saturday",
            "sun sunday",
        ],
        1,
    )
    for name in names.split()
}
STEPS = {
    "next": 1, "following": 1, "coming": 1, "upcoming": 1, "this": 0, "current": 0, "the": 0, "that": 0, "last": -1,
    "previous": -1,
    "past": -1, "prior": -1,
}  # fmt: skip
STEP = rf"(?P<step>{'|'.join(STEPS)})"


def any_of(names: object) -> str:
    return "|".join(sorted(names, key=len, reverse=True))  # type: ignore[call-overload]


_SMALL = any_of([name for name, value in words.ORDINALS.items() if value <= 20] + ["thirtieth"])
CARDINAL = any_of([*(name for name, value in words.UNITS.items() if value), "thirty"])
_DAY_WORDS = (
    rf"(?:twenty|thirty)[ -](?:{_SMALL}|{any_of([name for name, value in words.UNITS.items() if 0 < value < 10])})"
    rf"|{_SMALL}|twentieth|{CARDINAL}|twenty"
)
DAY = rf"(?P<day>(?:0?[1-9]|[12]\d|3[01])(?![\d:])(?:st|nd|rd|th)?(?![a-z])|(?:{_DAY_WORDS})(?![a-z]))"


@dataclass(frozen=True, slots=True)
class Found:
    """A stamp with its span; `many` when a plural makes it a repetition (tuesdays); `loose` when the hour
    has no am or pm.
    """

    start: int
    end: int
    stamp: Stamp
    many: bool = False


def number(text: str) -> int:
    """The whole number of a word or of digits with an ordinal ending."""
    digits = re.match(r"'?(\d+)", text)
    if digits:
        return int(digits[1])
    found = words.scan(text, 0)
    assert found is not None
    return int(found.value)
