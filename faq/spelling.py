"""One writing for what means the same: the staff's synonyms are read as the first of their group."""

import functools
import re
from collections.abc import Iterable

from faq.text import fold


class Speller:
    """Folds texts and replaces synonyms; where groups of two knowledge bases disagree the earlier one counts."""

    def __init__(self, groups: Iterable[Iterable[tuple[str, ...]]]) -> None:
        self._first: dict[str, str] = {}
        for group in (group for base in groups for group in base):
            folded = [word for word in map(fold, group) if word]
            for word in folded[1:]:
                self._first.setdefault(word, folded[0])
        longest_first = sorted(self._first, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_whole, longest_first))) if longest_first else None
        self.canonical = functools.lru_cache(maxsize=256)(self._canonical)  # every step asks for the same few

    def _canonical(self, text: str) -> str:
        folded = fold(text)
        return self._pattern.sub(lambda found: self._first[found[0]], folded) if self._pattern else folded


def _whole(word: str) -> str:
    """A pattern that finds Latin words whole and Chinese ones anywhere."""
    before = r"(?<![a-z0-9])" if word[0].isascii() else ""
    after = r"(?![a-z0-9])" if word[-1].isascii() else ""
    return f"{before}{re.escape(word)}{after}"
