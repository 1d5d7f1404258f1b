"""`ask`: one question, one answer, with the reason for it."""

import argparse
import asyncio
import json
from dataclasses import asdict

from bot.app import terminal_message, without_memory
from bot.commands.parsers import Parsers


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("ask", help="ask one question")
    parser.add_argument("question")
    parser.add_argument("--json", action="store_true", help="print the whole reply as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    reply = asyncio.run(without_memory(args.settings).reply(terminal_message(args.question)))
    print(json.dumps(asdict(reply), ensure_ascii=False) if args.json else reply.text)
    return 0
