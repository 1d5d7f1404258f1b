"""Do two questions ask the same? Strict: a wrong yes gives somebody the answer to another question.

First a gate that reads what similarity cannot see: numbers, names, negation, opposites, persons, what is asked and the
order of the words must be equal; only light words may differ. Then, unless only courtesy differs, the sentence
embeddings have to be the nearer the more light words differ. Needs no content and learns nothing; its words are those
of faq/wording.py.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from faq import language
from faq.wording import Wording, read

LONGEST = 18  # ideographs and words of a question; a longer one holds too much that must be equal
_TURNED = 16  # ideographs and words of a question whose words may stand in another order
_LIGHT = 3  # light words that may differ
_NEAR, _NEARER, _NEARER_TURNED = 0.84, 0.03, 0.04  # least cosine, what each light word and another order add
_WEIGHTY = frozenset("有要用会上人来去总老")  # light words that count double
_PERSON = 2.0  # what a person that only one of them names counts


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether two questions may share an answer; `reason` names what forbids it, empty when nothing does."""

    same: bool
    reason: str = ""


def judge(one: str, other: str, cosine: float) -> Judgement:
    """Compare two questions; `cosine` is that of their sentence embeddings."""
    mine, yours = read(one), read(other)
    reason = _refusal(mine, yours)
    if not reason and not _alike(mine, yours) and cosine < _least(mine, yours):
        reason = "not near enough"
    return Judgement(not reason, reason)


def alike(one: str, other: str) -> bool:
    """Whether only courtesy and the writing of words differ: `judge` then asks for no nearness."""
    mine, yours = read(one), read(other)
    return not _refusal(mine, yours) and _alike(mine, yours)


def _alike(mine: Wording, yours: Wording) -> bool:
    return mine.heavy == yours.heavy and not _light(mine, yours)


def refusal(one: str, other: str) -> str:
    """Name what makes two questions different however alike they are; empty when nothing does."""
    return _refusal(read(one), read(other))


def _refusal(mine: Wording, yours: Wording) -> str:
    if mine.text == yours.text:
        return ""
    differences = {
        "too long": max(mine.size, yours.size) > LONGEST,
        "another number": mine.numbers != yours.numbers,
        "negation": mine.denials != yours.denials,
        "the opposite": language.opposed(mine.opposites, yours.opposites),
        "another question": mine.asked != yours.asked,
        "another person": bool(mine.people and yours.people) and mine.people != yours.people,
        "another word": Counter(mine.heavy) != Counter(yours.heavy),
        "too many words": _light(mine, yours) > _LIGHT,
    }
    first = next((reason for reason, differs in differences.items() if differs), "")
    return first or ("" if _ordered(mine, yours) else "another order")


def _least(mine: Wording, yours: Wording) -> float:
    """The cosine from which the two are near enough."""
    return _NEAR + _NEARER * _light(mine, yours) + _NEARER_TURNED * (mine.heavy != yours.heavy)


def _light(mine: Wording, yours: Wording) -> float:
    """How much of light words one has and the other lacks."""
    differing = (mine.light - yours.light) + (yours.light - mine.light)
    words = sum(count * (2 if word in _WEIGHTY else 1) for word, count in differing.items())
    return words + _PERSON * (mine.people != yours.people)


def _ordered(mine: Wording, yours: Wording) -> bool:
    """The same order, or a harmless other one."""
    if mine.heavy == yours.heavy:
        return True
    free = not (mine.bound or yours.bound) and max(mine.size, yours.size) <= _TURNED
    return free and _turned(mine.heavy, yours.heavy)


def _turned(mine: Sequence[str], yours: Sequence[str]) -> bool:
    """Two neighbouring blocks changed places: 删除记录 and 记录删除; never 甲到乙 and 乙到甲."""
    first = next(place for place, (one, other) in enumerate(zip(mine, yours, strict=True)) if one != other)
    last = next(place for place, (one, other) in enumerate(zip(mine[::-1], yours[::-1], strict=True)) if one != other)
    left, right = [*mine[first : len(mine) - last]], [*yours[first : len(yours) - last]]
    return not any(map(str.isascii, left)) and any(left[cut:] + left[:cut] == right for cut in range(1, len(left)))


def signature(question: str) -> str:
    """What every wording of a question shares: texts that `judge` may merge have equal signatures."""
    wording = read(question)
    if wording.size > LONGEST:
        return wording.text
    asked = sorted(wording.asked.elements())
    return json.dumps([sorted(wording.heavy), asked, wording.numbers, wording.denials], ensure_ascii=False)
