"""A turn keeps the passages that were found for its question."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("turns", sa.Column("passages", sa.JSON(none_as_null=True)))


def downgrade() -> None:
    op.drop_column("turns", "passages")
