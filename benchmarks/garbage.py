"""Feed every string of the Big List of Naughty Strings through every way in over HTTP.

Each must get an answer or a clear refusal: no 5xx, no apology for a failure inside, nothing stored half.
    python -m benchmarks.garbage
"""

import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from aiohttp import ClientSession

from benchmarks.data import find, show
from bot import log
from bot.api import listen
from bot.app import open_service
from bot.phrases import Phrases
from bot.settings import LimitSettings, LogSettings, ServerSettings, Settings


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one string got on one way in: the status, and the text of the answer or the code of the refusal."""

    way: str
    string: str
    status: int
    told: str


Answer = tuple[int, str]


async def message(session: ClientSession, string: str) -> Answer:
    async with session.post("/api/messages", json={"text": string, "user": "garbage"}) as response:
        document = await response.json()
        return response.status, document["text"] if response.ok else document["error"]["code"]


async def ids(session: ClientSession, string: str) -> Answer:
    """The string as the name of user, conversation and message."""
    named = {"text": "你好", "user": string, "conversation": string, "id": string}
    async with session.post("/api/messages", json=named) as response:
        document = await response.json()
        return response.status, document["text"] if response.ok else document["error"]["code"]


async def field(session: ClientSession, string: str) -> Answer:
    """The string as the name of a field that nobody knows."""
    async with session.post("/api/messages", json={"text": "你好", "user": "u", f"{string}?": 1}) as response:
        return response.status, (await response.json())["error"]["code"]


async def completion(session: ClientSession, string: str) -> Answer:
    asked = {"messages": [{"role": "user", "content": string}]}
    async with session.post("/v1/chat/completions", json=asked) as response:
        document = await response.json()
        said = document["choices"][0]["message"]["content"] if response.ok else document["error"]["code"]
        return response.status, said


async def stream(session: ClientSession, string: str) -> Answer:
    asked = {"messages": [{"role": "user", "content": string}], "stream": True}
    async with session.post("/v1/chat/completions", json=asked) as response:
        if not response.ok:
            return response.status, (await response.json())["error"]["code"]
        events = [event.removeprefix("data: ") for event in (await response.text()).split("\n\n")]
        deltas = [json.loads(event)["choices"][0]["delta"] for event in events if event.startswith("{")]
        return response.status, "".join(delta.get("content", "") for delta in deltas)


async def page(session: ClientSession, string: str) -> Answer:
    async with session.post("/chat/messages", json={"text": string}) as response:
        if not response.ok:
            return response.status, (await response.json())["error"]["code"]
        last = (await response.text()).split("\n\n")[-2]
        return response.status, json.loads(last.removeprefix("data: "))["reply"]["text"]


async def erasure(session: ClientSession, string: str) -> Answer:
    async with session.delete(f"/api/users/{quote(string, safe='')}") as response:
        if response.content_type == "text/plain":  # the line was too long to be HTTP
            return response.status, await response.text()
        document = await response.json()
        return response.status, "erased" if response.ok else document["error"]["code"]


WAYS: dict[str, Callable[[ClientSession, str], Awaitable[Answer]]] = {
    "POST /api/messages": message,
    "ids of /api/messages": ids,
    "field of /api/messages": field,
    "/v1, plain": completion,
    "/v1, streamed": stream,
    "chat page": page,
    "DELETE /api/users": erasure,
}


async def feed(url: str, strings: Iterable[str]) -> list[Outcome]:
    """Send every string through every way in, one after the other."""
    async with ClientSession(url) as session:
        return [Outcome(way, string, *await send(session, string)) for string in strings for way, send in WAYS.items()]


def failures(outcomes: Iterable[Outcome], phrases: Phrases) -> Iterator[Outcome]:
    """The outcomes that must not be: a 5xx, silence, or the apology for a failure inside."""
    apologies = {said["apology"] for said in phrases.by_language.values()}
    for outcome in outcomes:
        if outcome.status >= 500 or not outcome.told or outcome.told in apologies:
            yield outcome


async def run(strings: list[str], folder: Path) -> int:
    server = ServerSettings(port=0, requests_per_minute=1e9, burst=1_000_000)
    settings = Settings(data=folder, server=server, limits=LimitSettings.off())
    async with open_service(settings) as service, listen(service, settings) as url:
        outcomes = await feed(url, strings)
        failed = list(failures(outcomes, service.phrases))
    counts = Counter((outcome.way, outcome.status) for outcome in outcomes)
    show("Answers", [{"way in": way, "status": status, "strings": n} for (way, status), n in sorted(counts.items())])
    for outcome in failed:
        print(f"FAILED {outcome.way}: {outcome.status} {outcome.told!r} for {outcome.string[:80]!r}")
    return 1 if failed else 0


def main() -> int:
    log.configure(LogSettings(level="WARNING"))
    strings = json.loads(find("F_garbage_blns/blns.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(run(strings, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
