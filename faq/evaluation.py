"""How well questions land where the staff expect them: the report of `hit --expected`, beside an earlier run.

Pure: what was asked and what came of it in, text out.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum

from faq.expectations import NONE
from faq.matching import Band

ALL = "all"


class Landing(IntEnum):
    """What came of a question, worst first. A question without an entry is RIGHT when it is passed on."""

    WRONG = 0  # answered with another entry
    UNANSWERED = 1
    OFFERED = 2  # the expected entry is among those offered
    RIGHT = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question. `expected` and `got` (the best candidate, '' without any) are written knowledge_base/entry."""

    question: str
    expected: str
    got: str
    score: float
    band: Band
    offered: tuple[str, ...] = ()

    @property
    def landing(self) -> Landing:
        if self.expected == NONE:
            return {Band.ANSWER: Landing.WRONG, Band.SUGGEST: Landing.OFFERED, Band.PASS: Landing.RIGHT}[self.band]
        if self.band is Band.ANSWER:
            return Landing.RIGHT if self.got == self.expected else Landing.WRONG
        return Landing.OFFERED if self.expected in self.offered else Landing.UNANSWERED

    @property
    def knowledge_base(self) -> str:
        return self.expected.partition("/")[0]


def store(outcomes: Sequence[Outcome]) -> str:
    """Write a run as JSON, for `recall`."""
    return json.dumps({"outcomes": [asdict(one) for one in outcomes]}, ensure_ascii=False, indent=1) + "\n"


def recall(text: str) -> tuple[Outcome, ...]:
    """Read a run back. ValueError when the text is none."""
    try:
        return tuple(_outcome(**row) for row in json.loads(text)["outcomes"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("is no run that hit --save wrote") from error


def _outcome(question: str, expected: str, got: str, score: float, band: str, offered: list[str]) -> Outcome:
    return Outcome(str(question), str(expected), str(got), float(score), Band(band), tuple(map(str, offered)))


def render(outcomes: Sequence[Outcome]) -> str:
    """Write for a terminal: a table by knowledge base, and every question that did not land as it should."""
    names = sorted({one.knowledge_base for one in outcomes} - {NONE})
    parts = [(ALL, list(outcomes))]
    parts += [(name, [one for one in outcomes if one.knowledge_base == name]) for name in (*names, NONE)]
    heading = f"{'questions':>9}{'top-1':>8}{'right':>8}{'offered':>9}{'unanswered':>12}{'wrong':>7}{'of answers':>12}"
    table = [_tally(name, part) for name, part in parts if part]
    return "\n".join([f"{heading}  knowledge base", *table, *_confusions(outcomes)])


def _tally(name: str, outcomes: Sequence[Outcome]) -> str:
    """A line of counts; right, offered, unanswered and wrong add up to the questions."""
    times = {landing: sum(one.landing is landing for one in outcomes) for landing in Landing}
    inside = [one for one in outcomes if one.expected != NONE]
    first = _share(sum(one.got == one.expected for one in inside), len(inside))
    answers = sum(one.band is Band.ANSWER for one in outcomes)
    return (
        f"{len(outcomes):>9}{first:>8}{times[Landing.RIGHT]:>8}{times[Landing.OFFERED]:>9}"
        f"{times[Landing.UNANSWERED]:>12}{times[Landing.WRONG]:>7}{_share(times[Landing.WRONG], answers):>12}  {name}"
    )


def _confusions(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Worst first: wrong answers, then what found no answer, then what was only offered; the surest mistake first."""
    missed = [one for one in outcomes if one.landing is not Landing.RIGHT]
    if missed:
        yield "\nasked → expected → got (score)"
    for one in sorted(missed, key=lambda one: (one.landing, -one.score)):
        yield f"{_name(one.landing):<11}{one.question} → {one.expected} → {one.got or NONE} ({one.score:.2f})"


def compare(outcomes: Sequence[Outcome], before: Sequence[Outcome]) -> str:
    """Write what improved and what worsened since `before`, question by question."""
    earlier = {one.question: one for one in before}
    both = [(earlier[one.question], one) for one in outcomes if one.question in earlier]
    better = [(then, now) for then, now in both if now.landing > then.landing]
    worse = [(then, now) for then, now in both if now.landing < then.landing]
    added, gone = len(outcomes) - len(both), len(earlier.keys() - {one.question for one in outcomes})
    same = len(both) - len(better) - len(worse)
    counts = f"{len(better)} improved, {len(worse)} worsened, {same} as before, {added} new, {gone} no longer asked"
    moved = [*_moves("improved", better), *_moves("worsened", worse)]
    return "\n".join([f"since the earlier run: {counts}", *moved])


def _moves(how: str, pairs: Sequence[tuple[Outcome, Outcome]]) -> Iterator[str]:
    for then, now in pairs:
        was, is_now = (f"{_name(one.landing)} {one.got or NONE} ({one.score:.2f})" for one in (then, now))
        yield f"{how:<10}{now.question}: {was} → {is_now}"


def _name(landing: Landing) -> str:
    return landing.name.lower()


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"
