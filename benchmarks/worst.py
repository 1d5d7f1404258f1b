"""Where matching goes wrong: failures by what became of the question and by how it differs from what was found.

Texts of the data sets may be shown on a terminal and never written to a file: only counts go into the results.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import zip_longest

from benchmarks.data import Query
from faq import pairs
from faq.matching import Band, Decision


def count(queries: Sequence[Query], decisions: Sequence[Decision]) -> list[dict[str, object]]:
    """Failures by kind, most frequent first; `differs` says what sets question and phrasing apart, and how often."""
    found = defaultdict[str, Counter[str]](Counter)
    for query, decision in zip(queries, decisions, strict=True):
        if kind := failure(query, decision):
            found[kind][_difference(query, decision)] += 1
    rows = sorted(found.items(), key=lambda row: -row[1].total())
    return [
        {"failure": kind, "n": counts.total(), "share": counts.total() / len(queries), "differs": _list(counts)}
        for kind, counts in rows
    ]


def show(queries: Sequence[Query], decisions: Sequence[Decision], limit: int) -> None:
    """Print so many failures, of each kind those with the highest scores."""
    found = defaultdict[str, list[tuple[float, str]]](list)
    for query, decision in zip(queries, decisions, strict=True):
        if kind := failure(query, decision):
            found[kind].append((-decision.score, _line(query, decision)))
    ordered = [[(kind, line) for _, line in sorted(lines)] for kind, lines in found.items()]
    in_turn = [one for round in zip_longest(*ordered) for one in round if one is not None]
    for kind, lines in sorted(_grouped(in_turn[:limit]).items()):
        print(f"\n{kind}", *lines, sep="\n  ")


def failure(query: Query, decision: Decision) -> str:
    """Name what went wrong; empty when nothing did. A question passed on that nothing answers is right."""
    ids = [match.entry.id for match in decision.matches]
    place = next((number for number, id in enumerate(ids) if id in query.expected), None)
    if not query.expected:
        asked = "a look-alike" if query.kind == "hard_negative" else "out of scope"
        return f"answered: {asked}" if decision.band is Band.ANSWER else ""
    if place is None:
        return "not found"
    if place:
        return "answered: another entry" if decision.band is Band.ANSWER else "ranked behind another entry"
    return "found and not offered" if decision.band is Band.PASS else ""


def _difference(query: Query, decision: Decision) -> str:
    if not decision.matches:
        return "nothing found"
    return pairs.refusal(query.text, decision.matches[0].phrasing) or "light words"


def _line(query: Query, decision: Decision) -> str:
    nearest = decision.matches[0].phrasing if decision.matches else "-"
    return f"{decision.score:.3f} [{_difference(query, decision)}] {query.text} -> {nearest}"


def _list(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.most_common(4))


def _grouped(pairs_of: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    grouped = defaultdict[str, list[str]](list)
    for kind, line in pairs_of:
        grouped[kind].append(line)
    return grouped
