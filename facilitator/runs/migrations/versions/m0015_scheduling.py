"""What a run stands for, since when a ceremony is wanted, pauses, and the sprints last seen on each board."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables; runs of earlier releases stand for no period."""
    op.add_column("runs", sa.Column("period", sa.Text(), nullable=True))
    op.create_index("runs_by_end", "runs", ["team", "ceremony", "state", "window_end"], unique=False)
    op.create_table(
        "enrolments",
        sa.Column("team", sa.String(length=80), nullable=False),
        sa.Column("ceremony", sa.String(length=80), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("team", "ceremony"),
    )
    op.create_table(
        "pauses",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("team", sa.String(length=80), nullable=False),
        sa.Column("ceremony", sa.String(length=80), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.Column("until", sa.String(length=32), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("resumed_at", sa.String(length=32), nullable=True),
        sa.Column("resumed_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("pauses_by_team", "pauses", ["team", "seq"], unique=False)
    op.create_table(
        "sprints_seen",
        sa.Column("team", sa.String(length=80), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("begins", sa.String(length=32), nullable=False),
        sa.Column("ends", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("team", "name"),
    )
