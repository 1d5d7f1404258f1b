"""The tables of the database, as SQLAlchemy Core sees them. bot/migrations is how they came to be."""

import sqlalchemy as sa

metadata = sa.MetaData()

turns = sa.Table(
    "turns",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("thread", sa.Text, nullable=False),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("user", sa.Text, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("knowledge_base", sa.Text, nullable=False),
    sa.Column("entry", sa.Text, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("suggestions", sa.JSON, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("form", sa.JSON(none_as_null=True)),
    sa.Column("passages", sa.JSON(none_as_null=True)),
    sa.Index("turns_thread", "thread", "id"),
    sa.Index("turns_user", "user"),
    sa.Index("turns_at", "at"),
)
