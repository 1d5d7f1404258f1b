"""WeCom applications (企业微信自建应用): encrypted callback in, message/send out.

Source: developer.work.weixin.qq.com. Groups do not reach an application; customer service is wecom_kf.py.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from pydantic import Field, SecretStr

from adapters.markdown import to_plain
from adapters.messages import Kind, Message, Reply
from adapters.options import AesKeys, ChannelOptions, Secrets, reveal
from adapters.payload import id_of, text_of
from adapters.protocol import Adapter, BadPayload, Delivery, Outgoing, Parsed, Request, Response, piece_key
from adapters.splitting import Unit, split
from adapters.wecom_callback import open_callback, probe_callback
from adapters.wxapi import WxApi

_LIMIT = 2048  # bytes; the vendor cuts what is longer
_KINDS = {"image": Kind.IMAGE, "voice": Kind.VOICE, "video": Kind.VIDEO, "location": Kind.LOCATION}


class WecomOptions(ChannelOptions):
    """`[channels.NAME]` with `platform = "wecom"`."""

    platform: Literal["wecom"] = Field(description="Which platform this channel is on.")
    corp_id: str = Field(min_length=1, description="CorpID of the company.")
    agent_id: int = Field(description="AgentID of the application.")
    base_url: str = Field("https://qyapi.weixin.qq.com", description="Address of the vendor's API.")
    token: Secrets = Field(description="Token(s) of the callback.")
    encoding_aes_key: AesKeys = Field(description="EncodingAESKey(s), 43 letters each.")
    app_secret: SecretStr = Field(description="Secret of the application.")


class Wecom(Adapter):
    """One application of one company."""

    platform = "wecom"
    repeatable = False

    def __init__(self, options: WecomOptions) -> None:
        self.account = options.name
        self.vendor = options.base_url
        self._options = options
        self._tokens, self._keys = reveal(options.token), reveal(options.encoding_aes_key)
        credentials = {"corpid": options.corp_id, "corpsecret": options.app_secret.get_secret_value()}
        self._api = WxApi(options.base_url, "/cgi-bin/gettoken", credentials, by_get=True)

    def parse(self, request: Request) -> Parsed:
        opened = open_callback(request, self._tokens, self._keys, self._options.corp_id)
        if isinstance(opened, Response):
            return Parsed(response=opened)
        if opened.get("AgentID", str(self._options.agent_id)) != str(self._options.agent_id):
            raise BadPayload("the message is for another application")
        message = self._message(opened, request.now)
        return Parsed((message,) if message else ())

    def _message(self, values: Mapping[str, str], now: float) -> Message | None:
        user, kind = id_of(values, "FromUserName"), text_of(values, "MsgType")
        if kind == "event" and values.get("Event") not in ("enter_agent", "click"):
            return None
        if kind == "event":
            # Opening the application greets; every event has the user and the second, nothing else, as its identity.
            text = values.get("EventKey", "") if values["Event"] == "click" else ""
            name = f"{user}-{id_of(values, 'CreateTime')}-{values['Event']}"
            mapped = Kind.TEXT if text else Kind.GREETING
        else:
            text = text_of(values, "Content") if kind == "text" else ""
            name, mapped = id_of(values, "MsgId"), Kind.TEXT if kind == "text" else _KINDS.get(kind, Kind.OTHER)
        return Message(
            platform=self.platform,
            account=self.account,
            conversation=user,
            user=user,
            id=name,
            text=text,
            received=datetime.fromtimestamp(now, UTC),
            kind=mapped,
            media=values.get("MediaId", ""),
        )

    def render(self, reply: Reply, message: Message) -> tuple[Outgoing, ...]:
        head = {"touser": message.user, "msgtype": "text", "agentid": self._options.agent_id}
        return tuple(
            Outgoing(piece_key(message, number), message.user, {**head, "text": {"content": piece}})
            for number, piece in enumerate(split(to_plain(reply.footed), _LIMIT, Unit.BYTES))
        )

    async def send(self, outgoing: Outgoing) -> Delivery:
        return await self._api.send("/cgi-bin/message/send", outgoing.payload)

    def probe(self, now: float) -> tuple[Request, bytes] | None:
        return probe_callback(self._tokens, self._keys, self._options.corp_id, now)

    async def check(self) -> tuple[str, ...]:
        return await self._api.check()

    async def close(self) -> None:
        await self._api.close()
