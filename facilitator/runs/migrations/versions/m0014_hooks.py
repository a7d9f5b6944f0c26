"""Webhooks we asked for, and the deliveries seen, so that none is taken twice."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""
    op.create_table(
        "hooks",
        sa.Column("path", sa.String(length=80), nullable=False),
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=True),
        sa.Column("gid", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("path"),
    )
    op.create_table(
        "deliveries",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("deliveries_by_age", "deliveries", ["at"], unique=False)
