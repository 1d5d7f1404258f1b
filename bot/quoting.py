"""Which turn a message quotes: platforms send the quoted words, cut and with the speaker's name before them. Pure."""

import re
from collections.abc import Sequence

from bot.history import Turn

_SPEAKER = re.compile(r"^[^：:\n]{1,40}[：:]")
_CUT = re.compile(r"(?:…|\.{3})$")
_SHORTEST = 2  # characters by which words are known again


def quoted_turn(quote: str, turns: Sequence[Turn]) -> Turn | None:
    """The newest of the turns whose answer or question holds the quoted words."""
    for words in (quoted_words(quote), quote):
        sought = _CUT.sub("", _bare(words))
        if len(sought) < _SHORTEST:
            continue
        for turn in reversed(turns):
            if sought in _bare(turn.answer) or sought in _bare(turn.question):
                return turn
    return None


def quoted_words(quote: str) -> str:
    """What was said, without who said it."""
    return _SPEAKER.sub("", quote, count=1)


def _bare(text: str) -> str:
    return "".join(text.split())
