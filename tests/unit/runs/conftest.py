"""A run log in a folder of its own, and a run in it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from facilitator.calendar.window import Window
from facilitator.runs.run import Mode, Run
from facilitator.runs.store import RunStore

NOW = datetime(2026, 6, 10, 7, 0, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=1), NOW)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.sqlite3'}"


@pytest.fixture
def store(url: str) -> Iterator[RunStore]:
    opened = RunStore.open(url)
    yield opened
    opened.close()


@pytest.fixture
def run(store: RunStore) -> Run:
    return store.fire("harbour", "standup", WINDOW, mode=Mode.APPROVE, trigger="schedule", now=NOW)[0]
