"""`hit`: the batch hit test. Questions on standard input, a line each; what each would hit, as JSON lines.

With --expected the questions come from a CSV that says where they should land, and the report tells how well they do.
The path is the live one, so the score here is the score there. No model is called and nothing is remembered.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from adapters.messages import Reply, Source
from bot.app import terminal_message, without_memory
from bot.commands.check import shortest
from bot.commands.lines import read_lines
from bot.commands.parsers import Parsers
from bot.settings import Settings
from faq.content import Content, load
from faq.evaluation import Outcome, compare, recall, render, store
from faq.expectations import Expectation, read_expectations
from faq.matching import Band


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("hit", help="which entries would questions hit? one question a line on stdin")
    parser.add_argument("--top", type=int, default=5, metavar="N", help="candidates shown for each question")
    parser.add_argument(
        "--expected",
        type=Path,
        metavar="FILE",
        help="report on a CSV: question, expected (knowledge_base/entry or none)",
    )
    parser.add_argument("--save", type=Path, metavar="RUN", help="with --expected: write this run to a JSON file")
    parser.add_argument("--before", type=Path, metavar="RUN", help="with --expected: what changed since a saved run")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.expected:
        return _report(args)
    if args.save or args.before:
        return _refuse("--save and --before need --expected FILE")
    asyncio.run(_hit(args))
    return 0


async def _hit(args: argparse.Namespace) -> None:
    pipeline = without_memory(args.settings)
    for number, question in enumerate(read_lines()):
        started = time.perf_counter()
        reply = await pipeline.reply(terminal_message(question, conversation=str(number)))
        milliseconds = (time.perf_counter() - started) * 1000
        print(json.dumps(_row(question, reply, args.top, milliseconds), ensure_ascii=False), flush=True)


def _row(question: str, reply: Reply, top: int, milliseconds: float) -> dict[str, object]:
    return {
        "question": question,
        "source": reply.source,
        "knowledge_base": reply.knowledge_base,
        "entry": reply.entry,
        "score": reply.score,
        "candidates": [asdict(candidate) for candidate in reply.evidence[:top]],
        "ms": round(milliseconds, 3),
    }


def _report(args: argparse.Namespace) -> int:
    """Print how well the questions of the CSV land. Raises ContentError with every wrong row, before any is asked."""
    taught = load(shortest(args.settings.content.knowledge))
    try:
        expected = read_expectations(args.expected.read_bytes(), str(args.expected), taught)
        before = recall(args.before.read_text(encoding="utf-8")) if args.before else None
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}")
    except ValueError as error:
        return _refuse(f"{args.before}: {error}")
    outcomes = asyncio.run(_ask(args.settings, taught, expected))
    print(render(outcomes))
    if before is not None:
        print(f"\n{compare(outcomes, before)}")
    return _save(args.save, outcomes) if args.save else 0


def _save(file: Path, outcomes: Sequence[Outcome]) -> int:
    try:
        file.write_text(store(outcomes), encoding="utf-8")
    except OSError as error:
        return _refuse(f"not saved: {error}")
    return 0


async def _ask(settings: Settings, taught: Content, expected: Sequence[Expectation]) -> list[Outcome]:
    pipeline = without_memory(settings)
    names = {item.question: f"{base.id}/{item.id}" for base in taught.knowledge_bases for item in base.answering}
    return [
        _outcome(row, await pipeline.reply(terminal_message(row.question, conversation=row.question)), names)
        for row in expected
    ]


def _outcome(row: Expectation, reply: Reply, names: Mapping[str, str]) -> Outcome:
    """What came of a question. `names` gives the entry of each question that may be offered."""
    best = reply.evidence[0] if reply.evidence else None
    got = (
        f"{reply.knowledge_base}/{reply.entry}"
        if reply.entry
        else f"{best.knowledge_base}/{best.entry}"
        if best
        else ""
    )
    offered = tuple(names[question] for question in reply.suggestions if question in names)
    score = reply.score or (best.score if best else 0.0)
    return Outcome(row.question, row.expected, got, round(score, 4), _band(reply), offered)


def _band(reply: Reply) -> Band:
    if reply.source is Source.SUGGEST:
        return Band.SUGGEST
    return Band.ANSWER if reply.entry else Band.PASS


def _refuse(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 2
