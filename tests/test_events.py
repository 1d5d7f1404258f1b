"""Each event of the webhooks goes out, signed, from what visitors of the real service really do."""

from pathlib import Path

import aiohttp
from standardwebhooks.webhooks import Webhook as StandardWebhook

from bot.api import listen
from bot.app import open_service
from bot.settings import Settings, load
from tests.peers.vendor import Call, run_vendor
from tests.test_adapters import SECRET
from tests.waiting import until

EVENTS = ("answered", "unanswered", "handed_over", "feedback")


def subscribed(settings: Settings, folder: Path, url: str) -> Settings:
    """The settings of a service of which one webhook wants to hear everything, and one word goes to the staff."""
    rules = folder / "rules"
    rules.mkdir()
    (rules / "staff.yaml").write_text(
        "category: staff\ntitle: 人工\nin: handoff\nreply: 马上请同事来帮您。\nwords: [转人工]\n", encoding="utf-8"
    )
    file = folder / "events.toml"
    events = ", ".join(f'"{event}"' for event in EVENTS)
    file.write_text(
        f'data = "{settings.data}"\n[server]\nport = 0\n'
        f'[content]\nknowledge = "{settings.content.knowledge}"\nrules = "{rules}"\n'
        f'[channels.crm]\nplatform = "webhook"\nreply_url = "{url}/events"\nevents = [{events}]\n',
        encoding="utf-8",
    )
    return load(file, {"ZHIDA_CRM_SECRETS": SECRET})


def opened(call: Call) -> tuple[str, dict[str, object]]:
    """The type and the data of an event, once the reference library has accepted its signature."""
    event = StandardWebhook(SECRET).verify(call.raw, {name.lower(): value for name, value in call.headers.items()})
    return event["type"], event["data"]


async def test_what_visitors_do_is_told_to_who_subscribed(settings: Settings, tmp_path: Path) -> None:
    """Answered, not answered, handed over, rated: one event each, of the page's visitor, each opinion once."""
    async with run_vendor() as vendor:
        theirs = subscribed(settings, tmp_path, vendor.url)
        async with (
            open_service(theirs) as service,
            listen(service, theirs) as url,
            aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as visitor,
        ):
            for name, text in (("q1", "怎么查物流？"), ("q2", "月亮为什么是圆的？"), ("q3", "我要转人工")):
                async with visitor.post(f"{url}/chat/messages", json={"id": name, "text": text}) as response:
                    await response.read()
            for rating, status in (("bad", 204), ("bad", 204), ("good", 204), ("so-so", 400)):
                async with visitor.post(f"{url}/chat/feedback", json={"id": "q1", "rating": rating}) as response:
                    assert response.status == status
            await until(lambda: len(vendor.calls) >= 5)
        events = [opened(call) for call in vendor.calls]
    answered = dict(events[:3])
    assert [kind for kind, _ in events] == [*EVENTS[:3], "feedback", "feedback"]
    assert [data["question"] for data in answered.values()] == ["怎么查物流？", "月亮为什么是圆的？", "我要转人工"]
    assert answered["handed_over"]["text"] == "马上请同事来帮您。"
    assert [data["rating"] for _, data in events[3:]] == ["bad", "good"]
    assert {str(data["in_reply_to"]) for _, data in events[3:]} == {answered["answered"]["in_reply_to"]}
    assert len({data["user"] for _, data in events}) == 1
