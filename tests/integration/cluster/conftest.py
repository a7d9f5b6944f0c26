"""The run log on a real PostgreSQL."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from facilitator.runs.run import Mode, Run
from facilitator.runs.store import RunStore
from tests.postgres import Postgres, serving
from tests.unit.runs.conftest import NOW, WINDOW


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Not below pytest's own folder: that is closed to the user whom the server runs as where we are root.
    one_suite = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
    with serving(Path(tempfile.gettempdir()) / f"facilitator-postgres-{one_suite}") as postgres:
        yield postgres


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.database()


@pytest.fixture
def store(url: str) -> Iterator[RunStore]:
    opened = RunStore.open(url)
    yield opened
    opened.close()


@pytest.fixture
def run(store: RunStore) -> Run:
    return store.fire("harbour", "standup", WINDOW, mode=Mode.APPROVE, trigger="schedule", now=NOW)[0]
