"""The ways in over HTTP: for machines (/api, /v1), for visitors (the chat page) and for operators."""

from bot.api.app import build, listen
from bot.api.keys import require_keys_off_loopback

__all__ = ["build", "listen", "require_keys_off_loopback"]
