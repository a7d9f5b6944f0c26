"""A quota that several processes share: nobody counts for himself."""

from collections.abc import Iterator

import pytest

from facilitator.pacing import Pace
from facilitator.runs.database import Database, open_database
from facilitator.runs.paces import SharedBucket


@pytest.fixture
def databases(url: str) -> Iterator[tuple[Database, Database]]:
    """The run log as two processes have it."""
    both = (open_database(url), open_database(url))
    yield both
    for database in both:
        database.dispose()


def test_two_processes_take_from_one_bucket(databases: tuple[Database, Database]) -> None:
    """Three at once between them, then both wait; another quota is another bucket."""
    pace = Pace(per_minute=6, burst=3)
    one, other = (SharedBucket(database, "shared", pace) for database in databases)

    assert [one.take(), other.take(), one.take()] == [0.0, 0.0, 0.0]
    assert 9 < other.take() <= 10
    assert SharedBucket(databases[1], "another", pace).take() == 0.0


def test_a_refusal_of_one_process_holds_back_the_other(databases: tuple[Database, Database]) -> None:
    """`Retry-After` counts for every replica."""
    one, other = (SharedBucket(database, "paused", Pace(600, 10)) for database in databases)
    one.pause(30)

    assert 29 < other.take() <= 30
