"""Documents: is the right passage found, is the unanswerable refused, what survives of a file.

`python -m benchmarks.rag [--half dev]` reads E_rag_cmrc2018_zh, E_rag_rgb and E_docs_mixed.
"""

import argparse
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import find, read_jsonl, show, write
from bot.rag import vectors
from bot.rag.bar import PRIOR, Bar, learn
from bot.rag.dates import dates
from bot.rag.extractive import quote
from bot.rag.files import Unreadable
from bot.rag.guard import Guard, Unanswered, Withheld
from bot.rag.index import Findings, Index
from bot.rag.loading import load, readable
from bot.rag.passages import Block, Kind, Passage
from bot.rag.splitting import Source, split
from faq.embedding import Embedder, Usem3Embedder
from faq.text import fold

Row = Mapping[str, object]
Search = Callable[[str], Sequence[Passage]]
ANSWER_FROM = 0.6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", default="dev", choices=("dev", "holdout"))
    args = parser.parse_args()
    embedder = Usem3Embedder()
    results = {
        "retrieval": retrieval(args.half, embedder),
        "answerability": answerability(args.half, embedder),
        "noise": noise(args.half, embedder),
        "files": files(),
    }
    for title, rows in results.items():
        show(title, rows)
    write("rag", {"half": args.half, **results})


def retrieval(half: str, embedder: Embedder) -> list[dict[str, object]]:
    """Passages of 180 characters of all paragraphs: does the answer stand in the first, first 3, first 5?"""
    passages = cmrc(half)
    index = Index(passages, vectors.embed(passages, embedder), embedder)
    asked = [row for row in read_jsonl(f"E_rag_cmrc2018_zh/questions_{half}.jsonl") if row["question"]]
    ways = {"bm25": _lexical(index), "dense": _dense(index), "fused": lambda text: index.find(text, 5).passages}
    return [_recall(way, asked, search) for way, search in ways.items()]


def answerability(half: str, embedder: Embedder) -> list[dict[str, object]]:
    """A quarter of the paragraphs withheld: is it known which questions they answered?

    `kept` and `refused` at the bar learnt from the paragraphs, and at the one that was learnt from none.
    """
    index, learnt = _learnt(cmrc(half, withheld=False), embedder)
    asked = [row for row in read_jsonl(f"E_rag_cmrc2018_zh/questions_{half}.jsonl") if row["question"]]
    found = [index.find(str(row["question"]), 5) for row in asked]
    scores = np.array([findings.score for findings in found])
    right = np.array([bool(row["answerable"]) for row in asked])
    bar = np.quantile(scores[right], 0.05)
    unlearnt = np.array([_under(PRIOR, learnt, score) for score in scores])
    quoted = [_quotes(row, findings, embedder) for row, findings in zip(asked, found, strict=True) if row["answerable"]]
    row: dict[str, object] = {
        "auc": _auc(scores, right),
        "refused_at_95_kept": float(np.mean(scores[~right] < bar)),
        "middle": learnt.middle,
        "slope": learnt.slope,
        "kept_at_bar": float(np.mean(scores[right] >= ANSWER_FROM)),
        "refused_at_bar": float(np.mean(scores[~right] < ANSWER_FROM)),
        "kept_unlearnt": float(np.mean(unlearnt[right] >= ANSWER_FROM)),
        "refused_unlearnt": float(np.mean(unlearnt[~right] < ANSWER_FROM)),
        "quote_holds_answer": float(np.mean(quoted)),
    }
    return [row]


def _learnt(passages: Sequence[Passage], embedder: Embedder) -> tuple[Index, Bar]:
    """An index as the service has it, and its bar."""
    rows = vectors.embed(passages, embedder)
    bar = learn(Index(passages, rows, embedder), embedder)
    return Index(passages, rows, embedder, bar), bar


def _under(other: Bar, bar: Bar, score: float) -> float:
    """What a score under `bar` is under another."""
    certain = min(max(score, 1e-9), 1 - 1e-9)
    return other.certainty(bar.middle + bar.slope * math.log(certain / (1 - certain)))


def noise(half: str, embedder: Embedder) -> list[dict[str, object]]:
    """RGB, one index of all passages of a file. A stand-in model knows the answers by heart and cites passage 1.

    `refused` is of the questions whose answer stands in none of the passages found: those have only noise.
    """
    rows: list[dict[str, object]] = []
    for name in ("zh_refine", "zh_int", "zh_fact", "en_fact"):
        asked = read_jsonl(f"E_rag_rgb/{name}_{half}.jsonl")
        for kind in ("negative", "positive"):
            outcomes = Counter(_outcomes(asked, kind, embedder))
            total = sum(outcomes.values())
            refused = outcomes["refused before"] + outcomes["withheld after"]
            shares = {key: outcomes[key] / total for key in OUTCOMES}
            rows.append({"set": name, "passages": kind, **shares, "refused": refused / (total - outcomes[STANDS])})
    return rows


