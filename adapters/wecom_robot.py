"""What WeCom's AI robots deliver, by the long connection and by webhook alike: one JSON body, read into a Message.

Source: developer.work.weixin.qq.com, receiving messages of AI robots.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.mentions import strip_mention
from adapters.messages import Kind, Message
from adapters.payload import id_of, object_of, text_of

MOST_BYTES = 20_000  # of a bubble; the vendor takes 20,480
_KINDS = {"image": Kind.IMAGE, "voice": Kind.VOICE, "video": Kind.VIDEO, "file": Kind.FILE}


@dataclass(frozen=True, slots=True)
class Robot:
    """One robot as a channel; `name` is what groups mention."""

    platform: str
    account: str
    name: str

    def read(self, body: Mapping[str, Any], context: Mapping[str, str]) -> Message | None:
        """The message in a callback's body; None for an event that asks for no reply. Raises BadPayload."""
        user = id_of(object_of(body, "from"), "userid")
        group = text_of(body, "chatid", "") if body.get("chattype") == "group" else ""
        kind = text_of(body, "msgtype", "event")
        if kind == "event" and object_of(body, "event").get("eventtype") != "enter_chat":
            return None
        text = text_of(object_of(body, "text"), "content", "") or text_of(object_of(body, "voice"), "content", "")
        mapped = Kind.GREETING if kind == "event" else Kind.TEXT if text else _KINDS.get(kind, Kind.OTHER)
        return Message(
            platform=self.platform,
            account=self.account,
            conversation=f"{group}/{user}" if group else user,
            user=user,
            id=id_of(body, "msgid"),
            text=strip_mention(text, (self.name,)),
            received=datetime.now(UTC),
            kind=mapped,
            group=group,
            mentioned=bool(group),  # the vendor delivers only what addresses the robot
            quote=text_of(object_of(object_of(body, "quote"), "text"), "content", ""),
            media=text_of(object_of(body, kind), "url", ""),
            context=context,
        )
