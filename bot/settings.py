"""Every setting of the service: one frozen, typed value read from a TOML file, secrets from the environment.

Each field's description is its documentation; `table()` renders them and docs/settings.md is that table.
Nothing here reads the environment by itself: `load` is given both.
"""

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    SecretStr,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
)

from adapters.options import ChannelOptions
from bot.answer_settings import CacheSettings, CostSettings, ModelSettings, Provided, ToolSettings, WebSettings
from bot.channel_options import read_channels
from bot.setting_group import Group

ROOT = Path(__file__).resolve().parent.parent

Scope = Literal["messages", "chat", "users", "metrics"]


class SettingsError(Exception):
    """The settings are wrong: the message names the key and the remedy. Exit code 2."""


def _resolve(path: Path, info: ValidationInfo) -> Path:
    base: Path = (info.context or {}).get("base", ROOT)
    return (base / path.expanduser()).resolve()


Location = Annotated[Path, AfterValidator(_resolve)]  # a relative one is relative to the settings file


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"there is no time zone {name!r}; write one such as Asia/Shanghai")
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]


class ApiKey(Group):
    """One integrator's key, kept as a hash; `python -m bot key` makes one."""

    name: str = Field(description="Who uses the key; appears in the log.")
    sha256: str = Field(
        pattern="^[0-9a-f]{64}$", description="SHA-256 of the key in hex; the key itself is never stored."
    )
    scopes: tuple[Scope, ...] = Field(description="What the key may do: messages, chat (/v1), users (erase), metrics.")


class ServerSettings(Group):
    host: str = Field("127.0.0.1", description="Address to listen on; any but loopback requires api_keys.")
    port: int = Field(8080, ge=0, le=65535, description="TCP port; 0 takes a free one.")
    api_keys: tuple[ApiKey, ...] = Field((), description="Keys for /api, /v1 and /metrics; none means loopback only.")
    max_body_bytes: int = Field(65_536, ge=1024, description="Largest request body accepted, in bytes; more is a 413.")
    body_seconds: float = Field(10.0, gt=0, description="Seconds a client may take to send its request body.")
    answer_seconds: float = Field(
        30.0, gt=0, description="Seconds after which a request without an answer gets an apology."
    )
    requests_per_minute: float = Field(
        600.0, gt=0, description="Requests a minute allowed to one client (key, visitor or address)."
    )
    burst: int = Field(120, ge=1, description="Requests one client may send at once before the rate applies.")
    trusted_proxies: int = Field(
        0, ge=0, description="Reverse proxies in front; that many X-Forwarded-For entries are believed."
    )
    cookie_secret: SecretStr | None = Field(
        None,
        description="Signs the visitor cookie; unset makes one, kept in the data folder. [env ZHIDA_COOKIE_SECRET]",
    )


class ContentSettings(Group):
    knowledge: Location = Field(ROOT / "faq/knowledge", description="Folder of the knowledge-base YAML files.")
    rules: Location = Field(ROOT / "policies/rules", description="Folder of the sensitive-word rule files.")
    phrases: Location = Field(ROOT / "bot/phrases.yaml", description="File of the bot's own phrases, by language.")
    rates: Location = Field(ROOT / "faq/calculation/rates.yaml", description="File of currency rates with their date.")
    rates_days: int = Field(31, ge=1, description="Days after which `check` warns that the currency rates are old.")
    timezone: TimeZone = Field("Asia/Shanghai", description="Time zone of validity dates and of what users call today.")
    watch: bool = Field(True, description="Whether changed content files are loaded while serving.")


class MatchingSettings(Group):
    wrong_answers: float = Field(
        0.05, gt=0, lt=0.5, description="Share of wrong answers accepted among direct answers."
    )
    suggestions: int = Field(3, ge=1, le=9, description="How many questions 您是不是想问 offers at most.")


class LimitSettings(Group):
    @classmethod
    def off(cls) -> "LimitSettings":
        """No limit at all, for benchmarks."""
        return cls(
            user_per_minute=0, conversation_per_minute=0, everyone_per_minute=0, user_per_day=0, same_per_minute=0
        )

    user_per_minute: float = Field(60, ge=0, description="Messages a minute of one user; 0 is no limit.")
    conversation_per_minute: float = Field(
        120, ge=0, description="Messages a minute in one conversation; 0 is no limit."
    )
    everyone_per_minute: float = Field(6000, ge=0, description="Messages a minute of all users; 0 is no limit.")
    user_per_day: int = Field(1000, ge=0, description="Messages a day of one user; 0 is no limit.")
    same_per_minute: int = Field(5, ge=0, description="Times a minute one user may send the same text; 0 is no limit.")


class HistorySettings(Group):
    url: SecretStr | None = Field(
        None,
        description="SQLAlchemy URL of the database; unset means zhida.db in the data folder. [env ZHIDA_DATABASE_URL]",
    )
    retention_days: int = Field(180, ge=1, description="Days after which turns are deleted.")
    recent_turns: int = Field(6, ge=1, le=50, description="Turns of a conversation that a new question may refer to.")


class InboxSettings(Group):
    burst_seconds: float = Field(
        1.2,
        ge=0,
        le=10,
        description="Short messages that follow within so many seconds are answered together; 0: never.",
    )
    parallel: int = Field(1000, ge=1, description="Conversations answered at the same time at most.")
    keep_hours: int = Field(
        72, ge=8, description="Hours for which answered messages are known again; platforms repeat for up to 7."
    )


