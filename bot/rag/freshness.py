"""A passage counts only while its file still says it: deleted and changed documents are silent at once.

One look at the file's time and size for each candidate (2 µs); its bytes are compared only when those changed.
"""

from collections.abc import Mapping
from pathlib import Path

from bot.rag.files import Key, Unreadable, Wanted, read, stamp
from bot.rag.passages import Passage

Stamp = tuple[int, int]


class Freshness:
    """Remembers how the files looked when they were read."""

    def __init__(self, keys: Mapping[Key, Path]) -> None:
        self._known: dict[tuple[str, str], tuple[Key, Path]] = {
            (key.knowledge_base, key.document): (key, path) for key, path in keys.items()
        }
        self._stamps: dict[tuple[str, str], Stamp] = {}

    def holds(self, passage: Passage) -> bool:
        """Whether the file of a passage is what it was."""
        return self.version(passage.knowledge_base, passage.document) is not None

    def version(self, knowledge_base: str, document: str) -> str | None:
        """The version of a document that was read, None when its file is not that any more."""
        name = (knowledge_base, document)
        if name not in self._known:
            return None
        key, path = self._known[name]
        try:
            now = stamp(path.stat())
            if self._stamps.get(name) != now:
                if read(Wanted(*name, path))[0] != key:
                    return None
                self._stamps[name] = now
        except (OSError, Unreadable):
            return None
        return key.content
