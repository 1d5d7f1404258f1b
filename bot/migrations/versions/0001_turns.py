"""The history: one row a turn."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "turns",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in (
                *("thread", "platform", "user", "message_id", "question"),
                *("answer", "source", "knowledge_base", "entry"),
            )
        ),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("suggestions", sa.JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("turns_thread", "turns", ["thread", "id"])
    op.create_index("turns_user", "turns", ["user"])
    op.create_index("turns_at", "turns", ["at"])


def downgrade() -> None:
    op.drop_table("turns")
