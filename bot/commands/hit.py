"""`hit`: the batch hit test. Questions on standard input, a line each; what each would hit, as JSON lines.

The path is the live one, so the score here is the score there. No model is called and nothing is remembered.
"""

import argparse
import asyncio
import json
import time
from dataclasses import asdict

from adapters.messages import Reply
from bot.app import terminal_message, without_memory
from bot.commands.lines import read_lines
from bot.commands.parsers import Parsers


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("hit", help="which entries would questions hit? one question a line on stdin")
    parser.add_argument("--top", type=int, default=5, metavar="N", help="candidates shown for each question")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
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
