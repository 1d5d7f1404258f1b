"""Matching among 2,046, 100,000 and 1,000,000 entries in process: milliseconds, memory, and what the cells overlook.

`python -m benchmarks.scale --entries 100000 [--keep FOLDER]`, one size a run; a run replaces its own rows of
benchmarks/results/scale.json. Entries are recombined from the FAQs of the data sets at run time: the beginning of one
question and the end of another. benchmarks/nearest.py sets usearch and faiss beside the cells.
"""

import argparse
import gc
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks import data
from faq.content import Content, Entry, Place
from faq.embedding import Usem3Embedder
from faq.matching import Matcher

DAY = date(2026, 1, 1)
COMPOSITE = "H_composite_multikb_zh"
SOURCES = (
    f"{COMPOSITE}/faq_dev.jsonl",
    f"{COMPOSITE}/faq_rest.jsonl",
    "A_faq_insurance_zh/faq_{half}.jsonl",
    "A_faq_gov_shenzhen_zh/faq_{half}.jsonl",
    "A_faq_lcqmc_general_zh/faq_{half}.jsonl",
    "A_faq_epidemic_zh/faq_{half}.jsonl",
)
_ASKED = 400
_SEED = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", default="dev")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="a folder for what is learnt and embedded, for a second start")
    options = parser.parse_args()
    content, asked = make(options.entries, options.half)
    with tempfile.TemporaryDirectory() as folder:
        row = measure(content, asked, options.keep or Path(folder))
    data.show("matching in process", [row])
    path = data.RESULTS / "scale.json"
    before = json.loads(path.read_text(encoding="utf-8"))["matching"] if path.exists() else []
    data.write("scale", {"matching": [*(one for one in before if one["entries"] != options.entries), row]})


def make(size: int, half: str) -> tuple[Content, list[tuple[str, str]]]:
    """So many entries, and questions with the id of the entry they were made from (empty: a real question)."""
    chance, entries = random.Random(_SEED), list(_recombine(_sources(half), size, random.Random(_SEED)))
    retyped = [(_retype(entry.question, chance), entry.id) for entry in chance.sample(entries, _ASKED // 2)]
    queries = data.read_queries(f"{COMPOSITE}/queries_{half}.tsv")
    real = [(query.text, "") for query in chance.sample(queries, _ASKED // 2)]
    return data.content_of(entries), [pair for both in zip(retyped, real, strict=True) for pair in both]


def measure(content: Content, asked: Sequence[tuple[str, str]], folder: Path) -> dict[str, object]:
    embedder = Usem3Embedder(cache=folder)
    before, start = _resident(), time.perf_counter()
    matcher = Matcher.build(content, embedder, folder=folder)
    built = time.perf_counter() - start
    gc.collect()
    matched = times(lambda text: matcher.match(text, DAY), [text for text, _ in asked])
    exact = times(lambda text: matcher.exact(text, DAY), [entry.question for entry in content.entries[:1000]])
    firsts = [matcher.match(text, DAY).matches[0].entry.id == id for text, id in asked if id]
    return {
        "entries": len(content.entries),
        "phrasings": len(matcher.index.owners),
        "built_s": round(built, 1),
        "exact_p50_ms": at(exact, 50),
        "match_p50_ms": at(matched, 50),
        "match_p99_ms": at(matched, 99),
        "of_it_embedding_p50_ms": at(times(lambda text: embedder.embed([text]), [text for text, _ in asked]), 50),
        "retyped_found_first": round(float(np.mean(firsts)), 3),
        "rss_mb": _resident(),
        "rss_of_entries_mb": before,
    }


def _sources(half: str) -> list[Entry]:
    return list(data.read_faq(*(file.format(half=half) for file in SOURCES)).entries)


def _recombine(sources: Sequence[Entry], size: int, chance: random.Random) -> Iterator[Entry]:
    """The sources themselves, then beginnings with the ends of others; none twice."""
    seen: set[str] = set()
    yield from sources[:size]
    for number in range(max(0, size - len(sources))):
        one, other = chance.choice(sources), chance.choice(sources)
        question, variant = _join(one.question, other.question), ""
        if one.variants and other.variants:
            variant = _join(chance.choice(one.variants), chance.choice(other.variants))
        if question in seen:
            question += str(number)
        seen.add(question)
        answer, place = f"第{number}个答案：{question}", Place("scale", number)
        variants = (variant,) if variant and variant != question else ()
        yield Entry(f"s{number}", one.knowledge_base, question, variants, (), answer, {}, None, None, (), place)


def _join(one: str, other: str) -> str:
    return one[: (len(one) + 1) // 2] + other[len(other) // 2 :]


def _retype(text: str, chance: random.Random) -> str:
    lost = chance.randrange(len(text))
    return chance.choice(("请问", "你好，", "")) + text[:lost] + text[lost + 1 :] + chance.choice(("呢", "？", ""))


def times(call: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """Milliseconds of processor time of each call: what the machine does beside is not counted."""
    taken = []
    for text in texts:
        start = time.thread_time()
        call(text)
        taken.append((time.thread_time() - start) * 1000)
    return taken


def at(taken: Sequence[float], percentile: int) -> float:
    return round(float(np.percentile(taken, percentile)), 3)


def _resident() -> int:
    """Megabytes of this process that are in memory now."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


if __name__ == "__main__":
    main()
