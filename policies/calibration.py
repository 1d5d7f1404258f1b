"""Which words of the rules hit ordinary messages, and what to allow so that they do not.

Feed it the operator's own messages that nobody objects to. For each word that hits them it proposes the longer words
it is found in when these are few, else the word itself: in this trade it is an ordinary one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from policies.policy import Policy
from policies.verdict import Direction, Hit

FEW = 3  # so many surroundings may be allowed one by one
OFTEN = 2  # a surrounding must be seen in so many messages to be more than chance
AROUND = 2  # characters of surroundings on either side


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
        for hit in policy.screen(message, direction).hits:  # those inside a longer one too: it may be allowed
            seen[hit.word, hit.category].append((message, hit))
    findings = [_finding(word, category, places) for (word, category), places in seen.items()]
    return sorted(findings, key=lambda finding: (-finding.messages, finding.word))


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
