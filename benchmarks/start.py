"""From the command to the first answer, and how much memory it takes: the demo, and 1, 2,046 and 20,000 entries.

Each figure is the median of runs in processes of their own. Run: python -m benchmarks.start
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks.data import ROOT, show, write

RUNS = 3
SIZES = (1, 2_046, 20_000)
ENTRY = (
    "  - {{id: e{0}, question: 第{0}号商品的{1}怎么办理？, variants: [请问{1}第{0}号商品要多久, {0}号{1}], "
    "answer: 第{0}号的答案。}}\n"
)
SUBJECTS = (
    "退货",
    "换货",
    "保修",
    "发票",
    "安装",
    "配送",
    "预约",
    "取消",
    "付款",
    "积分",
    "升级",
    "借用",
    "回收",
    "寄存",
)


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        demo = _measure("demo", ROOT / "faq/knowledge", Path(folder))
        made = (_measure(f"{size:,} entries", _content(Path(folder), size), Path(folder)) for size in SIZES)
        rows = [demo, *made]
    show("start to first answer, and memory after it", rows)
    write("start", {"rows": rows})


def _measure(name: str, knowledge: Path, folder: Path) -> dict[str, object]:
    """One cold start that fills the caches, then the median of warm ones."""
    settings = folder / "zhida.toml"
    settings.write_text(f'data = "data"\n[server]\nport = 0\n[content]\nknowledge = "{knowledge}"\n', encoding="utf-8")
    cold, *warm = (_start(settings) for _ in range(RUNS + 1))
    seconds, megabytes = zip(*warm, strict=True)
    return {
        "content": name,
        "first start s": cold[0],
        "start s": statistics.median(seconds),
        "RSS MB": statistics.median(megabytes),
    }


def _start(settings: Path) -> tuple[float, float]:
    """Seconds from the command to the first answer over HTTP, and the resident megabytes then."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "bot", "serve", "--settings", str(settings)]
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # as installed
    process = subprocess.Popen(
        command, cwd=ROOT, env=compiled, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split(" answers at ")[1].split()[0]
        _ask(url)
        return time.perf_counter() - started, _resident(process.pid)
    finally:
        process.terminate()
        process.wait()


def _ask(url: str) -> None:
    body = json.dumps({"user": "benchmark", "text": "怎么退货，要多久？"}).encode()
    request = urllib.request.Request(  # noqa: S310 (the URL is our own)
        f"{url}/api/messages", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as response:  # noqa: S310
        json.load(response)


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def _content(folder: Path, size: int) -> Path:
    """A folder with so many made-up entries."""
    knowledge = folder / f"knowledge-{size}"
    knowledge.mkdir()
    entries = "".join(ENTRY.format(number, SUBJECTS[number % len(SUBJECTS)]) for number in range(size))
    (knowledge / "made.yaml").write_text(f"knowledge_base: made\ntitle: 编\nentries:\n{entries}", encoding="utf-8")
    return knowledge


if __name__ == "__main__":
    main()
