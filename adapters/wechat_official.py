"""WeChat official accounts (公众号): plain, compatible and encrypted callbacks, passive replies, customer-service push.

Source: developers.weixin.qq.com (message encryption, passive replies, custom/send, stable_token).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from pydantic import Field, SecretStr

from adapters.markdown import to_plain
from adapters.messages import Kind, Message, Reply
from adapters.options import AesKeys, ChannelOptions, Secrets, reveal
from adapters.payload import id_of, read_xml, text_of
from adapters.protocol import (
    Adapter,
    BadPayload,
    BadSignature,
    Delivery,
    Outgoing,
    Parsed,
    Passive,
    Request,
    Response,
    piece_key,
)
from adapters.splitting import Unit, split
from adapters.wxapi import WxApi
from adapters.wxcrypto import check_fresh, decrypt, encrypt, sign, verify
from adapters.xml import write_xml

_LIMIT = 2048  # bytes of a text
_CLOCKS_DIFFER = 300.0
_QUOTA = 5  # pushed messages for each message of the user
_KINDS = {
    "image": Kind.IMAGE,
    "voice": Kind.VOICE,
    "video": Kind.VIDEO,
    "shortvideo": Kind.VIDEO,
    "location": Kind.LOCATION,
}


class WechatOfficialOptions(ChannelOptions):
    """`[channels.NAME]` with `platform = "wechat_official"`."""

    platform: Literal["wechat_official"] = Field(description="Which platform this channel is on.")
    app_id: str = Field(min_length=1, description="AppID of the account, `wx…`.")
    original_id: str = Field("", description="Original id `gh_…`; when set, messages for another are refused.")
    mode: Literal["plain", "compatible", "encrypted"] = Field(
        "encrypted", description="Message mode chosen at the vendor; encrypted refuses plain messages."
    )
    verified: bool = Field(False, description="The account may push customer-service messages (认证服务号).")
    base_url: str = Field("https://api.weixin.qq.com", description="Address of the vendor's API.")
    token: Secrets = Field(description="Token(s) of the server configuration.")
    encoding_aes_key: AesKeys = Field((), description="EncodingAESKey(s), 43 letters each.")
    app_secret: SecretStr = Field(SecretStr(""), description="AppSecret; needed to push.")


class WechatOfficial(Adapter):
    """One official account."""

    platform = "wechat_official"
    repeatable = False

    def __init__(self, options: WechatOfficialOptions) -> None:
        self.account = options.name
        self.vendor = options.base_url
        self.passive = Passive(hold=4.3, deadline=4.8, deliveries=3, push=options.verified, room=_LIMIT)
        self.typing = options.verified
        self._options = options
        self._tokens, self._keys = reveal(options.token), reveal(options.encoding_aes_key)
        secret = options.app_secret.get_secret_value()
        credentials = {"grant_type": "client_credential", "appid": options.app_id, "secret": secret}
        self._api = WxApi(options.base_url, "/cgi-bin/stable_token", credentials, by_get=False)

    def parse(self, request: Request) -> Parsed:
        query = request.query
        check_fresh(query.get("timestamp", ""), request.now)
        if request.method == "GET":
            verify(query.get("signature", ""), self._tokens, query["timestamp"], query.get("nonce", ""))
            return Parsed(response=Response(query.get("echostr", "").encode()))
        values = self._open(request)
        if self._options.original_id and values.get("ToUserName") != self._options.original_id:
            raise BadPayload("the message is for another account")
        message = self._message(values, request.now)
        fetch = values.get("bizmsgmenuid", "")
        return Parsed((message,) if message else (), Response(b"success"), fetch=fetch)

    def _open(self, request: Request) -> Mapping[str, str]:
        """The XML inside, verified; the encrypted part decides in compatible mode, which carries both."""
        query = request.query
        stamp, nonce = query["timestamp"], query.get("nonce", "")
        if query.get("encrypt_type", "raw") == "raw":
            if self._options.mode == "encrypted":
                raise BadSignature("a plain message came, encrypted ones are expected")
            verify(query.get("signature", ""), self._tokens, stamp, nonce)
            return read_xml(request.body)
        sealed = text_of(read_xml(request.body), "Encrypt")
        verify(query.get("msg_signature", ""), self._tokens, stamp, nonce, sealed)
        return read_xml(decrypt(sealed, self._keys, self._options.app_id))

    def _message(self, values: Mapping[str, str], now: float) -> Message | None:
        user, kind = id_of(values, "FromUserName"), text_of(values, "MsgType")
        if kind == "event":
            text = {"CLICK": values.get("EventKey", ""), "subscribe": ""}.get(values.get("Event", ""))
            if text is None:
                return None  # unsubscribe, SCAN, LOCATION, VIEW …: nothing that asks for a reply
            name = f"{user}-{id_of(values, 'CreateTime')}-{values['Event']}"
            kinds = Kind.TEXT if text else Kind.GREETING
        else:
            # What was spoken and recognised is a question like any other.
            text = text_of(values, "Content" if kind == "text" else "Recognition", None if kind == "text" else "")
            name, kinds = id_of(values, "MsgId"), Kind.TEXT if text else _KINDS.get(kind, Kind.OTHER)
        return Message(
            platform=self.platform,
            account=self.account,
            conversation=user,
            user=user,
            id=name,
            text=text,
            received=_sent(values, now),
            kind=kinds,
            media=values.get("MediaId", ""),
            context={"account": values.get("ToUserName", "")},
        )

    def pages(self, reply: Reply, room: int) -> tuple[str, ...]:
        return split(to_plain(reply.footed), room, Unit.BYTES)

    def answer(self, text: str, message: Message, request: Request) -> Response:
        """The passive reply: one, because WeChat takes no second."""
        if not text:
            return Response(b"success")
        stamp = str(int(request.now))
        fields = {"ToUserName": message.user, "FromUserName": message.context.get("account", "")}
        xml = write_xml({**fields, "CreateTime": stamp, "MsgType": "text", "Content": text})
        if request.query.get("encrypt_type", "raw") != "raw":
            xml = self._seal(xml, stamp, request.query.get("nonce", ""))
        return Response(xml.encode(), "application/xml")

    def _seal(self, xml: str, stamp: str, nonce: str) -> str:
        sealed = encrypt(xml, self._keys[0], self._options.app_id)
        signature = sign(self._tokens[0], stamp, nonce, sealed)
        return write_xml({"Encrypt": sealed, "MsgSignature": signature, "TimeStamp": stamp, "Nonce": nonce})

    def collect_link(self, message: Message, words: str) -> str:
        """A link that, tapped, sends `words` back to us with the id of the message whose answer is to be collected."""
        menu = f"weixin://bizmsgmenu?msgmenucontent={words}&msgmenuid={message.id}"
        return f'<a href="{menu}">{words}</a>'

    def render(self, reply: Reply, message: Message) -> tuple[Outgoing, ...]:
        pieces = split(to_plain(reply.footed), _LIMIT, Unit.BYTES, _QUOTA)
        return tuple(
            Outgoing(
                piece_key(message, number),
                message.user,
                {"touser": message.user, "msgtype": "text", "text": {"content": piece}},
            )
            for number, piece in enumerate(pieces)
        )

    async def send(self, outgoing: Outgoing) -> Delivery:
        return await self._api.send("/cgi-bin/message/custom/send", outgoing.payload)

    async def type(self, message: Message) -> None:
        await self._api.send("/cgi-bin/message/custom/typing", {"touser": message.user, "command": "Typing"})

    def probe(self, now: float) -> tuple[Request, bytes] | None:
        stamp, nonce = str(int(now)), "zhida"
        query = {"signature": sign(self._tokens[0], stamp, nonce), "timestamp": stamp, "nonce": nonce}
        return Request("GET", {**query, "echostr": "zhida"}, {}, b"", now), b"zhida"

    async def check(self) -> tuple[str, ...]:
        problems = [] if self._tokens else ["token is not set"]
        if self._options.mode != "plain" and not self._keys:
            problems.append("encoding_aes_key is not set, but the mode is not plain")
        return (*problems, *(await self._api.check() if self._options.verified else ()))

    async def close(self) -> None:
        await self._api.close()


def _sent(values: Mapping[str, str], now: float) -> datetime:
    """When WeChat says that it was sent, unless the clocks differ widely."""
    stamp = values.get("CreateTime", "")
    known = stamp.isascii() and stamp.isdigit() and abs(now - int(stamp[:12])) < _CLOCKS_DIFFER
    return datetime.fromtimestamp(int(stamp) if known else now, UTC)
