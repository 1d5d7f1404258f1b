"""WeCom customer service (微信客服): a bell rings by callback, messages are fetched with a cursor, answers sent.

Source: developer.work.weixin.qq.com, kf/sync_msg, kf/send_msg, kf/send_msg_on_event.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import Field, SecretStr

from adapters.http import UpstreamError
from adapters.markdown import to_plain
from adapters.messages import Kind, Message, Reply
from adapters.options import AesKeys, ChannelOptions, Secrets, reveal
from adapters.payload import id_of, object_of, text_of
from adapters.protocol import (
    Adapter,
    BadPayload,
    Cursor,
    Delivery,
    Outgoing,
    Parsed,
    Receive,
    Request,
    Response,
    piece_key,
)
from adapters.splitting import Unit, split
from adapters.wecom_callback import open_callback, probe_callback
from adapters.wxapi import WxApi

_LIMIT = 2048  # bytes
_QUOTA = 5  # answers for each message of the customer
_CUSTOMER, _SYSTEM = 3, 4  # `origin`; 5 is a human servicer, whom we must not answer
_KINDS = {"image": Kind.IMAGE, "voice": Kind.VOICE, "video": Kind.VIDEO, "file": Kind.FILE, "location": Kind.LOCATION}


class WecomKfOptions(ChannelOptions):
    """`[channels.NAME]` with `platform = "wecom_kf"`."""

    platform: Literal["wecom_kf"] = Field(description="Which platform this channel is on.")
    corp_id: str = Field(min_length=1, description="CorpID of the company.")
    open_kfids: tuple[str, ...] = Field((), description="Service accounts to answer for; empty answers for all.")
    poll_seconds: float = Field(60.0, gt=0, description="Seconds between two looks without a bell.")
    base_url: str = Field("https://qyapi.weixin.qq.com", description="Address of the vendor's API.")
    token: Secrets = Field(description="Token(s) of the callback.")
    encoding_aes_key: AesKeys = Field(description="EncodingAESKey(s), 43 letters each.")
    app_secret: SecretStr = Field(description="Secret of customer service.")


class WecomKf(Adapter):
    """All service accounts of one company."""

    platform = "wecom_kf"
    repeatable = True  # msgid
    listening = True

    def __init__(self, options: WecomKfOptions) -> None:
        self.account = options.name
        self.vendor = options.base_url
        self.connected = False
        self._options = options
        self._tokens, self._keys = reveal(options.token), reveal(options.encoding_aes_key)
        credentials = {"corpid": options.corp_id, "corpsecret": options.app_secret.get_secret_value()}
        self._api = WxApi(options.base_url, "/cgi-bin/gettoken", credentials, by_get=True)
        self._bells: dict[str, str] = dict.fromkeys(options.open_kfids, "")  # account -> token of the last bell
        self._rung = asyncio.Event()

    def parse(self, request: Request) -> Parsed:
        opened = open_callback(request, self._tokens, self._keys, self._options.corp_id)
        if isinstance(opened, Response):
            return Parsed(response=opened)
        if opened.get("Event") != "kf_msg_or_event":
            return Parsed()
        kfid = id_of(opened, "OpenKfId")
        if self._options.open_kfids and kfid not in self._options.open_kfids:
            raise BadPayload("the bell is for a service account that is not ours")
        return Parsed(wake=f"{kfid} {opened.get('Token', '')}")

    def wake(self, name: str) -> None:
        kfid, _, token = name.partition(" ")
        self._bells[kfid] = token
        self._rung.set()

    async def listen(self, receive: Receive, cursor: Cursor) -> None:
        while True:
            self._rung.clear()
            try:
                for kfid in tuple(self._bells):  # one after the other: the cursor must not be read twice
                    await self._fetch(kfid, receive, cursor)
                self.connected = True
            except UpstreamError:
                self.connected = False  # told by /readyz; the bell or the next look tries again
            try:
                await asyncio.wait_for(self._rung.wait(), self._options.poll_seconds if self.connected else 2.0)
            except TimeoutError:
                continue

    async def _fetch(self, kfid: str, receive: Receive, cursor: Cursor) -> None:
        more = True
        while more:
            at = await cursor.read(kfid)
            body = {"cursor": at, "token": self._bells[kfid], "limit": 1000, "voice_format": 0, "open_kfid": kfid}
            page = await self._api.call("/cgi-bin/kf/sync_msg", body)
            if page.get("errcode", 0) != 0:
                raise UpstreamError(f"kf/sync_msg: errcode {page.get('errcode')}")
            for item in page.get("msg_list") or ():
                await self._take(item, receive)
            following = str(page.get("next_cursor") or at)
            if following != at:
                await cursor.write(kfid, following)  # after its messages are stored: a crash reads them again
            more = page.get("has_more") == 1 and following != at

    async def _take(self, item: object, receive: Receive) -> None:
        try:
            message = self.read(item)
        except BadPayload:
            return  # one unreadable item must not hold back those behind it
        if message:
            await receive(message)

    def read(self, item: object) -> Message | None:
        """One item of msg_list; None for what asks for no reply."""
        if not isinstance(item, dict):
            raise BadPayload("an item is not an object")
        kind, origin, event = text_of(item, "msgtype"), item.get("origin"), object_of(item, "event")
        welcome = event.get("welcome_code", "") if event.get("event_type") == "enter_session" else ""
        if origin != _CUSTOMER and not (origin == _SYSTEM and welcome):
            return None
        values: dict[str, Any] = {**item, **event} if welcome else item
        user, kfid = id_of(values, "external_userid"), id_of(values, "open_kfid")
        mapped = Kind.TEXT if kind == "text" else Kind.GREETING if welcome else _KINDS.get(kind, Kind.OTHER)
        return Message(
            platform=self.platform,
            account=self.account,
            conversation=f"{kfid}/{user}",
            user=user,
            id=id_of(item, "msgid"),
            text=text_of(object_of(item, "text"), "content") if kind == "text" else "",
            received=datetime.now(UTC),
            kind=mapped,
            media=text_of(object_of(item, kind), "media_id", ""),
            context={"open_kfid": kfid, "welcome_code": str(welcome)},
        )

    def render(self, reply: Reply, message: Message) -> tuple[Outgoing, ...]:
        code = message.context.get("welcome_code", "")
        head: Mapping[str, object] = {"touser": message.user, "open_kfid": message.context["open_kfid"]}
        pieces = split(to_plain(reply.footed), _LIMIT, Unit.BYTES, 1 if code else _QUOTA)
        if code:
            head = {"code": code}
        return tuple(
            Outgoing(key, message.user, {**head, "msgid": key, "msgtype": "text", "text": {"content": piece}})
            for key, piece in ((piece_key(message, number), piece) for number, piece in enumerate(pieces))
        )

    async def send(self, outgoing: Outgoing) -> Delivery:
        path = "send_msg_on_event" if "code" in outgoing.payload else "send_msg"
        return await self._api.send(f"/cgi-bin/kf/{path}", outgoing.payload)

    def probe(self, now: float) -> tuple[Request, bytes] | None:
        return probe_callback(self._tokens, self._keys, self._options.corp_id, now)

    async def check(self) -> tuple[str, ...]:
        return await self._api.check()

    async def close(self) -> None:
        await self._api.close()
