"""When several short messages are one question: people press Enter where others write a comma.

Pure: says what belongs together and for how long to wait; the inbox waits.
"""

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from adapters.messages import Kind, Message
from bot.collecting import COLLECT

_SHORT = 40  # characters of a message that may belong to its neighbour
_FRAGMENT = 5  # characters of one that hardly is a question yet
_ENDED = re.compile(r"[。！？!?.…~～)）】」]\s*$")
_CHOICE = re.compile(r"\s*(?:\d{1,2}|[a-zA-Z])\s*[.。、]?\s*")
_COMMAND = re.compile(r"\s*[/#!！]")
_REMEMBERED = 10_000
_SHORTEST_SHARE = 0.25


def may_join(message: Message) -> bool:
    """Whether the message may be a part of a longer one: short text, no choice from a list, no command, no tap."""
    text = message.text
    if message.kind is not Kind.TEXT or len(text) > _SHORT or COLLECT in message.context:
        return False
    return not _CHOICE.fullmatch(text) and not _COMMAND.match(text)


def is_fragment(message: Message) -> bool:
    """Whether more is likely to follow at once."""
    return may_join(message) and len(message.text.strip()) <= _FRAGMENT and not _ENDED.search(message.text)


def join(messages: Sequence[Message]) -> Message:
    """One message of all texts, a line each; everything else is the last one's."""
    if len(messages) == 1:
        return messages[0]
    return replace(messages[-1], text="\n".join(message.text for message in messages))


class Windows:
    """How long to wait for each conversation's next fragment: shorter for users who never send one."""

    def __init__(self, longest: float) -> None:
        self.longest = longest
        self._seconds: OrderedDict[str, float] = OrderedDict()

    def of(self, thread: str) -> float:
        return self._seconds.get(thread, self.longest)

    def learn(self, thread: str, *, followed: bool) -> None:
        """More came within the window, or it was waited in vain."""
        seconds = self.longest if followed else max(self.of(thread) / 2, self.longest * _SHORTEST_SHARE)
        self._seconds[thread] = seconds
        self._seconds.move_to_end(thread)
        if len(self._seconds) > _REMEMBERED:
            self._seconds.popitem(last=False)
