"""`settings`: the table of every setting, its default and what it means (docs/settings.md is this table)."""

import argparse

from bot.commands.parsers import Parsers
from bot.settings import table


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("settings", help="print the table of all settings")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    print("| setting | default | meaning |\n| --- | --- | --- |")
    for key, default, meaning in table():
        print(f"| `{key}` | `{default}` | {meaning} |")
    return 0
