"""One page over three teams, through the whole pipeline: true for each, written once, and only to its own project."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

import runner
from facilitator.board.facts import Facts
from facilitator.board.snapshot import Snapshot
from facilitator.ceremony import TeamContext
from facilitator.cli.app import run_cli
from facilitator.drafts.richtext import to_text
from facilitator.runs.ports import Tracker
from facilitator.runs.run import Mode, Run, RunState
from facilitator.runs.signins import SignIns
from facilitator.runs.steps.desk import OfTeam
from facilitator.runs.tools import build_tools
from facilitator.sandbox import Sandbox
from facilitator.sandbox.requests import mask
from facilitator.service.firing import fire_now, window_at
from facilitator.web.app import build_web

from .conftest import SPEED, TOKEN, House, composed, environment_of, hastily
from .fleet import (
    MILESTONE,
    PROJECTS,
    TEAMS,
    TOKENS,
    WAITING,
    fleet_configuration,
    fleet_environment,
    fleet_pack,
)

pytestmark = pytest.mark.anyio

PAGE = """\
🔴 Week to Wed 10 Jun · 3 of 3 teams read
Off Track: 2 teams off track, 0 tasks done last week.

Why: 2 of 3 teams Off Track, and one in 3 is enough.

Decisions needed
- Checkout: What leaves the plan here, and who says so? Next: settle it after the stand-up. Product owner, by Wed 10 Jun.

Off Track (2 of 3)
- Checkout: 1 of 4 tasks, day 8 of 10 (ends Fri 12 Jun); 1 done this week; all open work done between Fri 15 Jan and Fri 2 Jul; 1 overdue; health 75 of 100 (Free of blockers 100; Open work touched lately 33). Why: 2 days to the deadline and 3 tasks open, 1 done. The plan does not hold as it stands; see the reason beside it. Next: agree what leaves the plan (team).
- Payments: 1 of 3 tasks, day 8 of 10 (ends Fri 12 Jun); 1 done this week; all open work done between Thu 12 Nov and Mon 19 Apr; 1 overdue; health 81 of 100 (Free of blockers 100; Open work touched lately 50). Why: 2 days to the deadline and 2 tasks open, 1 done. Scope or date has to give; see the reason beside it. Next: settle with the team which date holds (team).

Between teams (1)
- Pay by invoice (Checkout, owner Cleo Ortiz) waits for Ledger service (Platform, owner Paul Nakata, in progress), 6 working days: waits for another task to be finished. Next: agree today when that task can be ready.

Milestones in danger (1 of 1)
- Licence audit passed (Payments, no owner, due Fri 5 Jun; its date has passed): not started, so its date is in doubt; drop or swap something. Next: agree the way out with the product owner.

On Track (1 of 3)
- Platform: 2 of 3 tasks, day 8 of 10 (ends Fri 12 Jun); 2 done this week; health 100 of 100.

All teams
- Done this week: 4 tasks (last week 0)
- Blocked: 0, overdue: 2, waiting for another team: 1
- Milestones in danger: 1 of 1
- Health: 3 good, 0 fair, 0 low. Weights: Sprint completion 35, Free of blockers 25, Retro actions done 20, Open work touched lately 15, Tone of comments 5

