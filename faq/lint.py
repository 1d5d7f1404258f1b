"""What is odd in content that can be loaded, as far as it shows without matching. `load` has refused the rest."""

from collections.abc import Iterator
from datetime import date, timedelta

from faq.content import Content, Entry, KnowledgeBase, Place, Problem
from faq.text import normalise

SOON = timedelta(days=14)


def lint(content: Content, day: date) -> tuple[Problem, ...]:
    """Errors and warnings of the content as it stands on `day`, sorted by place."""
    owners = {normalise(phrasing): entry for entry in content.entries for phrasing in entry.phrasings}
    problems = [problem for base in content.knowledge_bases for problem in _empty(base)]
    for entry in content.entries:
        problems += (*_validity(entry, day), *_repetitions(entry), *_contradictions(entry, owners))
    return tuple(sorted(problems, key=lambda problem: problem.place))


def _empty(base: KnowledgeBase) -> Iterator[Problem]:
    if not (base.entries or base.calculations or base.documents):
        yield _warning(base.place, f"{base.id} answers nothing yet; write entries or name documents")


def _validity(entry: Entry, day: date) -> Iterator[Problem]:
    until = entry.valid_until
    if until is not None and until < day:
        yield _warning(entry.place, f"{entry.id} expired on {until} and answers nothing; delete it or change valid")
    elif until is not None and until - day <= SOON:
        yield _warning(entry.place, f"{entry.id} expires on {until}; write what holds afterwards")


def _repetitions(entry: Entry) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for phrasing in entry.phrasings:
        if (first := seen.setdefault(normalise(phrasing), phrasing)) is not phrasing:
            yield _warning(entry.place_of(phrasing), f"{phrasing!r} is the same as {first!r} above; delete it")


def _contradictions(entry: Entry, owners: dict[str, Entry]) -> Iterator[Problem]:
    """Sentences whose exact meaning another line has already decided."""
    for negative in entry.negatives:
        if owners.get(normalise(negative)) is entry:
            text = f"the negative {negative!r} is also a phrasing of {entry.id}; delete one of the two"
            yield Problem(entry.place_of(negative), text)
    for example in entry.examples:
        owner = owners.get(normalise(example), entry)
        if owner is not entry:
            text = (
                f"the example {example!r} is a phrasing of {owner.id} ({owner.place}) and always lands there; delete it"
            )
            yield Problem(entry.place_of(example), text)


def _warning(place: Place, text: str) -> Problem:
    return Problem(place, text, warning=True)
