"""A database of any age becomes one of today."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from bot import migrations
from bot.tables import metadata

FOLDER = str(Path(migrations.__file__).parent)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    """An empty database in a file."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'zhida.db'}")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def config_of(connection: sa.Connection | None) -> Config:
    """What Alembic needs to know."""
    config = Config()
    config.set_main_option("script_location", FOLDER)
    config.attributes["connection"] = connection
    return config


@pytest.mark.parametrize("age", ["base", "0001", "0002", "0003"])
def test_any_age_comes_to_the_tables_of_today(connection: sa.Connection, age: str) -> None:
    """Every table and column that the code names is there, and a second run has nothing to do."""
    command.upgrade(config_of(connection), age)
    migrations.upgrade(connection)
    migrations.upgrade(connection)
    found = sa.inspect(connection)
    for table in metadata.sorted_tables:
        assert {column.name for column in table.columns} == {column["name"] for column in found.get_columns(table.name)}
    head = ScriptDirectory.from_config(config_of(None)).get_current_head()
    assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == head
