"""A Policy: what the rules of a folder say of a text. Immutable; a reload builds a new one beside the old."""

from pathlib import Path

import daachorse

from policies import characters
from policies.reading import read
from policies.rulebook import Rulebook, Word
from policies.verdict import STRICTNESS, Action, Direction, Hit, Verdict


def load(directory: Path) -> "Policy":
    """Read the rules of `directory` and build their Policy. Raises RulesError with all problems at once."""
    return Policy(read(directory))


class Policy:
    def __init__(self, rulebook: Rulebook) -> None:
        self.table = characters.build_table()
        self.categories = rulebook.categories
        self.warnings = rulebook.warnings
        listed = [(word, category) for category in rulebook.categories for word in category.words]
        self.listed = [(w, c) for w, c in listed if characters.apply(self.table, w.text)]
        self.words = daachorse.CharwiseDoubleArrayAhoCorasick(
            [self._fold(word) for word, _ in self.listed] or ["\uffff"]
        )
        allow = [*rulebook.allow, *(word for c in rulebook.categories for word in c.allow)]
        self.allowed = daachorse.CharwiseDoubleArrayAhoCorasick([self._fold(word) for word in allow] or ["\uffff"])

    def _fold(self, word: Word) -> str:
        return characters.apply(self.table, word.text)

    def screen(self, text: str, direction: Direction) -> Verdict:
        """Say what the rules make of `text`: the strictest action, the text as it may be shown, the hits."""
        folded = characters.apply(self.table, text)
        matches = self.words.find_overlapping(folded)
        if not matches:
            return Verdict(Action.PASS, text)
        origin = [place for place, c in enumerate(text) for _ in characters.image(self.table, c)]
        allowed = self.allowed.find_overlapping(folded)
        found: list[tuple[Action, Hit]] = []
        reply, mask = None, list(text)
        strictest = Action.PASS
        for start, end, number in matches:
            if any(a <= start and end <= b for a, b, _ in allowed):
                continue
            word, category = self.listed[number]
            action = category.actions[direction][word.level]
            if action is Action.PASS:
                continue
            hit = Hit(word.text, origin[start], origin[end - 1] + 1, category.id, "plain")
            found.append((action, hit))
            if STRICTNESS[action] > STRICTNESS[strictest]:
                strictest, reply = action, category.reply
            if action is Action.MASK:
                mask[hit.start : hit.end] = [category.mask] * (hit.end - hit.start)
        masked = "".join(mask) if strictest is Action.MASK else text
        return Verdict(strictest, masked, tuple(hit for _, hit in found), reply)
