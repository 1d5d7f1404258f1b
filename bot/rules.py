"""Builds the word rules: small ones here, large ones in a process of its own.

Building 100,000 words takes half a second of Python's lock and 70 MB that would never be given back; loading what
another process has built takes 100 ms in short steps.
"""

import gc
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import structlog

import policies
from policies import Direction, Policy, dumping

LARGE = 300_000  # bytes of rules and lists

log = structlog.get_logger()


def load(directory: Path, corpus: Sequence[str]) -> Policy:
    """Read and build the rules; `corpus` is ordinary text, it only makes them faster. Raises RulesError."""
    policy = _load(directory, corpus)
    policy.stream(Direction.OUT)  # makes what all streams share, here and not where texts wait
    return policy


def _load(directory: Path, corpus: Sequence[str]) -> Policy:
    if sum(path.stat().st_size for path in directory.rglob("*") if path.is_file()) < LARGE:
        return policies.load(directory, corpus)
    try:
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            return dumping.restore(process.submit(_build, directory, corpus).result())
    except BrokenProcessPool as error:  # killed, perhaps for want of memory
        log.warning("rules are built in the process that serves", error=str(error))
        return policies.load(directory, corpus)


def _build(directory: Path, corpus: Sequence[str]) -> bytes:
    gc.disable()  # there is no garbage, and the process ends: looking for it takes a third of the time
    return dumping.dump(policies.load(directory, corpus))
