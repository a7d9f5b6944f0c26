"""The stage of an act: a generated world behind both simulated services, three teams configured on it, their runs fired.

Owns what the play stands on and how the world is asked afterwards. It knows no kill and judges nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import runner
from benchmarks.chaos.plan import PRESENT, TEAMS, Json, Plan, Planned
from facilitator.runs.run import Mode, Run
from facilitator.sandbox import Sandbox
from facilitator.sandbox.agents.script import Script
from facilitator.sandbox.generated import generate_world
from facilitator.service.application import Application

TASKS = 24
SPEED = 200.0
KEYS = {"ASANA_ACCESS_TOKEN": "chaos-asana-token", "ANTHROPIC_API_KEY": "chaos-anthropic-key"}

CLUSTER = """
[executor]
kind = "cluster"
at_once = 6
"""
TEAM = """
[[teams]]
slug = "{slug}"
name = "{name}"
project = "{project}"
zone = "Europe/Berlin"
approvers = ["Alice", "Adam"]

[teams.board.sprint]
source = "field"
field = "Sprint"

[teams.ceremonies.standup]
mode = "approve"
{task}
[teams.ceremonies.weekly_status]
mode = "approve"
status_update = true
charts = {charts}
[teams.ceremonies.retro]
mode = "approve"
"""


@dataclass
class Stage:
    """The program as this process sees it, and the world it works on."""

    app: Application
    world: Sandbox
    config: Path
    environ: Mapping[str, str]
    due: Sequence[Planned]

    def calls(self) -> int:
        """How many calls both services were sent so far."""
        return self.world.calls

    def calm(self) -> None:
        """Let nothing go wrong any more."""
        for plan in self.world.faults.values():
            plan.clear()

    @property
    def harmed(self) -> dict[str, int]:
        """How often each kind of fault was met."""
        found: dict[str, int] = {}
        for plan in self.world.faults.values():
            for fault in plan.faults():
                found[fault.kind] = found.get(fault.kind, 0) + fault.used
        return {kind: used for kind, used in sorted(found.items()) if used}


@contextmanager
def staged(plan: Plan, folder: Path, database: str = "") -> Iterator[Stage]:
    """A stage where nothing was fired yet; `database` is a PostgreSQL that several processes share, not the file beside the configuration."""
    pack = excerpt(generate_world(plan.world, as_of=PRESENT, past_sprints=2), plan.dice("tasks"))
    with Sandbox(pack, speed=SPEED, seed=plan.world, requests_per_minute=None) as world:
        config = folder / "facilitator.toml"
        head = CLUSTER if database else ""
        config.write_text(head + _teams(pack["projects"][0]["gid"]), encoding="utf-8")
        environ = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TZ")},
            "ASANA_BASE_URL": world.asana_url, "ANTHROPIC_BASE_URL": world.agents_url, **KEYS,
            **({"FACILITATOR_DATABASE_URL": database} if database else {}),
        }  # fmt: skip
        app = runner.compose(config, environ)
        try:
            yield Stage(app, world, config, environ, plan.runs)
        finally:
            app.close()


async def prepare(stage: Stage, plan: Plan) -> None:
    """Apply the agent, say how sessions go, fire every run unless schedulers do, and only then let things go wrong."""
    app, world = stage.app, stage.world
    _changes, pinned = await app.provisioning(app, change=True)
    assert pinned is not None
    app.store.pin(pinned, now=app.clock())
    scripts = world.agents_app.state.sandbox.scripts  # type: ignore[attr-defined]
    for switches in plan.scripts:
        scripts.put(Script(**switches), 1)
    if app.settings.executor.kind == "local":
        for one in plan.runs:
            fire(app, one)
    for side, faults in world.faults.items():
        faults.add([fault for fault in plan.faults if fault["on"] == side], seed=plan.world)


def fire(app: Application, one: Planned) -> Run:
    """The run of this window, made unless somebody made it."""
    return app.store.fire(
        one.team, one.ceremony, one.window, mode=Mode(one.mode), trigger="chaos", now=app.clock()
    )[0]


def excerpt(pack: Json, dice: Random) -> Json:
    """The world with a few of its tasks: a board costs one call for each, and the play is about what comes after."""
    whole = [task for task in pack["tasks"] if not task.get("parent")]
    kept = {task["gid"] for task in dice.sample(whole, min(TASKS, len(whole)))}
    tasks = [task for task in whole if task["gid"] in kept]
    for task in tasks:
        task["dependencies"] = [one for one in task.get("dependencies", ()) if one["gid"] in kept]
    stories = {gid: told for gid, told in pack["stories"].items() if gid in kept}
    return {**pack, "tasks": tasks, "stories": stories}


def _teams(project: str) -> str:
    """Two teams whose stand-ups share a task by its name, and one with a name of its own and with pictures."""
    teams = (
        TEAM.format(
            slug=slug, name=slug.title(), project=project, charts=str(slug == TEAMS[-1]).lower(),
            task='task_name = "Notes of the mole"' if slug == TEAMS[-1] else "",
        )
        for slug in TEAMS
    )  # fmt: skip
    return "".join(teams)
