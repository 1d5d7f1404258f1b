"""Accuracy of matching: right entries, right knowledge bases, true probabilities, refusals; beside what others do.

`python -m benchmarks.faq [--half dev] [--sets composite …] [--no-rivals] [--worst 30]`; prints the worst failures of
composite by kind, writes benchmarks/results/faq.json. Needs the extra `bench`.
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import bm25s
import jieba
import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks import data, worst
from benchmarks.data import Query
from faq.content import Content
from faq.embedding import RememberingEmbedder, Usem3Embedder
from faq.matching import WRONG_ANSWERS, Band, Decision, Matcher
from faq.routing import Router
from faq.text import fold

DAY = date(2026, 1, 1)
_CROSSED = 1000
SETS = {
    "composite": ("H_composite_multikb_zh", ("faq_dev.jsonl", "faq_rest.jsonl")),
    "insurance": ("A_faq_insurance_zh", ("faq_{half}.jsonl",)),
    "gov": ("A_faq_gov_shenzhen_zh", ("faq_{half}.jsonl",)),
    "lcqmc": ("A_faq_lcqmc_general_zh", ("faq_{half}.jsonl",)),
    "epidemic": ("A_faq_epidemic_zh", ("faq_{half}.jsonl",)),
}
Scores = NDArray[np.floating]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", default="dev")
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=list(SETS))
    parser.add_argument("--no-rivals", action="store_true")
    parser.add_argument("--worst", type=int, default=30, help="print so many failures of composite, by kind")
    options = parser.parse_args()
    embedder = RememberingEmbedder(Usem3Embedder(), capacity=100_000)
    rows, bands, rivals, failures = [], [], [], []
    built: dict[str, Built] = {}
    for name in options.sets:
        content, queries = _load(name, options.half)
        start, worked = time.perf_counter(), time.process_time()
        matcher = Matcher.build(content, embedder)
        learnt = {"learnt_s": time.perf_counter() - start, "learnt_cpu_s": time.process_time() - worked}
        built[name] = Built(content, matcher, queries)
        decisions = [matcher.match(query.text, DAY) for query in queries]
        rows.append({"set": name, "entries": len(content.entries)} | learnt | measure(queries, decisions))
        if name == "composite":
            rows[-1] |= {"routed": _routed(Router.build(content, embedder), queries)}
            bands, failures = by_kind(queries, decisions), worst.count(queries, decisions)
            worst.show(queries, decisions, options.worst)
        if not options.no_rivals:
            rivals += [{"set": name} | row for row in _rivals(content, queries, embedder)]
    crossed = cross(built)
    data.show("matching", [{"routed": "-"} | row for row in rows])
    data.show("composite by kind of question: share answered, offered, passed", bands)
    data.show("composite: what went wrong", failures)
    data.show("learnt on one content, asked on another: answers at 95 % right; calibration error", crossed)
    data.show("what others do", rivals)
    tables = {"matching": rows, "bands": bands, "failures": failures, "crossed": crossed, "rivals": rivals}
    data.write("faq", tables)


@dataclass(frozen=True, slots=True)
class Built:
    """A content, what was learnt from it, and its questions."""

    content: Content
    matcher: Matcher
    queries: Sequence[Query]


def cross(built: Mapping[str, Built]) -> list[dict[str, object]]:
    """Judge the questions of each content (a row) by what each other one taught (a column); at most 1,000 questions."""
    rows = []
    for name, asked in built.items():
        queries = asked.queries[:: -(-len(asked.queries) // _CROSSED)]
        row: dict[str, object] = {"asked on": name}
        for teacher, taught in built.items():
            matcher = Matcher(asked.content, asked.matcher.index, taught.matcher.judge, WRONG_ANSWERS)
            found = measure(queries, [matcher.match(query.text, DAY) for query in queries])
            row[teacher] = f"{found['coverage_at_95_without_hard']:.3f}; {found['calibration_error']:.3f}"
        rows.append(row)
    return rows


def measure(queries: Sequence[Query], decisions: Sequence[Decision]) -> dict[str, object]:
    """Top-1, top-3, knowledge base of in-scope questions; the answers given; truth of the score."""
    inside = np.array([bool(query.expected) for query in queries])
    hard = np.array([query.kind == "hard_negative" for query in queries])
    ranks = [[match.entry.id for match in decision.matches] for decision in decisions]
    right = np.array([bool(ids) and ids[0] in query.expected for query, ids in zip(queries, ranks, strict=True)])
    third = np.array([bool(query.expected & set(ids[:3])) for query, ids in zip(queries, ranks, strict=True)])
    base = np.array(
        [
            bool(d.matches) and d.matches[0].entry.knowledge_base == q.knowledge_base
            for q, d in zip(queries, decisions, strict=True)
        ]
    )
    scores = np.array([decision.matches[0].score if decision.matches else 0.0 for decision in decisions])
    answered = np.array([decision.band is Band.ANSWER for decision in decisions])
    return {
        "top1": float(right[inside].mean()),
        "top3": float(third[inside].mean()),
        "kb": float(base[inside].mean()),
        "answered": float((answered & inside).sum() / inside.sum()),
        "right_of_answers": float(right[answered].mean()) if answered.any() else 1.0,
        "right_without_hard": float(right[answered & ~hard].mean()) if (answered & ~hard).any() else 1.0,
        "coverage_at_95": coverage(right, scores, inside),
        "coverage_at_95_without_hard": coverage(right[~hard], scores[~hard], inside[~hard]),
        "calibration_error": calibration_error(right, scores),
    }


def coverage(
    right: NDArray[np.bool_], scores: NDArray[np.float64], inside: NDArray[np.bool_], share: float = 0.95
) -> float:
    """The largest share of in-scope questions answered while `share` of all answers given is right."""
    order = np.argsort(-scores, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(precision >= share)
    return float(inside[order[: enough[-1] + 1]].sum() / inside.sum()) if len(enough) else 0.0


def calibration_error(right: NDArray[np.bool_], scores: NDArray[np.float64], bins: int = 10) -> float:
    """Expected calibration error in bins of equal width."""
    which = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = [
        abs(right[which == one].mean() - scores[which == one].mean()) * (which == one).mean()
        for one in np.unique(which)
    ]
    return float(sum(gaps))


def by_kind(queries: Sequence[Query], decisions: Sequence[Decision]) -> list[dict[str, object]]:
    rows = []
    for kind in sorted({query.kind for query in queries}):
        bands = [decision.band for query, decision in zip(queries, decisions, strict=True) if query.kind == kind]
        rows.append(
            {"kind": kind, "questions": len(bands)} | {band.value: bands.count(band) / len(bands) for band in Band}
        )
    return rows


def _load(name: str, half: str) -> tuple[Content, list[Query]]:
    folder, files = SETS[name]
    content = data.read_faq(*(f"{folder}/{file.format(half=half)}" for file in files))
    return content, data.read_queries(f"{folder}/queries_{half}.tsv")


def _routed(router: Router, queries: Sequence[Query]) -> float:
    """The share of in-scope questions whose knowledge base is among those the router searches."""
    kept = [query for query in queries if query.expected]
    routes = [router.route(query.text).knowledge_bases for query in kept]
    return float(
        np.mean([not bases or query.knowledge_base in bases for query, bases in zip(kept, routes, strict=True)])
    )


def _rivals(content: Content, queries: Sequence[Query], embedder: RememberingEmbedder) -> list[dict[str, object]]:
    """What a user would pick instead, each with its best fixed threshold or the customary one."""
    pairs = [(number, phrasing) for number, entry in enumerate(content.entries) for phrasing in entry.phrasings]
    owners = np.array([owner for owner, _ in pairs])
    texts, asked = [fold(text) for _, text in pairs], [fold(query.text) for query in queries]
    ids = [entry.id for entry in content.entries]
    tfidf = TfidfVectorizer(analyzer="char", ngram_range=(1, 2)).fit(texts)
    scorers: Mapping[str, Callable[[], Scores]] = {
        "rapidfuzz ratio": lambda: np.float32(0.01) * process.cdist(asked, texts, scorer=fuzz.ratio, dtype=np.float32),
        "char 1-2 TF-IDF": lambda: (tfidf.transform(asked) @ tfidf.transform(texts).T).toarray().astype(np.float32),
        "embedding cosine": lambda: embedder.embed(asked) @ embedder.embed(texts).T,
        **_bm25(texts, asked),
    }
    return [{"rival": name} | _rate(score(), owners, ids, queries) for name, score in scorers.items()]


def _rate(scores: Scores, owners: NDArray[np.int64], ids: Sequence[str], queries: Sequence[Query]) -> dict[str, object]:
    inside = np.array([bool(query.expected) for query in queries])
    first = scores.argmax(axis=1)
    right = np.array([ids[owners[row]] in query.expected for row, query in zip(first, queries, strict=True)])
    best = scores.max(axis=1).astype(np.float64)
    row: dict[str, object] = {"top1": float(right[inside].mean()), "coverage_at_95": coverage(right, best, inside)}
    for threshold in (0.8, 0.9):
        answered = best >= threshold
        row[f"answered_at_{threshold}"] = float((answered & inside).sum() / inside.sum())
        row[f"right_at_{threshold}"] = float(right[answered].mean()) if answered.any() else 1.0
    return row


def _bm25(texts: Sequence[str], asked: Sequence[str]) -> dict[str, Callable[[], Scores]]:
    """BM25 over characters and, as FAQ_system does, over words."""

    def run(cut: Callable[[str], list[str]]) -> Scores:
        index = bm25s.BM25()
        index.index([cut(text) or ["-"] for text in texts], show_progress=False)
        return np.stack([np.asarray(index.get_scores(cut(text) or ["-"]), np.float32) for text in asked])

    return {"BM25, characters": lambda: run(list), "BM25, jieba words": lambda: run(jieba.lcut)}


if __name__ == "__main__":
    main()
