"""What is odd in content as far as only matching shows: entries that stand in one another's way.

Slower than faq/lint.py: every phrasing is asked again (6 ms each).
"""

from collections.abc import Iterator
from datetime import date

from faq.content import Content, Entry, Problem
from faq.lint import lint
from faq.matching import Band, Decision, Match, Matcher
from faq.text import normalise

_LANDS = 0.5  # probability from which a phrasing is said to land on another entry


def lint_deep(content: Content, matcher: Matcher, day: date) -> tuple[Problem, ...]:
    """All that `lint` finds, and near-duplicates, strays, conflicts, unreachable entries and failing examples."""
    problems = list(lint(content, day))
    for entry, phrasing, alone, stranger in matcher.ask_again(day):
        problems += [*_twin(entry, phrasing, stranger), *_stray(entry, phrasing, alone)]
    for entry in content.entries:
        problems += [*_unreachable(entry, matcher, day), *_examples(entry, matcher, day)]
    return tuple(sorted(problems, key=lambda problem: problem.place))


def _twin(entry: Entry, phrasing: str, stranger: Decision) -> Iterator[Problem]:
    """Another entry would answer the phrasing if its own did not exist."""
    if stranger.band is not Band.ANSWER:
        return
    other = stranger.matches[0]
    if normalise(other.entry.answer) == normalise(entry.answer):
        text = f"says nearly the same as {_named(other)} with the same answer; merge the two"
    else:
        text = (
            f"says nearly the same as {_named(other)}, which answers differently; make one answer, or word them apart"
        )
    yield Problem(entry.place_of(phrasing), f"{phrasing!r} {text}", warning=True)


def _stray(entry: Entry, phrasing: str, alone: Decision) -> Iterator[Problem]:
    """Were it not written here, the phrasing would land elsewhere: the entry's other phrasings do not carry it."""
    if (
        len(entry.phrasings) < 2
        or not alone.matches
        or alone.matches[0].entry is entry
        or alone.matches[0].score < _LANDS
    ):
        return
    text = f"{phrasing!r} lands on {_named(alone.matches[0])} rather than on {entry.id}; move it there or word it apart"
    yield Problem(entry.place_of(phrasing), text, warning=True)


def _unreachable(entry: Entry, matcher: Matcher, day: date) -> Iterator[Problem]:
    if not entry.valid_on(day):
        return
    owners = [matcher.exact(phrasing, day) for phrasing in entry.phrasings]
    taken = [owner for owner in owners if owner is not None and owner is not entry]
    if len(taken) == len(owners):
        text = f"{entry.id} is never reached: {taken[0].id} ({taken[0].place}) has its phrasings; delete one of the two"
        yield Problem(entry.place, text)


def _examples(entry: Entry, matcher: Matcher, day: date) -> Iterator[Problem]:
    for example in entry.examples if entry.valid_on(day) else ():
        decision = matcher.match(example, day)
        found = matcher.exact(example, day) or (decision.matches[0].entry if decision.matches else None)
        if found is entry and (matcher.exact(example, day) or decision.band is not Band.PASS):
            continue
        where = f"{found.id} ({found.place})" if found and decision.band is not Band.PASS else "nothing"
        text = f"the example {example!r} lands on {where}; add it to the variants of {entry.id} or delete it"
        yield Problem(entry.place_of(example), text)


def _named(match: Match) -> str:
    return f"{match.phrasing!r} of {match.entry.id} ({match.entry.place})"
