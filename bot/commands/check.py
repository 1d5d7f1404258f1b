"""`check`: what is wrong in anything staff write, each as `path:line: …`. Exit code 1 when something is an error."""

import argparse
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import policies
from bot import phrases
from bot.commands.parsers import Parsers
from bot.settings import SettingsError
from faq.content import ContentError, Problem, load
from faq.lint import lint
from policies import RulesError


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("check", help="is the content right? 0 clean, 1 errors, each printed as path:line: …")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    places = args.settings.content
    problems = _knowledge(places.knowledge, datetime.now(ZoneInfo(places.timezone)).date())
    refused = [*_refused(policies.load, places.rules), *_refused(phrases.load, places.phrases)]
    errors = len(refused) + sum(not problem.warning for problem in problems)
    for line in (*problems, *refused):
        print(line)
    print(f"{errors} errors, {len(problems) + len(refused) - errors} warnings", file=sys.stderr)
    return 1 if errors else 0


def shortest(path: Path) -> Path:
    """The path as someone in this folder would type it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _knowledge(folder: Path, day: date) -> tuple[Problem, ...]:
    try:
        return lint(load(shortest(folder)), day)
    except ContentError as error:
        return error.problems


def _refused(read: Callable[[Path], object], place: Path) -> list[str]:
    try:
        read(shortest(place))
    except (RulesError, SettingsError) as error:
        return str(error).splitlines()
    return []
