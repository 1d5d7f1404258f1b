"""What a document is made of: blocks as the loaders read them, passages as they are found and cited."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a block is. Rows carry their column names and are never torn apart."""

    HEADING = "heading"
    TEXT = "text"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, code block or table row. `level` of a heading: 1 is the title."""

    kind: Kind
    text: str
    level: int = 0
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document, small enough to quote. `document` is its path below the knowledge base's folder."""

    knowledge_base: str
    document: str
    title: str
    section: str
    page: int | None
    text: str

    @property
    def heading(self) -> str:
        """Title and section: what the text alone does not say."""
        return " › ".join(part for part in (self.title, self.section) if part)


@dataclass(frozen=True, slots=True)
class Found:
    """A passage and how sure it is (0 to 1) that it answers the question."""

    passage: Passage
    score: float
