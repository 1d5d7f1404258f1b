"""Opens the database: one SQLite file, tuned for one writer and many readers, or PostgreSQL."""

from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def open_engine(url: str, synchronous: Literal["NORMAL", "FULL"]) -> AsyncEngine:
    """An engine for the SQLAlchemy URL. FULL survives a power cut, NORMAL the death of the process (SQLite only)."""
    engine = create_async_engine(url, pool_size=4, max_overflow=0)  # a connection is dear to open, quick to use
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, url, synchronous)
    return engine


def _prepare_sqlite(engine: AsyncEngine, url: str, synchronous: str) -> None:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)

    @sa.event.listens_for(engine.sync_engine, "connect")
    def _tune(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "busy_timeout=10000", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
