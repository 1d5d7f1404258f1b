"""What an answer cache in Milvus would cost: look-ups among so many answers, and the start after a kill -9.

`python -m benchmarks.cache_milvus [--answers N]` measures a file of Milvus Lite and the server process; the table
beside it is that of `python -m benchmarks.cache`. Decision 0014 rests on both.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from pymilvus import DataType, MilvusClient, MilvusException

from benchmarks.data import show, write

_WIDTH = 512
_SHOWN = ["key", "question", "answer", "at"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=100_000)
    parser.add_argument("--write", metavar="URI", help="only fill this store, then say so and wait to be killed")
    args = parser.parse_args()
    if args.write:
        fill(args.write, args.answers)
        return
    rows = [measure(kind, args.answers) for kind in ("file", "server")]
    show("answers in Milvus", rows)
    write("cache_milvus", {"answers": args.answers, "stores": rows})


def measure(kind: str, answers: int) -> dict[str, object]:
    """Fill in a process that is killed, then open and look up."""
    with tempfile.TemporaryDirectory() as folder:
        with store(kind, folder) as uri:
            filled = _fill_and_kill(uri, answers)
        with store(kind, folder) as uri:
            started = time.perf_counter()
            client = MilvusClient(uri=uri, timeout=120)
            client.load_collection("answers", timeout=600)
            client.get("answers", ids=["k0"], output_fields=_SHOWN)
            first = time.perf_counter() - started
            lost = answers - int(client.query("answers", filter="", output_fields=["count(*)"])[0]["count(*)"])
            client.flush("answers", timeout=600)  # what was written is indexed, so that look-ups are as good as can be
            ways = {way: _timed(look, count) for way, look, count in _ways(client, answers)}
            client.close()
        return {"store": kind, "filled_s": filled, "lost_by_kill": lost, "start_to_first_s": first, **ways}


def fill(uri: str, answers: int) -> None:
    """Rows as the answer cache has them; prints a line when all were acknowledged."""
    client = MilvusClient(uri=uri, timeout=120)
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("key", DataType.VARCHAR, max_length=64, is_primary=True)
    for name, length in (("scope", 64), ("signature", 64), ("question", 2000), ("answer", 60_000)):
        schema.add_field(name, DataType.VARCHAR, max_length=length)
    schema.add_field("at", DataType.INT64)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=_WIDTH)
    index = client.prepare_index_params()
    index.add_index("vector", index_type="HNSW", metric_type="IP")
    client.create_collection("answers", schema=schema, index_params=index, consistency_level="Strong")
    for start in range(0, answers, 2000):
        numbers = range(start, min(start + 2000, answers))
        client.insert("answers", [_row(number, row) for number, row in zip(numbers, _vectors(start), strict=False)])
    print("filled", flush=True)
    signal.pause()


@contextmanager
def store(kind: str, folder: str) -> Iterator[str]:
    """A Lite file, or a server process on its folder that ends with the block."""
    if kind == "file":
        yield f"{folder}/answers.db"
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = str(Path(sys.executable).with_name("milvus-lite"))
    run = [program, "server", "--data-dir", folder, "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
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


def _ways(client: MilvusClient, answers: int) -> Iterator[tuple[str, Callable[[int], object], int]]:
    """Name, look-up, how often: what takes seconds is done a few times."""
    rows = _vectors(-1)
    numbers = np.random.default_rng(0).integers(answers, size=1000)
    yield "by_key_ms", lambda turn: client.get("answers", ids=[f"k{numbers[turn]}"], output_fields=_SHOWN), 300

    def search(turn: int) -> object:
        return client.search("answers", data=[rows[turn].tolist()], limit=5, output_fields=_SHOWN)

    def query(turn: int) -> object:
        wanted = f'scope == "s" and signature == "g{numbers[turn]}"'
        return client.query("answers", filter=wanted, output_fields=_SHOWN, limit=20)

    yield "by_meaning_ms", search, 50
    yield "by_signature_ms", query, 5


def _timed(look: Callable[[int], object], count: int) -> str:
    times = []
    for turn in range(count):
        started = time.perf_counter()
        look(turn)
        times.append((time.perf_counter() - started) * 1000)
    p50, p99 = np.percentile(times, [50, 99])
    return f"{p50:.1f} / {p99:.1f}"


def _row(number: int, vector: np.ndarray[tuple[int], np.dtype[np.float32]]) -> dict[str, object]:
    texts = {"key": f"k{number}", "scope": "s", "signature": f"g{number}", "question": f"{number}号商品怎么申请退货"}
    return {**texts, "answer": "打开设置，点退货。" * 8, "at": number, "vector": vector.tolist()}


def _vectors(seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    rows = np.random.default_rng(seed + 1).standard_normal((2000, _WIDTH)).astype(np.float32)
    unit: np.ndarray[tuple[int, int], np.dtype[np.float32]] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def _wait_for(port: int, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            MilvusClient(uri=f"http://127.0.0.1:{port}", timeout=2).close()
        except MilvusException:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()
