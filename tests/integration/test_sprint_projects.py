"""Sprints as projects: the same board told with a project per sprint gives the same figures, from a file and over HTTP."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import runner
from facilitator.board.board import Board
from facilitator.board.rules import BoardRules, ProjectSprints
from facilitator.board.snapshot import Snapshot
from facilitator.board.sprint_figures import SprintFigures, sprint_figures
from facilitator.cli.app import run_cli
from facilitator.runs.archive import pack as packed
from facilitator.runs.archive import unpack
from facilitator.runs.database import open_database
from facilitator.runs.ports import MoreProjects
from facilitator.runs.store import RunStore
from facilitator.sandbox import Sandbox
from facilitator.service.sprintbook import SprintBook
from tests.integration.asana.conftest import Harbour
from tests.packs import packs_dir, snapshot_of
from tests.sprint_packs import as_projects, in_days, project_snapshot

UTC_ZONE = ZoneInfo("UTC")
NAMES = ("small-alloy", "medium-windows", "history-duracloud", "report-xd")
BY_NAME = BoardRules(zone=UTC_ZONE, sprint=ProjectSprints(pattern="."))


def pack_named(name: str) -> dict[str, Any]:
    path = packs_dir() / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"the pack {path} is not here")
    pack: dict[str, Any] = json.loads(path.read_text())
    return pack


def figures(snapshot: Snapshot, rules: BoardRules) -> dict[str, SprintFigures]:
    """Every sprint's account by name; the key, which differs between a field and a project, left out."""
    board = Board.of(snapshot, rules)
    told = [sprint_figures(board, sprint) for sprint in board.sprints]
    return {one.sprint.name: replace(one, sprint=replace(one.sprint, key="")) for one in told}


@pytest.mark.parametrize("name", NAMES)
def test_a_project_per_sprint_gives_the_figures_of_a_field(name: str) -> None:
    """Committed, added, removed, completed, carried over, points, percentiles: all of every sprint."""
    pack = pack_named(name)
    wanted = figures(snapshot_of(in_days(pack)), BoardRules(zone=UTC_ZONE))
    seen = figures(project_snapshot(as_projects(pack)), BY_NAME)
    assert seen == wanted
    assert len(seen) > 2
    assert any(one.completed.tasks for one in seen.values())


def test_the_running_sprint_is_the_project_whose_days_hold_today() -> None:
    """And a project without dates is named, not guessed."""
    pack = as_projects(pack_named("small-alloy"))
    board = Board.of(project_snapshot(pack), BY_NAME)
    running = board.current_sprint()
    assert running is not None
    assert running.name == "2014 Sprint 19 Alloy"


@pytest.mark.anyio
async def test_sprint_projects_are_read_over_http() -> None:
    """Tasks of several projects come once, with the figures of the file; the sprint book finds the same ends."""
    pack = as_projects(pack_named("small-alloy"))
    more = MoreProjects(sprints=ProjectSprints(pattern="Sprint"))
    with Sandbox(copy.deepcopy(pack), requests_per_minute=None) as sandbox:
        harbour = Harbour(sandbox, pack)
        async with harbour.tracker() as tracker:
            as_of = datetime.fromisoformat(pack["as_of"])
            snapshot = await tracker.read_project(harbour.project, as_of=as_of, more=more)
            late = await tracker.read_project(harbour.project, as_of=as_of, history_since=as_of, more=more)
            own = await tracker.project(harbour.project)
            found = await tracker.sprint_projects(own, ProjectSprints(projects=(snapshot.projects[1].gid,)))
    assert len(snapshot.tasks) == len({task.gid for task in snapshot.tasks}) == len(pack["tasks"])
    assert figures(snapshot, BY_NAME) == figures(project_snapshot(pack), BY_NAME)
    assert figures(unpack(packed(snapshot)), BY_NAME) == figures(snapshot, BY_NAME)
    assert len(snapshot.projects) == 4
    assert [one.name for one in late.projects[1:]] == ["2014 Sprint 19 Alloy"]
    assert [one.name for one in found] == [snapshot.projects[1].name]


CONFIG = """
[asana]
base_url = "{url}"

[[teams]]
slug = "alloy"
project = "{project}"
zone = "UTC"
approvers = ["Alice"]

[teams.board.sprint]
source = "projects"
pattern = "{pattern}"

[teams.ceremonies.retro]
"""


@pytest.mark.anyio
async def test_the_sprint_book_finds_the_ends_of_sprint_projects(tmp_path: Path) -> None:
    """A retro at the end of sprints is due when a sprint's project ends."""
    pack = as_projects(pack_named("small-alloy"))
    with Sandbox(copy.deepcopy(pack), requests_per_minute=None) as sandbox:
        app = runner.compose(written(tmp_path, sandbox, pack, "Sprint"), ENVIRONMENT)
        assignment = app.assignment("alloy", "retro")
        book = SprintBook(RunStore(open_database("sqlite://")))
        async with app.reading(app) as tracker:
            await book.refresh(tracker, [assignment], now=datetime.fromisoformat(pack["as_of"]))
    ends = book.timetable(assignment).sprints
    wanted = sorted(one["due_on"] for one in pack["projects"][1:])
    assert [(one.end - timedelta(days=1)).date().isoformat() for one in ends] == wanted


ENVIRONMENT = {"ASANA_ACCESS_TOKEN": "canary-asana-token", "ANTHROPIC_API_KEY": "canary-anthropic-key"}


def written(folder: Path, sandbox: Sandbox, pack: dict[str, Any], pattern: str) -> Path:
    path = folder / "facilitator.toml"
    path.write_text(CONFIG.format(url=sandbox.asana_url, project=pack["projects"][0]["gid"], pattern=pattern))
    return path


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("Sprint", "projects of alloy: 3 sprints, the last 2014 Sprint 19 Alloy"),
        ("Iteration", "projects of alloy: no project is a sprint with dates"),
    ],
)
def test_check_tells_which_sprints_the_projects_give(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], pattern: str, told: str
) -> None:
    """A pattern that fits nothing is a fault before anything runs."""
    pack = as_projects(pack_named("small-alloy"))
    with Sandbox(copy.deepcopy(pack), requests_per_minute=None) as sandbox:
        path = written(tmp_path, sandbox, pack, pattern)
        run_cli(
            ["--config", str(path), "check"],
            lambda config, _environ: runner.compose(config, ENVIRONMENT),
            runner.ceremonies,
        )
    assert told in capsys.readouterr().out
