"""What was asked for on the board, and the places in the event streams it was found by."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""
    op.create_table(
        "streams",
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("sync", sa.String(length=200), nullable=False),
        sa.Column("seen_until", sa.String(length=32), nullable=False),
        sa.Column("began_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("project"),
    )
    op.create_table(
        "event_counts",
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("project", "what"),
    )
    op.create_table(
        "commands",
        sa.Column("identity", sa.String(length=80), nullable=False),
        sa.Column("team", sa.String(length=80), nullable=False),
        sa.Column("project", sa.String(length=40), nullable=False),
        sa.Column("task", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("ceremony", sa.String(length=80), nullable=False),
        sa.Column("said_at", sa.String(length=32), nullable=False),
        sa.Column("taken_at", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.String(length=32), nullable=True),
        sa.Column("reply_gid", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("identity", "team"),
    )
    op.create_index("commands_by_next", "commands", ["next_at"], unique=False)
