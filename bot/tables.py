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

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),  # platform, account and the platform's message id
    sa.Column("sequence", sa.BigInteger, nullable=False),  # order of arrival
    sa.Column("thread", sa.Text, nullable=False),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("user", sa.Text, nullable=False),
    sa.Column("deliver", sa.Boolean, nullable=False),  # the reply goes out by the outbox, not to a caller
    sa.Column("state", sa.Text, nullable=False),  # pending, answered, passive, waiting
    sa.Column("message", sa.Text, nullable=False),  # JSON
    sa.Column("reply", sa.Text, nullable=False),  # JSON
    sa.Index(
        "messages_pending",
        "sequence",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    ),
    sa.Index("messages_sequence", "sequence"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),  # the idempotency key of this piece
    sa.Column("message", sa.Text, nullable=False),  # messages.key
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("thread", sa.Text, nullable=False),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("user", sa.Text, nullable=False),
    sa.Column("outgoing", sa.Text, nullable=False),  # JSON
    sa.Column("state", sa.Text, nullable=False),  # pending, sending, sent, unknown, failed, waiting, shown
    sa.Column("detail", sa.Text, nullable=False),
    sa.Index(
        "deliveries_open",
        "sequence",
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    ),
    sa.Index(
        "deliveries_shelf",
        "thread",
        "sequence",
        sqlite_where=sa.text("state IN ('waiting', 'shown')"),
        postgresql_where=sa.text("state IN ('waiting', 'shown')"),
    ),
    sa.Index("deliveries_sequence", "sequence"),
)

cursors = sa.Table(
    "cursors",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("scope", sa.Text, nullable=False),  # hash of what the answer was made from and for whom
    sa.Column("key", sa.Text, nullable=False),  # hash of the question as it is compared
    sa.Column("signature", sa.Text, nullable=False),  # hash of what any wording of the question shares
    sa.Column("version", sa.Text, nullable=False),  # of the knowledge
    sa.Column("knowledge_base", sa.Text, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),  # JSON
    sa.Column("documents", sa.Text, nullable=False),  # JSON, those that the answer was made from
    sa.Column("negative", sa.Boolean, nullable=False),  # nothing was found
    sa.Column("money", sa.Float, nullable=False),  # what making it cost
    sa.Column("at", sa.BigInteger, nullable=False),  # microseconds since 1970
    sa.Column("embedder", sa.Text),  # whose the vector is
    sa.Column("vector", sa.LargeBinary),  # of the question, as float16
    sa.UniqueConstraint("scope", "key", name="answers_key"),
    sa.Index("answers_signature", "scope", "signature"),
    sa.Index("answers_at", "at"),
)

costs = sa.Table(
    "costs",
    metadata,
    sa.Column("day", sa.Text, primary_key=True),  # 2026-01-31, where the users are
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("knowledge_base", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("user", sa.Text, primary_key=True),
    sa.Column("calls", sa.BigInteger, nullable=False),
    sa.Column("tokens_in", sa.BigInteger, nullable=False),
    sa.Column("tokens_out", sa.BigInteger, nullable=False),
    sa.Column("money", sa.Float, nullable=False),
    sa.Index("costs_user", "user", "day"),
)

hits = sa.Table(
    "hits",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("thread", sa.Text, nullable=False),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("user", sa.Text, nullable=False),
    sa.Column("word", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),  # which reading found it
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("context", sa.Text, nullable=False),  # words and personal data masked
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("hits_at", "at"),
    sa.Index("hits_user", "user"),
)
