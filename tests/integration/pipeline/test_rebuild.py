"""The database is lost: what stands in Asana and in our sessions makes the run log again, and nothing is posted twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import runner
from facilitator.cli.app import run_cli
from facilitator.runs.assignment import Approver
from facilitator.runs.run import Mode, Run, RunState
from facilitator.sandbox import Sandbox
from facilitator.service.rebuilding import missing, recorded

from .boards import board, moved, task
from .conftest import SPEED, House, composed, hastily

pytestmark = pytest.mark.anyio
ALICE = "901"


@dataclass
class Loser:
    """A house that can lose its run log."""

    world: Sandbox
    folder: Path
    pack: dict[str, Any]
    house: House

    def settles_in(self) -> None:
        """Without patience, and by the world's calendar: a session's age counts."""
        now = self.house.as_of + timedelta(minutes=5)
        self.house.app.working, self.house.app.clock = hastily, lambda: now

    async def loses_its_log(self) -> None:
        """Every file of the database is gone; the program starts anew and its agent is applied."""
        as_of = self.house.as_of
        self.house.app.close()
        for path in self.folder.glob("facilitator.sqlite3*"):
            if path.is_file():
                path.unlink()
        self.house = await asyncio.to_thread(composed, self.world, self.pack, self.folder)
        self.house.as_of = as_of
        self.settles_in()
        assert self.house.app.store.recent() == ()

    async def reached(self, state: RunState, mode: Mode = Mode.APPROVE) -> Run:
        """A run advanced until it stands in this state; a yes is Alice's."""
        run = self.house.due(mode=mode)
        async with self.house.pipeline() as pipeline:
            while run.state is not state:
                run = self.house.approve(run) if run.waits_for_a_person else await pipeline.advance(run)
        return run

    async def rebuilt(self) -> tuple[Run, ...]:
        """Rebuild, and settle everything that is under way; the runs there are then."""
        app = self.house.app
        recorded(app, await missing(app))
        for run in app.store.unfinished():
            await self.house.settle(run)
        return app.store.recent()

    def asks_in_asana(self) -> None:
        """Let the team's questions be put up in Asana."""
        self.house.wants(approvers=(Approver("Alice", ALICE),))


@pytest.fixture(scope="module")
def small() -> dict[str, Any]:
    first, told = moved(1001, "Payment retry", assignee={"gid": "902"})
    return board([first, task(1002, "Timetable cache")], {"1001": told})


@pytest.fixture
async def loser(small: dict[str, Any], tmp_path: Path) -> AsyncIterator[Loser]:
    with Sandbox(small, speed=SPEED, seed=7) as world:
        house = await asyncio.to_thread(composed, world, small, tmp_path)
        loser = Loser(world, tmp_path, small, house)
        loser.settles_in()
        yield loser
        loser.house.app.close()


async def test_a_written_run_is_known_again(loser: Loser) -> None:
    """With its id, window, session and comment; rebuilding twice changes nothing, and the window is not written again."""
    before = await loser.reached(RunState.WRITTEN)
    await loser.loses_its_log()
    [after] = await loser.rebuilt()
    same = ("id", "key", "window", "mode", "state", "task_gid", "story_gid", "session_id")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert await missing(loser.house.app) == ()
    assert (await loser.house.fire()).state is RunState.WRITTEN
    assert len(loser.house.comments()) == 1
    assert len(loser.house.sessions()) == 1


@pytest.mark.parametrize("state", [RunState.SUBMITTED, RunState.JUDGED, RunState.APPROVED])
async def test_a_run_under_way_goes_on_in_its_session(loser: Loser, state: RunState) -> None:
    """Its draft is fetched from its session and waits for a yes again; then one comment stands there."""
    before = await loser.reached(state)
    await loser.loses_its_log()
    [after] = await loser.rebuilt()
    assert (after.id, after.session_id, after.state) == (before.id, before.session_id, RunState.JUDGED), (
        after.reason
    )
    written = await loser.house.settle(loser.house.approve(after))
    assert written.state is RunState.WRITTEN
    assert len(loser.house.comments()) == 1
    assert len(loser.house.sessions()) == 1


