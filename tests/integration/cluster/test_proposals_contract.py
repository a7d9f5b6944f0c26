"""Proposed changes are queued alike on SQLite and PostgreSQL: the same tests, on the other database."""

from tests.unit.runs.test_proposals import *  # noqa: F403
