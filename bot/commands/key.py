"""`key`: make an API key. It is shown once; the settings keep only its hash."""

import argparse
import json
from typing import get_args

from bot.api.keys import new_key
from bot.commands.parsers import Parsers
from bot.settings import Scope


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("key", help="make an API key")
    parser.add_argument("--name", required=True, help="who uses the key")
    parser.add_argument(
        "--scope", required=True, action="append", choices=get_args(Scope), help="what it may do; repeat for more"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    key, sha256 = new_key()
    scopes = ", ".join(f'"{scope}"' for scope in dict.fromkeys(args.scope))
    print(f"# The key, shown only now:\n#   {key}\n# Put this into the settings file:\n")
    print(f'[[server.api_keys]]\nname = {_quote(args.name)}\nsha256 = "{sha256}"\nscopes = [{scopes}]')
    return 0


def _quote(name: str) -> str:
    """A name as a TOML string."""
    return json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")
