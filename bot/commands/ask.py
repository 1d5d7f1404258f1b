"""`ask`: one question, one answer, with the reason for it."""

import argparse
import asyncio
import json
from dataclasses import asdict

from adapters.messages import Reply
from bot.app import terminal_message, with_documents
from bot.commands.parsers import Parsers
from bot.settings import Settings


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("ask", help="ask one question")
    parser.add_argument("question")
    parser.add_argument("--json", action="store_true", help="print the whole reply as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    reply = asyncio.run(_ask(args.settings, args.question))
    print(json.dumps(asdict(reply), ensure_ascii=False) if args.json else reply.text)
    return 0


async def _ask(settings: Settings, question: str) -> Reply:
    async with with_documents(settings) as pipeline:
        return await pipeline.reply(terminal_message(question))
