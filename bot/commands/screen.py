"""`screen`: what the word rules say of texts on standard input, a line each, as JSON lines.

`--words FILE` screens by a plain list instead of the rules, `--allow FILE` adds allowed words. `--calibrate FILE` reads
ordinary messages, one a line, and prints the words that hit them as a list that `--allow` takes; and, of 100 messages
and more, how many others will still be flagged and whether short words should be marked as ambiguous.
`--hits` prints what the rules found while serving, from the database.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.commands.lines import read_lines
from bot.commands.parsers import Parsers
from bot.commands.screen_hits import print_hits
from policies import Action, Direction, Policy, Problem, RulesError, reading, segmentation, wordlist
from policies.calibration import SHORT, calibrate, estimate
from policies.judging import longest
from policies.rulebook import LEVELS, READINGS, Category, Rulebook, Word, short
from policies.verdict import Verdict

ENOUGH = 100  # messages: of fewer nothing can be said about others


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("screen", help="screen texts on standard input by the word rules")
    parser.add_argument("--words", type=Path, metavar="FILE", help="a plain list of words, instead of the rules")
    parser.add_argument("--allow", type=Path, metavar="FILE", help="a plain list of allowed words, besides the rules'")
    parser.add_argument("--calibrate", type=Path, metavar="FILE", help="ordinary messages: print which words hit them")
    parser.add_argument("--direction", type=Direction, choices=tuple(Direction), default=Direction.IN)
    parser.add_argument("--readings", nargs="*", choices=READINGS, default=(), help="ways of reading, with --words")
    parser.add_argument(
        "--ambiguous-up-to", type=int, choices=(1, 2, 3), default=0, metavar="N",
        help="with --words: Chinese words of N characters and fewer count only where they are words",
    )  # fmt: skip
    parser.add_argument("--inside-words", action="store_true", help="find Latin words inside longer ones, with --words")
    parser.add_argument("--overlapping", action="store_true", help="print hits that overlap others too")
    parser.add_argument("--hits", action="store_true", help="print what was found while serving, instead of screening")
    parser.add_argument("--days", type=int, default=7, metavar="N", help="with --hits: today and the days before it")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.hits:
        return asyncio.run(print_hits(args.settings, args.days))
    rules = _rules(args)
    policy = Policy.build(rules)
    for warning in policy.warnings:
        print(warning, file=sys.stderr)
    if args.calibrate:
        _calibrate(rules, policy, args.calibrate, args.direction)
        return 0
    for text in read_lines():
        print(json.dumps(_shown(text, policy.screen(text, args.direction), args.overlapping), ensure_ascii=False))
    return 0


def _shown(text: str, verdict: Verdict, overlapping: bool) -> dict[str, object]:
    hits = verdict.hits if overlapping else longest(verdict.hits)
    shown = [{"word": hit.word, "start": hit.start, "end": hit.end, "category": hit.category} for hit in hits]
    return {"text": text, "action": verdict.action, "masked": _masked(text, verdict), "hits": shown}


def _masked(text: str, verdict: Verdict) -> str:
    """Show the text with all hits masked, whatever their action: what staff want to see of a list."""
    if verdict.action is Action.MASK:
        return verdict.text
    signs = list(text)
    for hit in verdict.hits:
        signs[hit.start : hit.end] = "*" * (hit.end - hit.start)
    return "".join(signs)


def _rules(args: argparse.Namespace) -> Rulebook:
    rulebook = _listed(args) if args.words else reading.read(args.settings.content.rules)
    if args.allow:
        allowed = [word for word, _ in _read(args.allow)]
        return replace(rulebook, allow=(*rulebook.allow, *allowed))
    return rulebook


def _listed(args: argparse.Namespace) -> Rulebook:
    """Make a category of each name in the list ("list" where a line names none); all hits are masked."""
    actions = {direction: dict.fromkeys(LEVELS, Action.MASK) for direction in Direction}
    by_name: dict[str, list[Word]] = {}
    for word, name in _read(args.words):
        by_name.setdefault(name or "list", []).append(word)
    shape = Category("", "", actions, readings=frozenset(args.readings), whole_words=not args.inside_words)
    if args.ambiguous_up_to and not segmentation.is_there():
        raise RulesError((Problem(str(args.words), 1, 'ambiguous words need `pip install ".[segmentation]"`'),))
    return Rulebook(
        tuple(
            replace(shape, id=name, title=name, words=tuple(words), ambiguous=short(words, args.ambiguous_up_to))
            for name, words in by_name.items()
        )
    )


def _read(file: Path) -> list[wordlist.Listed]:
    listed, problems = wordlist.read(file, str(file))
    if problems:
        raise RulesError(tuple(problems))
    return listed


def _calibrate(rules: Rulebook, policy: Policy, file: Path, direction: Direction) -> None:
    messages = _messages(file)
    for finding in calibrate(policy, messages, direction):
        example = " ".join(finding.example.split())[:60]
        print(f"# {finding.word} ({finding.category}): {finding.messages} messages, such as: {example}")
        print("\n".join(finding.allow))
    if direction is Direction.IN and len(messages) >= ENOUGH:
        _print_estimate(rules, messages)


def _print_estimate(rules: Rulebook, messages: Sequence[str]) -> None:
    """Print, as comments of the list, what is to be expected of messages that the rules were not calibrated on."""
    found = estimate(rules, messages)
    print(f"# Of other messages about {found.calibrated:.2%} will be flagged with these allowed; {found.now:.2%} now.")
    if found.helps:
        print(f"# Mark ambiguous: with `ambiguous_up_to: {SHORT}` in the category about {found.ambiguous:.2%} will be.")
    elif found.ambiguous is None:
        print('# `pip install ".[segmentation]"` and calibrate again to see whether to mark short words as ambiguous.')


def _messages(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise RulesError((Problem(str(file), 1, "not UTF-8, perhaps GBK; save it as UTF-8"),)) from error
    except OSError as error:
        raise RulesError((Problem(str(file), 1, f"cannot be read ({error.strerror})"),)) from error