@pytest.mark.parametrize("state", [RunState.SCHEDULED, RunState.GATHERED])
async def test_a_run_that_left_no_trace_is_fired_anew(loser: Loser, state: RunState) -> None:
    """Nothing was asked of anyone yet: there is nothing to find, and nothing to double."""
    await loser.reached(state)
    await loser.loses_its_log()
    assert await loser.rebuilt() == ()
    assert (await loser.house.fire(mode=Mode.AUTO)).state is RunState.WRITTEN
    assert len(loser.house.comments()) == 1


async def test_a_yes_in_asana_outlives_the_log(loser: Loser) -> None:
    """The approval task is found by its marker, with its time and its answer: the comment is written, and asked for once."""
    loser.asks_in_asana()
    run = await loser.house.settle(await loser.reached(RunState.JUDGED))
    [asked] = [one for one in loser.world.asana.world.tables["task"].values() if one.get("approval_status")]
    asked.update(
        approval_status="approved", completed=True, completed_by={"gid": ALICE},
        completed_at=loser.world.clock().isoformat(), modified_at=loser.world.clock().isoformat(),
    )  # fmt: skip
    await loser.loses_its_log()
    loser.asks_in_asana()
    [after] = await loser.rebuilt()
    assert (after.id, after.state) == (run.id, RunState.WRITTEN), after.reason
    assert [one.channel for one in loser.house.app.store.decisions(run.id)] == ["asana"]
    tasks = loser.world.asana.world.tables["task"].values()
    assert sum(bool(one.get("approval_status")) for one in tasks) == 1
    assert len(loser.house.comments()) == 1


async def test_a_dry_run_records_nothing_and_a_known_run_is_left_alone(loser: Loser) -> None:
    """Looking is only looking; what the log knows is not told."""
    run = await loser.reached(RunState.SUBMITTED)
    assert await missing(loser.house.app) == ()
    await loser.loses_its_log()
    [found] = await missing(loser.house.app)
    assert (found.run.id, found.run.state) == (run.id, RunState.SCHEDULED)
    assert loser.house.app.store.recent() == ()
    assert recorded(loser.house.app, (found, found)) == 1


async def test_a_draft_whose_time_is_over_is_not_brought_back(loser: Loser) -> None:
    """Silence meant no: it is recorded as skipped, with its reason, and never asked about again."""
    await loser.reached(RunState.JUDGED)
    await loser.loses_its_log()
    loser.house.wants(expires_after=timedelta(0), deadline=timedelta(0))
    later = loser.house.app.clock() + timedelta(days=1)
    loser.house.app.clock = lambda: later
    [run] = await loser.rebuilt()
    assert (run.state, "time for a decision is over" in run.reason) == (RunState.SKIPPED, True)
    assert loser.house.comments() == []


def asked(house: House, capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    """What a verb answers with `--json`."""
    code = run_cli([*argv, "--json"], lambda *_: house.app, runner.ceremonies)
    told = json.loads(capsys.readouterr().out)
    assert (code, told["ok"]) == (0, True), told
    return told["data"]


def test_the_verbs_tell_what_stands_outside(
    small: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`sessions list` names each session with its run; `rebuild` shows what is missing, and `--apply` puts it back once."""
    with Sandbox(small, speed=SPEED, seed=7) as world:
        loser = Loser(world, tmp_path, small, composed(world, small, tmp_path))
        loser.settles_in()
        run = asyncio.run(loser.house.fire(mode=Mode.AUTO))
        [session] = asked(loser.house, capsys, "sessions", "list")
        assert (session["session_id"], session["run_id"], session["state"]) == (
            run.session_id,
            run.id,
            "written",
        )
        assert (session["status"], session["result"]) == ("idle", "satisfied")
        assert asked(loser.house, capsys, "rebuild", "--apply") == {
            "applied": True,
            "recorded": 0,
            "runs": [],
        }
        asyncio.run(loser.loses_its_log())
        shown = asked(loser.house, capsys, "rebuild")
        assert (shown["recorded"], [row["key"] for row in shown["runs"]]) == (0, [run.key])
        assert asked(loser.house, capsys, "rebuild", "--apply")["recorded"] == 1
        [session] = asked(loser.house, capsys, "sessions", "list", "--since", "2026-06-09T00:00:00Z")
        assert session["state"] == "written"
        loser.house.app.close()
