"""Decisions of three kinds, several rounds and sessions of one run, approval tasks, and earned autonomy."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_USED = (
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "grader_tokens",
    "active_seconds", "list_cents",
)  # fmt: skip


def upgrade() -> None:
    """Add what is new; a yes or no of before becomes the kind it was."""
    _count_rounds()
    _name_decisions()
    _price_sessions()
    _ask_in_asana()


def _count_rounds() -> None:
    for column, value in (("attempt", "1"), ("revision", "0"), ("session_revision", "0")):
        op.add_column("runs", sa.Column(column, sa.Integer(), nullable=False, server_default=value))
    op.add_column("verdicts", sa.Column("seq", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE verdicts SET seq = iteration + 1")


def _name_decisions() -> None:
    op.add_column("decisions", sa.Column("kind", sa.String(length=16), nullable=False, server_default=""))
    op.execute("UPDATE decisions SET kind = CASE WHEN approved THEN 'approved' ELSE 'rejected' END")
    op.drop_column("decisions", "approved")


def _price_sessions() -> None:
    """A second session of a run has a price of its own, so the table's key grows: it is built anew."""
    whole = {"active_seconds", "list_cents"}
    op.rename_table("costs", "costs_by_run")
    op.create_table(
        "costs",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("session_id", sa.String(length=80), nullable=False),
        *(sa.Column(name, sa.Float() if name in whole else sa.Integer(), nullable=False) for name in _USED),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"]),
        sa.PrimaryKeyConstraint("run_id", "session_id"),
    )
    used = ", ".join(_USED)
    op.execute(
        f"INSERT INTO costs (run_id, session_id, {used}) "  # noqa: S608 - column names of our own
        f"SELECT run_id, COALESCE(runs.session_id, ''), {used} FROM costs_by_run JOIN runs ON runs.id = run_id"
    )
    op.drop_table("costs_by_run")


def _ask_in_asana() -> None:
    op.create_table(
        "approval_tasks",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("draft_digest", sa.String(length=64), nullable=False),
        sa.Column("marker", sa.String(length=240), nullable=False),
        sa.Column("attempted_at", sa.String(length=32), nullable=True),
        sa.Column("gid", sa.String(length=40), nullable=True),
        sa.Column("seen", sa.String(length=40), nullable=False),
        sa.Column("heard", sa.Text(), nullable=False),
        sa.Column("reminded_at", sa.String(length=32), nullable=True),
        sa.Column("closed_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"]),
        sa.PrimaryKeyConstraint("run_id", "draft_digest"),
    )
    op.create_table(
        "autonomy",
        sa.Column("team", sa.String(length=80), nullable=False),
        sa.Column("ceremony", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("team", "ceremony", "seq"),
    )
