"""What is odd in content as far as only matching shows: examples that fail, entries that stand in one another's way.

`lint_examples` asks a question an example. `lint_deep` asks every phrasing twice again, without itself and without its
entry (0.5 min for 2,000 entries).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from faq.content import Content, Entry, Problem
from faq.lint import lint
from faq.matching import Band, Decision, Match, Matcher
from faq.routing import Router
from faq.text import normalise

_ALIKE = 0.65  # probability from which two entries are told as alike even where the bot would still ask back


@dataclass(frozen=True, slots=True)
class _Asked:
    """A phrasing asked again: what is decided without it, and what without its whole entry."""

    entry: Entry
    phrasing: str
    without: Decision
    strange: Decision

    @property
    def is_taken(self) -> bool:
        """Were it not written here, the phrasing would land on another entry."""
        return _lands(self.without) and self.without.matches[0].entry is not self.entry


def lint_deep(content: Content, matcher: Matcher, day: date, router: Router | None = None) -> tuple[Problem, ...]:
    """All that `lint` and `lint_examples` find, and entries and phrasings taken for others; sorted by place."""
    asked = [again for row in matcher.ask_again(day) if (again := _Asked(*row)).entry.valid_on(day)]
    found = (*lint(content, day), *lint_examples(content, matcher, day, router), *_in_the_way(asked))
    return tuple(sorted(found, key=lambda problem: (problem.place, problem.text)))


def lint_examples(content: Content, matcher: Matcher, day: date, router: Router | None = None) -> tuple[Problem, ...]:
    """Examples that do not land on their entry: errors where another would answer, else warnings.

    An example whose entry is the first one offered has landed. What is word for word a phrasing is `lint`'s.
    """
    asked = (
        (entry, example)
        for entry in content.entries
        if entry.valid_on(day)
        for example in entry.examples
        if matcher.exact(example, day) is None
    )
    return tuple(
        problem
        for entry, example in asked
        for problem in _example(entry, example, matcher.match(example, day, _routed(router, example)))
    )


def _routed(router: Router | None, question: str) -> tuple[str, ...]:
    return router.route(question).knowledge_bases if router else ()


def _example(entry: Entry, example: str, decision: Decision) -> Iterator[Problem]:
    first = decision.matches[0] if decision.matches else None
    if decision.band is Band.PASS or first is None:
        what = "is not answered"
    elif first.entry is entry:
        return
    elif decision.band is Band.ANSWER:
        what = f"is answered with {_named(first)}"
    else:
        what = f"is offered {_named(first)} first"
    text = f"the example {example!r} {what}; add a variant like it to {entry.id}, or delete it"
    yield Problem(entry.place_of(example), text, warning=decision.band is not Band.ANSWER)


def _in_the_way(asked: Iterable[_Asked]) -> Iterator[Problem]:
    """Entries reached word for word only, phrasings nearer to another entry, and of the rest the twins."""
    rest: list[_Asked] = []
    told: set[str] = set()  # what is told from the side of its own entry
    for entry, group in groupby(asked, key=lambda again: again.entry):
        phrasings = list(group)
        taken = [again for again in phrasings if again.is_taken] if len(phrasings) > 1 else []
        told.update(again.phrasing for again in taken)
        if taken and len(taken) == len(phrasings):
            yield _lost(entry, taken[0].without.matches[0])
        else:
            yield from (_stray(again) for again in taken)
            rest += [again for again in phrasings if again not in taken]
    yield from _twins(
        again for again in rest if again.strange.matches and again.strange.matches[0].phrasing not in told
    )


def _lost(entry: Entry, other: Match) -> Problem:
    text = f"{entry.id} is reached word for word only, what is like it lands on {_named(other)}"
    return Problem(entry.place, f"{text}; make one entry of the two, or add what sets it apart", warning=True)


def _stray(again: _Asked) -> Problem:
    text = f"is nearer to {_named(again.without.matches[0])} than to the rest of {again.entry.id}"
    return _warning(again, f"{text}; move it there, or reword it")


def _twins(asked: Iterable[_Asked]) -> Iterator[Problem]:
    """Entries of which one stands for the other when that is away; each pair once, where they are most alike."""
    pairs: dict[frozenset[tuple[str, str]], _Asked] = {}
    for again in asked:
        if _lands(again.strange):
            pair = frozenset((_key(again.entry), _key(again.strange.matches[0].entry)))
            pairs[pair] = max(pairs.get(pair, again), again, key=lambda one: one.strange.matches[0].score)
    return (_twin(again, again.strange.matches[0]) for again in pairs.values())


def _lands(decision: Decision) -> bool:
    return bool(decision.matches) and (decision.band is Band.ANSWER or decision.matches[0].score >= _ALIKE)


def _twin(again: _Asked, other: Match) -> Problem:
    if normalise(other.entry.answer) == normalise(again.entry.answer):
        return _warning(again, f"asks the same as {_named(other)}, with the same answer; make one entry of the two")
    text = f"can hardly be told from {_named(other)}, which answers differently"
    return _warning(again, f"{text}; give both one answer, or write each into the negatives of the other")


def _warning(again: _Asked, text: str) -> Problem:
    return Problem(again.entry.place_of(again.phrasing), f"{again.phrasing!r} {text}", warning=True)


def _key(entry: Entry) -> tuple[str, str]:
    return entry.knowledge_base, entry.id


def _named(match: Match) -> str:
    return f"{match.phrasing!r} of {match.entry.id} ({match.entry.place})"
