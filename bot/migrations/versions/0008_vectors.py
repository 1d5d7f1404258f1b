"""A kept answer keeps the embedding of its question."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("answers", sa.Column("embedder", sa.Text))
    op.add_column("answers", sa.Column("vector", sa.LargeBinary))


def downgrade() -> None:
    op.drop_column("answers", "vector")
    op.drop_column("answers", "embedder")
