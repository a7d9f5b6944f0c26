"""What the run log promises on SQLite it promises on PostgreSQL: the same tests, on the other database."""

from tests.unit.runs.test_store import *  # noqa: F403