class DocumentsSettings(Group):
    store: str | None = Field(
        None,
        description="Milvus: a file of Milvus Lite or http://host:19530; unset means passages.db in the data folder.",
    )
    store_token: SecretStr | None = Field(
        None, description="Token of the Milvus server, user:password. [env ZHIDA_MILVUS_TOKEN]"
    )
    embedding: Provided | None = Field(
        None,
        description="Embeddings such as dashscope/text-embedding-v4 or openai/bge-m3; unset means the built-in ones.",
    )
    embedding_width: int = Field(1024, ge=8, le=4096, description="Numbers of one embedding of that provider.")
    rerank: Provided | None = Field(
        None, description="Reranking model such as dashscope/gte-rerank-v2; unset means none."
    )
    answer_from: float = Field(
        0.6, ge=0, le=1, description="Documents answer when at least this sure; below, no model is asked."
    )
    nearest_from: float = Field(
        0.15, ge=0, le=1, description="Below answer_from, the nearest passages are shown from this score."
    )
    passages: int = Field(5, ge=1, le=20, description="Passages that a model reads for one answer.")
    prompt_chars: int = Field(6000, ge=500, description="Characters of one prompt; turns before fill what is left.")


class LogSettings(Group):
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Lowest level that is logged.")
    format: Literal["console", "json"] = Field("console", description="Log lines for people or for machines.")


class Settings(Group):
    """All groups. `data` is where the service keeps what it must remember."""

    data: Location = Field(ROOT / "data", description="Folder for the database, caches and the cookie secret.")
    server: ServerSettings = ServerSettings()
    content: ContentSettings = ContentSettings()
    matching: MatchingSettings = MatchingSettings()
    limits: LimitSettings = LimitSettings()
    history: HistorySettings = HistorySettings()
    inbox: InboxSettings = InboxSettings()
    channels: tuple[SerializeAsAny[ChannelOptions], ...] = Field(
        (), description="A table a channel, `[channels.NAME]` with its platform; docs/adapters has the fields of each."
    )
    documents: DocumentsSettings = DocumentsSettings()
    model: ModelSettings = ModelSettings()
    cache: CacheSettings = CacheSettings()
    costs: CostSettings = CostSettings()
    web: WebSettings = WebSettings()
    tools: ToolSettings = ToolSettings()
    log: LogSettings = LogSettings()

    @property
    def database_url(self) -> str:
        if self.history.url is not None:
            return self.history.url.get_secret_value()
        return f"sqlite:///{self.data / 'zhida.db'}"


SECRETS = {
    "DASHSCOPE_API_KEY": ("model", "dashscope_key"),
    "OPENAI_API_KEY": ("model", "openai_key"),
    "ZHIDA_COOKIE_SECRET": ("server", "cookie_secret"),
    "ZHIDA_DATABASE_URL": ("history", "url"),
    "ZHIDA_MILVUS_TOKEN": ("documents", "store_token"),
}
TOOL_SECRETS = "ZHIDA_TOOL_"


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read the settings file (None = defaults) and the secrets. Raises SettingsError naming every wrong key."""
    document = _read(path) if path else {}
    for variable, (name, key) in SECRETS.items():
        group = document.setdefault(name, {})
        if not isinstance(group, dict):
            continue  # not a table: the validation says so
        if key in group:
            raise SettingsError(f"{path}: {name}.{key} is a secret; remove it, set the environment variable {variable}")
        if variable in environ:
            group[key] = environ[variable]
    _take_tool_secrets(document, path, environ)
    base = path.resolve().parent if path else ROOT
    tables = document.pop("channels", {})
    channels, problems = read_channels(tables if isinstance(tables, dict) else {"?": tables}, environ)
    try:
        settings = Settings.model_validate({**document, "channels": channels}, context={"base": base})
    except ValidationError as error:
        problems = (*_explain(path, error), *(f"{path}: {problem}" for problem in problems))
        raise SettingsError("\n".join(problems)) from error
    if problems:
        raise SettingsError("\n".join(f"{path}: {problem}" for problem in problems))
    return settings


def _take_tool_secrets(document: dict[str, object], path: Path | None, environ: Mapping[str, str]) -> None:
    """The secrets of tools have names of the operator's own: every variable with our prefix is one."""
    group = document.setdefault("tools", {})
    if not isinstance(group, dict):
        return  # not a table: the validation says so
    if "secrets" in group:
        raise SettingsError(f"{path}: tools.secrets are secrets; remove them, set variables named {TOOL_SECRETS}…")
    group["secrets"] = {name: value for name, value in environ.items() if name.startswith(TOOL_SECRETS)}


def table() -> Iterator[tuple[str, str, str]]:
    """(key, default, description) of every field, groups in order; keys as written in TOML."""
    yield from _rows("", Settings)


def _read(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: there is no such settings file") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: not readable as TOML: {error}") from error


def _explain(path: Path | None, error: ValidationError) -> Iterator[str]:
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"])
        if item["type"] == "extra_forbidden":
            yield f"{path}: unknown key {key}{_nearest(key)}"
        else:
            yield f"{path or 'environment'}: {key}: {item['msg']}"


def _nearest(key: str) -> str:
    known = [name for name, _, _ in table()] + list(Settings.model_fields)
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else "; docs/settings.md lists the keys"


def _rows(prefix: str, group: type[BaseModel]) -> Iterator[tuple[str, str, str]]:
    for name, field in group.model_fields.items():
        if isinstance(field.default, BaseModel):
            yield from _rows(f"{prefix}{name}.", type(field.default))
        else:
            yield f"{prefix}{name}", _shown(field.default), field.description or ""


def _shown(default: object) -> str:
    if isinstance(default, Path):
        return default.relative_to(ROOT).as_posix()
    return "unset" if default is None else json.dumps(default, ensure_ascii=False)
