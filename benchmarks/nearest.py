"""The nearest rows among very many: the cells of Zhida beside usearch and faiss, on the same rows, one core.

`python -m benchmarks.nearest [--entries 100000] [--keep FOLDER]`; entries are those of benchmarks/scale.py. Recall is
the share of the ten nearest, as a scan of every row gives them. Writes benchmarks/results/nearest.json. Needs the extra
`bench`.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray
from usearch.index import Index as Usearch

from benchmarks import data
from benchmarks.scale import at, make
from faq.cells import Bytes, Cells, blocks
from faq.embedding import Usem3Embedder
from faq.matching import Matcher

Values = NDArray[np.float32]
Search = Callable[[Values], NDArray[np.int64]]
TOP = 10
LOOKED = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", default="dev")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="the folder that benchmarks.scale kept")
    options = parser.parse_args()
    content, asked = make(options.entries, options.half)
    with tempfile.TemporaryDirectory() as folder:
        keep = options.keep or Path(folder)
        index = Matcher.build(content, Usem3Embedder(cache=keep), folder=keep).index
    if index.cells is None:
        raise SystemExit("so few entries are looked at one by one")
    places = index.metric(np.stack([index.read(text).raw for text, _ in asked]))
    number = len(index.owners)
    rows = np.concatenate([index.cells.bytes.get(part) for part in blocks(number)])[index.cells.places]
    truth = [set(np.argpartition(rows @ place, -TOP)[-TOP:].tolist()) for place in places]
    compared = [_compare(name, make_search, rows, places, truth) for name, make_search in WAYS.items()]
    data.show(f"the {TOP} nearest of {number} rows", compared)
    data.write("nearest", {"rows": number, "nearest": compared})


def _compare(
    name: str, build: Callable[[Values], Search], rows: Values, places: Values, truth: Sequence[set[int]]
) -> dict[str, object]:
    start = time.process_time()
    search = build(rows)
    built = time.process_time() - start
    taken, found = [], []
    for place, nearest in zip(places, truth, strict=True):
        start = time.thread_time()
        rows_found = search(place)
        taken.append((time.thread_time() - start) * 1000)
        found.append(len(set(rows_found.tolist()) & nearest) / TOP)
    recall = round(float(np.mean(found)), 3)
    return {"way": name, "built_s": round(built, 1), "recall": recall, "p50_ms": at(taken, 50), "p99_ms": at(taken, 99)}


def _cells(rows: Values) -> Search:
    given = Bytes.empty(*rows.shape)
    for part in blocks(len(rows)):
        given.put(part, rows[part])
    cells = Cells.build(given)
    return lambda place: cells.nearest(place, TOP, None)


def _usearch(rows: Values) -> Search:
    index = Usearch(ndim=rows.shape[1], metric="ip", dtype="i8", connectivity=16)
    index.add(np.arange(len(rows)), rows, threads=1)
    return lambda place: np.asarray(index.search(place, TOP, threads=1).keys, np.int64)


def _faiss(recipe: str, **options: int) -> Callable[[Values], Search]:
    def build(rows: Values) -> Search:
        faiss.omp_set_num_threads(1)
        index = faiss.index_factory(rows.shape[1], recipe, faiss.METRIC_INNER_PRODUCT)
        index.train(rows)
        index.add(rows)
        for name, value in options.items():
            faiss.ParameterSpace().set_index_parameter(index, name, value)
        return lambda place: np.asarray(index.search(place[None], TOP)[1][0], np.int64)

    return build


WAYS: dict[str, Callable[[Values], Search]] = {
    "cells (numpy, i8)": _cells,
    "usearch HNSW i8": _usearch,
    "faiss HNSW i8": _faiss("HNSW16_SQ8", efSearch=64),
    "faiss IVF i8": _faiss("IVF320,SQ8", nprobe=LOOKED // 320),
    "faiss scan i8": _faiss("SQ8"),
}


if __name__ == "__main__":
    main()
