"""Profile sandbox: nothing is written outside the test workspace, by the program as runner.py puts it together."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

import runner
from facilitator.asana import OutsideSandbox
from facilitator.board.snapshot import TaskGid
from facilitator.cli.app import run_cli
from facilitator.runs.run import Mode, RunState
from facilitator.sandbox import Sandbox
from facilitator.service.application import Application

from .boards import board, moved
from .conftest import SPEED, composed, configuration_of, environment_of, hastily

TEST, LIVE = "500", "600"


def checked(folder: Path, world: Sandbox, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """The faults that `check` finds."""
    capsys.readouterr()
    environ = environment_of(world)
    run_cli(
        ["check", "--json", *words],
        lambda _config, _environ: runner.compose(folder / "facilitator.toml", environ),
        runner.ceremonies,
    )
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["data"]
    return [one["message"] for one in found if one["verdict"] == "fault"]


def test_a_sandbox_profile_cannot_write_to_a_live_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The board is read and the draft written; `check` and the run both say why nothing reaches Asana."""
    one, story = moved(1001, "Payment retry")
    pack = board([one], {"1001": story})
    plain, path = configuration_of(pack), tmp_path / "facilitator.toml"

    def with_profile(told: str) -> str:
        return plain.replace("[asana]", f"[asana]\n{told}")

    with Sandbox(pack, speed=SPEED, seed=7) as world:
        house = composed(world, pack, tmp_path, with_profile(f'profile = "sandbox"\nworkspace = "{LIVE}"'))
        house.app.working = hastily
        run = asyncio.run(house.fire(mode=Mode.DRAFT))
        assert (run.state, house.writes()) == (RunState.FAILED, [])
        assert f"profile sandbox writes in workspace {LIVE} alone" in run.reason
        assert run.reason == house.app.store.history(run.id)[-1].why
        with pytest.raises(OutsideSandbox):
            asyncio.run(commented(house.app))
        assert house.writes() == []
        outside = f"Harbour is in workspace {TEST}, not in the sandbox {LIVE}."
        assert checked(tmp_path, world, capsys) == [outside]

        path.write_text(with_profile(f'profile = "sandbox"\nworkspace = "{TEST}"'), encoding="utf-8")
        assert checked(tmp_path, world, capsys) == []
        assert "nothing is written outside" in checked(tmp_path, world, capsys, "--production")[0]
        path.write_text(plain, encoding="utf-8")
        assert checked(tmp_path, world, capsys, "--production") == ["nobody said live."]
        path.write_text(with_profile('profile = "live"'), encoding="utf-8")
        assert checked(tmp_path, world, capsys, "--production") == []
        house.app.close()


async def commented(app: Application) -> None:
    """A comment by the tracker that runner.py makes."""
    async with app.reading(app) as tracker:
        await tracker.post_comment(TaskGid("1001"), "<body>x</body>")
