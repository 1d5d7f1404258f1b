"""Nasty strings through every way in over HTTP, into the real service."""

import json
from pathlib import Path

from benchmarks.garbage import WAYS, failures, feed
from bot.api import listen
from bot.app import open_service
from bot.settings import LimitSettings, ServerSettings, Settings

NASTY = Path(__file__).with_name("data") / "nasty.json"


def nasty_strings() -> list[str]:
    """Strings that broke somebody once; the long ones are kept as a piece and how often it is repeated."""
    rows = json.loads(NASTY.read_text(encoding="utf-8"))
    return [row if isinstance(row, str) else row["repeat"] * row["times"] for row in rows]


async def test_every_nasty_string_is_answered_or_refused(settings: Settings) -> None:
    """No way in fails, each refusal is a 400, 404 or 413, and what was answered is remembered whole."""
    strings = nasty_strings()
    assert len(strings) >= 60
    server = ServerSettings(port=0, requests_per_minute=1e9, burst=1_000_000)
    settings = settings.model_copy(update={"server": server, "limits": LimitSettings.off()})
    async with open_service(settings) as service, listen(service, settings) as url:
        outcomes = await feed(url, strings)
        assert not list(failures(outcomes, service.phrases))
        remembered = await service.turns("api/local/garbage", 1000)
    assert len(outcomes) == len(strings) * len(WAYS)
    assert {outcome.status for outcome in outcomes} <= {200, 400, 404, 413}
    answered = [outcome for outcome in outcomes if outcome.way == "POST /api/messages" and outcome.status == 200]
    assert [(turn.question, turn.answer) for turn in remembered] == [(each.string, each.told) for each in answered]
    assert len(answered) >= 60
