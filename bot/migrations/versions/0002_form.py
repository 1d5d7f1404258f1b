"""A turn keeps the calculation that waits for values."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("turns", sa.Column("form", sa.JSON(none_as_null=True)))


def downgrade() -> None:
    op.drop_column("turns", "form")
