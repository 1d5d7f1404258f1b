"""Cut a long text into the pieces a platform takes, in the platform's own unit, at bounds a reader would choose.

Does not know Markdown; code fences are reopened because a cut one swallows the rest of the piece.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

import regex

MORE = "…"
_FENCE = "```"
_GRAPHEME = regex.compile(r"\X")
_WHOLE = r"(?![\p{M}\u200d\p{Emoji_Modifier}])"  # no combining mark follows: the bound ends a grapheme
# Best bound first: paragraph, line, sentence, clause, word. Each matches up to and including the bound.
_BOUNDS = tuple(
    regex.compile(pattern + _WHOLE, regex.DOTALL)
    for pattern in (r".*\n\s*\n", r".*\n", r".*(?:[。！？!?；;…]+[”』」）)\"']*|\.(?=\s))", r".*[，、,：:]", r".*\s")
)


class Unit(StrEnum):
    """What a platform counts."""

    BYTES = "bytes"
    UTF16 = "utf16"
    CHARS = "chars"


MEASURES: Mapping[Unit, Callable[[str], int]] = {
    Unit.BYTES: lambda text: len(text.encode()),
    Unit.UTF16: lambda text: len(text.encode("utf-16-le")) // 2,
    Unit.CHARS: len,
}


def split(text: str, limit: int, unit: Unit, most: int | None = None) -> tuple[str, ...]:
    """Pieces of at most `limit` units each; at most `most` of them, the last then ends in MORE."""
    sendable = text.encode("utf-8", "replace").decode()  # a lone surrogate cannot be sent by anybody
    pieces = tuple(_pieces(sendable.strip(), limit, MEASURES[unit]))
    if most is None or len(pieces) <= most:
        return pieces
    return (*pieces[: most - 1], _shorten(pieces[most - 1], limit, MEASURES[unit]))


def _pieces(text: str, limit: int, measure: Callable[[str], int]) -> Iterator[str]:
    while measure(text) > limit:
        head = _head(text, limit, measure)
        if head.count(_FENCE) % 2:  # the cut falls into a code block: leave room to close it, open it again in the next
            head = _head(text, limit - len(_FENCE) - 1, measure)
        rest = text[len(head) :].lstrip()
        if head.count(_FENCE) % 2 and measure(head) > 2 * len(_FENCE) + 1:
            head, rest = f"{head.rstrip()}\n{_FENCE}", f"{_FENCE}\n{rest}"
        if head.strip():
            yield head.rstrip()
        text = rest
    if text:
        yield text


def _head(text: str, limit: int, measure: Callable[[str], int]) -> str:
    """The longest beginning that fits and ends at the best bound in its second half; never inside a grapheme."""
    fitting = _fit(text, limit, measure)
    for bound in _BOUNDS:
        found = bound.match(fitting)
        if found and 2 * measure(found[0]) >= measure(fitting):
            return str(found[0])
    return fitting


def _fit(text: str, limit: int, measure: Callable[[str], int]) -> str:
    """As many whole graphemes as fit; a single one over the limit is cut between its code points."""
    size = end = 0
    for grapheme in _GRAPHEME.finditer(text[: limit + 1]):  # no code point measures less than one
        size += measure(grapheme[0])
        if size > limit:
            break
        end = grapheme.end()
    if end:
        return text[:end]
    while end < len(text) and measure(text[: end + 1]) <= limit:
        end += 1
    return text[: max(end, 1)]


def _shorten(piece: str, limit: int, measure: Callable[[str], int]) -> str:
    if measure(piece) + measure(MORE) <= limit:
        return piece + MORE
    return _head(piece, limit - measure(MORE), measure).rstrip() + MORE
