"""The answer cache: are questions merged that mean the same, and no others; how fast is a look-up; what survives.

`python -m benchmarks.cache [--half dev] [--large N]` reads G_pairs_*. Texts that are equal once folded are counted
apart: an equal text is found exactly, and PAWS-X calls some of them different.
"""

import argparse
import asyncio
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

import numpy as np

from benchmarks.data import read_tsv, show, write
from bot.cache.answers import AnswerCache, Asked
from bot.cache.entry import Entry, Lifetimes
from bot.cache.store import Address, Embedding, Store
from bot.cache.table import TableStore
from bot.database import Database
from faq.embedding import Embedder, RememberingEmbedder, Usem3Embedder
from faq.pairs import judge
from faq.text import normalise

SETS = ("lcqmc_zh", "bq_zh", "atec_zh", "pawsx_zh", "bustm_zh", "qqp_en")
Pair = tuple[str, str, bool]

_RELATION = re.compile(
    r"([一-鿿A-Za-z]{2,5})(到|比|转到|转|换成|变成|改成|借给|送给|喜欢|大于|翻译成|超过)([一-鿿A-Za-z]{2,5})"
)
_DENIED = (
    ("可以", "不可以"),
    ("能", "不能"),
    ("会", "不会"),
    ("有", "没有"),
    ("是", "不是"),
    ("需要", "不需要"),
    ("不", ""),
)
_OPPOSED = (
    "开通/关闭",
    "打开/关闭",
    "开启/关闭",
    "提前/延期",
    "增加/减少",
    "提高/降低",
    "充值/提现",
    "转入/转出",
    "收/付",
)
_OPPOSED_MORE = (
    "上/下",
    "前/后",
    "大/小",
    "多/少",
    "买/卖",
    "早/晚",
    "男/女",
    "左/右",
    "高/低",
    "快/慢",
    "借/还",
    "新/旧",
)
_KEPT = "{}号商品怎么申请退货"
_WAYS = {
    "the same words": _KEPT,
    "other courtesy": "请问{}号商品如何申请退货呢",
    "light word more": "{}号商品一般怎么申请退货",
    "no answer": "{}号商品怎么取消订单",
}
_ENTRY = Entry("打开设置，点退货。" * 8, 0.9, "shop")
WANTED = [int(number) for number in np.random.default_rng(0).integers(100_000, size=1000)]  # are looked for
_COUNT = re.compile(r"\d+|[一两三四五六七八九十](?=[天月年次个元块周期号岁点])")
_NEXT = dict(zip("一两三四五六七八九十", "三五四六七八九十二四", strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", default="dev", choices=("dev", "holdout"))
    parser.add_argument("--large", type=int, default=100_000, help="answers of the speed test; 0 leaves it out")
    args = parser.parse_args()
    embedder = RememberingEmbedder(Usem3Embedder(), 100_000)
    results = {
        "pairs": [pairs(name, _read(name, args.half), embedder) for name in SETS],
        "made_by_rule": made_by_rule(args.half, embedder),
        "lookups": asyncio.run(lookups(args.large)) if args.large else [],
    }
    for title, rows in results.items():
        show(title, rows)
    write("cache", {"half": args.half, **results})


def pairs(name: str, cases: Sequence[Pair], embedder: Embedder) -> dict[str, object]:
    """The share of wrong merges among all merges, and of right ones that were found, beside the cosine alone."""
    equal = np.array([normalise(one) == normalise(other) for one, other, _ in cases])
    near = cosines(cases, embedder)
    merged = np.array(
        [judge(one, other, float(cosine)).same for (one, other, _), cosine in zip(cases, near, strict=True)]
    )
    right = np.array([label for *_, label in cases])
    hits = merged & ~equal
    return {
        "set": name,
        "pairs": len(cases),
        "equal_texts": int(equal.sum()),
        "merged": int(hits.sum()),
        "wrong_share": share(~right, hits),
        "wrong_share_with_equal": share(~right, merged),
        "equal_called_different": int((equal & ~right).sum()),
        "of_these_the_same_letters": sum(one == other for one, other, label in cases if not label),
        "found": share(merged, right),
        "others_merged": share(hits, ~right),
        "others_merged_with_equal": share(merged, ~right),
        "cosine.9_wrong_share": share(~right, near >= 0.9),
        "cosine.9_found": share(near >= 0.9, right),
    }


def made_by_rule(half: str, embedder: Embedder) -> list[dict[str, object]]:
    """Questions changed so that they mean something else: how many are merged with what they were?"""
    texts = sorted({text for name in SETS[:3] for one, other, _ in _read(name, half) for text in (one, other)})
    ways: dict[str, Callable[[str], Iterable[str]]] = {
        "reversed": _reversed,
        "negated": _negated,
        "opposed": _opposed,
        "renumbered": _renumbered,
    }
    return [_changed(way, [(text, new, False) for text in texts for new in ways[way](text)], embedder) for way in ways]


async def lookups(count: int) -> list[dict[str, object]]:
    """Milliseconds of a look-up among so many answers: the same words, other words, and no answer."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/zhida.db"
        database = await Database.open(url)
        await _fill(TableStore(database), count)
        await database.close()
        started = time.perf_counter()
        database = await Database.open(url)
        rows = await ways(TableStore(database), count, started)
        await database.close()
    return rows


async def ways(store: Store, count: int, started: float) -> list[dict[str, object]]:
    """A row for each way of asking for answers of a store that has just been opened."""
    cache = open_cache(store)
    await cache.recall(_asked(_KEPT.format(WANTED[0] % count)), lambda _: True)
    first = time.perf_counter() - started
    rows = [await _timed(cache, way, text, count) for way, text in _WAYS.items()]
    way = "light word more"  # the steps before have read the question: nothing is embedded
    rows.append(await _timed(cache, f"{way}, in the service", _WAYS[way], count))
    return [row | {"answers": count, "first_answer_s": first} for row in rows]


def open_cache(store: Store) -> AnswerCache:
    return AnswerCache(store, RememberingEmbedder(Usem3Embedder()), Lifetimes())


async def keep_wanted(cache: AnswerCache, count: int) -> None:
    """Keep the answers that are looked for, as the service keeps them."""
    for number in {number % count for number in WANTED}:
        await cache.keep(_asked(_KEPT.format(number)), _ENTRY)


def others(count: int) -> Iterator[list[tuple[Address, str, Entry, datetime, Embedding]]]:
    """The other answers, 2,000 at once, with embeddings that mean nothing."""
    now, random, wanted = datetime.now(UTC), np.random.default_rng(1), {number % count for number in WANTED}
    for begin in range(0, count, 2000):
        rows = random.standard_normal((2000, Usem3Embedder.dim), np.float32) / np.float32(np.sqrt(Usem3Embedder.dim))
        numbers = [number for number in range(begin, min(begin + 2000, count)) if number not in wanted]
        asked = [_asked(_KEPT.format(number)) for number in numbers]
        made = zip(asked, rows, strict=False)
        yield [(one.address, one.question, _ENTRY, now, Embedding("nobody", row)) for one, row in made]


async def _fill(store: Store, count: int) -> None:
    await keep_wanted(open_cache(store), count)
    for batch in others(count):
        await asyncio.gather(*(store.put(*one) for one in batch))


async def _timed(cache: AnswerCache, way: str, text: str, count: int) -> dict[str, object]:
    times, outcomes, began = [], Counter[str](), time.process_time()
    for number in WANTED:
        asked = _asked(text.format(number % count))
        started = time.perf_counter()
        found = await cache.recall(asked, lambda _: True)
        times.append((time.perf_counter() - started) * 1000)
        outcomes[str(found.outcome)] += 1
    cpu = (time.process_time() - began) / len(times) * 1000
    p50, p99 = map(float, np.percentile(times, [50, 99]))
    return {"lookup": way, "p50_ms": p50, "p99_ms": p99, "cpu_ms": cpu, "outcomes": dict(outcomes)}


def _asked(question: str) -> Asked:
    return Asked(question, "1", ("zh",))


def cosines(cases: Sequence[Pair], embedder: Embedder) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Of each pair; many texts of one length at once cost a fifth."""
    texts = sorted({text for one, other, _ in cases for text in (one, other)}, key=len)
    parts = [texts[start : start + 128] for start in range(0, len(texts), 128)]
    rows = {text: row for part in parts for text, row in zip(part, embedder.embed(part), strict=True)}
    return np.array([float(rows[one] @ rows[other]) for one, other, _ in cases], np.float32)


def share(
    counted: "np.ndarray[tuple[int], np.dtype[np.bool_]]", among: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
) -> float:
    return float(np.mean(counted[among])) if among.any() else 0.0


def _changed(way: str, cases: Sequence[Pair], embedder: Embedder, most: int = 2000) -> dict[str, object]:
    cases = [case for case in cases if normalise(case[0]) != normalise(case[1])][:: max(1, len(cases) // most)]
    near = cosines(cases, embedder)
    merged = [judge(one, other, float(cosine)).same for (one, other, _), cosine in zip(cases, near, strict=True)]
    for (one, other, _), same in zip(cases, merged, strict=True):
        if same:
            print("merged:", one, "|", other)
    return {"change": way, "cases": len(cases), "merged": sum(merged), "cosine.8_merges": int((near >= 0.8).sum())}


def _reversed(text: str) -> Iterator[str]:
    found = _RELATION.search(text)
    if found and not re.search("[的了吗么什怎哪那在有没为是]", found[1] + found[3]):
        yield text[: found.start()] + found[3] + found[2] + found[1] + text[found.end() :]


def _negated(text: str) -> Iterator[str]:
    if re.search(r"(.)[不没]\1|有没有|是否|能否", text):
        return  # 能不能 asks, it denies nothing
    for word, denied in _DENIED:
        if word in text and not re.search("[不没]", text.replace("不", "", int(word == "不"))):
            yield text.replace(word, denied, 1)
            return


def _opposed(text: str) -> Iterator[str]:
    for pair in (*_OPPOSED, *_OPPOSED_MORE):
        one, other = pair.split("/")
        if one in text and other not in text:
            yield text.replace(one, other, 1)
            return


def _renumbered(text: str) -> Iterator[str]:
    if found := _COUNT.search(text):
        new = str(int(found[0]) + 1) if found[0].isdecimal() else _NEXT[found[0]]
        yield text[: found.start()] + new + text[found.end() :]


def _read(name: str, half: str) -> list[Pair]:
    return [(row["text1"], row["text2"], row["label"] == "1") for row in read_tsv(f"G_pairs_{name}/pairs_{half}.tsv")]


if __name__ == "__main__":
    main()
