"""Real servers for the tests, on loopback and free ports, ended with the test."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.database import Database


def free_port() -> int:
    """Give a TCP port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL server."""

    port: int
    programs: Path

    def create_database(self, name: str) -> str:
        """Make an empty database; its SQLAlchemy URL."""
        run = [str(self.programs / "createdb"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "zhida", name]
        subprocess.run(run, check=True)
        return f"postgresql+asyncpg://zhida@127.0.0.1:{self.port}/{name}"


@contextmanager
def run_postgres() -> Iterator[Postgres]:
    """Start Debian's PostgreSQL in a folder of its own; as the user postgres when root, which it refuses to run as."""
    with TemporaryDirectory(prefix="zhida-postgres-") as folder:  # another test run closes pytest's own to other users
        yield from _serve_in(Path(folder))


def _serve_in(folder: Path) -> Iterator[Postgres]:
    programs = _postgres_programs()
    as_user = {"user": "postgres"} if os.getuid() == 0 else {}
    data = folder / "data"
    if as_user:
        shutil.chown(folder, pwd.getpwnam("postgres").pw_uid)
    initdb = [programs / "initdb", "-D", data, "-U", "zhida", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user)  # type: ignore[call-overload]
    port = free_port()
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off"
    control = [programs / "pg_ctl", "-D", data, "-w"]
    start = [*control, "-o", options, "-l", folder / "log", "start"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user)  # type: ignore[call-overload]
    try:
        yield Postgres(port, programs)
    finally:
        stop = [*control, "-m", "immediate", "stop"]
        subprocess.run(stop, check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user)  # type: ignore[call-overload]


def _postgres_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        sys.exit("PostgreSQL is not installed: run `make system`")
    return found[-1].parent if found else Path(str(on_path)).parent


async def open_tables(path: Path) -> Database:
    """A database with its tables, in this file."""
    return await Database.open(f"sqlite+aiosqlite:///{path}")
