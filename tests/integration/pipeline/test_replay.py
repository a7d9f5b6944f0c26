"""`runs replay`: the recorded facts once more, beside what came of them the first time; nothing is written anywhere."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

import runner
from facilitator.cli.app import run_cli
from facilitator.runs.run import Mode
from facilitator.sandbox import Sandbox

from .boards import board, moved, task
from .conftest import SPEED, House, composed, hastily

RUBRIC = """---
id: standup
version: 9.0.0
max_iterations: 1
artifact: /mnt/session/outputs/draft.json
---
# Rubric: standup

## S1 It has a headline   [hard] [grader]
Fail when: there is no headline.
Why: people read it first.
"""


@pytest.fixture
def house(tmp_path: Path) -> Any:
    first, told = moved(1001, "Payment retry", assignee={"gid": "902"})
    pack = board([first, task(1002, "Timetable cache")], {"1001": told})
    with Sandbox(pack, speed=SPEED, seed=7) as world:
        house = composed(world, pack, tmp_path)
        house.app.working = hastily
        yield house
        house.app.close()


def played(house: House, capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str]:
    code = run_cli(["runs", "replay", *argv], lambda *_: house.app, runner.ceremonies)
    return code, capsys.readouterr().out


def test_both_plays_are_shown_and_nothing_is_written(
    house: House, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Another rubric grades the new draft; the run, its log and its board stay as they are, and the session is closed."""
    run = asyncio.run(house.fire(mode=Mode.AUTO))
    history, writes = house.app.store.history(run.id), len(house.writes())
    (tmp_path / "stricter.md").write_text(RUBRIC, encoding="utf-8")
    code, out = played(house, capsys, run.id, "--rubric", str(tmp_path / "stricter.md"), "--json")
    told = json.loads(out)["data"]
    assert code == 0, out
    assert told["recorded"]["session_id"] == run.session_id
    assert (told["replayed"]["rubric"], told["replayed"]["result"]) == (
        "standup@9.0.0",
        "max_iterations_reached",
    )
    assert len(told["replayed"]["verdicts"]) < len(told["recorded"]["verdicts"])
    assert told["replayed"]["draft"]["ceremony"] == "standup"
    assert len(house.sessions()) == 1
    assert (house.app.store.get(run.id), house.app.store.history(run.id)) == (run, history)
    assert len(house.writes()) == writes


def test_without_another_rubric_both_sides_stand_side_by_side(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    """For people: two columns, the headline on both sides."""
    run = asyncio.run(house.fire(mode=Mode.SHADOW))
    code, out = played(house, capsys, run.id)
    assert code == 0
    assert out.splitlines()[0].split() == ["RECORDED", "|", "REPLAYED"]
    [headline] = [line for line in out.splitlines() if line.startswith("headline:")]
    left, right = headline.split(" | ")
    assert left.strip()[:30] == right.strip()[:30]


def test_a_run_without_facts_cannot_be_replayed(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """Said plainly, before any session is paid for."""
    code, _out = played(house, capsys, house.due().id, "--json")
    assert code == 1
    assert house.sessions() == []
