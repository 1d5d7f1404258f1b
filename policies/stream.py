"""Stream: screens a text while it is being written. What it lets through is the same however the text is cut.

Only the end of the text is held back that can still become a listed word or a piece of personal data. Phrases,
addresses, web codes and evenly spaced words are looked for on the way in, in whole texts, and not here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from policies import pii
from policies.judging import STOPPING, Case, Mask, Personal, Spared, cover, in_order, masks, verdict
from policies.listing import Wanted
from policies.readings import Reading
from policies.rulebook import Category
from policies.tracking import Tracker
from policies.verdict import Direction, Verdict
from policies.words import Span

KEPT = 64  # so many characters of what was sent are kept, so that they need not be dropped one by one
WHOLE_TEXTS = frozenset({"even", "encoded"})  # readings for whole texts on the way in


class Rules(Protocol):
    """What a stream asks of a rules."""

    @property
    def readings(self) -> Sequence[Reading]: ...
    @property
    def allowed(self) -> Sequence[Reading]: ...
    @property
    def wanted(self) -> Mapping[Direction, Wanted]: ...
    @property
    def personal(self) -> Mapping[Direction, Sequence[Personal]]: ...

    def cases(self, found: Iterable[Span], rule: str, text: str, at: int, wanted: Wanted) -> list[Case]: ...
    def allowed_spans(self, found: Iterable[Span], text: str, at: int) -> list[tuple[int, int, str]]: ...
    def personal_case(self, datum: pii.Datum, category: Category, value: str, direction: Direction) -> Case: ...


class Stream:
    """One text on its way: `feed` and `close` give what may be sent, masked.

    When a hit wants the text blocked or handed over, `stopped` is True, the text ends before that hit, and the
    caller adds the words of `verdict.reply` or its own.
    """

    def __init__(self, rules: Rules, direction: Direction) -> None:
        self.stopped = False
        self._rules = rules
        self._wanted = rules.wanted[direction]
        self._trackers = [Tracker(reading) for reading in rules.readings if reading.name not in WHOLE_TEXTS]
        self._allowed = [Tracker(reading) for reading in rules.allowed]
        self._tokens = Tokens(rules, direction) if rules.personal[direction] else None
        self._text = ""  # what was not sent, and what must be known of the text before it
        self._at = 0  # the place of _text[0]
        self._sent = 0  # up to where the text was sent
        self._pending: list[Case] = []  # may yet turn out to be allowed, or not to be the first
        self._spans: list[tuple[int, int, str]] = []  # allowed words
        self._mask: Mask | None = None
        self._cases: list[Case] = []
        self._pieces: list[str] = []

    @property
    def verdict(self) -> Verdict:
        """The verdict on what was decided until now; its text is what was sent."""
        return verdict("", self._cases)._replace(text="".join(self._pieces))

    @property
    def held(self) -> int:
        """How many characters are held back now."""
        return self._end - self._sent

    @property
    def _end(self) -> int:
        return self._at + len(self._text)

    def feed(self, piece: str) -> str:
        """Take the next piece of the text; give what may be sent now."""
        if self.stopped:
            return ""
        at = self._at + len(self._text)
        self._text += piece
        live = at + len(piece)
        for tracker in self._trackers:
            if tracker.growing or not tracker.starting.isdisjoint(piece):
                if found := tracker.feed(piece, at):
                    self._note(found, tracker.reading.name)
                if tracker.growing and tracker.live < live:
                    live = tracker.live
        if self._tokens:
            self._pending += self._tokens.feed(piece, at)
            live = min(live, self._tokens.live)
        if not self._allowed:
            return self._send(live, live)
        for tracker in self._allowed:
            self._allow(tracker.feed(piece, at))
        return self._send(live, self._needed(live))

    def close(self) -> str:
        """End the text; give what is left of it."""
        if self.stopped:
            return ""
        for tracker in self._trackers:
            self._note(tracker.close(), tracker.reading.name)
        if self._tokens:
            self._pending += self._tokens.close()
        for tracker in self._allowed:
            self._allow(tracker.close())
        return self._send(self._end, self._end)

    def _note(self, found: Iterable[Span], rule: str) -> None:
        self._pending += self._rules.cases(found, rule, self._text, self._at, self._wanted)

    def _allow(self, found: Sequence[Span]) -> None:
        if found:
            self._spans += self._rules.allowed_spans(found, self._text, self._at)

    def _send(self, live: int, settled: int) -> str:
        """Decide all hits that begin before `settled`; give the text before `live` and before undecided hits."""
        hidden: Sequence[Mask] = (self._mask,) if self._mask else ()
        if self._pending:
            hidden = self._settle(settled)
            if self.stopped:
                live = min([live, *[case.hit.start for case in self._cases if case.action in STOPPING]])
            live = min([live, *[case.hit.start for case in self._pending]])
        sent = self._text[self._sent - self._at : live - self._at]
        if hidden:
            sent = cover(sent, hidden, self._sent)
            self._mask = hidden[-1] if hidden[-1][1] > live else None
        if live > self._sent:
            self._forget(live)
            self._pieces.append(sent)
        return sent

    def _settle(self, settled: int) -> list[Mask]:
        """Decide the hits that begin before `settled`; give the masks from here on."""
        due = in_order([case for case in self._pending if case.hit.start < settled])
        self._pending = [case for case in self._pending if case.hit.start >= settled]
        return masks(self._decide(due), self._mask)

    def _decide(self, due: Iterable[Case]) -> list[Case]:
        """Drop what is allowed; keep the first hit that stops the text and what begins before or with it."""
        counting: list[Case] = []
        spared = Spared(self._spans)
        for case in due:
            if self.stopped and case.hit.start > counting[-1].hit.start:
                break
            if case.hit.rule.startswith("pii:") or case not in spared:
                counting.append(case)
                self.stopped = self.stopped or case.action in STOPPING
        self._cases += counting
        return counting

    def _forget(self, live: int) -> None:
        """Drop what was sent, but for what an allowed word may begin in and the character before a word."""
        self._sent = live
        keep = self._needed(live) - 1 - self._at
        if keep > KEPT:
            self._text = self._text[keep:]
            self._at += keep
        if self._spans:
            self._spans = [span for span in self._spans if span[1] > live]

    def _needed(self, live: int) -> int:
        """Give where the text begins that may yet matter: `live`, or where an allowed word may be growing."""
        return min([live, *[tracker.live for tracker in self._allowed if tracker.growing]]) if self._allowed else live


class Tokens:
    """Finds personal data in a text that comes in pieces. `live` is where an unfinished token begins."""

    def __init__(self, rules: Rules, direction: Direction) -> None:
        self.live = 0
        self._rules = rules
        self._direction = direction
        self._text = ""

    def feed(self, piece: str, at: int) -> list[Case]:
        """Take the next piece, which stands at place `at`; give the data in the tokens that are complete."""
        text = self._text + piece
        start = pii.open_token(text)
        end = at + len(piece)
        cases = self._examine(text[:start], end - len(text)) if start else []
        # A token too long to count is not held back; what is kept of it is still too long.
        self._text = text[start:][-pii.LONGEST_TOKEN - 2 :]
        self.live = end if len(self._text) > pii.LONGEST_TOKEN else end - len(self._text)
        return cases

    def close(self) -> list[Case]:
        """Give the data in the token at the end of the text."""
        return self._examine(self._text, self.live) if self._text else []

    def _examine(self, text: str, at: int) -> list[Case]:
        cases = []
        for category, finders in self._rules.personal[self._direction]:
            for token in pii.tokens(text):
                for datum in pii.longest(pii.examine(text[token], at + token.start, finders)):
                    value = text[datum.start - at : datum.end - at]
                    cases.append(self._rules.personal_case(datum, category, value, self._direction))
        return cases
