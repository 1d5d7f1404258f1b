"""Policy: what the rules of a folder say of a text. Immutable; a reload builds a new one beside the old."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

from policies import evasions, pii, segmentation
from policies.decoding import Decoded
from policies.judging import Case, Personal, Spared, in_order, verdict
from policies.listing import Listing, Wanted, wanted
from policies.phrases import Phrases
from policies.reading import read
from policies.readings import Reading, is_apart
from policies.rulebook import READINGS, USUAL, Category, Problem, Rulebook
from policies.stream import NOT_ALONE, WHOLE_TEXTS, Stream
from policies.verdict import STRICTNESS, Action, Direction, Hit, Verdict, passing
from policies.words import Span, Words

_PASS, _MASK = Action.PASS, Action.MASK  # looking them up in the class takes longer


class Finder(Protocol):
    """Finds listed words in a whole text."""

    @property
    def name(self) -> str: ...

    def find(self, text: str) -> Sequence[Span]: ...


class Allowed(NamedTuple):
    """Words in which a hit does not count, and for each the category it is allowed for ("" for all)."""

    readings: Sequence[Reading]
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
        """Take the parts; the first of `readings` is the plain one, the second the even one."""
        self.categories = tuple(categories)
        self.listing = listing
        self.readings = tuple(readings)
        self.allowed_words = allowed
        self.warnings = tuple(warnings)
        self.phrases = Phrases((phrase.text, owner) for owner, one in enumerate(categories) for phrase in one.phrases)
        self.personal = {side: tuple(_personal(categories, side)) for side in Direction}
        self.wanted = {side: wanted(categories, side) for side in Direction}
        # Words of symbols alone the plain reading never sees: then it cannot signal when to look for them.
        signed = [one for reading in self.readings if reading.name == "literal" for one in reading.lexicon.numbers]
        unseen = evasions.has_symbols_alone([listing.spelled[number] for number in signed])
        self._signalled = tuple(
            one for one in self.readings if one.name == "leet" or (one.name == "literal" and not unseen)
        )
        self._finders: Mapping[Direction, tuple[Finder, ...]] = {
            side: tuple(self._finders_of(side)) for side in Direction
        }
        # Whether texts must be looked at in which the plain reading sees no sign of a word.
        self._eager = any(self.personal.values()) or any(self._finders.values())
        self._plain, self._even = self.readings[:2]
        self._scan = self._plain.lexicon.scanner.find_overlapping
        self._may_be_even = evasions.even_search()
        self._pairs = self._plain.lexicon.pairs
        self._ambiguous = any(one.ambiguous for one in categories)
        self._doubted = self._ambiguous or bool(allowed)

    @classmethod
    def build(cls, rulebook: Rulebook, corpus: Sequence[str] = ()) -> "Policy":
        """Build the Policy of these rules; `corpus` is ordinary text, it only makes it faster."""
        listing, forms = Listing.of(rulebook.categories)
        categories = [replace(one, words=(), allow=()) for one in rulebook.categories]
        phrases = Phrases((phrase.text, 0) for one in categories for phrase in one.phrases)
        readings = list(_readings(categories, listing, forms, corpus, phrases.heads))
        return cls(categories, listing, readings, _allowed(rulebook), rulebook.warnings)

    @property
    def orders(self) -> tuple[str, ...]:
        """The templates of order numbers of all categories."""
        return tuple(order for category in self.categories for order in category.orders)

    @property
    def allowed(self) -> Sequence[Reading]:
        """The readings of the allowed words."""
        return self.allowed_words.readings if self.allowed_words else ()

    @cached_property
    def unusual(self) -> frozenset[str]:
        """The characters that another reading than the plain one must see."""
        others = [one.starting for one in self.readings[1:] if one.name not in NOT_ALONE]
        return self._plain.table.uneven.union(*others)

    def screen(self, text: str, direction: Direction) -> Verdict:
        """Say what the rules make of `text`: the strictest action, the text as it may be shown, the hits."""
        try:
            matches = self._scan(text)
        except UnicodeEncodeError:  # half a character, which no automaton takes
            matches = None
        even = self._may_be_even(text)
        asked = even or self._eager or matches is None
        if not asked and (not matches or (len(matches) == 1 and matches[0][2] >= self._pairs)):
            return passing(text)  # a pair of equal letters alone is nothing
        spans, signalled = self._plain.look(text, matches)
        if not (spans or signalled or asked):
            return passing(text)
        if not (signalled or asked or self._doubted):
            return self._judge(text, spans, direction)
        finders = self._finders[direction]
        if signalled:
            finders += self._signalled
        if even and direction is Direction.IN:
            finders += (self._even,)
        cases = self._cases(text, direction, spans, finders)
        if signalled and direction is Direction.IN:
            cases += self._phrase_cases(text)
        return verdict(text, in_order(cases))

    def stream(self, direction: Direction) -> Stream:
        """Open a stream: what `screen` says of a whole text, for one that is still being written."""
        return Stream(self, direction)

    def _judge(self, text: str, spans: Sequence[Span], direction: Direction) -> Verdict:
        """Give the verdict on a text of which these words of the plain reading, in order, are all there is to know.

        It is that on their `cases`, in one pass instead of four: most texts with a hit are such.
        """
        (spelled, kinds), wanted, new = self.listing, self.wanted[direction], tuple.__new__
        hits: list[Hit] = []
        pieces: list[str] = []
        strictest, reply, first, last, done, sign = _PASS, None, -1, 0, 0, ""
        for start, end, number in spans:
            want = wanted[kinds[number]]
            if not want or (want[2] and not self._is_apart(start, end, text)):
                continue
            action, category, _ = want
            if start == first and end == last:  # listed twice: the strictest comes first
                return verdict(text, in_order(self.cases(spans, "plain", text, 0, wanted)))
            first, last = start, end
            hits.append(new(Hit, (spelled[number], start, end, category.id, "plain")))
            if action is not strictest and STRICTNESS[action] > STRICTNESS[strictest]:
                strictest, reply = action, category.reply
            if action is _MASK and end > done:
                if start >= done:
                    sign = category.mask
                    pieces += (text[done:start], sign * (end - start) if len(sign) == 1 else sign)
                elif len(sign) == 1:
                    pieces.append(sign * (end - done))
                done = end
        if strictest is _MASK:
            text = "".join([*pieces, text[done:]])
        return new(Verdict, (strictest, text, tuple(hits), reply))

    def _cases(self, text: str, direction: Direction, spans: Sequence[Span], finders: Sequence[Finder]) -> list[Case]:
        """Give the words of the plain reading and of these finders that count, and the personal data."""
        wanted = self.wanted[direction]
        cases = self.cases(spans, "plain", text, 0, wanted)
        for finder in finders:
            cases += self.cases(finder.find(text), finder.name, text, 0, wanted)
        if cases and self.allowed_words:
            found = [span for reading in self.allowed_words.readings for span in reading.find(text)]
            spared = Spared(self.allowed_spans(found, text, 0))
            cases = [case for case in cases if case not in spared]
        if cases and self._ambiguous and direction is Direction.IN:
            cases = [case for case in cases if _is_meant(case, text)]
        if self.personal[direction]:
            cases += self._personal_cases(text, direction)
        return cases

    def cases(self, found: Iterable[Span], rule: str, text: str, at: int, wanted: Wanted) -> list[Case]:
        """Give the cases of those found words that count. text[0] stands at place `at`."""
        spelled, kinds = self.listing
        asks = rule != "plain"  # other readings may find a word in characters that are unlike its own
        cases: list[Case] = []
        new = tuple.__new__
        for start, end, number in found:
            want = wanted[kinds[number] | asks]
            if want:
                action, category, apart = want
                if not apart or self._is_apart(start - at, end - at, text):
                    hit = new(Hit, (spelled[number], start, end, category.id, rule))
                    cases.append(new(Case, (hit, action, category)))
        return cases

    def allowed_spans(self, found: Iterable[Span], text: str, at: int) -> list[tuple[int, int, str]]:
        """Give (start, end, category) of the found allowed words that stand apart."""
        categories = self.allowed_words.categories if self.allowed_words else ()
        return [
            (start, end, categories[number])
            for start, end, number in found
            if self._is_apart(start - at, end - at, text)
        ]

    def personal_case(self, datum: pii.Datum, category: Category, value: str, direction: Direction) -> Case:
        """Give the case of a piece of personal data."""
        hit = Hit(value, datum.start, datum.end, category.id, f"pii:{datum.kind}")
        return Case(hit, category.actions[direction][USUAL], category)

    def _is_apart(self, start: int, end: int, text: str) -> bool:
        first, last = text[start], text[end - 1]
        if "\u2e80" <= first < "\uf900" and "\u2e80" <= last < "\uf900":  # Chinese needs no gap: by far the most
            return True
        return is_apart(text[start - 1] if start else "", first, last, text[end : end + 1], self._plain.table)

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
        """Give the finders for all texts besides the plain reading."""
        for reading in self.readings[1:]:
            if reading.name not in WHOLE_TEXTS and reading not in self._signalled:
                yield reading
            elif side is Direction.IN and reading.name == "encoded":
                yield Decoded(reading)


def _is_meant(case: Case, text: str) -> bool:
    """Say whether a word, if it is ambiguous, stands in the text as a word."""
    return case.hit.word not in case.category.ambiguous or segmentation.is_word(text, case.hit.start, case.hit.end)


def _personal(categories: Iterable[Category], side: Direction) -> Iterator[Personal]:
    for category in categories:
        kinds = (*category.patterns, *(f"order:{template}" for template in category.orders))
        if kinds and category.actions[side][USUAL] is not Action.PASS:
            yield Personal(category, tuple((kind, pii.finder(kind)) for kind in kinds if kind != "address"))


def _readings(
    categories: Sequence[Category], listing: Listing, forms: Sequence[str], corpus: Sequence[str], heads: Sequence[str]
) -> Iterator[Reading]:
    words = Words(listing.spelled, range(len(listing.spelled)))
    bare, signed = evasions.by_symbols(Words(forms, words.numbers))
    plain = evasions.plain(bare, signed.texts, corpus, heads)
    yield from (plain, evasions.even(plain))
    chosen = {"literal": signed, "leet": bare}
    for name in READINGS:
        asking = [name in one.readings for one in categories]
        if any(asking):
            chosen[name] = words if all(asking) else words.where([asking[owner] for owner in listing.owners()])
    built = (evasions.read(name, some, corpus) for name, some in chosen.items())
    yield from (reading for reading in built if reading.lexicon.numbers)


def _allowed(rulebook: Rulebook) -> Allowed | None:
    words = [(word.text, "") for word in rulebook.allow]
    words += [(word.text, category.id) for category in rulebook.categories for word in category.allow]
    if not words:
        return None
    bare, signed = evasions.by_symbols(Words(evasions.forms([word for word, _ in words]), range(len(words))))
    readings = (evasions.read("allowed", bare), evasions.read("literal", signed))
    return Allowed([one for one in readings if one.lexicon.numbers], [category for _, category in words])
