"""The inbox and the outbox: what came in, what must go out, how far a platform was read."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("deliver", sa.Boolean, nullable=False),
        *_texts("thread", "platform", "user", "state", "message", "reply"),
    )
    _index("messages_pending", "messages", "state = 'pending'")
    _index("messages_sequence", "messages")
    op.create_table(
        "deliveries",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        *_texts("message", "thread", "platform", "account", "user", "outgoing", "state", "detail"),
    )
    _index("deliveries_open", "deliveries", "state IN ('pending', 'sending', 'waiting')")
    _index("deliveries_sequence", "deliveries")
    op.create_table("cursors", sa.Column("name", sa.Text, primary_key=True), *_texts("value"))


def downgrade() -> None:
    for table in ("messages", "deliveries", "cursors"):
        op.drop_table(table)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _index(name: str, table: str, where: str | None = None) -> None:
    part = sa.text(where) if where else None
    op.create_index(name, table, ["sequence"], sqlite_where=part, postgresql_where=part)
