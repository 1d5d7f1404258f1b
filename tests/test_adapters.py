"""The contract of chat platforms, kept by each of them."""

import base64
import json
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest

from adapters import ADAPTERS, open_adapter
from adapters.messages import Reply, Source
from adapters.openim import OpenIm, OpenImOptions
from adapters.protocol import Adapter, Outcome, Request
from adapters.webhook import Webhook, WebhookOptions, sign
from adapters.wechat_official import WechatOfficial, WechatOfficialOptions
from adapters.wechaty import Wechaty, WechatyOptions
from adapters.wecom import Wecom, WecomOptions
from adapters.wecom_aibot import WecomAibot, WecomAibotOptions
from adapters.wecom_aibot_webhook import WecomAibotWebhook, WecomAibotWebhookOptions
from adapters.wecom_kf import WecomKf, WecomKfOptions
from adapters.wxcrypto import encrypt
from adapters.wxcrypto import sign as wx_sign
from adapters.xml import write_xml
from bot.settings import ROOT
from tests.contracts import NOW, AdapterContract, CallbackContract, SendContract
from tests.peers.vendor import Vendor, run_vendor

TOKEN, AES_KEY, CORP = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"
SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes ...").decode()
WX_TOKEN = {"access_token": "T", "expires_in": 7200, "errcode": 0}


def seal_xml(body: str, receiver: str, now: float) -> Request:
    """What WeChat or WeCom makes of an XML text: encrypted, signed, addressed."""
    sealed = encrypt(body, AES_KEY, receiver)
    stamp, nonce = str(int(now)), "263014780"
    signature = wx_sign(TOKEN, stamp, nonce, sealed)
    query = {"msg_signature": signature, "timestamp": stamp, "nonce": nonce, "encrypt_type": "aes"}
    return Request("POST", query, {}, write_xml({"ToUserName": "x", "Encrypt": sealed}).encode(), now)


def forge_query(request: Request) -> Request:
    """The same request under a signature of another token."""
    return replace(request, query={**request.query, "msg_signature": "0" * 40, "signature": "0" * 40})


class TestWebhook(CallbackContract, SendContract):
    """Any system that signs."""

    platform, path = "webhook", "/"

    def make(self, url: str = "http://127.0.0.1:1") -> Adapter:
        """With one secret."""
        return Webhook(
            WebhookOptions.model_validate(
                {"platform": "webhook", "name": "shop", "reply_url": f"{url}/", "secrets": SECRET}
            )
        )

    def texts(self, adapter: Adapter, reply: str) -> list[str]:
        """Never split: the receiver is a program."""
        return [reply.encode("utf-8", "replace").decode()]

    def seal(self, body: str, now: float = NOW) -> Request:
        """Signed by the specification."""
        raw, key = body.encode("utf-8", "surrogatepass"), base64.b64decode(SECRET.removeprefix("whsec_"))
        return Request("POST", {}, sign((key,), "msg_1", str(int(now)), raw), raw, now)

    def forge(self, request: Request) -> Request:
        """One byte of the body is another."""
        return replace(request, body=request.body + b" ")

    def vendor(self) -> AbstractAsyncContextManager[Vendor]:
        """Takes anything."""
        return run_vendor()


class TestWechatOfficial(CallbackContract, SendContract):
    """An encrypted, verified account."""

    platform, path, limit, most = "wechat_official", "/cgi-bin/message/custom/send", 2048, 5

    def make(self, url: str = "http://127.0.0.1:1") -> Adapter:
        """With everything set."""
        return WechatOfficial(
            WechatOfficialOptions.model_validate(
                {
                    "platform": "wechat_official",
                    "name": "shop",
                    "app_id": CORP,
                    "token": TOKEN,
                    "encoding_aes_key": AES_KEY,
                    "app_secret": "s",
                    "verified": True,
                    "base_url": url,
                }
            )
        )

    def seal(self, body: str, now: float = NOW) -> Request:
        """Encrypted mode."""
        return seal_xml(body, CORP, now)

    def forge(self, request: Request) -> Request:
        """Another signature."""
        return forge_query(request)

    def vendor(self) -> AbstractAsyncContextManager[Vendor]:
        """Gives tokens."""
        return run_vendor(**{"cgi-bin__stable_token": WX_TOKEN})


