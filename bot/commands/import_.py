"""`import`: FAQs of another system into the knowledge-base files. All of them are written, or none."""

import argparse
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bot.commands.check import shortest
from bot.commands.parsers import Parsers
from faq.content import Problem, files, read
from faq.importing import READERS, Outcome, Plan, plan

SIZE_LIMIT = 256 * 1024 * 1024  # bytes of the file to import


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("import", help="FAQs from .jsonl, .csv or .xlsx into the knowledge bases")
    parser.add_argument("file", type=Path, metavar="FILE", help="the file to import")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done and write nothing")
    parser.add_argument("--replace", action="store_true", help="take the imported entry where an existing one differs")
    parser.add_argument("--knowledge-base", metavar="ID", help="put every row into this one, whatever the file says")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    file: Path = args.file
    if unusable := _unusable(file):
        print(f"{file}: {unusable}", file=sys.stderr)
        return 2
    reading = READERS[file.suffix.lower()](file.read_bytes(), str(file))
    rows = [replace(row, knowledge_base=args.knowledge_base or row.knowledge_base) for row in reading.rows]
    folder = shortest(args.settings.content.knowledge)
    sources = {str(path): read(path) for path in files(folder)} if folder.exists() else {}
    planned = plan(sources, rows, str(folder), file.stem, replacing=args.replace)
    problems = (*reading.problems, *planned.problems)
    _report(planned, problems)
    if args.dry_run:
        print("dry run: nothing written")
    elif failed := _write_all(planned.texts):
        print(f"nothing written: {failed}", file=sys.stderr)
        return 2
    return 0 if all(problem.warning for problem in problems) else 1


def _unusable(file: Path) -> str:
    """Why the file cannot be imported at all; '' when it can."""
    if file.suffix.lower() not in READERS:
        return f"import reads {', '.join(READERS)}; save it as one of them"
    if not file.is_file():
        return "there is no such file"
    if not os.access(file, os.R_OK):
        return "this user may not read it"
    return f"is larger than {SIZE_LIMIT // 1024**2} MB; split it" if file.stat().st_size > SIZE_LIMIT else ""


def _report(planned: Plan, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        print(problem)
    for name, counts in planned.outcomes.items():
        print(f"{name}: {', '.join(f'{counts[outcome]} {outcome}' for outcome in Outcome if counts[outcome])}")


def _write_all(texts: Mapping[str, str]) -> OSError | None:
    """Write every text whole to a hidden file beside its own, then put all in place: a full disk changes nothing."""
    ready: list[tuple[Path, Path]] = []
    try:
        for name, text in texts.items():
            path = Path(name).resolve()  # the file itself, not a link to it
            path.parent.mkdir(parents=True, exist_ok=True)
            ready.append((path.with_name(f".{path.name}.new"), path))
            _write(*ready[-1], text)
    except OSError as error:
        for fresh, _ in ready:
            fresh.unlink(missing_ok=True)
        return error
    for fresh, path in ready:
        fresh.replace(path)
        print(f"written: {shortest(path)}")
    return None


def _write(fresh: Path, path: Path, text: str) -> None:
    with fresh.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        shutil.copymode(path, fresh)
