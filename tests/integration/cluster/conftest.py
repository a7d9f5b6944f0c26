"""The run log on a real PostgreSQL."""

import os
from collections.abc import Iterator

import pytest

from facilitator.runs.run import Mode, Run
from facilitator.runs.store import RunStore
from tests.postgres import Postgres, serving
from tests.unit.runs.conftest import NOW, WINDOW


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    with serving(shared / "postgres") as postgres:
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
