"""The tasks that documents are written on: attempts at making one."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the table."""
    op.create_table(
        "targets",
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("marker", sa.String(length=200), nullable=False),
        sa.Column("attempted_at", sa.String(length=32), nullable=False),
        sa.Column("gid", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("project", "name"),
    )
