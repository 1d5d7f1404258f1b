"""Work in a process of its own: its result and its error come back, its death is told, leaving ends it."""

import asyncio
import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from bot.rag.apart import WorkDied, run_apart
from bot.rag.store import StoreError
from tests.waiting import until


def _fail(error: Exception) -> None:
    raise error


def _die() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _write_pid_and_sleep(file: Path) -> None:
    file.write_text(str(os.getpid()))
    time.sleep(60)


async def test_the_result_comes_back() -> None:
    """From another process."""
    assert await run_apart(os.getpid, StoreError) != os.getpid()


async def test_an_expected_error_is_raised_here() -> None:
    """With its words."""
    with pytest.raises(StoreError, match=r"^away$"):
        await run_apart(partial(_fail, StoreError("away")), StoreError)


async def test_a_death_is_told() -> None:
    """A parser that breaks the process leaves this one whole."""
    with pytest.raises(WorkDied, match="-11"):
        await run_apart(_die, StoreError)


async def test_leaving_ends_the_process(tmp_path: Path) -> None:
    """Nothing goes on for nobody."""
    file = tmp_path / "pid"
    work = asyncio.create_task(run_apart(partial(_write_pid_and_sleep, file), StoreError))
    await until(lambda: file.exists() and file.read_text())
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text()), 0)
