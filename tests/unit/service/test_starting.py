"""Many runs due together: their boards are read shortly before their sessions can be created, not all at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

import runner
from facilitator.calendar.window import Window
from facilitator.errors import TrackerError
from facilitator.runs.locks import FileLocks
from facilitator.runs.pipeline import STARTING, Pipeline
from facilitator.runs.run import Run, RunState
from facilitator.runs.steps.desk import Ports
from facilitator.runs.store import RunStore
from tests.unit.service.ceremonies import assignment, berlin

pytestmark = pytest.mark.anyio
NOW = berlin("10 09:00")


class Board:
    """A tracker that reads until it is let, and then says that the board is gone."""

    def __init__(self) -> None:
        self.asked = 0
        self.let = asyncio.Event()

    async def read_project(self, *_project: Any, **_wishes: Any) -> None:
        """Never a board."""
        self.asked += 1
        await self.let.wait()
        raise TrackerError("gone", suggestion="Look for it.")


async def settled() -> None:
    """Let everything go on that can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_more_boards_are_read_than_there_are_places_on_the_way_to_a_session(tmp_path: Path) -> None:
    """What is read now must not wait for minutes until its session may be created; each that leaves lets one in."""
    count, board = STARTING + 5, Board()
    store = RunStore.open(f"sqlite:///{tmp_path}/runs.sqlite3")
    wishes = {(one.team, "standup"): one for n in range(count) if (one := assignment(team=f"team{n}"))}
    pipeline = Pipeline(ports(store, board, tmp_path), wishes)
    runs = [
        store.fire(one.team, "standup", Window(NOW - timedelta(days=1), NOW), mode=one.mode, trigger="schedule", now=NOW)[0]
        for one in wishes.values()
    ]  # fmt: skip

    work = [asyncio.create_task(pipeline.advance(run)) for run in runs]
    await settled()
    read_at_once = board.asked
    board.let.set()
    ended: list[Run] = await asyncio.gather(*work)
    store.close()

    assert read_at_once == STARTING
    assert board.asked == count
    assert {run.state for run in ended} == {RunState.FAILED}


def ports(store: RunStore, board: Board, folder: Path) -> Ports:
    """The world outside: this board, and nothing else that is asked."""

    async def sleep(_seconds: float) -> None:
        await asyncio.sleep(0)

    nobody = cast("Any", None)
    return Ports(
        store=store, tracker=lambda _assignment: cast("Any", board), agents=nobody, pinned=nobody, library=nobody,
        locks=FileLocks(folder), clock=lambda: NOW, sleep=sleep,
    )  # fmt: skip


async def test_teams_that_read_with_one_token_share_its_quota_and_its_places_in_flight(
    tmp_path: Path,
) -> None:
    """Asana counts by token: two teams with one token are one reader to it, over one connection, and the bot is another."""
    path = tmp_path / "facilitator.toml"
    team = '[[teams]]\nslug = "{0}"\nname = "{0}"\nproject = "{1}"\nzone = "UTC"\napprovers = ["Alice"]\n'
    own = '[teams.credentials]\nread = "env:ASANA_OF_EUROPE"\n'
    path.write_text(team.format("a", 71) + own + team.format("b", 72) + own + team.format("c", 73))
    environ = {
        "ASANA_ACCESS_TOKEN": "bot",
        "ASANA_OF_EUROPE": "europe",
        "ASANA_BASE_URL": "http://127.0.0.1:9",
    }
    app = runner.compose(path, environ)
    async with runner.reading(app) as tracker:
        a, b, c = (tracker.for_team(name)._reader for name in "abc")
    app.close()

    assert a._limiter is b._limiter
    assert a._client is b._client
    assert (a._limiter is c._limiter, a._client is c._client) == (False, False)
