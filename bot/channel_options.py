"""Reads the tables `[channels.NAME]` of the settings file; each platform says itself which fields it has."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from adapters import ADAPTERS
from adapters.options import ChannelOptions, secret_fields


def read_channels(
    tables: Mapping[str, object], environ: Mapping[str, str]
) -> tuple[tuple[ChannelOptions, ...], tuple[str, ...]]:
    """The options of every channel, and every mistake in a sentence. Secrets come from ZHIDA_<NAME>_<FIELD>."""
    channels: list[ChannelOptions] = []
    problems: list[str] = []
    for name, table in tables.items():
        platform = ADAPTERS.get(str(table.get("platform"))) if isinstance(table, Mapping) else None
        if platform is None or not isinstance(table, Mapping):
            problems.append(f"channels.{name}.platform: write one of {', '.join(ADAPTERS)}")
            continue
        fields = secret_fields(platform.options)
        problems += [
            f"channels.{name}.{field} is a secret; remove it and set {secret_variable(name, field)}"
            for field in sorted(table.keys() & set(fields))
        ]
        secrets = {
            field: environ[secret_variable(name, field)] for field in fields if secret_variable(name, field) in environ
        }
        try:
            channels.append(platform.options.model_validate({**table, **secrets, "name": name}))
        except ValidationError as error:
            problems += _explain(name, fields, error)
    return tuple(channels), tuple(problems)


def secret_variable(name: str, field: str) -> str:
    """The environment variable of a channel's secret."""
    return f"ZHIDA_{name}_{field}".upper().replace("-", "_")


def _explain(name: str, secrets: tuple[str, ...], error: ValidationError) -> Iterator[str]:
    for item in error.errors():
        field = ".".join(str(part) for part in item["loc"])
        where = secret_variable(name, field) if field in secrets else f"channels.{name}.{field}"
        yield f"{where}: {item['msg']}"