class OfACompany:
    """WeCom's callbacks and API."""

    def seal(self, body: str, now: float = NOW) -> Request:
        """Always encrypted."""
        return seal_xml(body, CORP, now)

    def forge(self, request: Request) -> Request:
        """Another signature."""
        return forge_query(request)

    def vendor(self) -> AbstractAsyncContextManager[Vendor]:
        """Gives tokens."""
        return run_vendor(**{"cgi-bin__gettoken": WX_TOKEN})


class TestWecom(OfACompany, CallbackContract, SendContract):
    """A company's application."""

    platform, path, limit = "wecom", "/cgi-bin/message/send", 2048

    def make(self, url: str = "http://127.0.0.1:1") -> Adapter:
        """Of the official example's company."""
        return Wecom(
            WecomOptions.model_validate(
                {
                    "platform": "wecom",
                    "name": "shop",
                    "corp_id": CORP,
                    "agent_id": 218,
                    "token": TOKEN,
                    "encoding_aes_key": AES_KEY,
                    "app_secret": "s",
                    "base_url": url,
                }
            )
        )


class TestWecomKf(OfACompany, CallbackContract, SendContract):
    """A company's customer service."""

    platform, path, limit, most = "wecom_kf", "/cgi-bin/kf/send_msg", 2048, 5
    context = {"open_kfid": "wkABC", "welcome_code": ""}  # noqa: RUF012

    def make(self, url: str = "http://127.0.0.1:1") -> Adapter:
        """For all of its accounts."""
        return WecomKf(
            WecomKfOptions.model_validate(
                {
                    "platform": "wecom_kf",
                    "name": "shop",
                    "corp_id": CORP,
                    "token": TOKEN,
                    "encoding_aes_key": AES_KEY,
                    "app_secret": "s",
                    "base_url": url,
                }
            )
        )


class TestOpenIm(CallbackContract, SendContract):
    """A robot account; nothing is signed, the address is the secret."""

    platform, path, limit, has_clock = "openim", "/msg/send_msg", 4000, False

    def make(self, url: str = "http://127.0.0.1:1") -> Adapter:
        """The robot agent_bot."""
        return OpenIm(
            OpenImOptions.model_validate(
                {
                    "platform": "openim",
                    "name": "shop",
                    "bot": "agent_bot",
                    "bot_name": "小助手",
                    "base_url": url,
                    "secret": "openIM123",
                    "path_secret": "new-secret-0123456789 old-secret-0123456789",
                }
            )
        )

    def measure(self, text: str) -> int:
        """Characters."""
        return len(text)

    def seal(self, body: str, now: float = NOW) -> Request:
        """The body as it is, to the secret address."""
        tail = "/old-secret-0123456789/callbackAfterSendSingleMsgCommand"
        return Request("POST", {"contenttype": "json"}, {}, body.encode("utf-8", "surrogatepass"), now, tail)

    def forge(self, request: Request) -> Request:
        """To an address somebody guessed."""
        return replace(request, tail="/guess/callbackAfterSendSingleMsgCommand")

    def vendor(self) -> AbstractAsyncContextManager[Vendor]:
        """Gives tokens and knows the robot."""
        token = {"errCode": 0, "data": {"token": "T", "expireTimeSeconds": 7776000}}
        known = {"errCode": 0, "data": {"usersInfo": [{"userID": "agent_bot"}]}}
        return run_vendor(auth__get_admin_token=token, user__get_users_info=known, msg__send_msg={"errCode": 0})


class TestWechaty(AdapterContract):
    """A WeChat account behind a gateway; the real gateway is in test_wechaty.py."""

    platform, limit = "wechaty", 2000

    def make(self, url: str = "http://127.0.0.1:1") -> Adapter:
        """Not connected."""
        options = {"platform": "wechaty", "name": "shop", "endpoint": "127.0.0.1:1", "token": "gateway-token"}
        return Wechaty(WechatyOptions.model_validate(options))

    def measure(self, text: str) -> int:
        """Characters."""
        return len(text)


