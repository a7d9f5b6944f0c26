"""The simulated services in a process of their own, so that what they cost is not counted as ours: `serving(...)`."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.chaos.stage import excerpt
from benchmarks.crowd import crowd
from facilitator.sandbox import Quotas, Sandbox
from facilitator.sandbox.agents.state import AgentsSandboxSettings
from facilitator.sandbox.generated import generate_world

HALF_A_MINUTE_TO_A_MINUTE_AND_A_HALF = AgentsSandboxSettings(step_s=4.5, grading_s=9.0, spread=0.45)
"""About ten steps and two gradings a session."""
KEYS = {"ASANA_ACCESS_TOKEN": "bench", "ANTHROPIC_API_KEY": "bench"}


@contextmanager
def serving(
    pack: str = "", *, speed: float = 1.0, delay: float = 0.0, teams: int = 0
) -> Iterator[Mapping[str, str]]:
    """Both services; gives the environment for our side.

    `pack` is a workspace file, else the small world. With `teams` there are so many of its boards, sessions take 30 to 90
    seconds, and both services enforce the published quotas, at `speed`; else there are none.
    """
    asked = json.dumps({"pack": pack, "speed": speed, "delay": delay, "teams": teams})
    child = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "benchmarks.world", asked],
        stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert child.stdout is not None
        yield {**json.loads(child.stdout.readline()), **KEYS}
    finally:
        child.terminate()
        child.wait()


def small_world() -> dict[str, Any]:
    """A board of 24 tasks: the size of a team's sprint."""
    return excerpt(generate_world(7), Random(7))


def team(slug: str, project: str, *, mode: str = "auto", read: str = "") -> str:
    """One team's part of a configuration; `read` names the variable of the token its board is read with, if not the bot's."""
    own = f'[teams.credentials]\nread = "env:{read}"\n' if read else ""
    return (
        f'[[teams]]\nslug = "{slug}"\nname = "Team {slug}"\nproject = "{project}"\nzone = "UTC"\napprovers = ["Alice"]\n'
        f'[teams.board.sprint]\nsource = "field"\nfield = "Sprint"\n'
        f'[teams.ceremonies.standup]\nmode = "{mode}"\ntask_name = "Reports {slug}"\n{own}'
    )


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A folder for a run log; on the disk, as it would be."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def main() -> None:
    """Serve until killed."""
    asked = json.loads(sys.argv[1])
    pack = json.loads(Path(asked["pack"]).read_text()) if asked["pack"] else small_world()
    faults = (
        [{"kind": "slow", "seconds": asked["delay"], "count": None, "on": "asana"}] if asked["delay"] else []
    )
    teams = asked["teams"]
    pack = crowd(pack, teams) if teams else pack
    bounds: dict[str, Any] = {"requests_per_minute": None}
    if teams:
        bounds = {"quotas": Quotas(), "paces": HALF_A_MINUTE_TO_A_MINUTE_AND_A_HALF}
    with Sandbox(pack, speed=asked["speed"], faults=faults, **bounds) as world:
        # A thousand boards are millions of objects: looking through them for cycles would stop both services for seconds.
        gc.collect()
        gc.freeze()
        print(
            json.dumps({"ASANA_BASE_URL": world.asana_url, "ANTHROPIC_BASE_URL": world.agents_url}),
            flush=True,
        )
        threading.Event().wait()


if __name__ == "__main__":
    main()
