"""Documents: how fast they are indexed, and what Zhida adds to the time of a model.

`python -m benchmarks.rag_speed [--half dev] [--large N]` reads E_rag_cmrc2018_zh. Everything runs as in the service;
only the model is a stand-in that takes no time. Seconds of the processor do not depend on what else the machine does.
"""

import argparse
import asyncio
import os
import random
import resource
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from adapters.messages import Source
from benchmarks.data import read_jsonl, show, write
from benchmarks.rag import cmrc
from bot import rules
from bot.answering import Answering, Inquiry
from bot.costs import Payer
from bot.llm.model import Function, Piece, Prompt
from bot.rag import vectors
from bot.rag.apart import run_apart
from bot.rag.documents import Documents
from bot.rag.files import Key, Report, Wanted, read
from bot.rag.indexing import gather
from bot.rag.milvus import open_store
from bot.rag.passages import Passage
from bot.rag.splitting import sentences
from bot.rag.store import Gathered, StoreError
from bot.settings import Settings
from bot.speaking import Speaker
from faq.content import Content, parse
from faq.embedding import Embedder, Usem3Embedder, Vectors
from policies import Policy

PASSAGES = 10_000
PER_DOCUMENT = 100
QUESTIONS = 200
DAY = date(2026, 5, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", default="dev", choices=("dev", "holdout"))
    parser.add_argument("--large", type=int, default=100_000, help="passages around the model; 0 leaves it out")
    args = parser.parse_args()
    passages = cmrc(args.half)
    with tempfile.TemporaryDirectory() as folder:
        rows = [asyncio.run(run_apart(partial(index, passages, Path(folder)), StoreError))]
    show("indexing", rows)
    results: dict[str, object] = {"half": args.half, "indexing": rows}
    if args.large:
        with tempfile.TemporaryDirectory() as folder:
            around = [asyncio.run(overhead(passages, args.large, args.half, Path(folder)))]
        show("around the model", around)
        results["around the model"] = around
    write("rag_speed", results)


def index(passages: Sequence[Passage], folder: Path) -> dict[str, object]:
    """Files to passages in Milvus Lite and the bar learnt, as `index` does it, in documents of a hundred passages."""
    chance = random.Random(1)
    said = [sentence for passage in passages for sentence in sentences(passage.text)]
    files = [Wanted("bench", f"{number}.md", folder / f"{number}.md") for number in range(PASSAGES // PER_DOCUMENT)]
    for file in files:
        file.path.write_text("\n\n".join("".join(chance.choices(said, k=4)) for _ in range(81)), encoding="utf-8")
    embedder = Usem3Embedder()
    started, cpu, load = time.perf_counter(), time.process_time(), os.getloadavg()[0]
    gathered = gather(files, lambda: open_store(str(folder / "passages.db"), embedder.id, embedder.dim), embedder)
    used = time.process_time() - cpu
    return {
        "passages": len(gathered.passages),
        "per_cpu_s": len(gathered.passages) / used,
        "per_s": len(gathered.passages) / (time.perf_counter() - started),
        "load_before": load,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


async def overhead(passages: Sequence[Passage], large: int, half: str, folder: Path) -> dict[str, object]:
    """One question after the other through `Answering`, the model's guard and the word filter."""
    embedder = Usem3Embedder()
    many, rows = _many(passages, large, embedder)
    model = Reciting()
    documents = Documents(embedder, partial(_gather, many, rows, folder), model)
    started = time.process_time()
    await documents.refresh(_content(many, folder))
    built = time.process_time() - started
    policy = rules.load(Settings().content.rules, ())
    asked = [str(row["question"]) for row in read_jsonl(f"E_rag_cmrc2018_zh/questions_{half}.jsonl")]
    answering = Answering(documents)
    timings = [await _ask(answering, policy, model, question) for question in asked[:QUESTIONS]]
    worded = [timing for timing in timings if timing.forwarded]
    return {
        "passages": documents.passages,
        "build_cpu_s": built,
        "questions": len(timings),
        "worded": len(worded),
        "around_cpu_p50_ms": _median(timing.cpu for timing in worded),
        "around_wall_p50_ms": _median(timing.wall for timing in worded),
        "forwarded_p50_ms": _median(timing.forwarded for timing in worded),
        "forwarded_p99_ms": float(np.quantile([timing.forwarded for timing in worded], 0.99)) * 1000,
        "load": os.getloadavg()[0],
    }


@dataclass
class Timing:
    """Seconds of one answer; `forwarded`: from the model's first piece to the user's."""

    cpu: float = 0.0
    wall: float = 0.0
    forwarded: float = 0.0


@dataclass
class Reciting:
    """A model that takes no time: it says the beginning of the first source and cites it. `spoke`: when it began."""

    name: str = "reciting"
    spoke: float = 0.0

    async def stream(self, prompts: Sequence[Prompt], functions: Sequence[Function] = ()) -> AsyncGenerator[Piece]:
        """Four characters a piece."""
        text = prompts[-1].content.partition("\n")[2].partition("⟧")[0]
        said = f"{sentences(text)[0].strip()[:120]}[1]"
        self.spoke = time.perf_counter()
        for start in range(0, len(said), 4):
            yield said[start : start + 4]
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Nothing to let go of."""


async def _ask(answering: Answering, policy: Policy, model: Reciting, question: str) -> Timing:
    heard: list[float] = []

    async def emit(piece: str) -> None:
        heard.append(time.perf_counter())

    inquiry = Inquiry(question, (), "zh", "1", Payer("web/bench", "web"), DAY)
    started, cpu = time.perf_counter(), time.process_time()
    answer = await answering.answer(inquiry, str, Speaker(emit).screened(policy))
    timing = Timing(time.process_time() - cpu, time.perf_counter() - started)
    if heard and answer.source is Source.DOCUMENTS:
        timing.forwarded = heard[0] - model.spoke
    return timing


def _many(passages: Sequence[Passage], large: int, embedder: Embedder) -> tuple[list[Passage], Vectors]:
    """Sentences of all passages drawn at random, so that words and pairs are as frequent as they are."""
    chance = random.Random(1)
    said = [sentence for passage in passages for sentence in sentences(passage.text)]
    texts = [passage.text for passage in passages]
    texts += ["".join(chance.choices(said, k=4)) for _ in range(large - len(passages))]
    many = [_passage(number, text) for number, text in enumerate(texts[:large])]
    rows = vectors.embed(passages, embedder)
    wide = np.random.default_rng(1).normal(0, 0.02, (large, rows.shape[1])).astype(np.float32)
    wide += np.tile(rows, (large // len(rows) + 1, 1))[:large]
    return many, wide


def _passage(number: int, text: str) -> Passage:
    return Passage("bench", f"{number // PER_DOCUMENT}.md", "", "", None, text)


async def _gather(many: Sequence[Passage], rows: Vectors, folder: Path, files: Sequence[Wanted]) -> Gathered:
    """What the store would give: the passages, and the files as they are."""
    keys: dict[Key, Path] = {read(file)[0]: file.path for file in files}
    return Gathered(Report(keys, 0, len(keys), 0, 0, (), ()), tuple(many), rows)


def _content(many: Sequence[Passage], folder: Path) -> Content:
    """A knowledge base that names a file for every document."""
    for name in _documents(many):
        (folder / name).write_text(name, encoding="utf-8")
    entry = "entries:\n  - {id: a, question: 问, answer: 答}\n"
    text = f"knowledge_base: bench\ntitle: 测\n{entry}documents: ['*.md']\n"
    return Content((parse(text, str(folder / "bench.yaml")),), "1")


def _documents(many: Sequence[Passage]) -> Iterator[str]:
    return iter(dict.fromkeys(passage.document for passage in many))


def _median(seconds: Iterator[float]) -> float:
    return statistics.median(seconds) * 1000


if __name__ == "__main__":
    main()
