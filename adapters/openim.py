"""OpenIM (open-im-server 3.x): webhooks in, REST out. The server signs nothing and ignores HTTP statuses.

The address therefore ends in a secret, which the app takes from the path. Source: open-im-server, pkg/callbackstruct.
"""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import Field, SecretStr

from adapters.http import JsonApi, Token, UpstreamError
from adapters.markdown import to_plain
from adapters.mentions import strip_mention
from adapters.messages import Kind, Message, Reply
from adapters.options import ChannelOptions, Secrets, reveal
from adapters.payload import id_of, list_of, number_of, object_of, read_json, text_of
from adapters.protocol import (
    Adapter,
    Delivery,
    Outcome,
    Outgoing,
    Parsed,
    Request,
    Response,
    check_path,
    piece_key,
)
from adapters.splitting import Unit, split

_GROUP, _FROM_REST, _ADMIN = 3, 200, 10
_LIMIT = 4000  # characters; the server takes more, clients become slow
_OK = Response(
    json.dumps({"actionCode": 0, "errCode": 0, "errMsg": "", "errDlt": "", "nextCode": 0}).encode(), "application/json"
)
_COMMANDS = ("callbackAfterSendSingleMsgCommand", "callbackAfterSendGroupMsgCommand")
_KINDS = {102: Kind.IMAGE, 103: Kind.VOICE, 104: Kind.VIDEO, 105: Kind.FILE, 109: Kind.LOCATION}
_TEXTS = (101, 106, 114, 117, 118)
_AT_ALL = "AtAllTag"


class OpenImOptions(ChannelOptions):
    """`[channels.NAME]` with `platform = "openim"`."""

    platform: Literal["openim"] = Field(description="Which platform this channel is on.")
    base_url: str = Field("http://127.0.0.1:10002", description="Address of the server's REST API.")
    admin: str = Field("imAdmin", description="User id of the app manager whose token sends.")
    bot: str = Field(min_length=1, description="User id of the robot account; it is made if it does not exist.")
    bot_name: str = Field("", description="Name shown with its messages.")
    secret: SecretStr = Field(description="The server's secret (share.yml).")
    path_secret: Secrets = Field(description="Last part(s) of the callback address: 16 letters or more.")


