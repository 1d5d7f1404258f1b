"""The chat platforms, one file each. ADAPTERS is the list of what can be configured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from adapters.options import ChannelOptions
from adapters.protocol import Adapter


@dataclass(frozen=True, slots=True)
class Platform:
    """How a channel of this platform is set up and opened. Its file is imported at first use: SDKs are slow to load."""

    module: str
    name: str

    @property
    def options(self) -> type[ChannelOptions]:
        options: type[ChannelOptions] = getattr(import_module(self.module), f"{self.name}Options")
        return options

    @property
    def adapter(self) -> Callable[[Any], Adapter]:
        """Takes its own options."""
        adapter: Callable[[Any], Adapter] = getattr(import_module(self.module), self.name)
        return adapter


def open_adapter(options: ChannelOptions) -> Adapter:
    """The adapter of one channel; opens no connection yet."""
    return ADAPTERS[options.platform].adapter(options)


ADAPTERS: Mapping[str, Platform] = {
    "openim": Platform("adapters.openim", "OpenIm"),
    "webhook": Platform("adapters.webhook", "Webhook"),
    "wechat_official": Platform("adapters.wechat_official", "WechatOfficial"),
    "wechaty": Platform("adapters.wechaty", "Wechaty"),
    "wecom": Platform("adapters.wecom", "Wecom"),
    "wecom_aibot": Platform("adapters.wecom_aibot", "WecomAibot"),
    "wecom_aibot_webhook": Platform("adapters.wecom_aibot_webhook", "WecomAibotWebhook"),
    "wecom_kf": Platform("adapters.wecom_kf", "WecomKf"),
}
