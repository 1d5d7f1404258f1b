"""`chat`: talk to the bot in the terminal."""

import argparse
import asyncio

from bot.app import terminal_message, without_memory
from bot.commands.parsers import Parsers


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("chat", help="talk to it in the terminal")
    parser.add_argument("--why", action="store_true", help="show below each answer where it comes from")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    pipeline = without_memory(args.settings)
    print("知答 Zhida · Ctrl-D ends the conversation")
    with asyncio.Runner() as runner:
        while (line := _read()) is not None:
            reply = runner.run(pipeline.reply(terminal_message(line)))
            print(reply.text)
            if args.why:
                print(f"  [{reply.source} {reply.knowledge_base}/{reply.entry} {reply.score:.2f}]")
    return 0


def _read() -> str | None:
    try:
        return input("> ")
    except (EOFError, KeyboardInterrupt):
        print()
        return None
