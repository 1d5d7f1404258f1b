"""Which words of the rules hit ordinary messages, and what to allow so that they do not.

Feed it the operator's own messages that nobody objects to. For each word that hits them it proposes the longer words
it is found in when these are few, else the word itself: in this trade it is an ordinary one.

What is left is the words that hit none of these messages and will hit others. `estimate` says how many messages those
are, and whether it helps to take short words as ambiguous (segmentation.py).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from policies import segmentation
from policies.policy import Policy
from policies.rulebook import USUAL, Rulebook, Word
from policies.verdict import Direction, Hit

FEW = 3  # so many surroundings may be allowed one by one
OFTEN = 2  # a surrounding must be seen in so many messages to be more than chance
SHORT = 2  # characters of words that most often stand across the edges of others
COST = 0.05  # the share of hits lost where short words are ambiguous in texts that mean them (docs/policies.md)
FOLDS = 5
AROUND = 2  # characters of surroundings on either side


class Estimate(NamedTuple):
    """Shares of messages that are flagged: by the rules, by calibrated ones, by these with short words ambiguous."""

    now: float
    calibrated: float
    ambiguous: float | None  # None when texts cannot be segmented

    @property
    def helps(self) -> bool:
        """Say whether it is worth taking short words as ambiguous: it spares more than it costs."""
        return self.ambiguous is not None and self.ambiguous < (1 - COST) * self.calibrated


class Finding(NamedTuple):
    """One listed word that hits ordinary messages: how many, an example, and the words to allow."""

    word: str
    category: str
    messages: int
    example: str
    allow: tuple[str, ...]


def calibrate(policy: Policy, messages: Iterable[str], direction: Direction = Direction.IN) -> list[Finding]:
    """Give the words that hit `messages`, those that hit most first."""
    seen: dict[tuple[str, str], list[tuple[str, Hit]]] = defaultdict(list)
    for message in messages:
        for hit in _words(policy, message, direction):  # those inside a longer one too: it may be allowed
            seen[hit.word, hit.category].append((message, hit))
    findings = [_finding(word, category, places) for (word, category), places in seen.items()]
    return sorted(findings, key=lambda finding: (-finding.messages, finding.word))


def estimate(rules: Rulebook, messages: Iterable[str]) -> Estimate:
    """Calibrate on all messages but every fifth, in turn, and see what the rules then say of these, on the way in."""
    texts = list(dict.fromkeys(messages))
    raw, flagged, left, sure = Policy.build(rules), 0, 0, 0
    for fold in range(FOLDS):
        seen = [text for number, text in enumerate(texts) if number % FOLDS != fold]
        allow = [Word(one, USUAL, "", 1) for finding in calibrate(raw, seen) for one in finding.allow]
        calibrated = Policy.build(replace(rules, allow=(*rules.allow, *allow)))
        for text in texts[fold::FOLDS]:
            flagged += bool(_words(raw, text, Direction.IN))
            hits = _words(calibrated, text, Direction.IN)
            left += bool(hits)
            sure += not all(_is_pieced(hit, text) for hit in hits)
    count = max(len(texts), 1)
    return Estimate(flagged / count, left / count, sure / count if segmentation.is_there() else None)


def _words(policy: Policy, text: str, direction: Direction) -> list[Hit]:
    """Give the hits of words: personal data and phrases are not allowed one by one, and data is not to be listed."""
    hits = policy.screen(text, direction).hits
    return [hit for hit in hits if hit.rule != "phrase" and not hit.rule.startswith("pii:")]


def _is_pieced(hit: Hit, text: str) -> bool:
    """Say whether a short word is pieced together from parts of others."""
    is_short = len(hit.word) <= SHORT and not hit.word.isascii()
    return is_short and not segmentation.is_word(text, hit.start, hit.end)


def _finding(word: str, category: str, places: list[tuple[str, Hit]]) -> Finding:
    messages = list(dict.fromkeys(message for message, _ in places))
    return Finding(word, category, len(messages), messages[0], _proposal(word, places))


def _proposal(word: str, places: list[tuple[str, Hit]]) -> tuple[str, ...]:
    """Cover all places by at most FEW surroundings, each seen OFTEN; else allow what stands there itself."""
    for width in range(1, AROUND + 1):
        for before, after in ((width, 0), (0, width), (width, width)):
            found = Counter(
                one for one, _ in {(_surroundings(message, hit, before, after), message) for message, hit in places}
            )
            if len(found) <= FEW and min(found.values()) >= OFTEN and "" not in found:
                return tuple(sorted(found))
    return tuple(sorted({message[hit.start : hit.end] for message, hit in places if hit.rule == "plain"} or {word}))


def _surroundings(message: str, hit: Hit, before: int, after: int) -> str:
    """Give the hit with so many characters around it; "" when these are not all letters."""
    start, end = hit.start - before, hit.end + after
    around = message[max(start, 0) : end]
    return around if start >= 0 and end <= len(message) and around.isalnum() else ""
