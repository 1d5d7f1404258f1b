"""Models that say what a test tells them, and an embedder that counts characters."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.llm.model import Call, Function, Piece, Prompt, UpstreamError
from faq.embedding import Vectors

Step = str | float | UpstreamError | Call  # a piece, seconds of silence, a failure, a function to call


@dataclass
class ScriptedModel:
    """Plays one script a call; the last one is played again."""

    scripts: Sequence[Sequence[Step]]
    name: str = "scripted"
    calls: list[Sequence[Prompt]] = field(default_factory=list)
    offered: list[Sequence[Function]] = field(default_factory=list)
    closed: int = 0
    running: int = 0
    most_running: int = 0

    async def close(self) -> None:
        """Nothing to let go of."""

    async def stream(self, prompts: Sequence[Prompt], functions: Sequence[Function] = ()) -> AsyncGenerator[Piece]:
        """Say the pieces of the script."""
        script = self.scripts[min(len(self.calls), len(self.scripts) - 1)]
        self.calls.append(tuple(prompts))
        self.offered.append(functions)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            for step in script:
                if isinstance(step, UpstreamError):
                    raise step
                if isinstance(step, float):
                    await asyncio.sleep(step)
                else:
                    await asyncio.sleep(0)
                    yield step
        finally:
            self.running -= 1
            self.closed += 1


class LetterEmbedder:
    """Counts characters: texts of the same letters are near. `seen` counts the texts embedded."""

    def __init__(self, dim: int = 64, id: str = "letters") -> None:
        self.id, self.dim, self.seen = id, dim, 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Give one unit row a text."""
        self.seen += len(texts)
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for char in text or " ":
                row[ord(char) % self.dim] += 1
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit
