"""`chat`: talk to the bot in the terminal."""

import argparse
import asyncio
from contextlib import AsyncExitStack

from bot.app import terminal_message, with_documents
from bot.commands.parsers import Parsers


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("chat", help="talk to it in the terminal")
    parser.add_argument("--why", action="store_true", help="show below each answer where it comes from")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    with asyncio.Runner() as runner:  # not asyncio.run: within it Ctrl-C does not end input()
        opened = AsyncExitStack()
        pipeline = runner.run(opened.enter_async_context(with_documents(args.settings)))
        print("知答 Zhida · Ctrl-D ends the conversation")
        while (line := _read()) is not None:
            reply = runner.run(pipeline.reply(terminal_message(line)))
            print(reply.text)
            if args.why:
                print(f"  [{reply.source} {reply.knowledge_base}/{reply.entry} {reply.score:.2f}]")
        runner.run(opened.aclose())
    return 0


def _read() -> str | None:
    try:
        return input("> ")
    except (EOFError, KeyboardInterrupt):
        print()
        return None