class TestWecomAibot(AdapterContract):
    """A robot over its long connection; its conversations are in test_wecom_aibot.py."""

    platform, limit = "wecom_aibot", 20_000
    context = {"req_id": "r1"}  # noqa: RUF012

    def make(self, url: str = "http://127.0.0.1:1") -> Adapter:
        """Not connected."""
        return WecomAibot(
            WecomAibotOptions.model_validate(
                {"platform": "wecom_aibot", "name": "shop", "bot_id": "b", "secret": "s", "base_url": url}
            )
        )


class TestWecomAibotWebhook(CallbackContract, SendContract):
    """A robot by webhook for whose answer nobody asks; who asks is in test_wecom_aibot_webhook.py."""

    platform, path, limit, most = "wecom_aibot_webhook", "/cgi-bin/aibot/response", 20_000, 1
    context = {"late": "/cgi-bin/aibot/response?response_code=C1"}  # noqa: RUF012

    def make(self, url: str = "https://qyapi.weixin.qq.com") -> Adapter:
        """It waits for nobody."""
        options = {"token": TOKEN, "encoding_aes_key": AES_KEY, "bot_name": "小助手", "asked_seconds": 0.001}
        return WecomAibotWebhook(
            WecomAibotWebhookOptions.model_validate(
                {"platform": self.platform, "name": "shop", "base_url": url, **options}
            )
        )

    async def test_a_platform_that_is_away_is_a_retry(self) -> None:
        """Nobody asks, and nobody listens at the vendor's address."""
        adapter = self.make("http://127.0.0.1:1")
        (piece,) = adapter.render(Reply("你好", Source.FAQ), self.message())
        assert (await adapter.send(piece)).outcome is Outcome.RETRY
        await adapter.close()

    def seal(self, body: str, now: float = NOW) -> Request:
        """Always encrypted, for nobody in particular."""
        sealed, stamp, nonce = encrypt(body, AES_KEY, ""), str(int(now)), "263014780"
        query = {"msg_signature": wx_sign(TOKEN, stamp, nonce, sealed), "timestamp": stamp, "nonce": nonce}
        return Request("POST", query, {}, json.dumps({"encrypt": sealed}).encode(), now)

    def forge(self, request: Request) -> Request:
        """Another signature."""
        return forge_query(request)

    def vendor(self) -> AbstractAsyncContextManager[Vendor]:
        """Takes anything."""
        return run_vendor()


@pytest.mark.parametrize("platform", ADAPTERS)
def test_options_say_what_they_are_and_hide_their_secrets(platform: str) -> None:
    """Every platform's options know its name, every field is described, and no secret is printed."""
    fields = ADAPTERS[platform].options.model_fields
    assert all(field.description for field in fields.values())
    contracts = {
        cls.platform: cls
        for cls in AdapterContract.__subclasses__() + CallbackContract.__subclasses__()
        if hasattr(cls, "platform")
    }
    adapter = contracts[platform]().make()
    assert (adapter.platform, adapter.account) == (platform, "shop")
    for secret in ("a secret of", AES_KEY, "openIM123", "new-secret"):
        assert secret not in repr(vars(adapter).get("_options", ""))


@pytest.mark.parametrize("platform", ADAPTERS)
def test_every_platform_has_a_page(platform: str) -> None:
    """What to create at the vendor, the settings, its secrets, a picture of the flow, limits, failures."""
    page = (ROOT / f"docs/adapters/{platform}.md").read_text(encoding="utf-8")
    for part in (f'platform = "{platform}"', "```toml", "─", "**Limits**", "**Failures**", "Secret"):
        assert part in page, part
    assert f"({platform}.md)" in (ROOT / "docs/adapters/README.md").read_text(encoding="utf-8")


def test_an_adapter_is_opened_by_its_platform() -> None:
    """One line in ADAPTERS makes a platform known."""
    options = WebhookOptions.model_validate({"platform": "webhook", "name": "shop", "secrets": SECRET})
    assert isinstance(open_adapter(options), Webhook)
    assert json.loads(json.dumps(sorted(ADAPTERS))) == sorted(ADAPTERS)
