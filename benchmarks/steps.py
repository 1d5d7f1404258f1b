"""Each step of the pipeline in one process, p50 and p99 in milliseconds, over the 2,046 FAQs of the composite set.

Every message goes the whole path, its history written to SQLite. Run: python -m benchmarks.steps [--half dev]
"""

import argparse
import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from adapters.messages import Reply, Source
from benchmarks.data import read_faq, read_queries, show, write
from bot.app import terminal_message
from bot.database import Database
from bot.history import SqlHistory
from bot.pipeline import Pipeline
from bot.reload import Live, learn
from bot.settings import Settings
from faq.embedding import RememberingEmbedder, Usem3Embedder

FAQ = ("H_composite_multikb_zh/faq_dev.jsonl", "H_composite_multikb_zh/faq_rest.jsonl")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", default="dev")
    half = parser.parse_args().half
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_run(half, Settings(data=Path(folder))))


async def _run(half: str, settings: Settings) -> None:
    embedder = RememberingEmbedder(Usem3Embedder())
    live = Live(settings, embedder)
    content = read_faq(*FAQ)
    matcher, router = learn(content, settings, embedder)
    live.current = replace(live.current, content=content, matcher=matcher, router=router)
    database = await Database.open(settings.database_url)
    pipeline = Pipeline(live, SqlHistory(database, settings.history.recent_turns), settings)
    asked = [query.text for query in read_queries(f"H_composite_multikb_zh/queries_{half}.tsv")]
    written = [entry.question for entry in content.entries]
    rows = [*await _time(pipeline, database, "exact", written), *await _time(pipeline, database, "matched", asked)]
    await database.close()
    show("milliseconds, one message at a time", rows)
    write("steps", {"rows": rows})


async def _time(pipeline: Pipeline, database: Database, name: str, questions: Iterable[str]) -> list[dict[str, object]]:
    """A row for each step of these questions, for all of them, and for all with the turn on disk."""
    steps: dict[str, list[float]] = defaultdict(list)
    for number, question in enumerate(questions):
        started = time.perf_counter()
        reply = await pipeline.reply(terminal_message(question, str(number % 500)))
        answered = time.perf_counter()
        await database.write()  # done when what is queued is
        written = time.perf_counter()
        if (reply.source is Source.EXACT) == (name == "exact"):
            _note(steps, reply, (answered - started) * 1000, (written - started) * 1000)
    return [
        {"questions": name, "step": step, "n": len(taken), "p50": _at(taken, 50), "p99": _at(taken, 99)}
        for step, taken in steps.items()
    ]


def _note(steps: dict[str, list[float]], reply: Reply, answered: float, written: float) -> None:
    for step in reply.trace:
        steps[step.name].append(step.ms)
    steps["without the disk"].append(answered)
    steps["whole"].append(written)


def _at(values: list[float], percentile: int) -> float:
    return round(float(np.percentile(values, percentile)), 3)


if __name__ == "__main__":
    main()
