"""Matching among 2,046, 100,000 and 1,000,000 entries in process: milliseconds, memory, and what the cells overlook.

`python -m benchmarks.scale --entries 100000 [--keep FOLDER]`, one size a run; a run replaces its own rows of
benchmarks/results/scale.json. Entries are the FAQs of the data sets, then all their other distinct questions and
messages, then the beginning of one of these with the end of another; no question occurs twice. The table says how many
are as people wrote them. benchmarks/nearest.py sets usearch and faiss beside the cells.
"""

import argparse
import gc
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import chain, count, islice
from pathlib import Path

import numpy as np

from benchmarks import data
from faq.content import Content, Entry, Place
from faq.embedding import Usem3Embedder
from faq.matching import Matcher

DAY = date(2026, 1, 1)
COMPOSITE = "H_composite_multikb_zh"
FAQS = (
    f"{COMPOSITE}/faq_dev.jsonl",
    f"{COMPOSITE}/faq_rest.jsonl",
    "A_faq_insurance_zh/faq_{half}.jsonl",
    "A_faq_gov_shenzhen_zh/faq_{half}.jsonl",
    "A_faq_lcqmc_general_zh/faq_{half}.jsonl",
    "A_faq_epidemic_zh/faq_{half}.jsonl",
)
LINES = {  # other questions and messages, and the columns they stand in
    "G_pairs_lcqmc_zh/pairs_{half}.tsv": ("text1", "text2"),
    "G_pairs_bq_zh/pairs_{half}.tsv": ("text1", "text2"),
    "G_pairs_atec_zh/pairs_{half}.tsv": ("text1", "text2"),
    "G_pairs_stsb_zh/pairs_{half}.tsv": ("text1", "text2"),
    "G_pairs_qqp_en/pairs_{half}.tsv": ("text1", "text2"),
    "A_faq_atec_fintech_zh/queries_{half}.tsv": ("query",),
    "A_faq_chip2019_zh/queries_{half}.tsv": ("query",),
    "A_faq_epidemic_zh/queries_{half}.tsv": ("query",),
    "B_intent_massive_zh/train.tsv": ("text",),
    "B_intent_clinc150_en/train.tsv": ("text",),
    "B_intent_banking77_en/train.tsv": ("text",),
    "B_intent_smp2017_zh/train.tsv": ("text",),
    "C_clean_sentences_zh/clean_{half}.tsv": ("text",),
}
RECOMBINED = "recombined-"
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
    chance, entries = random.Random(_SEED), list(islice(_entries(half), size))
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
        "as_people_wrote_them": sum(not entry.id.startswith(RECOMBINED) for entry in content.entries),
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


def _entries(half: str) -> Iterator[Entry]:
    """Entries as people wrote them, then recombined ones without end; no question twice."""
    seen: set[str] = set()
    written: list[Entry] = []
    for entry in chain(data.read_faq(*(file.format(half=half) for file in FAQS)).entries, _lines(half)):
        if entry.question not in seen:
            seen.add(entry.question)
            written.append(entry)
            yield entry
    chance = random.Random(_SEED)
    for number in count():
        one, other = chance.choice(written), chance.choice(written)
        question = _join(one.question, other.question)
        if question not in seen:
            seen.add(question)
            yield _entry(f"{RECOMBINED}{number}", one.knowledge_base, question, number, _variants(one, other, chance))


def _lines(half: str) -> Iterator[Entry]:
    for file, columns in LINES.items():
        for line, row in enumerate(data.read_tsv(file.format(half=half)), 2):
            for column in columns:
                yield _entry(f"{file}:{line}{column}", file.partition("/")[0].lower(), row[column], line, ())


def _variants(one: Entry, other: Entry, chance: random.Random) -> tuple[str, ...]:
    if not (one.variants and other.variants):
        return ()
    return (_join(chance.choice(one.variants), chance.choice(other.variants)),)


def _entry(id: str, base: str, question: str, line: int, variants: tuple[str, ...]) -> Entry:
    return Entry(id, base, question, variants, (), f"答案：{question}", {}, None, None, (), Place("scale", line))


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
