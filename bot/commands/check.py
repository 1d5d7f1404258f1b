"""`check`: what is wrong in anything staff write, each as `path:line: …`. Exit code 1 when something is an error.

The examples are asked as customers would ask them; --deep also looks for entries that stand in one another's way.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import phrases
from bot.app import load_embedder
from bot.commands.parsers import Parsers
from bot.reload import learn
from bot.settings import Settings, SettingsError
from bot.tools.opening import faults
from faq.calculation import compile_content, lint_rates
from faq.content import Content, ContentError, Problem, load
from faq.deep_lint import lint_deep, lint_examples
from faq.embedding import RememberingEmbedder
from faq.lint import lint
from policies import RulesError, reading


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("check", help="is the content right? 0 clean, 1 errors, each printed as path:line: …")
    parser.add_argument("--deep", action="store_true", help="also ask every phrasing again: near-duplicates, conflicts")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    places = args.settings.content
    today = datetime.now(ZoneInfo(places.timezone)).date()
    rates = lint_rates(shortest(places.rates), today, places.rates_days)
    problems = (*_knowledge(args.settings, today, deep=args.deep), *rates)
    doubtful, wrong = _rules(shortest(places.rules))
    refused = [*wrong, *_refused(phrases.load, places.phrases)]
    errors = len(refused) + sum(not problem.warning for problem in problems)
    for line in (*problems, *doubtful, *refused):
        print(line)
    warnings = len(problems) + len(doubtful) + len(refused) - errors
    print(f"{errors} errors, {warnings} warnings", file=sys.stderr)
    return 1 if errors else 0


def shortest(path: Path) -> Path:
    """The path as someone in this folder would type it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _knowledge(settings: Settings, day: date, *, deep: bool) -> tuple[Problem, ...]:
    try:
        taught = load(shortest(settings.content.knowledge))
    except ContentError as error:
        return error.problems
    _, miscalculated = compile_content(taught)
    wrong = (*miscalculated, *faults(taught, settings.tools))
    found = _learnt(taught, settings, day, deep=deep) if deep or _has_examples(taught) else lint(taught, day)
    return (*wrong, *found)


def _has_examples(taught: Content) -> bool:
    """Without any there is nothing to ask, and learning can be saved."""
    return any(entry.examples for entry in taught.entries)


def _learnt(taught: Content, settings: Settings, day: date, *, deep: bool) -> tuple[Problem, ...]:
    matcher, router = learn(taught, settings, RememberingEmbedder(load_embedder(settings)))
    if deep:
        return lint_deep(taught, matcher, day, router)
    found = (*lint(taught, day), *lint_examples(taught, matcher, day, router))
    return tuple(sorted(found, key=lambda problem: problem.place))


def _rules(place: Path) -> tuple[Sequence[object], list[str]]:
    """What is doubtful in the word rules, and what is wrong with them."""
    try:
        return reading.read(place).warnings, []
    except RulesError as error:
        return (), str(error).splitlines()


def _refused(read: Callable[[Path], object], place: Path) -> list[str]:
    try:
        read(shortest(place))
    except SettingsError as error:
        return str(error).splitlines()
    return []
