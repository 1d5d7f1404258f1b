"""A reply that is shown while it is being written: screened piece by piece, ended when nobody listens any more."""

from contextlib import suppress

from adapters.protocol import Emit
from policies import Direction, Policy, Verdict


class Forbidden(Exception):
    """The rules end the reply here; `verdict` says which and with what words."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.action)
        self.verdict = verdict


class Speaker:
    """Says one reply to whoever listens, if anybody does."""

    def __init__(self, emit: Emit | None) -> None:
        self._emit = emit
        self.shown = ""

    def screened(self, policy: Policy) -> Emit | None:
        """What takes the pieces of a model. It raises Forbidden, and ConnectionError when nobody listens any more."""
        if self._emit is None:
            return None
        stream = policy.stream(Direction.OUT)

        async def say(piece: str) -> None:
            await self._say(stream.feed(piece))
            if stream.stopped:
                raise Forbidden(stream.verdict)

        return say

    async def finish(self, text: str) -> None:
        """Say the rest of the whole reply. One that turned out otherwise is for the listener to put right."""
        if text.startswith(self.shown):
            with suppress(ConnectionError):
                await self._say(text[len(self.shown) :])

    async def _say(self, text: str) -> None:
        if text and self._emit is not None:
            self.shown += text
            await self._emit(text)
