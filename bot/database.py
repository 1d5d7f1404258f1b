"""The database of a service: one SQLite file or PostgreSQL, with one writer that commits in groups what waits.

Knows no table: bot/history.py and bot/ledger.py say what is written. Rows go many to a statement: a row a statement
costs ten times as much, and in a thread each one hands the interpreter's lock to and fro.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bot.migrations import upgrade
from bot.statements import Bound, Row, Statement, bind

_GROUP = 500  # writes in one commit at most

Step = tuple[Statement, Row]
Result = TypeVar("Result")


class DatabaseUnavailable(Exception):
    """The database does not answer: go on without it where that is possible, and tell the operator."""


@dataclass(slots=True)
class _Write:
    """Steps that are committed together or not at all; `done` tells whether every row took effect."""

    steps: Sequence[Step]
    done: asyncio.Future[bool]


class Database:
    """Every method may raise DatabaseUnavailable."""

    def __init__(self, runner: "_Runner") -> None:
        self._runner = runner
        self._bound: dict[Statement, Bound] = {}
        self._queue: asyncio.Queue[_Write] = asyncio.Queue()
        self._writer = asyncio.create_task(self._write_groups(), name="database-writer")

    @classmethod
    async def open(cls, url: str) -> "Database":
        """Open the database at the SQLAlchemy URL, creating and migrating it as needed."""
        runner: _Runner = _Thread(url) if make_url(url).get_backend_name() == "sqlite" else _Pool(url)
        try:
            with _available():
                await runner.run(upgrade)
        except DatabaseUnavailable:
            await runner.close()
            raise
        return cls(runner)

    def write(self, *steps: Step) -> asyncio.Future[bool]:
        """Queue rows for the next commit. Done when they are on disk: true when each took effect, false when one
        perhaps had no effect. What is queued later is never on disk before them.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait(_Write(steps, done))
        return done

    async def rows(self, query: sa.Select[Any]) -> Sequence[sa.RowMapping]:
        with _available():
            return await self._runner.run(lambda connection: list(connection.execute(query).mappings()))

    async def delete(self, *statements: sa.Delete) -> int:
        """The number of rows that are gone; what was on its way to the disk is deleted too."""
        await self._queue.join()
        with _available():
            return await self._runner.run(
                lambda connection: sum(connection.execute(statement).rowcount for statement in statements)
            )

    async def close(self) -> None:
        """Write what waits, then let the database go."""
        await self._queue.join()
        self._writer.cancel()
        with suppress(asyncio.CancelledError):
            await self._writer
        await self._runner.close()

    async def _write_groups(self) -> None:
        while True:
            group = [await self._queue.get()]
            while len(group) < _GROUP and not self._queue.empty():
                group.append(self._queue.get_nowait())
            await self._commit(group)
            for _ in group:
                self._queue.task_done()

    async def _commit(self, group: Sequence[_Write]) -> None:
        """All or nothing; when a group fails, each of its writes alone, so that one bad row harms nobody else."""
        try:
            with _available():
                partial = await self._execute([step for write in group for step in write.steps])
        except DatabaseUnavailable as error:
            if len(group) > 1:
                for write in group:
                    await self._commit([write])
            elif not group[0].done.done():
                group[0].done.set_exception(error)
            return
        for write in group:
            if not write.done.done():  # whoever waited may have gone away
                write.done.set_result(partial.isdisjoint(statement for statement, _ in write.steps))

    async def _execute(self, steps: Sequence[Step]) -> set[Statement]:
        """Write the rows in one transaction, a statement's together; the statements of which a row had no effect.

        Statements come in the order of their first use: who needs another order awaits in between.
        """
        by_statement: dict[Statement, list[Row]] = {}
        for statement, row in steps:
            by_statement.setdefault(statement, []).append(row)
        work = [(statement, self._binding(statement).calls(rows)) for statement, rows in by_statement.items()]

        def run(connection: sa.Connection) -> set[Statement]:
            written = {
                statement: sum(connection.exec_driver_sql(text, values).rowcount for text, values in calls)
                for statement, calls in work
            }
            return {statement for statement, count in written.items() if count < len(by_statement[statement])}

        return await self._runner.run(run)

    def _binding(self, statement: Statement) -> Bound:
        if statement not in self._bound:
            self._bound[statement] = bind(statement, self._runner.dialect)
        return self._bound[statement]


class _Runner(Protocol):
    """Where the driver's work is done, each piece in a transaction."""

    dialect: sa.Dialect

    async def run(self, work: Callable[[sa.Connection], Result]) -> Result: ...
    async def close(self) -> None: ...


class _Thread:
    """SQLite: one connection in a thread of its own. A commit survives a power cut."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(make_url(url).set(drivername="sqlite"), pool_size=1, max_overflow=0)
        self.dialect = self._engine.dialect
        self._thread = ThreadPoolExecutor(1, "database")
        path = self._engine.url.database
        if path and path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        sa.event.listen(self._engine, "connect", _tune)

    async def run(self, work: Callable[[sa.Connection], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, work)

    def _transact(self, work: Callable[[sa.Connection], Result]) -> Result:
        with self._engine.begin() as connection:
            return work(connection)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()


class _Pool:
    """PostgreSQL: connections that the driver serves on the loop itself."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(url, pool_size=4, max_overflow=0)
        self.dialect = self._engine.dialect

    async def run(self, work: Callable[[sa.Connection], Result]) -> Result:
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        await self._engine.dispose()


def _tune(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except (sa.exc.SQLAlchemyError, OSError, UnicodeError) as error:
        raise DatabaseUnavailable(str(error)) from error
