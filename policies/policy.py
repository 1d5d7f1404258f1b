"""Policy: what the rules of a folder say of a text. Immutable; a reload builds a new one beside the old."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Protocol

from policies import evasions, pii
from policies.decoding import Decoded
from policies.judging import Case, Personal, in_order, is_allowed, verdict
from policies.phrases import Phrases
from policies.reading import read
from policies.readings import Found, Reading, is_apart
from policies.rulebook import USUAL, Category, Problem, Rulebook, Word
from policies.stream import WHOLE_TEXTS, Stream
from policies.verdict import Action, Direction, Hit, Verdict


class Finder(Protocol):
    """Finds listed words in a whole text."""

    @property
    def name(self) -> str: ...

    def find(self, text: str) -> list[Found]: ...


class Listing(NamedTuple):
    """What is known of each word, by its number: a column each, so that 100,000 words are three objects."""

    spelled: list[str]
    owners: "array[int]"  # index of the category
    levels: "array[int]"

    @classmethod
    def of(cls, words: Iterable[tuple[Word, int]]) -> "Listing":
        """Number the words, given with their owners, in this order."""
        listed = list(words)
        owners = array("H", [owner for _, owner in listed])
        return cls([word.text for word, _ in listed], owners, array("B", [word.level for word, _ in listed]))


class Allowed(NamedTuple):
    """Words in which a hit does not count, and for each the category it is allowed for ("" for all)."""

    reading: Reading
    categories: Sequence[str]


def load(directory: Path, corpus: Sequence[str] = ()) -> "Policy":
    """Read the rules of `directory` and build their Policy; `corpus` is ordinary text, it only makes it faster.

    Raises RulesError with all problems at once.
    """
    return Policy.build(read(directory), corpus)


class Policy:
    """Screens texts. Made by `build` from rules, or by `dumping.restore` from bytes."""

    def __init__(
        self,
        categories: Sequence[Category],
        listing: Listing,
        readings: Sequence[Reading],
        allowed: Allowed | None,
        warnings: Sequence[Problem] = (),
    ) -> None:
        """Take the parts; the first of `readings` is the plain one."""
        self.categories = tuple(categories)
        self.listing = listing
        self.readings = tuple(readings)
        self.allowed_words = allowed
        self.warnings = tuple(warnings)
        self.phrases = Phrases((phrase.text, owner) for owner, one in enumerate(categories) for phrase in one.phrases)
        self.personal = {side: tuple(_personal(categories, side)) for side in Direction}
        self._finders = {side: tuple(self._finders_of(side)) for side in Direction}
        self._eager = {side: self._needs_more(side) for side in Direction}
        self._leet = any(reading.name == "leet" for reading in self.readings)
        self._entries = self.readings[0].table.entries
        self._scan = self.readings[0].scan

    @classmethod
    def build(cls, rulebook: Rulebook, corpus: Sequence[str] = ()) -> "Policy":
        """Build the Policy of these rules; `corpus` is ordinary text, it only makes it faster."""
        listing = Listing.of((word, owner) for owner, one in enumerate(rulebook.categories) for word in one.words)
        categories = [replace(one, words=(), allow=()) for one in rulebook.categories]
        phrases = Phrases((phrase.text, 0) for one in categories for phrase in one.phrases)
        readings = list(_readings(categories, listing, corpus, phrases.heads))
        return cls(categories, listing, readings, _allowed(rulebook), rulebook.warnings)

    @property
    def allowed(self) -> Reading | None:
        """The reading of the allowed words."""
        return self.allowed_words.reading if self.allowed_words else None

    def screen(self, text: str, direction: Direction) -> Verdict:
        """Say what the rules make of `text`: the strictest action, the text as it may be shown, the hits."""
        try:
            quiet = not self._scan(text)
        except UnicodeEncodeError:  # a lone surrogate; folding drops it
            quiet = False
        if (quiet or self._is_quiet(text)) and not self._eager[direction]:
            return Verdict(Action.PASS, text)
        return verdict(text, self.cases(text, direction))

    def _is_quiet(self, text: str) -> bool:
        """Say whether the folded text needs no closer look either. @ and $ are noise to it, but letters in leet."""
        return not (self._scan(text.translate(self._entries)) or (self._leet and ("@" in text or "$" in text)))

    def stream(self, direction: Direction) -> Stream:
        """Open a stream: what `screen` says of a whole text, for one that is still being written."""
        return Stream(self, direction)

    def cases(self, text: str, direction: Direction) -> list[Case]:
        """Give all hits that count, in their order, each with what its category wants."""
        found = [(one, finder.name) for finder in self._finders[direction] for one in finder.find(text)]
        cases = [case for one, name in found if (case := self.case(one, name, text, 0, direction))]
        if cases and self.allowed_words:
            spans = self.allowed_spans(self.allowed_words.reading.find(text), text, 0)
            cases = [case for case in cases if not is_allowed(case, spans)]
        cases += self._personal_cases(text, direction)
        if direction is Direction.IN:
            cases += self._phrase_cases(text)
        return in_order(cases)

    def case(self, found: Found, rule: str, text: str, at: int, direction: Direction) -> Case | None:
        """Give the case of a found word, None when it does not count. text[0] stands at place `at`."""
        category = self.categories[self.listing.owners[found.number]]
        action = category.actions[direction][self.listing.levels[found.number]]
        if action is Action.PASS or (category.whole_words and not self._is_apart(found, text, at)):
            return None
        return Case(
            Hit(self.listing.spelled[found.number], found.start, found.end, category.id, rule), action, category
        )

    def allowed_spans(self, found: Iterable[Found], text: str, at: int) -> list[tuple[int, int, str]]:
        """Give (start, end, category) of the found allowed words that stand apart."""
        categories = self.allowed_words.categories if self.allowed_words else ()
        return [(one.start, one.end, categories[one.number]) for one in found if self._is_apart(one, text, at)]

    def personal_case(self, datum: pii.Datum, category: Category, value: str, direction: Direction) -> Case:
        """Give the case of a piece of personal data."""
        hit = Hit(value, datum.start, datum.end, category.id, f"pii:{datum.kind}")
        return Case(hit, category.actions[direction][USUAL], category)

    def _is_apart(self, found: Found, text: str, at: int) -> bool:
        start, end = found.start - at, found.end - at
        before = text[start - 1] if start else ""
        return is_apart(before, text[start], text[end - 1], text[end : end + 1], self.readings[0].table)

    def _personal_cases(self, text: str, direction: Direction) -> Iterator[Case]:
        for category, finders in self.personal[direction]:
            addresses = direction is Direction.IN and "address" in category.patterns
            for datum in pii.find_with(finders, text, addresses):
                yield self.personal_case(datum, category, text[datum.start : datum.end], direction)

    def _phrase_cases(self, text: str) -> Iterator[Case]:
        for start, end, owner in self.phrases.find(text):
            category = self.categories[owner]
            action = category.actions[Direction.IN][USUAL]
            if action is not Action.PASS:
                yield Case(Hit(text[start:end], start, end, category.id, "phrase"), action, category)

    def _finders_of(self, side: Direction) -> Iterator[Finder]:
        for reading in self.readings:
            if reading.name not in WHOLE_TEXTS:
                yield reading
            elif side is Direction.IN:
                yield Decoded(reading) if reading.name == "encoded" else reading

    def _needs_more(self, side: Direction) -> bool:
        """Say whether texts must be looked at in which the plain reading finds nothing."""
        always = {reading.name for reading in self.readings} - {"plain", "even", "literal", "leet"}
        return bool(always or self.personal[side])


def _personal(categories: Iterable[Category], side: Direction) -> Iterator[Personal]:
    for category in categories:
        kinds = (*category.patterns, *(f"order:{template}" for template in category.orders))
        if kinds and category.actions[side][USUAL] is not Action.PASS:
            yield Personal(category, tuple((kind, pii.finder(kind)) for kind in kinds if kind != "address"))


def _readings(
    categories: Sequence[Category], listing: Listing, corpus: Sequence[str], heads: Sequence[str]
) -> Iterator[Reading]:
    words = [(word, number) for number, word in enumerate(listing.spelled)]
    plain = evasions.plain(words, corpus, heads)
    yield from (plain, evasions.even(plain))
    for name in evasions.WAYS:
        asking = [name in ("literal", "leet") or name in one.readings for one in categories]
        chosen = [(word, number) for word, number in words if asking[listing.owners[number]]]
        if name != "plain" and chosen and (reading := evasions.read(name, chosen, corpus)).lexicon.keys:
            yield reading


def _allowed(rulebook: Rulebook) -> Allowed | None:
    words = [(word.text, "") for word in rulebook.allow]
    words += [(word.text, category.id) for category in rulebook.categories for word in category.allow]
    if not words:
        return None
    reading = evasions.read("allowed", [(word, number) for number, (word, _) in enumerate(words)])
    return Allowed(reading, [category for _, category in words])
