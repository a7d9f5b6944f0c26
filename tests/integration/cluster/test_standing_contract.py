"""Where a ceremony stands is told alike by SQLite and PostgreSQL: the same tests, on the other database."""

from tests.unit.runs.test_standing import *  # noqa: F403
