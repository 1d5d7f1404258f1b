"""Follow-ups and several questions in one message, over the demo content; accuracy, harm and cost.

`python -m benchmarks.conversations [--worst 20]`; reads tests/data, writes benchmarks/results/conversations.json. A
follow-up is right when its first entry is the expected one; a question complete by itself must stay as it was; every
paraphrase of tests/data is also asked after a question that it has nothing to do with, which must not change it.
"""

import argparse
import itertools
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import yaml

from benchmarks.data import ROOT, show, write
from faq.asking import Asking
from faq.content import Entry, load
from faq.embedding import RememberingEmbedder, Usem3Embedder
from faq.followups import Asked, Rule, pick, resolve
from faq.matching import Band, Decision, Matcher
from faq.questions import part
from faq.routing import Router

DAY = date(2026, 11, 22)


class Desk:
    """The demo content, ready to be asked."""

    def __init__(self) -> None:
        content, embedder = load(ROOT / "faq/knowledge"), RememberingEmbedder(Usem3Embedder())
        self._matcher, self._router = Matcher.build(content, embedder), Router.build(content, embedder)

    def asking(self) -> Asking:
        return Asking(self._matcher, self._router, DAY)

    def asked(self, question: str) -> Asked:
        """The turn that the bot remembers of this question."""
        decision = self.asking().decide(question)
        return Asked(question, decision.matches[0].entry if decision.band is Band.ANSWER else None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worst", type=int, default=0, help="print so many wrong cases of each table")
    worst = parser.parse_args().worst
    desk = Desk()
    tables = {
        "follow-ups": _by_kind(_follow_ups(desk), worst),
        "after an unrelated question": _by_kind(_unrelated(desk), worst),
        "several questions": _by_kind(_several(desk), worst),
    }
    for title, rows in tables.items():
        show(title, rows)
    write("conversations", tables)


Row = dict[str, Any]


def _follow_ups(desk: Desk) -> Iterator[Row]:
    for case in cases("followups"):
        if case["kind"] == "pick":
            right = (pick(case["second"], case["suggestions"]) or "none") == case["expect"]
            yield {"kind": "pick", "case": case, "right": right, "bare": False, "calls": 0, "ms": 0.0}
        else:
            yield _after(desk, desk.asked(case["first"]), case["second"], case["expect"], case["kind"]) | {"case": case}


def _unrelated(desk: Desk) -> Iterator[Row]:
    """Every paraphrase after a question of another knowledge base."""
    draw = random.Random(1)
    firsts = [desk.asked(case["first"]) for case in cases("followups") if "first" in case]
    for case in cases("paraphrases"):
        base = case["expect"].split("/")[0]
        others = [asked for asked in firsts if asked.entry and asked.entry.knowledge_base != base]
        yield _after(desk, draw.choice(others), case["question"], case["expect"], "control") | {"case": case}


def _after(desk: Desk, first: Asked, second: str, expect: str, kind: str) -> Row:
    asking, started = desk.asking(), time.perf_counter()
    resolution = resolve(second, [first], asking)
    ms = (time.perf_counter() - started) * 1000
    calls = asking.matched
    bare = _top(asking.decide(second)) == expect
    right = resolution.rule is Rule.ALONE if kind == "control" else _top(asking.decide(resolution.question)) == expect
    return {"kind": kind, "right": right, "bare": bare, "calls": calls, "ms": ms}


def _several(desk: Desk) -> Iterator[Row]:
    for case in cases("multi_questions"):
        asking, started = desk.asking(), time.perf_counter()
        parts = part(case["message"], (), asking)
        ms = (time.perf_counter() - started) * 1000
        several = len(case["expect"]) > 1
        right = [_name(one.entry) for one in parts] == case["expect"] if several else not parts
        yield {
            "kind": "several" if several else "control",
            "case": case | {"found": [_name(one.entry) for one in parts]},
            "right": right,
            "bare": not several and _top(asking.decide(case["message"])) == case["expect"][0],
            "calls": asking.matched,
            "ms": ms,
        }


def _by_kind(results: Iterator[Row], worst: int) -> list[Mapping[str, object]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in results:
        groups[row["kind"]].append(row)
    wrong = [row["case"] for rows in groups.values() for row in rows if not row["right"]]
    for case in itertools.islice(wrong, worst):
        print("wrong:", case)
    return [_measure(kind, rows) for kind, rows in groups.items()]


def _measure(kind: str, rows: Sequence[Row]) -> Mapping[str, object]:
    return {
        "kind": kind,
        "n": len(rows),
        "right": float(np.mean([row["right"] for row in rows])),
        "right_alone": float(np.mean([row["bare"] for row in rows])),
        "matches_mean": float(np.mean([row["calls"] for row in rows])),
        "matches_most": max(row["calls"] for row in rows),
        "ms_p50": float(np.percentile([row["ms"] for row in rows], 50)),
    }


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of tests/data/<name>.yaml."""
    read: list[dict[str, Any]] = yaml.safe_load((ROOT / f"tests/data/{name}.yaml").read_text(encoding="utf-8"))
    return read


def _top(decision: Decision) -> str:
    return _name(decision.matches[0].entry) if decision.matches else "none"


def _name(entry: Entry | None) -> str:
    return f"{entry.knowledge_base}/{entry.id}" if entry else "none"


if __name__ == "__main__":
    main()
