"""The real npm Wechaty gateway as a process of its own, steered and overheard by a test."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.servers import free_port
from tests.waiting import until

NODE = Path(__file__).parent / "node"
TOKEN = "gateway-token"


def install_node_modules() -> Path:
    """`npm ci` when the lock file is newer than what is installed; the folder node_modules."""
    modules, lock = NODE / "node_modules", NODE / "package-lock.json"
    stamp = modules / ".package-lock.json"
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        npm = shutil.which("npm")
        assert npm, "the tests need npm"
        subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=NODE, check=True, stdout=subprocess.DEVNULL
        )
        stamp.touch()
    return modules


class Gateway:
    """One gateway; `facts` are the lines it printed. It keeps its ports over a restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port, self._control = free_port(), free_port()
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self.facts: list[dict[str, Any]] = []
        self.endpoint = f"127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Start it; returns when it listens."""
        environment = {**os.environ, "TMPDIR": str(self._folder)}
        self._process = await asyncio.create_subprocess_exec(
            "node",
            "gateway.mjs",
            str(self._port),
            str(self._control),
            TOKEN,
            cwd=NODE,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        already = len([fact for fact in self.facts if "listening" in fact])
        self._reader = asyncio.create_task(self._read(self._process))
        await until(lambda: len([fact for fact in self.facts if "listening" in fact]) > already)

    async def kill(self) -> None:
        """SIGKILL, as a machine that is switched off."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            await self._process.wait()
        if self._reader is not None:
            await self._reader

    def freeze(self, *, frozen: bool) -> None:
        """SIGSTOP or SIGCONT: the connection stands, nobody is there."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    async def tell(self, what: str, **values: object) -> None:
        """Let something happen in the mocked world."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{self._control}/{what}", json=values) as response,
        ):
            assert response.status == 200, await response.text()

    def sent(self, to: str | None = None) -> list[str]:
        """What the bot had sent, in order."""
        return [fact["sent"] for fact in self.facts if "sent" in fact and to in (None, fact["to"])]

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            if line.startswith(b"{"):
                self.facts.append(json.loads(line))


@asynccontextmanager
async def run_gateway(folder: Path) -> AsyncIterator[Gateway]:
    """A running gateway, killed at the end."""
    install_node_modules()
    gateway = Gateway(folder)
    await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.kill()