class OpenIm(Adapter):
    """One robot account on one server."""

    platform = "openim"
    repeatable = False  # a repeat after a lost answer is shown twice

    def __init__(self, options: OpenImOptions) -> None:
        self.account = options.name
        self.vendor = options.base_url
        self._options = options
        self._paths = reveal(options.path_secret)
        self._api = JsonApi(options.base_url)
        self._token = Token(self._fetch_token)

    def parse(self, request: Request) -> Parsed:
        check_path(request.tail, self._paths)
        values = read_json(request.body)
        if values.get("callbackCommand") not in _COMMANDS or not self._is_for_us(values):
            return Parsed(response=_OK)
        return Parsed((self._message(values, request.now),), _OK)

    def _is_for_us(self, values: Mapping[str, Any]) -> bool:
        """Our own answers come back by the same callback: they end here."""
        if values.get("sendID") == self._options.bot or values.get("msgFrom") == _FROM_REST:
            return False
        return values.get("sessionType") == _GROUP or values.get("recvID") == self._options.bot

    def _message(self, values: Mapping[str, Any], now: float) -> Message:
        user, kind = id_of(values, "sendID"), number_of(values, "contentType")
        group = id_of(values, "groupID") if values.get("sessionType") == _GROUP else ""
        content = _content(text_of(values, "content", ""))
        at = [*list_of(values, "atUserList"), *list_of(content, "atUserList")]
        text = text_of(content, "content", "") or text_of(content, "text", "") if kind in _TEXTS else ""
        quoted = _content(text_of(object_of(content, "quoteMessage"), "content", ""))
        return Message(
            platform=self.platform,
            account=self.account,
            conversation=f"{group}/{user}" if group else user,
            user=user,
            # A resend by the client keeps clientMsgID and gets a new serverMsgID.
            id=f"{user}-{id_of(values, 'clientMsgID' if values.get('clientMsgID') else 'serverMsgID')}",
            text=self._strip_mention(text, content),
            received=datetime.fromtimestamp(now, UTC),
            kind=Kind.TEXT if kind in _TEXTS else _KINDS.get(kind, Kind.OTHER),
            group=group,
            mentioned=self._options.bot in at or _AT_ALL in at,
            user_name=text_of(values, "senderNickname", ""),
            quote=text_of(quoted, "content", "") or text_of(quoted, "text", ""),
            media=_media(content),
        )

    def _strip_mention(self, text: str, content: Mapping[str, Any]) -> str:
        infos = list_of(content, "atUsersInfo")
        ours = [info for info in infos if isinstance(info, dict) and info.get("atUserID") == self._options.bot]
        nicknames = [str(info.get("groupNickname", "")) for info in ours]
        return strip_mention(text, (self._options.bot, self._options.bot_name, *nicknames))

    def render(self, reply: Reply, message: Message) -> tuple[Outgoing, ...]:
        target = (
            {"groupID": message.group, "sessionType": _GROUP}
            if message.group
            else {"recvID": message.user, "sessionType": 1}
        )
        head = {
            "sendID": self._options.bot,
            "senderNickname": self._options.bot_name,
            "senderPlatformID": _ADMIN,
            "contentType": 101,
            "isOnlineOnly": False,
            "notOfflinePush": False,
            **target,
        }
        pieces = split(to_plain(reply.footed), _LIMIT, Unit.CHARS)
        return tuple(
            Outgoing(
                key, message.group or message.user, {**head, "content": {"content": piece}, "ex": _ex(key, message)}
            )
            for key, piece in ((piece_key(message, number), piece) for number, piece in enumerate(pieces))
        )

    async def send(self, outgoing: Outgoing) -> Delivery:
        try:
            answer = await self._call("/msg/send_msg", outgoing.payload, outgoing.key)
        except UpstreamError as error:
            return error.as_delivery()
        code = answer.get("errCode", 0)
        if code == 0:
            return Delivery(Outcome.SENT)
        detail = f"errCode {code}: {str(answer.get('errMsg', ''))[:120]}"
        return Delivery(Outcome.RETRY if code in (90004, 500) or _token_refused(code) else Outcome.FAILED, detail, 2.0)

    async def _call(self, path: str, body: Mapping[str, object], trace: str) -> dict[str, Any]:
        token = await self._token.get()
        answer = await self._api.post(path, body, {"operationID": trace, "token": token})
        if _token_refused(answer.get("errCode", 0)):
            self._token.drop(token)
            answer = await self._api.post(path, body, {"operationID": trace, "token": await self._token.get()})
        return answer

    async def _fetch_token(self) -> tuple[str, float]:
        body = {"secret": self._options.secret.get_secret_value(), "userID": self._options.admin}
        answer = await self._api.post("/auth/get_admin_token", body, {"operationID": str(time.time_ns())})
        data = answer.get("data") or {}
        if answer.get("errCode", 0) != 0 or not isinstance(data.get("token"), str):
            raise UpstreamError(f"no token: errCode {answer.get('errCode')}: {str(answer.get('errMsg', ''))[:120]}")
        return data["token"], float(data.get("expireTimeSeconds", 600))

    def probe(self, now: float) -> tuple[Request, bytes] | None:
        tail = f"/{self._paths[0]}/callbackZhidaProbe"
        return Request("POST", {}, {}, b'{"callbackCommand": "callbackZhidaProbe"}', now, tail), _OK.body

    async def check(self) -> tuple[str, ...]:
        """Also makes the robot account when the server does not know it yet."""
        trace = str(time.time_ns())
        try:
            found = await self._call("/user/get_users_info", {"userIDs": [self._options.bot]}, trace)
            if (found.get("data") or {}).get("usersInfo"):
                return ()
            account = {
                "userID": self._options.bot,
                "nickName": self._options.bot_name,
                "faceURL": "",
                "appMangerLevel": 4,
            }
            made = await self._call("/user/add_notification_account", account, trace)
        except UpstreamError as error:
            return (str(error),)
        return () if made.get("errCode", 0) == 0 else (f"robot account: errCode {made.get('errCode')}",)

    async def close(self) -> None:
        await self._api.close()


def _content(text: str) -> Mapping[str, Any]:
    """The content of a message: JSON in a string as the server sends it, or bare text as its documents show."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {"content": text}
    return value if isinstance(value, dict) else {"content": text}


def _media(content: Mapping[str, Any]) -> str:
    picture = content.get("sourcePicture")
    address = picture.get("url") if isinstance(picture, dict) else content.get("sourceUrl") or content.get("videoUrl")
    return address if isinstance(address, str) else ""


def _ex(key: str, message: Message) -> str:
    return json.dumps({"key": key, "replyTo": message.id})


def _token_refused(code: object) -> bool:
    return isinstance(code, int) and 1501 <= code <= 1507
