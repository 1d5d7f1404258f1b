"""WeCom AI robots (企业微信智能机器人) by webhook: an encrypted callback, then WeCom asks for the text as it grows.

Each question is answered at once by an empty bubble; WeCom asks for it again and again, up to six minutes. An answer
for which it no longer asks goes out by the message's own address, once. Source: developer.work.weixin.qq.com.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field

from adapters.http import JsonApi, UpstreamError
from adapters.messages import Kind, Message, Reply
from adapters.options import AesKeys, ChannelOptions, Secrets, reveal
from adapters.payload import id_of, object_of, read_json, text_of
from adapters.protocol import Adapter, Delivery, Outcome, Outgoing, Parsed, Request, Response, piece_key
from adapters.splitting import Unit, split
from adapters.wecom_callback import probe_callback
from adapters.wecom_robot import MOST_BYTES, Robot
from adapters.wxcrypto import check_fresh, decrypt, encrypt, sign, verify

_ASKED_SECONDS = 10.0  # WeCom asks about once a second
_REMEMBERED = 10_000
_NOBODY = ""  # robots have no receiver id


class WecomAibotWebhookOptions(ChannelOptions):
    """`[channels.NAME]` with `platform = "wecom_aibot_webhook"`."""

    platform: Literal["wecom_aibot_webhook"] = Field(description="Which platform this channel is on.")
    bot_name: str = Field("", description="Its name, as groups mention it.")
    base_url: str = Field(
        "https://qyapi.weixin.qq.com", description="Address of the vendor's API; late answers go nowhere else."
    )
    asked_seconds: float = Field(
        _ASKED_SECONDS, gt=0, description="Seconds to wait until WeCom asks for a finished answer."
    )
    token: Secrets = Field(description="Token(s) of the callback.")
    encoding_aes_key: AesKeys = Field(description="EncodingAESKey(s) of the callback, 43 letters each.")


@dataclass(eq=False, slots=True)
class _Bubble:
    """The text so far of one answer; `fetched` once WeCom has taken it whole."""

    text: str = ""
    finished: bool = False
    fetched: asyncio.Event = field(default_factory=asyncio.Event)


class WecomAibotWebhook(Adapter):
    """One robot."""

    platform = "wecom_aibot_webhook"
    repeatable = False
    streaming = True

    def __init__(self, options: WecomAibotWebhookOptions) -> None:
        self.account = options.name
        self.vendor = options.base_url
        self._options = options
        self._robot = Robot(self.platform, options.name, options.bot_name)
        self._tokens, self._keys = reveal(options.token), reveal(options.encoding_aes_key)
        self._api = JsonApi(options.base_url)
        self._bubbles: OrderedDict[str, _Bubble] = OrderedDict()

    def parse(self, request: Request) -> Parsed:
        query = request.query
        stamp, nonce, checking = query.get("timestamp", ""), query.get("nonce", ""), request.method == "GET"
        check_fresh(stamp, request.now)
        sealed = query.get("echostr", "") if checking else text_of(read_json(request.body), "encrypt")
        verify(query.get("msg_signature", ""), self._tokens, stamp, nonce, sealed)
        text = decrypt(sealed, self._keys, _NOBODY)
        if checking:
            return Parsed(response=Response(text.encode()))
        body = read_json(text.encode())
        if body.get("msgtype") == "stream":
            return Parsed(response=self._show(id_of(object_of(body, "stream"), "id"), stamp, nonce))
        message = self._robot.read(body, {"late": self._late(body)})
        if message is None or message.kind is Kind.GREETING:  # would have to be answered within the request
            return Parsed()
        return Parsed((message,), self._show(piece_key(message, 0), stamp, nonce))

    def _late(self, body: Mapping[str, Any]) -> str:
        """Where an answer may still go when nobody asks for it any more: a path of the vendor's, of nobody else's."""
        address = text_of(body, "response_url", "")
        base = self._options.base_url.rstrip("/") + "/"
        return address[len(base) - 1 :] if address.startswith(base) else ""

    def _show(self, name: str, stamp: str, nonce: str) -> Response:
        """The bubble as it is; one that nobody knows, after a restart, is still being filled."""
        bubble = self._bubbles.get(name, _Bubble())
        if bubble.finished:
            bubble.fetched.set()
        stream = {"id": name, "finish": bubble.finished, "content": bubble.text}
        sealed = encrypt(
            json.dumps({"msgtype": "stream", "stream": stream}, ensure_ascii=False), self._keys[0], _NOBODY
        )
        signature = sign(self._tokens[0], stamp, nonce, sealed)
        body = {"encrypt": sealed, "msgsignature": signature, "timestamp": stamp, "nonce": nonce}
        return Response(json.dumps(body).encode(), "application/json")

    def render(self, reply: Reply, message: Message) -> tuple[Outgoing, ...]:
        """One bubble: a robot has no second one for the same question."""
        key, late = piece_key(message, 0), message.context.get("late", "")
        pieces = split(reply.footed, MOST_BYTES, Unit.BYTES, 1)
        return tuple(Outgoing(key, message.group or message.user, {"content": text, "late": late}) for text in pieces)

    async def show(self, message: Message, text: str) -> None:
        self._bubble(piece_key(message, 0)).text = split(text, MOST_BYTES, Unit.BYTES, 1)[0]

    async def send(self, outgoing: Outgoing) -> Delivery:
        bubble = self._bubble(outgoing.key)
        bubble.text, bubble.finished = str(outgoing.payload["content"]), True
        try:
            await asyncio.wait_for(bubble.fetched.wait(), self._options.asked_seconds)
        except TimeoutError:
            return await self._send_late(bubble, str(outgoing.payload["late"]))
        return Delivery(Outcome.SENT)

    async def _send_late(self, bubble: _Bubble, path: str) -> Delivery:
        if not path:
            return Delivery(Outcome.FAILED, "nobody asked for the answer, and the message named no address for it")
        text, bubble.text = bubble.text, ""  # who asks now must not show it too
        try:
            answer = await self._api.post(path, {"msgtype": "markdown", "markdown": {"content": text}})
        except UpstreamError as error:
            return error.as_delivery()
        code = answer.get("errcode", 0)
        return Delivery(Outcome.SENT) if code == 0 else Delivery(Outcome.FAILED, f"errcode {code}")

    def _bubble(self, name: str) -> _Bubble:
        bubble = self._bubbles.setdefault(name, _Bubble())
        if len(self._bubbles) > _REMEMBERED:
            self._bubbles.popitem(last=False)
        return bubble

    def probe(self, now: float) -> tuple[Request, bytes] | None:
        return probe_callback(self._tokens, self._keys, _NOBODY, now)

    async def check(self) -> tuple[str, ...]:
        """Nothing but the callback can be asked without a question of a user."""
        return ()

    async def close(self) -> None:
        await self._api.close()
