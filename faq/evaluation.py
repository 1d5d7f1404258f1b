"""How well questions land where the staff expect them: the report of `hit --expected`, beside an earlier one.

Pure: rows in, text and plain values out. An expected entry of "" means that the question must not be answered.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

_LISTED = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question: where it should land, where it landed first, and in which band (answer, suggest, pass)."""

    question: str
    expected_base: str
    expected_entry: str
    base: str
    entry: str
    score: float
    band: str

    @property
    def first(self) -> bool:
        """The best match is the expected one; a question without one is passed on."""
        if not self.expected_entry:
            return self.band == "pass"
        return (self.entry, self.base) == (self.expected_entry, self.expected_base or self.base)

    @property
    def wrong(self) -> bool:
        return self.band == "answer" and not self.first


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one knowledge base ("" for questions that must not be answered)."""

    base: str
    questions: int
    first: int
    answered: int
    wrong: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Report:
    """All outcomes, counted by expected knowledge base."""

    outcomes: tuple[Outcome, ...]
    tallies: tuple[Tally, ...]

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)


def evaluate(outcomes: Sequence[Outcome]) -> Report:
    """Count the outcomes, all together first."""
    names = sorted({outcome.expected_base for outcome in outcomes if outcome.expected_entry})
    tallies = [_tally("all", outcomes)]
    tallies += [
        _tally(name, [one for one in outcomes if one.expected_entry and one.expected_base == name]) for name in names
    ]
    refused = [one for one in outcomes if not one.expected_entry]
    tallies += [_tally("none", refused)] if refused else []
    return Report(tuple(outcomes), tuple(tallies))


def recall(text: str) -> Report:
    """Read a report back from its JSON; ValueError when it is none."""
    try:
        plain = json.loads(text)
        outcomes = tuple(Outcome(**row) for row in plain["outcomes"])
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError("not a report written by hit --expected") from error
    return evaluate(outcomes)


def render(report: Report, earlier: Report | None = None) -> str:
    """Write the report for a terminal: counts, what was taken for what, and what changed since `earlier`."""
    lines = [f"{'knowledge base':<20}{'questions':>10}{'top-1':>8}{'answered':>10}{'wrong':>7}{'unanswered':>12}"]
    lines += [_row(tally) for tally in report.tallies]
    lines += _confusions(report)
    return "\n".join(lines + (_changes(report, earlier) if earlier else []))


def _row(tally: Tally) -> str:
    first, answered = _share(tally.first, tally.questions), _share(tally.answered, tally.questions)
    wrong, unanswered = _share(tally.wrong, tally.answered), _share(tally.unanswered, tally.questions)
    return f"{tally.base:<20}{tally.questions:>10}{first:>8}{answered:>10}{wrong:>7}{unanswered:>12}"


def _tally(base: str, outcomes: Sequence[Outcome]) -> Tally:
    bands = Counter(outcome.band for outcome in outcomes)
    first, wrong = sum(one.first for one in outcomes), sum(one.wrong for one in outcomes)
    return Tally(base, len(outcomes), first, bands["answer"], wrong, bands["pass"])


def _confusions(report: Report) -> list[str]:
    missed = Counter((one.expected_entry or "-", one.entry or "-") for one in report.outcomes if not one.first)
    lines = ["", "expected -> found (times)"] if missed else []
    return lines + [f"  {wanted} -> {found} ({times})" for (wanted, found), times in missed.most_common(_LISTED)]


def _changes(report: Report, earlier: Report) -> list[str]:
    before: Mapping[str, Outcome] = {outcome.question: outcome for outcome in earlier.outcomes}
    both = [(one, before[one.question]) for one in report.outcomes if one.question in before]
    better = [now for now, then in both if now.first and not then.first]
    worse = [now for now, then in both if then.first and not now.first]
    lines = ["", f"since the earlier run: {len(better)} better, {len(worse)} worse, {len(both)} in both"]
    lines += [f"  + {one.question} -> {one.entry or '-'}" for one in better[:_LISTED]]
    return lines + [
        f"  - {one.question} -> {one.entry or '-'}, expected {one.expected_entry or '-'}" for one in worse[:_LISTED]
    ]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"
