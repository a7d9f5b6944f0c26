"""What pages ask of many runs at once: three indexes, and the figures of boards as they were read."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

OPEN = sa.text("state NOT IN ('expired', 'failed', 'rejected', 'skipped', 'written')")


def upgrade() -> None:
    """Build them. Figures of boards read before are made by `serve` within its first minutes."""
    op.create_index(
        "runs_by_fire", "runs", ["team", "created_at", "ceremony", "id", "state", "result", "version"], unique=False
    )  # fmt: skip
    op.create_index(
        "runs_open", "runs", ["created_at"], unique=False, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("feedback_by_age", "feedback", ["at"], unique=False)
    op.create_table(
        "board_figures",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("team", sa.String(length=80), nullable=False),
        sa.Column("window_end", sa.String(length=32), nullable=False),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"]),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_index("board_figures_by_team", "board_figures", ["team", "window_end"], unique=False)