As of Wed 10 Jun 09:15 CEST · since Fri 5 Jun 16:00 · 10 tasks, 0 comments read · AI draft, approved by Alice
ref portfolio_rollup/2026-06-10T07:15:00Z/programme
"""


@dataclass
class Fleet:
    """The program over the fleet, with verbs for its roll-up."""

    house: House
    environ: dict[str, str]

    def due(self, mode: Mode | None = None) -> Run:
        """The window that ends now, fired."""
        app = self.house.app
        assignment = app.assignment("programme", "portfolio_rollup")
        window = window_at(app.store, assignment, self.house.as_of)
        return fire_now(app.store, assignment, window, mode=mode, now=app.clock())[0]

    async def settle(self, run: Run) -> Run:
        """Advance as a new process would."""
        return await self.house.settle(run)

    def facts(self, run: Run) -> Facts:
        """What was computed."""
        found = self.house.app.store.facts(run.id)
        assert found is not None
        return found

    def snapshot(self, run: Run) -> Snapshot:
        """What was read."""
        found = self.house.app.store.snapshot(run.id)
        assert found is not None
        return found

    def comments(self) -> list[str]:
        """Every comment of a roll-up in the whole workspace, as its task's project and its text."""
        world = self.house.world.asana.world
        return [
            comment["text"]
            for task in world.tables["task"]
            for comment in self.house.world.asana.comments(task)
            if "ref portfolio_rollup/" in comment["text"]
        ]

    def says(self, *words: str, capsys: pytest.CaptureFixture[str]) -> Any:
        """What a verb answers."""
        path = self.house.app.settings.source
        capsys.readouterr()
        code = run_cli(
            [*words, "--json"], lambda _path, _env: runner.compose(path, self.environ), runner.ceremonies
        )
        told = json.loads(capsys.readouterr().out)
        assert code == 0, told
        return told["data"]


def opened(folder: Path, sandbox: Sandbox) -> Fleet:
    environ = {**environment_of(sandbox), **fleet_environment()}
    return Fleet(composed(sandbox, fleet_pack(), folder, fleet_configuration(), environ), environ)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fleet, Run]]:
    """A roll-up that Alice approved; looked at by many tests, changed by none."""
    with Sandbox(fleet_pack(), speed=SPEED, seed=7) as sandbox:
        fleet = opened(tmp_path_factory.mktemp("fleet"), sandbox)
        run = asyncio.run(fleet.settle(fleet.due()))
        assert run.waits_for_a_person, run.reason
        run = asyncio.run(fleet.settle(fleet.house.approve(run)))
        yield fleet, run
        fleet.house.app.close()


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """A fleet of its own, without patience."""
    with Sandbox(fleet_pack(), speed=SPEED, seed=7) as sandbox:
        fleet = opened(tmp_path, sandbox)
        yield fleet
        fleet.house.app.close()


def test_one_comment_stands_in_the_programmes_own_project(written: tuple[Fleet, Run]) -> None:
    """Approved as any other, written once, and read back; every team, the wait between two and the date are in it."""
    fleet, run = written
    assert run.state is RunState.WRITTEN, run.reason
    [comment] = fleet.comments()
    for said in (
        *TEAMS.values(),
        "Pay by invoice",
        "Ledger service (Platform, owner Paul Nakata, in progress)",
        "Licence audit passed",
    ):
        assert said in comment
    task = fleet.house.world.asana.task(run.task_gid or "")
    assert [one["project"]["gid"] for one in task["memberships"]] == [PROJECTS["programme"]]
    assert comment.rstrip().endswith(f"ref {run.key}")


def test_each_teams_figures_are_those_its_own_weekly_gives(written: tuple[Fleet, Run]) -> None:
    """Same functions, same board: a leader who opens a team's own status finds the same figures."""
    fleet, run = written
    told, app = fleet.facts(run), fleet.house.app
    same = {
        "status": "status.colour",
        "done_tasks": "sprint.done_tasks",
        "blocked": "blocked",
        "overdue": "overdue",
        "done_week": "throughput",
        "sprint_end": "sprint.end",
        "forecast.p85": "forecast.p85",
    }
    for board in fleet.snapshot(run).boards:
        assert board.snapshot is not None
        weekly = app.assignment(board.team, "weekly_status")
        own = weekly.ceremony.gather(
            board.snapshot, run.window, TeamContext(weekly.team_name, weekly.rules)
        ).facts
        for mine, theirs in same.items():
            ours = told.facts.get(f"{board.team}.{mine}")
            known = own.get(theirs)
            assert (ours is None) == (known is None), (board.team, mine)
            if ours and known:
                assert (ours.value, ours.of) == (known.value, known.of), (board.team, mine)
    assert told.facts["platform.status"].value == "On Track"
    assert told.facts["throughput"].value == sum(told.facts[f"{team}.done_week"].value for team in TEAMS)  # type: ignore[misc]


