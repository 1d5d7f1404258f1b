"""Whether messages are lost, doubled or disordered, and what the delivery core costs. All peers are on loopback.

    python -m benchmarks.delivery [--half dev] [--only storm,speed,wechat,gateway] [--quick]

storm    20,000 messages of 2,000 users over 3 channels, repeats, bursts, 5 % failing sends; with and without kill -9
speed    exact and matched answers a second on one core, ledger and history on disk; latency beside slow answers
wechat   1,000 questions of an official account whose answers take 1 to 20 s; also while the service stands still
         again and again
gateway  a Wechaty gateway that is away for 60 s
"""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

import structlog

from benchmarks.data import show, write
from benchmarks.delivering.gateway import dead_gateway
from benchmarks.delivering.speed import latency, learn_faq, open_bench, pin_to_one_core, throughput
from benchmarks.delivering.storm import Storm
from benchmarks.delivering.wechat import five_seconds

Rows = list[dict[str, object]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", default="dev")
    parser.add_argument("--only", default="storm,wechat,gateway,speed", help="parts to run, with commas")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    args = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    results: dict[str, object] = {}
    for part in args.only.split(","):
        with tempfile.TemporaryDirectory() as folder:
            rows = asyncio.run(PARTS[part](Path(folder), args.half, 10 if args.quick else 1))
        results[part] = rows
    write("delivery", results)


async def _storm(folder: Path, _: str, part: int) -> Rows:
    rows: Rows = []
    for kills in (0, 10):
        place = folder / str(kills)
        place.mkdir()
        rows.append(await Storm(place, 2000 // part, 10, kills).run())
    show("storm", rows)
    return rows


async def _wechat(folder: Path, _: str, part: int) -> Rows:
    cases = ((True, False), (False, False), (True, True), (False, True))
    rows = [await five_seconds(folder, 1000 // part, verified=verified, stops=stops) for verified, stops in cases]
    show("wechat", rows)
    return rows


async def _gateway(folder: Path, _: str, part: int) -> Rows:
    rows = [await dead_gateway(folder, 60.0 / part)]
    show("gateway", rows)
    return rows


async def _speed(folder: Path, half: str, part: int) -> Rows:
    pipeline, written, asked = learn_faq(folder, half)
    written, asked = _whole(written), _whole(asked)
    pin_to_one_core()
    rows: Rows = []
    for name, questions, count in (("exact", written, 12_000), ("matched", asked, 4_000)):
        async with open_bench(folder, pipeline, slow=False) as bench:
            rows.append({"case": name, **await throughput(bench, questions, count // part)})
    show("throughput", rows)
    latencies: Rows = []
    for name, slow in (("idle", False), ("a tenth slow", True)):
        async with open_bench(folder, pipeline, slow=slow) as bench:
            latencies.append({"case": name, **await latency(bench, written, 150.0, 30.0 / part)})
    show("latency at 150 messages/s", latencies)
    return [*rows, *latencies]


def _whole(questions: Sequence[str]) -> Sequence[str]:
    """After a fragment the bot waits for more, by design."""
    return [text for text in questions if len(text) > 5]


PARTS = {"storm": _storm, "speed": _speed, "wechat": _wechat, "gateway": _gateway}

if __name__ == "__main__":
    main()
