"""Sentences with gaps: `忽略|无视 … 之前|以上 … 指令|规则`. `|` is between alternatives, `…` at most 12 characters.

Alternatives are taken letter by letter: staff write no regular expressions, so none of theirs can run away.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from policies import evasions
from policies.characters import SYMBOLS, Table
from policies.scanning import build_scanner

LONGEST_GAP = 12
_REGEX = re.compile(r"\.[*+?]|\\[dwsbDWSB]|\[[^\]]*\][*+?{]|\(\?")


class Phrase(NamedTuple):
    """A compiled phrase and the owner's number of it."""

    pattern: re.Pattern[str]
    literal: bool  # whether symbols count
    number: int


class Phrases:
    """Finds phrases in whole texts. `heads` are the plain forms a text must have one of."""

    def __init__(self, phrases: Iterable[tuple[str, int]]) -> None:
        listed = [(_steps(text), number) for text, number in phrases]
        self._phrases = [_compile(steps, number) for steps, number in listed]
        self.heads = sorted({evasions.plain_table().fold(head) for steps, _ in listed for head in steps[0]} - {""})
        self._scan = build_scanner(self.heads, ()).find

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """Give (start, end, number) of each phrase that `text` has, its first place."""
        if not self._phrases or not self._scan(evasions.plain_table().fold(text)):
            return []
        found: list[tuple[int, int, int]] = []
        for literal, table in ((False, evasions.plain_table()), (True, evasions.literal_table())):
            found += _search([phrase for phrase in self._phrases if phrase.literal is literal], table, text)
        return found


def wrong(text: str) -> str:
    """Say what is wrong with a phrase, "" when nothing is."""
    if _REGEX.search(text):
        return "looks like a regular expression, which rules do not take; write alternatives with | and gaps with …"
    if not all(all(step) for step in _steps(text)):
        return "an empty alternative or gap at an end; write `忽略|无视 … 指令|规则`"
    return "" if all(map(evasions.plain_table().fold, _steps(text)[0])) else "begins with symbols alone; add a letter"


def _steps(text: str) -> list[list[str]]:
    return [[option.strip() for option in step.split("|")] for step in re.split(r"…+|\.{3,}", text)]


def _compile(steps: Sequence[Sequence[str]], number: int) -> Phrase:
    literal = any(not set(SYMBOLS).isdisjoint(option) for step in steps for option in step)
    table = evasions.literal_table() if literal else evasions.plain_table()
    groups = ["(?:" + "|".join(re.escape(table.fold(option)) for option in step) + ")" for step in steps]
    return Phrase(re.compile(f".{{0,{LONGEST_GAP}}}?".join(groups), re.DOTALL), literal, number)


def _search(phrases: Sequence[Phrase], table: Table, text: str) -> list[tuple[int, int, int]]:
    folded, found = table.fold(text), []
    for phrase in phrases:
        match = phrase.pattern.search(folded)
        if match:
            origin = table.origins(text)
            found.append((origin[match.start()], origin[match.end() - 1] + 1, phrase.number))
    return found
