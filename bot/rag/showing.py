"""How passages are shown to a user and cited."""

from collections.abc import Iterable
from pathlib import Path

from adapters.messages import Citation
from bot.rag.passages import Found, Passage


def cite_all(found: Iterable[Found]) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys(cite(one.passage) for one in found))


def listed(phrase: str, quotes: Iterable[tuple[str, Found]]) -> str:
    lines = (f"{number}. {text}（{_place(found.passage)}）" for number, (text, found) in enumerate(quotes, 1))
    return "\n".join((phrase, *lines))


def _place(passage: Passage) -> str:
    page = f" p.{passage.page}" if passage.page else ""
    return f"{passage.heading or Path(passage.document).stem}{page}"


def short(text: str, room: int = 120) -> str:
    return text if len(text) <= room else f"{text[:room]}…"


def cite(passage: Passage) -> Citation:
    """Where a passage stands; passages of one place are one citation. A page of the web is named by its title."""
    if passage.document.startswith(("http://", "https://")):
        return Citation(passage.title, passage.section, url=passage.document)
    return Citation(passage.document, passage.section, passage.page)
