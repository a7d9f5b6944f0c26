"""Further tables of the run log: money, secrets used, what is kept, figures of boards. `tables` has those of runs, decisions and writes.

They share its metadata, so that one migration history builds both; `database` imports this module for that reason.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text

from facilitator.runs.tables import Instant, belongs_to_run, metadata

credential_access = Table(
    "credential_access",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("who", String(200), nullable=False),
    Column("reference", String(200), nullable=False),
    Column("purpose", String(80), nullable=False),
    Column("run_id", String(40)),
    Column("reads", Integer, nullable=False),
    Index("credential_access_by_run", "run_id"),
)

cost_lines = Table(
    "cost_lines",
    metadata,
    belongs_to_run(),
    Column("session_id", String(80), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("round", Integer, nullable=False),
    Column("iteration", Integer, nullable=False),
    Column("who", String(16), nullable=False),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("cache_read_tokens", Integer, nullable=False),
    Column("cache_write_tokens", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("list_cents", Float, nullable=False),
)

latencies = Table(
    "latencies",
    metadata,
    belongs_to_run(),
    Column("session_id", String(80), primary_key=True),
    Column("first_event", Float),
    Column("first_message", Float),
)

session_ends = Table(
    "session_ends",
    metadata,
    belongs_to_run(),
    Column("session_id", String(80), primary_key=True),
    Column("archived_at", Instant),
    Column("deleted_at", Instant),
)

predictions = Table(
    "predictions",
    metadata,
    belongs_to_run(),
    Column("seq", Integer, primary_key=True),
    Column("fact", String(80), nullable=False),
    Column("said", String(80), nullable=False),
    Column("by", Instant, nullable=False),
    Column("expected", Boolean, nullable=False),
    Column("probability", Float),
    Column("tasks", Text, nullable=False),
    Column("happened", Boolean),
    Column("scored_at", Instant),
    Index("predictions_open", "scored_at", "by"),
)

feedback = Table(
    "feedback",
    metadata,
    belongs_to_run(),
    Column("story", String(40), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("who", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("times", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Index("feedback_by_age", "at"),
)

followups = Table(
    "followups",
    metadata,
    belongs_to_run(),
    Column("predicted_at", Instant),
    Column("asked_at", Instant),
)

board_figures = Table(
    "board_figures",
    metadata,
    belongs_to_run(),
    Column("team", String(80), nullable=False),
    Column("window_end", Instant, nullable=False),
    Column("format", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Index("board_figures_by_team", "team", "window_end"),
)
