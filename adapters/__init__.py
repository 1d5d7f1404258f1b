"""The chat platforms, one file each. ADAPTERS is the list of what can be configured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.openim import OpenIm, OpenImOptions
from adapters.options import ChannelOptions
from adapters.protocol import Adapter
from adapters.webhook import Webhook, WebhookOptions
from adapters.wechat_official import WechatOfficial, WechatOfficialOptions
from adapters.wechaty import Wechaty, WechatyOptions
from adapters.wecom import Wecom, WecomOptions
from adapters.wecom_aibot import WecomAibot, WecomAibotOptions
from adapters.wecom_kf import WecomKf, WecomKfOptions


@dataclass(frozen=True, slots=True)
class Platform:
    """How a channel of this platform is set up and opened."""

    options: type[ChannelOptions]
    adapter: Callable[[Any], Adapter]  # takes its own options


def open_adapter(options: ChannelOptions) -> Adapter:
    """The adapter of one channel; opens no connection yet."""
    return ADAPTERS[options.platform].adapter(options)


ADAPTERS: Mapping[str, Platform] = {
    "openim": Platform(OpenImOptions, OpenIm),
    "webhook": Platform(WebhookOptions, Webhook),
    "wechat_official": Platform(WechatOfficialOptions, WechatOfficial),
    "wechaty": Platform(WechatyOptions, Wechaty),
    "wecom": Platform(WecomOptions, Wecom),
    "wecom_aibot": Platform(WecomAibotOptions, WecomAibot),
    "wecom_kf": Platform(WecomKfOptions, WecomKf),
}
