"""Small contents for the tests of faq."""

from collections.abc import Mapping, Sequence
from datetime import date

from faq.content import Content, Entry, KnowledgeBase, Place


def entry(
    question: str,
    *variants: str,
    knowledge_base: str = "shop",
    id: str = "",
    negatives: Sequence[str] = (),
    examples: Sequence[str] = (),
    answer: str = "",
    valid: tuple[date | None, date | None] = (None, None),
    line: int = 1,
) -> Entry:
    """Make an entry; its id is the question unless given."""
    return Entry(
        id=id or question,
        knowledge_base=knowledge_base,
        question=question,
        variants=variants,
        negatives=tuple(negatives),
        answer=answer or f"回答：{question}",
        answers={},
        valid_from=valid[0],
        valid_until=valid[1],
        examples=tuple(examples),
        place=Place("shop.yaml", line),
    )


def content(
    *entries: Entry, synonyms: tuple[tuple[str, ...], ...] = (), accepted: Mapping[str, float] | None = None
) -> Content:
    """Make a content of entries, one knowledge base for each name among them; `synonyms` go to the first."""
    names = list(dict.fromkeys(item.knowledge_base for item in entries))
    bases = tuple(
        KnowledgeBase(
            id=name,
            title=name,
            entries=tuple(item for item in entries if item.knowledge_base == name),
            synonyms=synonyms if name == names[0] else (),
            intents=(),
            calculations=(),
            documents=(),
            wrong_answers=(accepted or {}).get(name),
            place=Place("shop.yaml", 1),
        )
        for name in names
    )
    return Content(bases, "test")
