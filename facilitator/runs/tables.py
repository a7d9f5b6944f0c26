"""The run log's tables, as SQLAlchemy sees them; `migrations/` builds them.

One row per run, and beside it rows that belong to a run. Nothing is updated but `runs`, `outbox` and the
stamp of an event that arrived twice; the rest is only added to. The dashboard's sign-ins belong to no run.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    func,
    text,
)


def stored_instant(value: datetime) -> str:
    """An instant as every table keeps it; one without a zone raises `ValueError`."""
    if value.tzinfo is None:
        raise ValueError(f"an instant without a time zone cannot be recorded: {value}")
    return _stored_utc(value if value.tzinfo is UTC else value.astimezone(UTC))


@lru_cache(maxsize=256)
def _stored_utc(value: datetime) -> str:
    """One instant stands in many columns and rows of a transaction, and again in what the audit chain seals of them."""
    return value.isoformat(timespec="microseconds").replace("+00:00", "Z")


class Instant(TypeDecorator[datetime]):
    """An aware instant kept as RFC 3339 text in UTC, so that it sorts and reads alike in every database."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Refuse naive datetimes at the door."""
        del dialect
        return None if value is None else stored_instant(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give back an aware datetime in UTC."""
        del dialect
        return None if value is None else datetime.fromisoformat(value)


metadata = MetaData()


def belongs_to_run(*, primary: bool = True) -> Column[str]:
    """The column of a row that is about one run."""
    return Column("run_id", String(40), ForeignKey("runs.id"), primary_key=primary, nullable=False)


OPEN = text("state NOT IN ('expired', 'failed', 'rejected', 'skipped', 'written')")
"""Runs that have not ended, said in the very words of the index `runs_open`: a database uses it for no other wording."""

runs = Table(
    "runs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("team", String(80), nullable=False),
    Column("ceremony", String(80), nullable=False),
    Column("window_start", Instant, nullable=False),
    Column("window_end", Instant, nullable=False),
    Column("mode", String(16), nullable=False),
    Column("trigger", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("attempt", Integer, nullable=False, default=1),
    Column("revision", Integer, nullable=False, default=0),
    Column("session_revision", Integer, nullable=False, default=0),
    Column("submit_attempted_at", Instant),
    Column("session_id", String(80)),
    Column("outcome_id", String(80)),
    Column("agent_id", String(80)),
    Column("agent_version", Integer),
    Column("console_url", Text, nullable=False, default=""),
    Column("prompt_hash", String(64), nullable=False, default=""),
    Column("brief_id", String(80), nullable=False, default=""),
    Column("brief_version", String(40), nullable=False, default=""),
    Column("brief_hash", String(64), nullable=False, default=""),
    Column("rubric_id", String(80), nullable=False, default=""),
    Column("rubric_version", String(40), nullable=False, default=""),
    Column("rubric_hash", String(64), nullable=False, default=""),
    Column("agent_hash", String(64), nullable=False, default=""),
    Column("environment_hash", String(64), nullable=False, default=""),
    Column("result", String(40)),
    Column("draft_digest", String(64)),
    Column("draft_source", String(20), nullable=False, default=""),
    Column("expires_at", Instant),
    Column("task_gid", String(40)),
    Column("story_gid", String(40)),
    Column("period", Text),
    Index("runs_by_state", "state", "updated_at"),
    Index("runs_by_team", "team", "ceremony", "window_end"),
    Index("runs_by_end", "team", "ceremony", "state", "window_end"),
    Index("runs_by_age", "created_at"),
    Index("runs_by_fire", "team", "created_at", "ceremony", "id", "state", "result", "version"),
    Index("runs_open", "created_at", sqlite_where=OPEN, postgresql_where=OPEN),
)


def among(teams: Collection[str]) -> ColumnElement[bool]:
    """Runs of these teams, said so that no index is used for it: where a few rows were found by another, teams only filter."""
    return func.coalesce(runs.c.team, "").in_(teams)


history = Table(
    "history",
    metadata,
    belongs_to_run(),
    Column("seq", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("before", String(16)),
    Column("after", String(16), nullable=False),
    Column("why", Text, nullable=False),
    Column("by", String(120), nullable=False),
)

events = Table(
    "events",
    metadata,
    belongs_to_run(),
    Column("event_id", String(120), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("type", String(80), nullable=False),
    Column("processed_at", String(40)),
    Column("body", Text, nullable=False),
    Index("events_in_order", "run_id", "seq"),
)

snapshots = Table(
    "snapshots",
    metadata,
    belongs_to_run(),
    Column("taken_at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    belongs_to_run(),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    belongs_to_run(),
    Column("digest", String(64), primary_key=True),
    Column("origin", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),
    Column("faults", Text, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    belongs_to_run(),
    Column("outcome_id", String(80), primary_key=True),
    Column("iteration", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("result", String(40), nullable=False),
    Column("explanation", Text, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    belongs_to_run(),
    Column("seq", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("by", String(120), nullable=False),
    Column("because", Text, nullable=False),
    Column("draft_digest", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("channel", String(20), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    belongs_to_run(),
    Column("seq", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("target", String(40)),
    Column("detail", String(200), nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("marker", String(200), nullable=False),
    Column("attempted_at", Instant),
    Column("gid", String(40)),
    Column("written_at", Instant),
)

proposals = Table(
    "proposals",
    metadata,
    belongs_to_run(),
    Column("seq", Integer, primary_key=True),
    Column("session_id", String(80), nullable=False),
    Column("round", Integer, nullable=False),
    Column("origin", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("task", String(40), nullable=False),
    Column("before", String(200), nullable=False),
    Column("wanted", String(200), nullable=False),
    Column("note", Text, nullable=False),
    Column("sight", Text, nullable=False),
    Column("edit", Text, nullable=False),
    Column("outcome", Text, nullable=False),
)

costs = Table(
    "costs",
    metadata,
    belongs_to_run(),
    Column("session_id", String(80), primary_key=True),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("cache_read_tokens", Integer, nullable=False),
    Column("cache_write_tokens", Integer, nullable=False),
    Column("grader_tokens", Integer, nullable=False),
    Column("active_seconds", Float, nullable=False),
    Column("list_cents", Float, nullable=False),
)

approval_tasks = Table(
    "approval_tasks",
    metadata,
    belongs_to_run(),
    Column("draft_digest", String(64), primary_key=True),
    Column("marker", String(240), nullable=False),
    Column("attempted_at", Instant),
    Column("gid", String(40)),
    Column("seen", String(40), nullable=False, default=""),
    Column("heard", Text, nullable=False, default=""),
    Column("reminded_at", Instant),
    Column("closed_at", Instant),
)

autonomy = Table(
    "autonomy",
    metadata,
    Column("team", String(80), primary_key=True),
    Column("ceremony", String(80), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("mode", String(16), nullable=False),
    Column("why", Text, nullable=False),
)

pins = Table(
    "pins",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("team", String(80), nullable=False),
    Column("run_id", String(40)),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("planned_at", Instant),
    Index("notices_by_age", "at"),
    Index("notices_by_plan", "planned_at"),
)

dispatches = Table(
    "dispatches",
    metadata,
    Column("notice", String(200), ForeignKey("notices.key"), primary_key=True),
    Column("channel", String(20), primary_key=True),
    Column("address", String(200), primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),
    Column("attempted_at", Instant),
    Column("sent_at", Instant),
    Column("reference", String(200), nullable=False),
    Column("trouble", Text, nullable=False),
    Index("dispatches_by_next", "next_at"),
)

marks = Table(
    "marks",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("at", Instant, nullable=False),
)

targets = Table(
    "targets",
    metadata,
    Column("project", String(40), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("marker", String(200), nullable=False),
    Column("attempted_at", Instant, nullable=False),
    Column("gid", String(40)),
)

signin_links = Table(
    "signin_links",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("who", String(200), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

signin_sessions = Table(
    "signin_sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("who", String(200), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("run_id", String(40)),
    Column("kind", String(40), nullable=False),
    Column("by", String(120), nullable=False),
    Column("target", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("audit_by_run", "run_id", "seq"),
    Index("audit_by_age", "at"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("gid", String(40), nullable=False, default=""),
)

streams = Table(
    "streams",
    metadata,
    Column("project", String(40), primary_key=True),
    Column("sync", String(200), nullable=False),
    Column("seen_until", Instant, nullable=False),
    Column("began_at", Instant, nullable=False),
)

event_counts = Table(
    "event_counts",
    metadata,
    Column("project", String(40), primary_key=True),
    Column("what", String(80), primary_key=True),
    Column("times", Integer, nullable=False),
)

commands = Table(
    "commands",
    metadata,
    Column("identity", String(80), primary_key=True),
    Column("team", String(80), primary_key=True),
    Column("project", String(40), nullable=False),
    Column("task", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("who", String(40), nullable=False),
    Column("ceremony", String(80), nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("run_id", String(40)),
    Column("reply", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", Instant),
    Column("reply_gid", String(40)),
    Index("commands_by_next", "next_at"),
)

hooks = Table(
    "hooks",
    metadata,
    Column("path", String(80), primary_key=True),
    Column("project", String(40), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("secret", String(200)),
    Column("gid", String(40)),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
    Index("deliveries_by_age", "at"),
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("team", String(80), primary_key=True),
    Column("ceremony", String(80), primary_key=True),
    Column("since", Instant, nullable=False),
)

pauses = Table(
    "pauses",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("team", String(80), nullable=False),
    Column("ceremony", String(80), nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("by", String(120), nullable=False),
    Column("because", Text, nullable=False),
    Column("resumed_at", Instant),
    Column("resumed_by", String(120), nullable=False, default=""),
    Index("pauses_by_team", "team", "seq"),
)

sprints_seen = Table(
    "sprints_seen",
    metadata,
    Column("team", String(80), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("begins", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
)

nudges = Table(
    "nudges",
    metadata,
    Column("person", String(40), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("team", String(80), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("gid", String(40)),
    Index("nudges_by_age", "at"),
)

paces = Table(
    "paces",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("counted_at", Float, nullable=False),
    Column("paused_until", Float, nullable=False),
)
