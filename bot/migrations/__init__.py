"""Brings a database to the newest schema, in the caller's transaction. versions/ has one file a step, by number."""

from importlib import import_module
from pathlib import Path

import sqlalchemy as sa

_VERSIONS = Path(__file__).parent / "versions"


def upgrade(connection: sa.Connection) -> None:
    """Run the steps this database has not seen yet. Alembic is loaded only for them: it costs a start 0.1 s."""
    if _version(connection) != _newest():
        import_module("bot.migrations.upgrading").upgrade(connection)


def _version(connection: sa.Connection) -> str | None:
    """The last step that this database has seen."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return version


def _newest() -> str:
    return max(path.stem.partition("_")[0] for path in _VERSIONS.glob("*.py"))
