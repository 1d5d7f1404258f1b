"""Speed and memory of matching in process: exact, and matched with every question new.

`python -m benchmarks.match_speed [--half dev] [--entries 2046 20000]`; writes benchmarks/results/match_speed.json.
Contents larger than the composite repeat its phrasings with a number each, and are not learnt from again.
"""

import argparse
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from benchmarks import data
from benchmarks.faq import DAY
from faq.content import Content, Entry
from faq.embedding import Usem3Embedder
from faq.matching import Matcher

FOLDER = "H_composite_multikb_zh"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", default="dev")
    parser.add_argument("--entries", nargs="*", type=int, default=[2046])
    options = parser.parse_args()
    content = data.read_faq(f"{FOLDER}/faq_dev.jsonl", f"{FOLDER}/faq_rest.jsonl")
    questions = list(dict.fromkeys(query.text for query in data.read_queries(f"{FOLDER}/queries_{options.half}.tsv")))
    embedder = Usem3Embedder()
    rows = [_measure(_grow(content, size), questions, embedder) for size in options.entries]
    data.show("matching in process", rows)
    data.write("match_speed", {"matching": rows})


def _measure(content: Content, questions: Sequence[str], embedder: Usem3Embedder) -> dict[str, object]:
    start = time.perf_counter()
    matcher = Matcher.build(content, embedder)
    built = time.perf_counter() - start
    known = [entry.question for entry in content.entries[: len(questions)]]
    for question in questions[:50]:
        matcher.match(question, DAY)
    exact = _times(lambda question: matcher.exact(question, DAY), known)
    matched = _times(lambda question: matcher.match(question, DAY), questions[50:])
    embedded = _times(lambda question: embedder.embed([question]), questions)
    return {
        "entries": len(content.entries),
        "build_s": built,
        "exact_p50_ms": exact[0],
        "exact_p99_ms": exact[1],
        "match_p50_ms": matched[0],
        "match_p99_ms": matched[1],
        "of_it_embedding_p50_ms": embedded[0],
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _times(call: Callable[[str], object], questions: Sequence[str]) -> tuple[float, float]:
    """Milliseconds: median and 99th percentile."""
    times = []
    for question in questions:
        start = time.perf_counter()
        call(question)
        times.append(1000 * (time.perf_counter() - start))
    return float(np.percentile(times, 50)), float(np.percentile(times, 99))


def _grow(content: Content, size: int) -> Content:
    """Repeat the entries, numbered, until there are `size`."""
    entries = content.entries
    grown = [_numbered(entries[number % len(entries)], number // len(entries)) for number in range(size)]
    return data.content_of(grown)


def _numbered(entry: Entry, number: int) -> Entry:
    if not number:
        return entry
    variants = tuple(f"{variant}{number}" for variant in entry.variants)
    return replace(entry, id=f"{entry.id}-{number}", question=f"{entry.question}{number}", variants=variants)


if __name__ == "__main__":
    main()
