"""Real boards of five teams: every sprint figure is the one their tracker's records give."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from facilitator.board.board import Board
from facilitator.board.building import MAX_CHARS
from facilitator.board.facts import Facts
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import Snapshot
from facilitator.calendar.window import Window
from facilitator.ceremony import TeamContext
from jobs.standup import gather
from tests import truth
from tests.packs import load_pack, packs

PACKS = packs()
needs_packs = pytest.mark.skipif(not PACKS, reason="no workspace packs in PACKS_DIR (default ../shared/data)")


def standup(snapshot: Snapshot) -> Facts:
    window = Window(snapshot.as_of - timedelta(days=1), snapshot.as_of)
    return gather(snapshot, window, TeamContext("Team", BoardRules(ZoneInfo("Europe/Berlin"))))


@needs_packs
@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.stem)
def test_every_sprint_figure_equals_the_truth(pack: Path) -> None:
    """Sets, points, unestimated, percentiles, the running sprint and the Blocked field: no difference at all."""
    sprints, lines = truth.differences(pack)
    assert lines == []
    assert sprints > 0


@needs_packs
@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.stem)
def test_open_dependencies_say_the_same_as_the_blocked_field(pack: Path) -> None:
    """In the packs the field was derived from open dependencies, on finished tasks too: our replay finds the same."""
    board = Board.of(load_pack(pack), BoardRules(ZoneInfo("UTC")))
    waiting = {
        gid
        for gid, history in board.histories.items()
        for other, waits in history.dependencies.items()
        if waits.at(board.as_of) and not board.histories[other].is_complete(board.as_of)
    }
    wanted = set(json.loads(pack.with_suffix(".truth.json").read_text())["blocked_at_as_of"])
    assert waiting == wanted


@needs_packs
@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.stem)
def test_replay_at_the_end_equals_the_present(pack: Path) -> None:
    """Replaying a real history to `as_of` gives every task as it was read."""
    snapshot = load_pack(pack)
    for gid, history in Board.of(snapshot, BoardRules(ZoneInfo("UTC"))).histories.items():
        task, now = history.task, snapshot.as_of
        assert history.is_complete(now) == task.completed, gid
        assert history.completed_at(now) == task.completed_at, gid
        assert history.section.at(now) == task.section, gid
        assert {key: found.at(now) for key, found in history.fields.items() if found.at(now) is not None} == {
            key: value for key, value in task.fields.items() if value is not None
        }, gid


@needs_packs
@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.stem)
def test_a_real_board_gives_bounded_readable_facts(pack: Path) -> None:
    """Three thousand tasks and thirty seven both fit into about 4,000 tokens, and read back as written."""
    facts = standup(load_pack(pack))
    assert len(facts.to_json()) <= MAX_CHARS
    assert Facts.from_json(facts.to_json()) == facts


def made_up_pack(folder: Path, **changes: object) -> Path:
    """A pack with one sprint of one finished task, and its truth."""
    instants = {"start_at": "2026-03-02T09:00Z", "end_at": "2026-03-13T17:00Z", "closed_at": None}
    option, done = (
        {"gid": "5", "name": "S1"},
        {"tasks": 1, "points": 3, "unestimated": 0, "task_gids": ["11"]},
    )
    none = {"tasks": 0, "points": 0, "unestimated": 0, "task_gids": []}
    pack = {
        "as_of": "2026-03-10T09:00Z",
        "projects": [{"gid": "1", "name": "Project"}],
        "users": [],
        "sections": [{"gid": "2", "name": "Done"}],
        "custom_fields": [
            {"gid": "3", "name": "Story Points", "resource_subtype": "number"},
            {
                "gid": "4",
                "name": "Sprint",
                "resource_subtype": "enum",
                "enum_options": [option],
                "description": "S1 | 2026-03-02T09:00Z | 2026-03-13T17:00Z | -",
            },
        ],
        "tasks": [
            {
                "gid": "11",
                "name": "A task",
                "created_at": "2026-03-01T09:00Z",
                "completed": True,
                "completed_at": "2026-03-03T09:00Z",
                "memberships": [{"section": {"gid": "2"}}],
                "custom_fields": [{"gid": "3", "number_value": 3}, {"gid": "4", "enum_value": {"gid": "5"}}],
            }
        ],
        "stories": {"11": []},
    }
    sprint = {
        "name": "S1", "enum_option_gid": "5", **instants, "committed": done, "added": none, "removed": none,
        "completed": done, "carried_over": none, "other": none,
        "cycle_days": {"n": 0, "p50": None, "p85": None}, "lead_days": {"n": 1, "p50": 2.0, "p85": 2.0},
    } | changes  # fmt: skip
    path = folder / "made-up.json"
    path.write_text(json.dumps(pack))
    answer = {"sprints": [], "current_sprint": sprint, "blocked_at_as_of": []}
    path.with_suffix(".truth.json").write_text(json.dumps(answer))
    return path


def test_the_comparison_finds_nothing_where_all_is_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last line counts sprints and differences, and the exit is 0."""
    made_up_pack(tmp_path)
    assert truth.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 sprints, 0 differences"


@pytest.mark.parametrize(
    "wrong",
    [
        {"completed": {"tasks": 1, "points": 5, "unestimated": 0, "task_gids": ["11"]}},
        {"added": {"tasks": 1, "points": 3, "unestimated": 0, "task_gids": ["11"]}},
        {"lead_days": {"n": 1, "p50": 2.0, "p85": 2.001}},
        {"completed_not_delivered": 0},
        {"name": "S2"},
        {"enum_option_gid": "6"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_the_comparison_notices_one_wrong_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: dict[str, object]
) -> None:
    """A single figure off makes a line, a count and an exit of 1: the check can fail."""
    made_up_pack(tmp_path, **wrong)
    assert truth.main([str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 sprints, 1 differences"


def test_a_folder_without_packs_is_not_a_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Comparing nothing proves nothing."""
    assert truth.main([str(tmp_path)]) == 1
    assert "no packs with a truth file" in capsys.readouterr().out
