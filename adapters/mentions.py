"""Take the bot's own @ out of a group message; others' stay, they are part of the question."""

import re
from collections.abc import Iterable

_END = r"(?:[\s\u2005]+|$)"  # WeChat puts a four-per-em space behind a mention


def strip_mention(text: str, names: Iterable[str]) -> str:
    """Without `@name` for each of the bot's names, wherever it stands."""
    for name in filter(None, names):
        text = re.sub(rf"@{re.escape(name)}{_END}", "", text)
    return text.strip()


def has_mention(text: str, name: str) -> bool:
    """Whether the text addresses the name, for platforms that send no ids with it."""
    return bool(name) and re.search(rf"@{re.escape(name)}{_END}", text) is not None
