"""What the word rules found, for staff."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    names = ("thread", "platform", "user", "word", "category", "rule", "action", "direction", "context")
    op.create_table(
        "hits",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in names),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("hits_at", "hits", ["at"])
    op.create_index("hits_user", "hits", ["user"])


def downgrade() -> None:
    op.drop_table("hits")
