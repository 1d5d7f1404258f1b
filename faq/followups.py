"""What a short message means after the turns before it.

So far: which of the offered suggestions was picked.
"""

import re
from collections.abc import Sequence

from faq.text import normalise

_NUMERALS = "一二三四五六七八九"
_ENGLISH = {"first": 1, "second": 2, "third": 3, "last": -1}
_PICK = re.compile(
    r"(?:我?选|选择|就选|no|number|option)?第?([1-9一二三四五六七八九])(?:个|条|项|号|种)?(?:问题)?[吧呢啊呀]?"
)
_ENGLISH_PICK = re.compile(r"(?:the)?(first|second|third|last)(?:one)?")


def pick(text: str, suggestions: Sequence[str]) -> str | None:
    """Return the suggestion that `text` names by number ("2", "第二个", "②", "最后一个") or word for word."""
    said = normalise(text)
    for suggestion in suggestions:
        if said == normalise(suggestion):
            return suggestion
    number = _number(said)
    if number is None or not suggestions or number > len(suggestions):
        return None
    return suggestions[number - 1 if number > 0 else -1]


def _number(said: str) -> int | None:
    if said in {"最后一个", "最后那个", "最后一条", "最后一项"}:
        return -1
    if chosen := _PICK.fullmatch(said):
        return int(chosen[1]) if chosen[1].isdigit() else _NUMERALS.index(chosen[1]) + 1
    if chosen := _ENGLISH_PICK.fullmatch(said):
        return _ENGLISH[chosen[1]]
    return None
