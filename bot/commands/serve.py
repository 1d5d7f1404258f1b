"""`serve`: the service, until it is told to stop."""

import argparse
import asyncio
import signal

from bot import api
from bot.app import open_service
from bot.commands.parsers import Parsers
from bot.memory import settle
from bot.settings import Settings


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("serve", help="run the service")
    parser.add_argument("--host", help="listen on this address instead of server.host")
    parser.add_argument("--port", type=int, help="listen on this port instead of server.port")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    asked = {key: value for key in ("host", "port") if (value := getattr(args, key)) is not None}
    settings: Settings = args.settings
    server = settings.server.model_validate(settings.server.model_dump() | asked)
    asyncio.run(_serve(settings.model_copy(update={"server": server})))
    return 0


async def _serve(settings: Settings) -> None:
    api.require_keys_off_loopback(settings)
    async with (
        open_service(settings) as service,
        api.listen(service, settings, service.delivery.channels.routes()) as url,
    ):
        settle()
        print(f"Zhida 知答 answers at {url} (Ctrl-C stops it)", flush=True)
        await _stopped()


async def _stopped() -> None:
    """Return when the process is asked to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()
