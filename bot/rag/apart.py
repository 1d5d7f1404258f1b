"""Runs one piece of work in a process of its own: what it imports, holds or breaks goes away with it.

Parsers and the vector store take 150 MB and a second of the interpreter's lock, and a hostile file may end them.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar

Result = TypeVar("Result")

_CONTEXT = get_context("spawn")  # a fork would take along the locks of this process's threads


class WorkDied(Exception):
    """The process ended without a result: killed, out of memory, or broken by what it read."""


async def run_apart(work: Callable[[], Result], expected: type[Exception]) -> Result:
    """Give what `work` gives; it must be picklable, as its result. Raises `expected` as it does, and WorkDied.

    Cancelling ends the process at once.
    """
    receiving, sending = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_run, args=(work, expected, sending), name="apart", daemon=True)
    process.start()
    sending.close()
    try:
        give: Callable[[], Result] = await asyncio.to_thread(receiving.recv)
    except EOFError as error:
        process.join()
        raise WorkDied(f"exit code {process.exitcode}") from error
    finally:
        process.kill()
        process.join()
    return give()


def _run(work: Callable[[], Result], expected: type[Exception], sending: Connection) -> None:
    try:
        sending.send(partial(_same, work()))
    except expected as error:
        sending.send(partial(_fail, error))


def _same(result: Result) -> Result:
    return result


def _fail(error: Exception) -> None:
    raise error
