"""What a model call costs: told by the provider when it says so, else estimated from the characters.

Whoever wants to know opens a `metered()` block; every call made within it, in tasks begun there too, is counted.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from bot.llm.model import Call, Function, LanguageModel, Piece, Prompt

_CHARS_PER_TOKEN = 1.5  # of Chinese; English has more, so that the estimate errs on the dear side


@dataclass(slots=True)
class Usage:
    """Calls of one model and their tokens."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(slots=True)
class Meter:
    """What was used, by model."""

    used: dict[str, Usage] = field(default_factory=dict)
    reports: int = 0

    def of(self, model: str) -> Usage:
        return self.used.setdefault(model, Usage())


_METER: ContextVar[Meter | None] = ContextVar("meter", default=None)


@contextmanager
def metered() -> Iterator[Meter]:
    """Count what is used within the block."""
    meter = Meter()
    token = _METER.set(meter)
    try:
        yield meter
    finally:
        _METER.reset(token)


def count_call(name: str) -> None:
    """Count a call of something else than a model, such as the company's systems."""
    meter = _METER.get()
    if meter is not None:
        meter.of(name).calls += 1


def report(model: str, tokens_in: int, tokens_out: int) -> None:
    """Tell what a provider says that one call used."""
    meter = _METER.get()
    if meter is not None:
        usage = meter.of(model)
        usage.tokens_in += tokens_in
        usage.tokens_out += tokens_out
        meter.reports += 1


class MeteredModel:
    """Counts the calls of a model; estimates the tokens of those that nobody reports."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        return self._model.name

    async def close(self) -> None:
        await self._model.close()

    async def stream(self, prompts: Sequence[Prompt], functions: Sequence[Function] = ()) -> AsyncGenerator[Piece]:
        meter = _METER.get() or Meter()
        reports, said = meter.reports, 0
        meter.of(self.name).calls += 1
        try:
            async with aclosing(self._model.stream(prompts, functions)) as pieces:
                async for piece in pieces:
                    said += len(piece.arguments if isinstance(piece, Call) else piece)
                    yield piece
        finally:
            if meter.reports == reports:
                usage = meter.of(self.name)
                usage.tokens_in += _tokens(sum(len(prompt.content) for prompt in prompts))
                usage.tokens_out += _tokens(said)


def _tokens(characters: int) -> int:
    return round(characters / _CHARS_PER_TOKEN)