def test_what_lies_between_teams_is_told(written: tuple[Fleet, Run]) -> None:
    """A task that waits for another team, with its working days, and a milestone whose date has passed; each once."""
    told = written[0].facts(written[1])
    assert told.facts["dependencies"].tasks == (WAITING,)
    assert told.tasks[WAITING].team == "checkout"
    assert told.tasks[WAITING].figures["blocked_days"] == 6
    assert told.tasks[WAITING].notes["waits_for"] == "Ledger service (Platform, in progress)"
    assert told.facts["milestones"].tasks == (MILESTONE,)
    assert told.tasks[MILESTONE].notes["danger"] == "its date has passed"
    assert told.facts["payments.health"].of == 100


def test_a_teams_token_reads_its_own_board_and_nothing_else(written: tuple[Fleet, Run]) -> None:
    """Nor is anything read of a team's board by another token; what is written is written by the bot, to the programme."""
    fleet, run = written
    calls = fleet.house.world.asana.requests
    by = {mask(f"Bearer {token}"): slug for slug, token in {**TOKENS, "programme": TOKEN}.items()}
    for call in calls:
        slug = by[call.headers["authorization"]]
        text = f"{call.path} {call.query}"
        for other, project in PROJECTS.items():
            if other != slug:
                assert project not in text.split("/") + text.split("'"), (slug, text)
                assert f"/tasks/{project}" not in text, (slug, text)
    writes = [call for call in calls if call.method != "GET"]
    assert {by[call.headers["authorization"]] for call in writes} == {"programme"}
    made, said = (call for call in writes)
    assert made.path.endswith("/tasks")
    assert said.path.endswith(f"/tasks/{run.task_gid}/stories")


async def test_the_agent_looks_at_any_members_task_and_at_no_other(written: tuple[Fleet, Run]) -> None:
    """Tools answer from the boards that were read."""
    fleet, run = written
    events = [event for _place, event in fleet.house.app.store.events(run.id)]
    asked = [event for event in events if event.get("type") == "agent.custom_tool_use"]
    assert asked
    board, facts = fleet.snapshot(run), fleet.facts(run)
    assignment = fleet.house.app.assignment("programme", "portfolio_rollup")
    answer = build_tools(
        board, facts, lambda _text: (), rules=assignment.rules, members=assignment.member_rules
    )
    payments = json.loads(answer("board_get_task", {"task_gid": "7302"}).text)
    assert payments["state"] == "in_progress"
    assert answer("board_get_task", {"task_gid": "999"}).is_error


def test_the_run_log_and_the_verbs_know_a_rollup(
    written: tuple[Fleet, Run], capsys: pytest.CaptureFixture[str]
) -> None:
    """`runs show`, `board`, `next`, `check` and `explain` work as for any team."""
    fleet, run = written
    assert fleet.says("runs", "show", run.id, capsys=capsys)["state"] == "written"
    board = fleet.says(
        "board",
        "programme",
        "--ceremony",
        "portfolio_rollup",
        "--at",
        fleet.house.as_of.isoformat(),
        capsys=capsys,
    )
    assert board["by_team"]["status"]["values"]["platform"] == "On Track"
    assert board["teams"] == TEAMS
    coming = fleet.says("next", "--team", "programme", "--days", "8", capsys=capsys)
    assert "portfolio_rollup" in json.dumps(coming)
    found = fleet.says("check", capsys=capsys)
    assert [one for one in found if one["what"] == "roll-up of programme"]
    assert not [one for one in found if one["what"] == "project of programme" and one["verdict"] != "ok"]
    why = fleet.says("explain", "checkout.overdue", run.id, capsys=capsys)
    assert why["rule"] == "due before today"
    assert [task["name"] for task in why["tasks"]] == ["Voucher codes"]
    again = fleet.says("runs", "replay", run.id, capsys=capsys)
    assert again["recorded"]["result"] == again["replayed"]["result"] == "satisfied"


