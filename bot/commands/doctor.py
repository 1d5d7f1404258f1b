"""`doctor`: does each configured channel work? Signature, token, clock, and with --url the way in from outside."""

import argparse
import asyncio
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import aiohttp

from adapters.protocol import Adapter, BadPayload, BadSignature, Request
from bot.channels import Channel, open_channels
from bot.commands.parsers import Parsers

_MOST_SKEW = 60.0  # seconds; vendors refuse, and we do, at a few minutes
_TIMEOUT = aiohttp.ClientTimeout(total=10)


def add(parsers: Parsers) -> None:
    parser = parsers.add_parser("doctor", help="do the chat platforms' channels work? 0 all, 1 something is wrong")
    parser.add_argument("--url", help="address of the service as the platforms see it, such as https://bot.example.com")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    channels = open_channels(args.settings.channels)
    if not channels:
        print("no channels are configured; docs/adapters says how")
        return 0
    return asyncio.run(_examine(channels, args.url))


async def _examine(channels: tuple[Channel, ...], url: str | None) -> int:
    """A line for each channel that works, and one for each thing that is wrong."""
    wrong = 0
    for channel in channels:
        problems = [
            *_signature(channel.adapter),
            *await channel.adapter.check(),
            *await _clock(channel.adapter),
            *(await _way_in(channel, url) if url else ()),
        ]
        await channel.adapter.close()
        wrong += len(problems)
        for problem in problems or ["works"]:
            print(f"{channel.name} ({channel.adapter.platform}): {problem}")
    return 1 if wrong else 0


def _signature(adapter: Adapter) -> Iterator[str]:
    """A request we sign ourselves must pass our own check and be answered right."""
    probe = adapter.probe(time.time())
    if probe is None:
        return
    request, expected = probe
    try:
        response = adapter.parse(request).response
    except (BadSignature, BadPayload) as error:
        yield f"the signature round trip fails: {error}"
    else:
        if response.body != expected:
            yield "the signature round trip gives another answer than the vendor expects"


async def _clock(adapter: Adapter) -> list[str]:
    """Compare our clock with the vendor's; a vendor that cannot be reached is told by `check`."""
    if not adapter.vendor:
        return []
    try:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session, session.head(adapter.vendor) as response:
            theirs = parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        return []
    skew = time.time() - theirs
    return [f"this machine's clock is {skew:+.0f} s off the vendor's"] if abs(skew) > _MOST_SKEW else []


async def _way_in(channel: Channel, url: str) -> list[str]:
    """Send the probe to the public address; it must come out at this service and be answered by it."""
    probe = channel.adapter.probe(time.time())
    if probe is None:
        return []
    request, expected = probe
    address = f"{url.rstrip('/')}/channels/{channel.name}{request.tail}"
    try:
        status, body = await _ask(address, request)
    except (aiohttp.ClientError, TimeoutError) as error:
        return [f"{url} cannot be reached: {type(error).__name__}"]
    if body == expected:
        return []
    return [f"{url} answers HTTP {status}: is it this service, with these secrets, and is it started?"]


async def _ask(address: str, request: Request) -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession(timeout=_TIMEOUT) as session,
        session.request(
            request.method, address, params=request.query, headers=request.headers, data=request.body or None
        ) as response,
    ):
        return response.status, await response.content.read(65_536)
