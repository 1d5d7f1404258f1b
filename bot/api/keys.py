"""API keys: made once, kept as a hash, compared in constant time."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from ipaddress import ip_address

from bot.settings import ApiKey, Settings, SettingsError


def new_key() -> tuple[str, str]:
    """A new key and its SHA-256 in hex. 256 random bits need no salt and no slow hash."""
    key = f"zhida_{secrets.token_urlsafe(32)}"
    return key, digest(key)


def digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def find(keys: Iterable[ApiKey], presented: str) -> ApiKey | None:
    """The key that was presented. Every key is compared, so the time tells nothing."""
    found, hashed = None, digest(presented)
    for key in keys:
        if hmac.compare_digest(key.sha256, hashed):
            found = key
    return found


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine only."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def require_keys_off_loopback(settings: Settings) -> None:
    """Raises SettingsError when others than this machine could use the service without a key."""
    server = settings.server
    if not server.api_keys and not is_loopback(server.host):
        raise SettingsError(
            f"server.host is {server.host}, which other machines reach, and server.api_keys is empty: "
            "make a key with `python -m bot key --name NAME --scope messages` and put what it prints into the settings "
            "file, or listen on 127.0.0.1"
        )
