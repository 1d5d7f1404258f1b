"""The commands. Exit codes: 0 done, 1 the content is wrong, 2 the call or the settings are wrong."""

import argparse
import os
import sys
from importlib import import_module
from keyword import iskeyword
from pathlib import Path

from bot import log
from bot.commands.parsers import Parsers
from bot.database import DatabaseUnavailable
from bot.settings import Settings, SettingsError, load
from faq.content import ContentError
from policies import RulesError

COMMANDS = (
    *("serve", "chat", "ask", "calc", "hit", "check", "doctor", "cache"),
    *("import", "index", "search", "screen", "key", "settings"),
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; what went wrong is told in a sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m bot", description="Zhida 知答")
    parsers = parser.add_subparsers(required=True, metavar="command")
    arguments = sys.argv[1:] if arguments is None else arguments
    _add_commands(parsers, arguments[:1])
    for name, command_parser in parsers.choices.items():
        command_parser.prog = f"python -m bot {name}"
        command_parser.add_argument("--settings", type=Path, metavar="FILE", help="settings file (TOML)")
        command_parser.add_argument("--knowledge", type=Path, metavar="DIR", help="folder of the knowledge bases")
    args = parser.parse_args(arguments)
    try:
        args.settings = _settings(args)
        log.configure(args.settings.log)
        return int(args.run(args))
    except (ContentError, RulesError) as error:
        return _refuse(error, 1)
    except (SettingsError, DatabaseUnavailable) as error:
        return _refuse(error, 2)


def _add_commands(parsers: Parsers, asked: list[str]) -> None:
    """The command asked for, or all of them: what the others import would only cost time."""
    for name in set(asked) & set(COMMANDS) or COMMANDS:
        module = f"{name}_" if iskeyword(name) else name
        import_module(f"bot.commands.{module}").add(parsers)


def _settings(args: argparse.Namespace) -> Settings:
    """The settings file, with the folder of --knowledge in the place of its own."""
    loaded = load(args.settings, os.environ)
    if args.knowledge is None:
        return loaded
    content = loaded.content.model_copy(update={"knowledge": args.knowledge.resolve()})
    return loaded.model_copy(update={"content": content})


def _refuse(error: Exception, code: int) -> int:
    print(error, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
