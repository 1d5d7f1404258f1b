"""Which conversation does an OpenAI client go on with? It sends no name, but all that was said before.

Conversations in which exactly the same was said are interchangeable, so each waits under the hash of its transcript
and whoever continues that transcript takes one of them. A transcript nobody waits for (after a restart, or on another
replica) starts a new conversation: only "2" and other follow-ups are not understood then. A client that names its
conversation in `metadata` does not come here.
"""

import hashlib
import json
import secrets
from collections import OrderedDict

from aiohttp import web

from bot.api.prompts import Prompt

_CAPACITY = 10_000  # transcripts

Said = tuple[tuple[str, str], ...]


class Transcripts:
    """Conversations waiting to be continued, the longest unused forgotten first."""

    def __init__(self, capacity: int = _CAPACITY) -> None:
        self._capacity = capacity
        self._waiting: OrderedDict[bytes, list[str]] = OrderedDict()

    def resume(self, account: str, prompt: Prompt) -> str:
        """The conversation in which `prompt.earlier` was said, or a new one; nobody else gets it meanwhile."""
        key = _hash(account, prompt.user, prompt.earlier)
        waiting = self._waiting.get(key)
        if not waiting:
            return secrets.token_hex(12)
        conversation = waiting.pop()
        if not waiting:
            del self._waiting[key]
        return conversation

    def keep(self, account: str, prompt: Prompt, answer: str, conversation: str) -> None:
        """The prompt was answered in this conversation: it now waits for what comes next."""
        said = (*prompt.earlier, ("user", prompt.text), ("assistant", answer))
        key = _hash(account, prompt.user, said)
        self._waiting.setdefault(key, []).append(conversation)
        self._waiting.move_to_end(key)
        while len(self._waiting) > self._capacity:
            self._waiting.popitem(last=False)


TRANSCRIPTS = web.AppKey("transcripts", Transcripts)


def _hash(account: str, user: str, said: Said) -> bytes:
    told = [account, user, [(role, text.strip()) for role, text in said]]
    return hashlib.sha256(json.dumps(told).encode()).digest()
