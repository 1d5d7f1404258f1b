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
NOT_ALONE = WHOLE_TEXTS | {"literal"}


class Rules(Protocol):
    """What a stream asks of a rules."""

    @property
    def readings(self) -> Sequence[Reading]: ...
    @property
    def allowed(self) -> Sequence[Reading]: ...
    @property
    def wanted(self) -> Mapping[Direction, Wanted]: ...
    @property
    def unusual(self) -> frozenset[str]: ...
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
        self._plain = Tracker(rules.readings[0])
        self._beside = [Tracker(reading) for reading in rules.readings if reading.name == "literal"]
        self._others = [Tracker(reading) for reading in rules.readings[1:] if reading.name not in NOT_ALONE]
        self._followers = (*self._beside, *self._others)
        self._allowed = [Tracker(reading) for reading in rules.allowed]
        self._tokens = Tokens(rules, direction) if rules.personal[direction] else None
        # As long as the stream is calm, `_plain` alone knows what was not sent, and no more need be known.
        self._calm = self._may_be_calm = not (self._tokens or self._allowed)
        self._unusual = rules.unusual if self._calm else frozenset()
        self._text = ""  # what was not sent, and what must be known of the text before it
        self._at = 0  # the place of _text[0]
        self._end = 0
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
        return len(self._plain.tail) if self._calm else self._end - self._sent

    def feed(self, piece: str) -> str:
        """Take the next piece of the text; give what may be sent now."""
        if self._calm and self._unusual.isdisjoint(piece):
            plain = self._plain
            text = plain.tail + piece
            start = plain.glance(text)
            if start >= 0:
                plain.tail = text[start:]
                sent = text[:start]
                if sent:
                    self._sent += start
                    self._pieces.append(sent)
                return sent
        if self.stopped:
            return ""
        if self._calm:
            self._wake()
        at = self._end
        self._text += piece
        self._end = at + len(piece)
        live = self._track(piece, at)
        if self._tokens:
            self._pending += self._tokens.feed(piece, at)
            live = min(live, self._tokens.live)
        for tracker in self._allowed:
            self._allow(tracker.feed(piece, at))
        sent = self._send(live, self._needed(live))
        self._rest()
        return sent

    def _wake(self) -> None:
        """Know again what must be known of the text but for a calm stream."""
        before, tail = self._pieces[-1][-1] if self._pieces else "", self._plain.tail
        self._text, self._at, self._end = before + tail, self._sent - len(before), self._sent + len(tail)
        self._calm = False

    def _rest(self) -> None:
        """Be calm when there is nothing but what the plain reading can tell at a glance."""
        if not self._may_be_calm or self._pending or self._mask or self.stopped or not self._plain.glances:
            return
        for tracker in self._followers:
            if tracker.tail:
                return
        self._plain.tail, self._plain.closely = self._text[self._sent - self._at :], False
        self._calm = True

    def _track(self, piece: str, at: int) -> int:
        """Note the words that are complete; give where the first begins that may be growing.

        Words with symbols of their own need not be followed before the plain reading looks closely, as it does at every
        symbol: until then they are among the words that it knows to be growing.
        """
        plain = self._plain
        before = "" if plain.closely else plain.tail
        if found := plain.feed(piece, at):
            self._note(found, plain.reading)
        live = plain.live
        for tracker in self._beside:
            if tracker.tail or plain.closely:
                unseen = "" if tracker.tail else before
                self._note(tracker.feed(unseen + piece, at - len(unseen)), tracker.reading)
                live = min(live, tracker.live)
        for tracker in self._others:
            if tracker.tail or not tracker.starting.isdisjoint(piece):
                self._note(tracker.feed(piece, at), tracker.reading)
                live = min(live, tracker.live)
        return live

    def close(self) -> str:
        """End the text; give what is left of it."""
        if self.stopped:
            return ""
        if self._calm:
            self._wake()
        for tracker in (self._plain, *self._followers):
            self._note(tracker.close(), tracker.reading)
        if self._tokens:
            self._pending += self._tokens.close()
        for tracker in self._allowed:
            self._allow(tracker.close())
        return self._send(self._end, self._end)

    def _note(self, found: Sequence[Span], reading: Reading) -> None:
        if not found:
            return
        text, at = self._text, self._at
        if accept := reading.accept:
            found = [span for span in found if accept(text[span[0] - at : span[1] - at])]
        self._pending += self._rules.cases(found, reading.name, text, at, self._wanted)

    def _allow(self, found: Sequence[Span]) -> None:
        if found:
            self._spans += self._rules.allowed_spans(found, self._text, self._at)

    def _send(self, live: int, settled: int) -> str:
        """Decide all hits that begin before `settled`; give the text before `live` and before undecided hits."""
        if not self._pending and not self._mask:  # as nearly always
            sent = self._text[self._sent - self._at : live - self._at]
        else:
            live, sent = self._cover(live, settled)
        if live > self._sent:
            self._pieces.append(sent)
            self._forget(live)
        return sent

    def _cover(self, live: int, settled: int) -> tuple[int, str]:
        """Decide hits as `_send` does; give up to where the text may be sent, and what of it."""
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
        return live, sent

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
        keep = (self._needed(live) if self._allowed else live) - 1 - self._at
        if keep > KEPT:
            self._text = self._text[keep:]
            self._at += keep
        if self._spans:
            self._spans = [span for span in self._spans if span[1] > live]

    def _needed(self, live: int) -> int:
        """Give where the text begins that may yet matter: `live`, or where an allowed word may be growing."""
        return min([live, *[tracker.live for tracker in self._allowed if tracker.tail]]) if self._allowed else live


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
