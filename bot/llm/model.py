"""What a language model is to the bot: prompts in, text and calls out, one error for everything that goes wrong."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol


class Trouble(StrEnum):
    """Why a provider did not answer."""

    BUSY = "busy"  # 429, 503: later
    SICK = "sick"  # 5xx, cut stream, no connection, garbage
    SLOW = "slow"  # the time limit passed
    REFUSED = "refused"  # wrong key, no money, unknown model: a human must act
    UNWANTED = "unwanted"  # the provider's own filter refused this question or this answer


RETRIED = frozenset({Trouble.BUSY, Trouble.SICK})  # the same call may succeed in a moment


class UpstreamError(Exception):
    """A provider failed. The message is for the operator and holds no key and no user's text."""

    def __init__(self, provider: str, trouble: Trouble, detail: str) -> None:
        super().__init__(f"{provider}: {trouble}: {detail}")
        self.provider, self.trouble = provider, trouble


@dataclass(frozen=True, slots=True)
class Function:
    """What a model may ask to be done. `parameters` is the JSON schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Call:
    """What a model asks to be done. `arguments` is what it wrote, meant to be JSON; nothing in it may be trusted."""

    id: str
    name: str
    arguments: str


Piece = str | Call  # what a model's answer is made of


@dataclass(frozen=True, slots=True)
class Prompt:
    """One message of a conversation with a model."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    calls: tuple[Call, ...] = ()  # what the assistant asked for
    answers: str = ""  # the id of the call that a tool's content answers


class LanguageModel(Protocol):
    """`name` is for logs and the ledger: provider and model."""

    @property
    def name(self) -> str: ...

    def stream(self, prompts: Sequence[Prompt], functions: Sequence[Function] = ()) -> AsyncGenerator[Piece]:
        """Give the answer in pieces as they come. It ends only when the answer is whole; raises UpstreamError.

        Calls come whole, and only of `functions` that were offered. Closing the iterator ends the call at the provider.
        """
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...


class Reranker(Protocol):
    """Reads question and text together; slower and surer than an embedding."""

    async def rerank(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Give the relevance (0 to 1) of each text. Raises UpstreamError."""
        ...
