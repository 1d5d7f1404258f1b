"""The service that the storm kills: three signed webhook channels before an echo, on a ledger in a file.

python -m benchmarks.delivering.child DATABASE PORT REPLY_URL
"""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

import structlog
from aiohttp import web

from bot import phrases
from bot.channel_options import read_channels
from bot.database import Database
from bot.delivery import open_delivery
from bot.metrics import Metrics
from bot.settings import ROOT, Settings
from tests.delivering import Scripted

CHANNELS = ("first", "second", "third")
SECRET = "whsec_c3Rvcm0gb2YgMjAsMDAwIG1lc3NhZ2Vz"  # noqa: S105 - of a benchmark on loopback


def settings_for(database: Path, reply_url: str) -> Settings:
    """Three channels that post their replies to REPLY_URL/NAME."""
    tables = {name: {"platform": "webhook", "reply_url": f"{reply_url}/{name}"} for name in CHANNELS}
    environ: Mapping[str, str] = {f"ZHIDA_{name.upper()}_SECRETS": SECRET for name in CHANNELS}
    channels, problems = read_channels(tables, environ)
    if problems:
        raise SystemExit("\n".join(problems))
    return Settings.model_validate({"data": database.parent, "channels": channels})


async def serve(database: Path, port: int, reply_url: str) -> None:
    """Serve until killed."""
    said = phrases.load(ROOT / "bot/phrases.yaml")
    settings = settings_for(database, reply_url)
    opened = await Database.open(settings.database_url)
    async with open_delivery(Scripted(), lambda: said, Metrics(), opened, settings) as delivery:
        app = web.Application()
        app.add_routes(delivery.channels.routes())
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        print("serving", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
