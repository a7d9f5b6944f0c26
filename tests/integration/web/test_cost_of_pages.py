"""What a page asks of the run log does not grow with what is in it; how long that takes is measured by `benchmarks.pages`."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event
from starlette.testclient import TestClient

from facilitator.runs.board_figures import KeptFigures
from facilitator.runs.run import RunState
from facilitator.service.figuring import Figuring
from tests.integration.web.conftest import SignedIn
from tests.integration.web.house import NOW, House

PAGES = (
    "/",
    "/approvals",
    "/runs",
    "/runs?state=failed",
    "/teams/harbour",
    "/quality",
    "/costs",
    "/portfolio",
)


@contextmanager
def counting(house: House) -> Iterator[list[str]]:
    """The questions of the block."""
    sent: list[str] = []

    def note(*words: Any) -> None:
        if words[2] != "BEGIN":
            sent.append(words[2])

    event.listen(house.app.database, "before_cursor_execute", note)
    yield sent
    event.remove(house.app.database, "before_cursor_execute", note)


def test_more_runs_are_not_more_questions(house: House, as_: SignedIn) -> None:
    """Four runs or sixteen: a page that has been looked at asks the same number of questions."""
    client, asked = as_("Alice"), []
    for count in (0, 4, 8, 12):
        for place, state in enumerate(
            (RunState.JUDGED, RunState.WRITTEN, RunState.FAILED, RunState.REJECTED)
        ):
            house.run(state, end=NOW - timedelta(days=count + place))
        if count in (0, 12):
            asked.append({path: questions(house, client, path) for path in PAGES})
    assert asked[0] == asked[1]
    assert max(asked[0].values()) <= 20


def questions(house: House, client: TestClient, path: str) -> int:
    """How many statements the page sends the second time it is looked at."""
    client.get(path)
    with counting(house) as sent:
        assert client.get(path).status_code == 200
    return len(sent)


def test_a_runs_page_asks_each_thing_once(house: House, as_: SignedIn) -> None:
    """Sessions of a hundred events and documents of twenty lines are read at once, not line by line."""
    run, client = house.run(RunState.WRITTEN), as_("Alice")
    with counting(house) as sent:
        client.get(f"/runs/{run.id}")
    assert len(sent) <= 20


def test_pages_read_kept_figures_and_no_board(house: House, as_: SignedIn) -> None:
    """Made once of each team's newest reading, beside the pages: afterwards no page unpacks a snapshot for them."""
    run, client = house.run(), as_("Alice")
    before = client.get("/api/teams/harbour").json()["data"]["figures"]
    asyncio.run(Figuring(house.app.store, lambda: house.app.assignments).turn())
    assert KeptFigures(house.app.database).newest(["harbour"])["harbour"].run == run.id
    fresh = as_("Bob")
    with counting(house) as sent:
        assert fresh.get("/api/teams/harbour").json()["data"]["figures"] == before
        assert fresh.get("/portfolio").status_code == 200
    assert not [question for question in sent if "snapshots.body" in question]
