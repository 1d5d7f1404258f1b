"""The service that the benchmarks kill and stop: channels before an echo, on a ledger in a file.

python -m benchmarks.delivering.child PORT CHANNELS, where CHANNELS is JSON: {"data": FOLDER, "slow": SECONDS,
"channels": {NAME: TABLE}, "environ": {…}}; an answer takes 1 to SECONDS seconds, none when that is 0.
"""

import asyncio
import json
import random
import signal
import sys
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from adapters.messages import Message
from bot import phrases
from bot.channel_options import read_channels
from bot.database import Database
from bot.delivery import open_delivery
from bot.metrics import Metrics
from bot.settings import ROOT, Settings
from tests.delivering import Scripted


class Child:
    """That service as another process sees it."""

    def __init__(self, port: int, folder: Path, channels: object, environ: object, slow: float = 0.0) -> None:
        self._command = json.dumps({"data": str(folder), "slow": slow, "channels": channels, "environ": environ})
        self._port = port
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Returns when it serves."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.delivering.child", str(self._port), self._command),
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        if await self._process.stdout.readline() != b"serving\n":
            raise SystemExit("the service did not start")

    async def kill(self) -> None:
        """At once, without a word."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def stop(self, seconds: float) -> None:
        """Let it stand still for so long."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)


def _settings(asked: Any) -> Settings:
    channels, problems = read_channels(asked["channels"], asked["environ"])
    if problems:
        raise SystemExit("\n".join(problems))
    return Settings.model_validate({"data": asked["data"], "channels": channels})


async def serve(port: int, asked: Any) -> None:
    """Serve until killed."""

    def seconds(message: Message) -> float:
        return random.Random(message.text).uniform(1.0, asked["slow"]) if asked["slow"] else 0.0

    said = phrases.load(ROOT / "bot/phrases.yaml")
    settings = _settings(asked)
    opened = await Database.open(settings.database_url)
    async with open_delivery(Scripted(seconds), lambda: said, Metrics(), opened, settings) as delivery:
        app = web.Application()
        app.add_routes(delivery.channels.routes())
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        print("serving", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    asyncio.run(serve(int(sys.argv[1]), json.loads(sys.argv[2])))
