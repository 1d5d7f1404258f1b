"""The answer cache in Milvus: look-ups among so many answers, what a kill -9 loses, the start after it.

`python -m benchmarks.cache_milvus [--answers N]` measures a file of Milvus Lite and a Milvus server (the standalone
that the package `milvus` of the tests carries); `python -m benchmarks.cache` has the same of the database.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pymilvus import MilvusClient

from benchmarks.cache import keep_wanted, open_cache, others, ways
from benchmarks.data import show, write
from bot.cache.milvus import MilvusStore, as_row
from faq.embedding import Usem3Embedder
from tests.peers.milvus import Milvus


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=100_000)
    parser.add_argument("--write", metavar="URI", help="only fill this store, then say so and wait to be killed")
    args = parser.parse_args()
    if args.write:
        asyncio.run(fill(args.write, args.answers))
        signal.pause()
    rows = [row for kind in ("file", "server") for row in measure(kind, args.answers)]
    show("answers in Milvus", rows)
    write("cache_milvus", {"answers": args.answers, "rows": rows})


def measure(kind: str, answers: int) -> list[dict[str, object]]:
    """Fill in a process that is killed, then open and look up."""
    with tempfile.TemporaryDirectory() as folder, store(kind, Path(folder)) as uri:
        filled = _fill_and_kill(uri, answers)
        rows = asyncio.run(_look_up(uri, answers))
    return [{"store": kind, **row, "filled_s": filled} for row in rows]


async def fill(uri: str, answers: int) -> None:
    """Keep the answers that are looked for as the service does, the others many at once; tell when all are there."""
    opened = open_store(uri)
    await keep_wanted(open_cache(opened), answers)
    client = MilvusClient(uri=uri, timeout=60)
    for batch in others(answers):
        client.upsert(opened.collection, [as_row(*one) for one in batch], timeout=60)
    print("filled", flush=True)


def open_store(uri: str) -> MilvusStore:
    return MilvusStore(uri, Usem3Embedder.dim, seconds=60)


async def _look_up(uri: str, answers: int) -> list[dict[str, object]]:
    started = time.perf_counter()
    opened = open_store(uri)
    rows = await ways(opened, answers, started)
    lost = answers - await opened.count()
    await opened.close()
    return [row | {"lost_by_kill": lost} for row in rows]


@contextmanager
def store(kind: str, folder: Path) -> Iterator[str]:
    """A Lite file, or a server that ends with the block."""
    if kind == "file":
        yield str(folder / "answers.db")
        return
    server = Milvus(folder)
    server.start()
    try:
        yield server.address
    finally:
        server.kill()


def _fill_and_kill(uri: str, answers: int) -> float:
    started = time.perf_counter()
    run = [sys.executable, "-m", "benchmarks.cache_milvus", "--answers", str(answers), "--write", uri]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        if writer.stdout.readline() != "filled\n":
            raise SystemExit("the store was not filled")
        os.kill(writer.pid, signal.SIGKILL)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
