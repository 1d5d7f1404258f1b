"""`calc`: compute one question, or read the values of many texts.

`calc "…" [--json]` answers from the templates of the staff and the built-in ones; `calc --read` reads texts from
standard
input, a line each, and prints the values found as JSON lines.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import datetime

from bot.commands.lines import read_lines
from bot.commands.parsers import Parsers
from faq.calculation import Calculator, Outcome, read_rates
from faq.calculation.reading import read
from faq.content import load


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("calc", help="compute a question, or read the values of texts (--read)")
    parser.add_argument("question", nargs="?", help="the question to compute")
    parser.add_argument("--json", action="store_true", help="print {value, unit, working, missing, template}")
    parser.add_argument("--read", action="store_true", help="texts on stdin, a line each; their values as JSON lines")
    parser.add_argument(
        "--now", type=_moment, metavar="ISO", help="the local time to count from (default: this moment)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    now = args.now or datetime.now().astimezone()
    if args.read:
        return _read(now)
    if not args.question:
        print("calc: write a question, or --read for texts on standard input", file=sys.stderr)
        return 2
    places = args.settings.content
    rates = read_rates(places.rates)
    calculator = Calculator.build(load(places.knowledge), folder=args.settings.data / "cache", rates=rates)
    outcome = calculator.answer(args.question, now)
    print(json.dumps(_row(outcome), ensure_ascii=False) if args.json else _text(outcome))
    return 0


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no ISO time such as 2026-01-31T09:30") from error


def _read(now: datetime) -> int:
    for text in read_lines():
        values: Sequence[object] = [value.as_json(text) for value in read(text, now)]
        print(json.dumps({"text": text, "values": values}, ensure_ascii=False), flush=True)
    return 0


def _row(outcome: Outcome | None) -> dict[str, object]:
    if outcome is None:
        return {"value": None, "unit": "", "working": "", "missing": [], "template": "", "text": ""}
    return {
        "value": outcome.value,
        "unit": outcome.unit,
        "working": outcome.working,
        "missing": list(outcome.missing),
        "template": outcome.template,
        "text": outcome.text,
        "score": round(outcome.score, 3),
        "values": list(outcome.read),
    }


def _text(outcome: Outcome | None) -> str:
    return "not a computation" if outcome is None else outcome.text
