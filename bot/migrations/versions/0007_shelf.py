"""Indexes for what must go out and for what lies on a conversation's shelf, each of its own rows alone."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.drop_index("deliveries_open", "deliveries")
    _index("deliveries_open", ["sequence"], "state IN ('pending', 'sending')")
    _index("deliveries_shelf", ["thread", "sequence"], "state IN ('waiting', 'shown')")


def downgrade() -> None:
    op.drop_index("deliveries_shelf", "deliveries")
    op.drop_index("deliveries_open", "deliveries")
    _index("deliveries_open", ["sequence"], "state IN ('pending', 'sending', 'waiting')")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "deliveries", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
