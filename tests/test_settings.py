"""Settings: what is written is what counts, and what is written wrong is named."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import ROOT, SECRETS, SettingsError, load, table


def write(folder: Path, text: str) -> Path:
    """A settings file."""
    file = folder / "zhida.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_the_defaults_hold() -> None:
    """A bare clone needs no settings: loopback, the demo content, a database in the tree's data folder."""
    settings = load(None, {})
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8080)
    assert settings.content.knowledge == ROOT / "faq/knowledge"
    assert settings.database_url == f"sqlite:///{ROOT}/data/zhida.db"


def test_a_file_overrides_what_it_names(tmp_path: Path) -> None:
    """One key changes, its neighbours keep their defaults; a relative path is relative to the file."""
    settings = load(write(tmp_path, 'data = "kept"\n[server]\nport = 9000\n'), {})
    assert settings.server.port == 9000
    assert settings.server.host == "127.0.0.1"
    assert settings.data == tmp_path / "kept"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[server]\nprot = 1\n", "unknown key server.prot; did you mean server.port?"),
        ("[sever]\nport = 1\n", "unknown key sever; did you mean server?"),
        ("zzzzqq = 1\n", "unknown key zzzzqq; docs/settings.md lists the keys"),
        ("[server]\nport = 'x'\n", "server.port: Input should be a valid integer"),
        ("[server]\nport = 70000\n", "server.port: Input should be less than or equal to 65535"),
        ("[content]\ntimezone = 'Mars/Olympus'\n", "there is no time zone 'Mars/Olympus'"),
        ("server = 1\n", "server: "),
        ("[server\n", "not readable as TOML"),
        (
            "[history]\nurl = 'sqlite://'\n",
            "is a secret; remove it, set the environment variable ZHIDA_DATABASE_URL",
        ),
        ("[[server.api_keys]]\nname='a'\nsha256='short'\nscopes=['messages']\n", "server.api_keys.0.sha256"),
    ],
)
def test_a_wrong_key_is_named_with_the_remedy(tmp_path: Path, text: str, told: str) -> None:
    """Nothing misspelt is silently accepted."""
    with pytest.raises(SettingsError) as refused:
        load(write(tmp_path, text), {})
    assert told in str(refused.value)
    assert "zhida.toml" in str(refused.value)


def test_all_wrong_keys_are_told_at_once(tmp_path: Path) -> None:
    """Whoever writes settings corrects them in one go."""
    with pytest.raises(SettingsError) as refused:
        load(write(tmp_path, "[server]\nprot = 1\nhots = 2\n[log]\nlevel = 'LOUD'\n"), {})
    assert len(str(refused.value).splitlines()) == 3


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A path that does not exist is not taken for the defaults."""
    with pytest.raises(SettingsError, match="there is no such settings file"):
        load(tmp_path / "none.toml", {})


def test_secrets_come_from_the_environment_and_stay_hidden() -> None:
    """A secret is used and never shown."""
    settings = load(None, {"ZHIDA_COOKIE_SECRET": "s3cret", "ZHIDA_DATABASE_URL": "postgresql+asyncpg://u:pw@db/z"})
    assert settings.server.cookie_secret is not None
    assert settings.server.cookie_secret.get_secret_value() == "s3cret"
    assert settings.database_url == "postgresql+asyncpg://u:pw@db/z"
    assert "s3cret" not in repr(settings)
    assert "pw" not in repr(settings)


def test_settings_never_change() -> None:
    """Whoever holds them may rely on them."""
    with pytest.raises(ValidationError):
        load(None, {}).server.port = 1  # type: ignore[misc]


def test_every_setting_is_in_the_docs() -> None:
    """The table in docs/settings.md lists each field with its default and its sentence, and every secret's variable."""
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    for key, default, meaning in table():
        assert meaning.endswith(".") or meaning.endswith("]"), f"{key} needs one sentence"
        assert f"| `{key}` | `{default}` | {meaning} |" in page, f"run: python -m bot settings (for {key})"
    for variable in SECRETS:
        assert variable in page
