"""The data sets beside the project, and the tables and files of results that every benchmark gives.

The sets are read from $ZHIDA_DATA (default ../shared/data) and never copied. A set that is missing ends the run with 2.
"""

import csv
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from faq.content import Content, Entry, KnowledgeBase, Place

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
OUT_OF_SCOPE = "OOS"


@dataclass(frozen=True, slots=True)
class Query:
    """A question with the ids of the entries that are right; none when it must be refused."""

    text: str
    knowledge_base: str
    expected: frozenset[str]
    kind: str


def find(name: str) -> Path:
    """Give the path of `<set>/<file>`; end the run with exit code 2 when it is not there."""
    path = ROOT / os.environ.get("ZHIDA_DATA", "../shared/data") / name
    if not path.exists():
        print(f"{path}: missing; set ZHIDA_DATA to the folder of the data sets", file=sys.stderr)
        raise SystemExit(2)
    return path


def read_tsv(name: str) -> list[dict[str, str]]:
    with find(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def read_jsonl(name: str) -> list[dict[str, object]]:
    with find(name).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def read_queries(name: str) -> list[Query]:
    return [_query(row) for row in read_tsv(name)]


def read_faq(*names: str) -> Content:
    """Make one Content of files of FAQ lines {kb, id, question, answer, variants, hard_negatives}."""
    return content_of([_entry(row, name, line) for name in names for line, row in enumerate(read_jsonl(name), 1)])


def content_of(entries: Iterable[Entry]) -> Content:
    """Group entries by their knowledge base."""
    in_order = sorted(entries, key=lambda entry: entry.knowledge_base)
    grouped = groupby(in_order, key=lambda entry: entry.knowledge_base)
    bases = tuple(
        KnowledgeBase(base, base, tuple(members), (), (), (), (), None, Place("benchmark", 1))
        for base, members in grouped
    )
    version = hashlib.sha256(repr(in_order).encode()).hexdigest()
    return Content(bases, version)


def show(title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows of equal keys as a table."""
    if not rows:
        return
    cells = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    print(f"\n{title}")
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def write(name: str, results: Mapping[str, object]) -> None:
    """Write benchmarks/results/<name>.json."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(results, ensure_ascii=False, indent=1, sort_keys=True)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _query(row: Mapping[str, str]) -> Query:
    expected = frozenset(row["expected_id"].split("|")) - {OUT_OF_SCOPE}
    return Query(row["query"], row.get("expected_kb", row.get("kb", "")), expected, row.get("type", ""))


def _entry(row: Mapping[str, object], path: str, line: int) -> Entry:
    return Entry(
        id=str(row["id"]),
        knowledge_base=str(row["kb"]),
        question=str(row["question"]),
        variants=_texts(row.get("variants")),
        negatives=_texts(row.get("hard_negatives")),
        answer=str(row["answer"]),
        answers={},
        valid_from=None,
        valid_until=None,
        examples=(),
        place=Place(path, line),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(text) for text in value) if isinstance(value, list) else ()


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
