"""What the settings of every channel have in common; each platform's file adds its own fields.

Secrets never stand in the settings file: they come from the environment, two at a time while one is being replaced.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


def _words(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_words)]  # the newest first, separated by blanks


def _check_aes_keys(keys: Secrets) -> Secrets:
    for key in reveal(keys):
        if not _AES_KEY.fullmatch(key):
            raise ValueError("an EncodingAESKey has 43 letters and digits")
    return keys


AesKeys = Annotated[Secrets, AfterValidator(_check_aes_keys)]


class ChannelOptions(BaseModel):
    """Settings of one channel. Subclasses fix `platform` and add fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    platform: str = Field(description="Which platform this channel is on.")
    name: str = Field(pattern="^[a-z0-9][a-z0-9_-]{0,39}$", description="Name of the channel, part of its address.")
    groups: str = Field(
        "mentioned",
        pattern="^(mentioned|always|never)$",
        description="When to answer in groups: when mentioned, always, never.",
    )


def secret_fields(options: type[ChannelOptions]) -> tuple[str, ...]:
    """The fields that are read from the environment, as ZHIDA_<NAME>_<FIELD>."""
    return tuple(name for name, field in options.model_fields.items() if "SecretStr" in str(field.annotation))


def reveal(secrets: tuple[SecretStr, ...]) -> tuple[str, ...]:
    """The words themselves."""
    return tuple(secret.get_secret_value() for secret in secrets)