STANDS = "stands there"
OUTCOMES = ("refused before", "withheld after", "answered", STANDS)


def files() -> list[dict[str, object]]:
    """Every file of the mixed folder by suffix: read or named unreadable, characters kept."""
    folder = find("E_docs_mixed")
    counts: dict[str, Counter[str]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        count = counts.setdefault(path.suffix.lower(), Counter())
        started = time.perf_counter()
        try:
            document = load(path.name, path.read_bytes())
            count["read"] += 1
            count["characters"] += sum(len(block.text) for block in document.blocks)
        except Unreadable:
            count["named unreadable"] += 1
        count["ms"] += round((time.perf_counter() - started) * 1000)
    keys = ("read", "named unreadable", "characters", "ms")
    return [
        {"suffix": suffix or "none", "supported": readable(f"x{suffix}"), **{key: count[key] for key in keys}}
        for suffix, count in sorted(counts.items())
    ]


def cmrc(half: str, *, withheld: bool = True) -> list[Passage]:
    """Passages of all paragraphs, or of those that are not withheld."""
    rows = read_jsonl(f"E_rag_cmrc2018_zh/docs_{half}.jsonl")
    return [
        passage
        for row in rows
        if withheld or not row["withheld"]
        for passage in split(
            [Block(Kind.TEXT, str(row["text"]))], Source("cmrc", str(row["doc_id"]), str(row["title"]))
        )
    ]


def _lexical(index: Index) -> Search:
    return lambda text: [index.passages[row] for row in np.argsort(-index.words(text), kind="stable")[:5]]


def _dense(index: Index) -> Search:
    return lambda text: [index.passages[row] for row in np.argsort(-index.meaning(text), kind="stable")[:5]]


def _recall(way: str, asked: Sequence[Row], search: Search) -> dict[str, object]:
    hits = np.array([[_holds(passage, row) for passage in search(str(row["question"]))] for row in asked])
    return {"way": way} | {f"first_{top}": float(np.mean(hits[:, :top].any(axis=1))) for top in (1, 3, 5)}


def _holds(passage: Passage, row: Row) -> bool:
    text = _bare(passage.text)
    return passage.document == row["doc_id"] and any(_bare(answer) in text for answer in _texts(row["answers"]))


def _quotes(row: Row, findings: Findings, embedder: Embedder) -> bool:
    """Whether what is shown without a model holds the answer."""
    shown = [quote(str(row["question"]), passage, embedder) for passage in findings.passages[:2]]
    return any(_bare(answer) in _bare(text) for text in shown for answer in _texts(row["answers"]))


def _outcomes(asked: Sequence[Row], kind: str, embedder: Embedder) -> Iterator[str]:
    passages = [
        passage
        for row in asked
        for number, text in enumerate(_texts(row[kind]))
        for passage in split([Block(Kind.TEXT, text)], Source("rgb", f"{row['id']}-{number}", ""))
    ]
    index, _ = _learnt(passages, embedder)
    for row in asked:
        question = str(row["query"])
        findings = index.find(question, 5)
        yield "refused before" if findings.score < ANSWER_FROM else _judged(question, findings, row)


def _judged(question: str, findings: Findings, row: Row) -> str:
    """A "negative" passage may hold the answer by chance, of another question's set too: then it stands there."""
    answer = _answer(row)
    guard = Guard(findings.passages, question, ["canary"])
    try:
        guard.feed(f"{answer}[1]。")
        guard.finish()
    except (Withheld, Unanswered):
        return "withheld after"
    text = "\n".join(passage.text for passage in findings.passages)
    return STANDS if _is_written(answer, text) else "answered"


def _is_written(answer: str, text: str) -> bool:
    """In these letters, or as these dates in another spelling."""
    said = set(dates(fold(answer)))
    if said and said <= set(dates(fold(text))):
        return True
    return all(_letters(part) in _letters(text) for part in re.split("[，,]", answer))


def _answer(row: Row) -> str:
    """The right answer; of several spellings the first, of several parts all."""
    parts = row["answer"] if isinstance(row["answer"], list) else [row["answer"]]
    return "，".join(str(part[0] if isinstance(part, list) else part) for part in parts)


def _auc(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    order = np.argsort(np.concatenate([scores[right], scores[~right]]), kind="stable")
    ranks = np.empty(len(order))
    ranks[order] = np.arange(1, len(order) + 1)
    positives, negatives = int(right.sum()), int((~right).sum())
    return float((ranks[:positives].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _texts(value: object) -> list[str]:
    return [str(text) for text in value] if isinstance(value, list) else []


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


if __name__ == "__main__":
    main()
