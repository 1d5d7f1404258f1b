"""WeCom customer service: a bell, then messages by cursor; read twice after a crash, answered once."""

from itertools import count
from pathlib import Path
from typing import Any

from adapters.xml import write_xml
from tests.delivering import Scripted, said
from tests.peers.vendor import Call, run_vendor
from tests.test_adapters import AES_KEY, CORP, TOKEN, WX_TOKEN, seal_xml
from tests.test_channels import open_one, running_channels
from tests.waiting import until


class Desk:
    """kf/sync_msg and kf/send_msg: pages of two, a cursor, and sends that drop a known msgid."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.sent: dict[str, tuple[str, str]] = {}
        self._numbers = count()

    def write(self, text: str, user: str = "wm1", origin: int = 3) -> None:
        """A message arrives at the vendor's."""
        item = {"msgid": f"kf{next(self._numbers)}", "open_kfid": "wkABC", "external_userid": user, "send_time": 1}
        self.items.append({**item, "origin": origin, "msgtype": "text", "text": {"content": text}})

    def sync(self, call: Call) -> dict[str, Any]:
        """A page after the cursor."""
        at = int(call.json["cursor"] or 0)
        page = self.items[at : at + 2]
        more = int(at + 2 < len(self.items))
        return {"errcode": 0, "next_cursor": str(at + len(page)), "has_more": more, "msg_list": page}

    def send(self, call: Call) -> dict[str, Any]:
        """Keep it by its key."""
        self.sent.setdefault(call.json["msgid"], (call.json.get("touser", "code"), call.json["text"]["content"]))
        return {"errcode": 0, "msgid": call.json["msgid"]}


async def test_bells_pages_and_the_cursor_over_a_restart(tmp_path: Path) -> None:
    """Five customers' messages in three pages, servicers' and system's left alone; after a restart only what is new."""
    desk = Desk()
    for number in range(5):
        desk.write(f"第{number}个问题怎么办？", f"wm{number}")
    desk.write("人工客服说的", "wm0", origin=5)
    desk.items.append({"msgid": None, "origin": 3})
    secrets = {"token": TOKEN, "encoding_aes_key": AES_KEY, "app_secret": "s"}
    routes: dict[str, Any] = {
        "cgi-bin__gettoken": WX_TOKEN,
        "cgi-bin__kf__sync_msg": desk.sync,
        "cgi-bin__kf__send_msg": desk.send,
    }
    async with run_vendor(**routes, **{"cgi-bin__kf__send_msg_on_event": desk.send}) as vendor:
        table: dict[str, object] = {"corp_id": CORP, "base_url": vendor.url}
        channel = open_one("wecom_kf", secrets, **table)
        bell = write_xml({"MsgType": "event", "Event": "kf_msg_or_event", "Token": "T", "OpenKfId": "wkABC"})
        async with running_channels(tmp_path, Scripted(), channel) as (_, core):
            parsed = channel.adapter.parse(seal_xml(bell, CORP, 1_763_800_000.0))
            channel.adapter.wake(parsed.wake)
            await until(lambda: len(desk.sent) == 5)
            await core.settle()
        assert sorted(desk.sent.values()) == [(f"wm{n}", f"re: 第{n}个问题怎么办？") for n in range(5)]

        desk.write("后来的问题怎么办？")
        desk.items.append({
            "msgid": "ev1", "origin": 4, "msgtype": "event",
            "event": {"event_type": "enter_session", "open_kfid": "wkABC", "external_userid": "w", "welcome_code": "C"},
        })  # fmt: skip
        answerer, channel = Scripted(), open_one("wecom_kf", secrets, **table, open_kfids=["wkABC"])
        async with running_channels(tmp_path, answerer, channel) as (_, core):
            await until(lambda: len(desk.sent) == 7)
        assert answerer.asked == ["后来的问题怎么办？"]
        assert ("code", said().say("greeting", "zh")) in desk.sent.values()
        (welcome,) = vendor.bodies("/cgi-bin/kf/send_msg_on_event")
        assert welcome["code"] == "C"
