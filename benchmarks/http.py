"""Answers a second over HTTP: one server process on one core, history written, the client on the other core.

The FAQ is the 2,046 entries of the composite set. `exact` asks their questions as the staff wrote them; `matched` asks
the queries of users, each once, so that no cache of repeated questions helps. Run: python -m benchmarks.http
"""

import argparse
import asyncio
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from benchmarks.data import ROOT, read_faq, read_queries, show, write
from faq.content import Content

FAQ = ("H_composite_multikb_zh/faq_dev.jsonl", "H_composite_multikb_zh/faq_rest.jsonl")
RUNS = 3
CONNECTIONS = 16
USERS = 1000
EXACT_ROUNDS = 3  # of all questions in one run
SETTINGS = """\
data = "data"
[server]
port = 0
requests_per_minute = 1e9
burst = 1000000
[limits]
user_per_minute = 0
conversation_per_minute = 0
everyone_per_minute = 0
user_per_day = 0
same_per_minute = 0
[content]
knowledge = "knowledge"
watch = false
[log]
level = "WARNING"
"""
HEAD = b"POST /api/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Load:
    """One run. Seconds of the server's processor tell its speed on a machine that has other things to do."""

    answers_a_second: float
    answers_a_processor_second: float
    milliseconds: Sequence[float]
    sources: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", default="dev")
    half = parser.parse_args().half
    content = read_faq(*FAQ)
    asked = {
        "exact": [entry.question for entry in content.entries] * EXACT_ROUNDS,
        "matched": [query.text for query in read_queries(f"H_composite_multikb_zh/queries_{half}.tsv")],
    }
    _pin_client()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "zhida.toml").write_text(SETTINGS, encoding="utf-8")
        _write_content(content, folder / "knowledge")
        rows = [_measure(name, questions, folder) for name, questions in asked.items()]
    show(f"answers over HTTP, {len(content.entries)} entries, {CONNECTIONS} connections, one server core", rows)
    write("http", {"rows": rows, "connections": CONNECTIONS, "entries": len(content.entries)})
    return 0


def _measure(name: str, questions: Sequence[str], folder: Path) -> dict[str, object]:
    """The median of runs, each on a server of its own that has seen no question yet."""
    requests = [_request(number, question) for number, question in enumerate(questions)]
    loads = [_run(requests, folder) for _ in range(RUNS)]
    milliseconds = sorted(spent for load in loads for spent in load.milliseconds)
    return {
        "questions": name,
        "n": len(questions),
        "answers/s": statistics.median(load.answers_a_second for load in loads),
        "answers/CPU s": statistics.median(load.answers_a_processor_second for load in loads),
        "p50 ms": milliseconds[len(milliseconds) // 2],
        "p99 ms": milliseconds[len(milliseconds) * 99 // 100],
        "sources": loads[0].sources,
    }


def _run(requests: Sequence[bytes], folder: Path) -> Load:
    shutil.rmtree(folder / "data", ignore_errors=True)
    with _serving(folder) as (pid, url):
        started, busy = time.perf_counter(), _processor_seconds(pid)
        milliseconds = asyncio.run(_send(requests, int(url.rsplit(":", 1)[1])))
        seconds, busy = time.perf_counter() - started, _processor_seconds(pid) - busy
        sources = _sources(url)
    with closing(sqlite3.connect(folder / "data" / "zhida.db")) as database:
        (written,) = database.execute("SELECT count(*) FROM turns").fetchone()
    assert written == len(requests), f"{written} turns written of {len(requests)}"
    return Load(len(requests) / seconds, len(requests) / busy, milliseconds, sources)


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[int, str]]:
    """`python -m bot serve` on the first core: its process and its URL."""
    settings = str(folder / "zhida.toml")
    command = ["taskset", "-c", "0", sys.executable, "-m", "bot", "serve", "--settings", settings]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.pid, process.stdout.readline().split(" answers at ")[1].split()[0]
    finally:
        process.terminate()
        process.wait()


def _processor_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _send(requests: Sequence[bytes], port: int) -> list[float]:
    """Send every request once over a few kept connections; the milliseconds of each answer."""
    waiting = iter(requests)
    taken: list[float] = []

    async def connect() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            started = time.perf_counter()
            writer.write(request)
            await _read_answer(reader)
            taken.append((time.perf_counter() - started) * 1000)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(connect() for _ in range(CONNECTIONS)))
    return taken


async def _read_answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
    await reader.readexactly(int(length))


def _sources(url: str) -> str:
    """How many answers came from which step, as the server's own metrics count them."""
    with urllib.request.urlopen(f"{url}/metrics") as response:  # noqa: S310 (the URL is our own)
        lines = response.read().decode().splitlines()
    counts = (
        line.removeprefix('zhida_messages_total{source="') for line in lines if line.startswith("zhida_messages_total{")
    )
    return ", ".join(f"{name} {float(count):.0f}" for name, count in (line.split('"} ') for line in counts))


def _request(number: int, question: str) -> bytes:
    body = json.dumps({"user": f"user-{number % USERS}", "text": question}).encode()
    return HEAD % len(body) + body


def _write_content(content: Content, folder: Path) -> None:
    """The set as knowledge bases. JSON is YAML; invisible characters, which `check` refuses, are left out."""
    folder.mkdir()
    for knowledge_base, entries in groupby(content.entries, key=lambda entry: entry.knowledge_base):
        written = [
            {
                "id": entry.id,
                "question": _visible(entry.question),
                "variants": [_visible(variant) for variant in entry.variants],
                "answer": _visible(entry.answer),
            }
            for entry in entries
        ]
        document = {"knowledge_base": knowledge_base, "title": knowledge_base, "entries": written}
        (folder / f"{knowledge_base}.yaml").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _visible(text: str) -> str:
    return "".join(character for character in text if character.isprintable() or character == "\n")


def _pin_client() -> None:
    """The client leaves the first core to the server."""
    others = os.sched_getaffinity(0) - {0}
    os.sched_setaffinity(0, others or {0})


if __name__ == "__main__":
    sys.exit(main())