def test_a_rollup_is_seen_by_its_own_people_alone(written: tuple[Fleet, Run]) -> None:
    """A role in a team that is rolled up shows nothing of the programme, and one in the programme nothing of the teams."""
    fleet, run = written
    app = fleet.house.app
    web = build_web(app)

    def seen(who: str, path: str) -> Any:
        client = TestClient(web, base_url="http://127.0.0.1", follow_redirects=False)
        token = SignIns(app.database).open_session(who, now=app.clock(), lasts=app.settings.web.session)
        client.cookies.set("facilitator_session", token, domain="127.0.0.1")
        return client.get(path)

    for path in (f"/runs/{run.id}", f"/api/runs/{run.id}", "/teams/programme"):
        assert seen("Dora", path).status_code == seen("Alice", path).status_code == 200
        assert seen("Bob", path).status_code == 404
    assert seen("Dora", "/teams/checkout").status_code == 404
    page = seen("Dora", "/teams/programme").text
    assert "Rolls up 3 teams" in page
    assert "Checkout, Platform, Payments" in page
    assert "Tells of Checkout" in seen("Dora", "/portfolio").text
    assert "/charts/" not in seen("Dora", f"/runs/{run.id}").text


async def test_a_team_that_cannot_be_read_is_told(fleet: Fleet) -> None:
    """The page is written all the same; it says which team is missing and why, and judges nothing of it."""
    fleet.house.app.working = hastily
    fleet.house.harm("asana", "status", path=f"/projects/{PROJECTS['payments']}", status=403, count=None)
    run = await fleet.settle(fleet.due(Mode.AUTO))
    assert run.state is RunState.WRITTEN, run.reason
    told = fleet.facts(run)
    assert told.facts["payments.not_read"].value == "it may not be read"
    assert [key for key in told.facts if key.startswith("payments.")] == ["payments.not_read"]
    assert (told.facts["teams.read"].value, told.facts["teams.read"].of) == (2, 3)
    [comment] = fleet.comments()
    assert "Payments: it may not be read" in comment
    moves = [move.why for move in fleet.house.app.store.history(run.id)]
    assert any("2 of 3 teams (not read: Payments: it may not be read)" in why for why in moves)


async def test_no_page_is_written_of_no_team(fleet: Fleet) -> None:
    """Where none can be read the run fails with the reason, as any other; nothing is written."""
    fleet.house.app.working = hastily
    for slug in TEAMS:
        fleet.house.harm("asana", "status", path=f"/projects/{PROJECTS[slug]}", status=403, count=None)
    run = await fleet.settle(fleet.due(Mode.AUTO))
    assert run.state is RunState.FAILED
    assert "no board of Checkout, Platform, Payments could be read" in run.reason
    assert fleet.comments() == []


async def test_a_death_in_the_middle_of_reading_costs_a_second_reading_and_no_second_comment(
    fleet: Fleet,
) -> None:
    """Nothing of a half-read roll-up is kept; the next process reads again and writes once."""
    run, reached = fleet.due(Mode.AUTO), asyncio.Event()
    async with fleet.house.pipeline() as pipeline:
        trackers = pipeline._ports.tracker

        class Endless:
            """The board of Payments is being read, and never ends."""

            def __getattr__(self, name: str) -> Any:
                return getattr(trackers(fleet.house.app.assignment("payments", "weekly_status")), name)

            async def read_project(self, *_args: Any, **_more: Any) -> Snapshot:
                reached.set()
                return await asyncio.Future()

        def tracker(whose: OfTeam) -> Tracker:
            return cast("Tracker", Endless()) if whose.team == "payments" else trackers(whose)

        pipeline._desk.ports = replace(pipeline._ports, tracker=tracker)
        dying = asyncio.create_task(pipeline.advance(run))
        await reached.wait()
        dying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dying
    assert fleet.house.app.store.get(run.id).state is RunState.SCHEDULED
    assert fleet.house.app.store.snapshot(run.id) is None
    run = await fleet.settle(run)
    assert run.state is RunState.WRITTEN, run.reason
    assert await fleet.settle(run) == run
    assert len(fleet.comments()) == 1


def test_the_page_reads_well(written: tuple[Fleet, Run]) -> None:
    """As Asana shows it, with the figures of this fleet."""
    fleet, run = written
    [parcel] = fleet.house.app.store.parcels(run.id)
    assert to_text(parcel.body).splitlines() == PAGE.splitlines()
