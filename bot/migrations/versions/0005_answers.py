"""The answer cache, and what the models cost."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        *_texts("scope", "key", "signature", "version", "knowledge_base", "question", "answer", "documents"),
        sa.Column("negative", sa.Boolean, nullable=False),
        sa.Column("money", sa.Float, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("scope", "key", name="answers_key"),
    )
    op.create_index("answers_signature", "answers", ["scope", "signature"])
    op.create_index("answers_at", "answers", ["at"])
    op.create_table(
        "costs",
        *_texts("day", "model", "knowledge_base", "channel", "user", primary_key=True),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("calls", "tokens_in", "tokens_out")),
        sa.Column("money", sa.Float, nullable=False),
    )
    op.create_index("costs_user", "costs", ["user", "day"])


def downgrade() -> None:
    op.drop_table("answers")
    op.drop_table("costs")


def _texts(*names: str, primary_key: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, primary_key=primary_key, nullable=False) for name in names]
