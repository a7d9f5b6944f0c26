"""The verb `demo`: the whole product on the built-in world, through the same code as production.

It starts the local sandbox, writes a configuration beside a new run log, applies the agent, fires every ceremony in mode
approve, approves each as the demo's named approver, and shows what was written and why. The folder stays, to look at.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from facilitator.cli.answer import Answer, say
from facilitator.cli.context import Context
from facilitator.cli.progress import watching
from facilitator.cli.provision import applied
from facilitator.cli.telling import document, run_data, story
from facilitator.errors import CheckFailed, ConfigurationError
from facilitator.runs.assignment import Assignment
from facilitator.runs.run import Run, RunState
from facilitator.runs.steps.desk import Observe
from facilitator.service.application import Application
from facilitator.service.firing import fire_now, window_at

SPEED = 4.0
"""Fast enough to be over in seconds, slow enough to be watched."""

MARK = ".facilitator-demo"
"""Only a folder that holds this file is cleared by the next demo."""

INTRODUCTION = """\
The local sandbox simulates Asana and Claude Managed Agents on this machine. The documents are written by a script and
graded by another; neither is a language model. Everything else is what runs in production.
"""


def demo(context: Context, folder: Path, seed: int, *, quiet: bool) -> Answer:
    """Run every ceremony once; a second demo starts anew."""
    from facilitator.sandbox import Sandbox
    from facilitator.sandbox.generated import generate_world

    world = generate_world(seed)
    _clear(folder)
    with Sandbox(world, speed=SPEED, seed=seed) as sandbox:
        configuration = folder / "facilitator.toml"
        configuration.write_text(_configuration(world, context.ceremonies()), encoding="utf-8")
        environ = {
            "ASANA_BASE_URL": sandbox.asana_url,
            "ANTHROPIC_BASE_URL": sandbox.agents_url,
            "ASANA_ACCESS_TOKEN": "the-local-sandbox-takes-any-token",
            "ANTHROPIC_API_KEY": "the-local-sandbox-takes-any-key",
        }
        with (
            context.application(config=configuration, environ=environ) as app,
            watching(quiet=quiet) as observe,
        ):
            if not quiet:
                say(INTRODUCTION)
            applied(app)
            runs = asyncio.run(_play(app, observe, datetime.fromisoformat(world["as_of"])))
            return _told(app, runs, configuration)


def demo_dashboard(
    context: Context, folder: Path, seed: int, port: int, *, brief: bool, as_json: bool
) -> Answer:
    """The dashboard on three teams with a history, until stopped; a second one starts anew."""
    from facilitator.cli.demo_serving import serve_demo

    _clear(folder)
    if not as_json:
        say(INTRODUCTION)
        say("Making a history; every run in it is really run. This takes a minute.")
    return serve_demo(context, folder, seed, port, brief=brief, as_json=as_json)


async def _play(app: Application, observe: Observe, at: datetime) -> list[Run]:
    async with app.working(app, observe) as pipeline:
        runs = []
        for assignment in app.assignments.values():
            window = window_at(app.store, assignment, at.astimezone(UTC))
            run, _new = fire_now(app.store, assignment, window, mode=None, now=app.clock())
            run = await pipeline.settle(run)
            if run.waits_for_a_person:
                run = await pipeline.settle(_approved(app, run, assignment))
            runs.append(run)
        return runs


def _approved(app: Application, run: Run, assignment: Assignment) -> Run:
    approver = assignment.approvers[0].name
    return app.approvals.approve(run, assignment, who=approver, now=app.clock(), channel="demo")


def _told(app: Application, runs: list[Run], configuration: Path) -> Answer:
    data = {"runs": [run_data(app, run) for run in runs], "configuration": str(configuration)}
    parts = [f"{document(app, run)}\n\n{story(app, run)}" for run in runs]
    parts.append(f"The run log is left in {configuration.parent}/. Look again with:\n"
                 f"  python runner.py --config {configuration} runs list")  # fmt: skip
    text = "\n\n".join(parts)
    unwritten = [run for run in runs if run.state is not RunState.WRITTEN]
    if unwritten:
        reasons = "; ".join(f"{run.ceremony} is {run.state}: {run.reason}" for run in unwritten)
        return Answer(data, text, CheckFailed(f"not everything was written: {reasons}"))
    return Answer(data, text)


def _configuration(world: Mapping[str, Any], ceremonies: tuple[str, ...]) -> str:
    from facilitator.settings import first_configuration

    project = world["projects"][0]
    names = {user["gid"]: user["name"] for user in world["users"]}
    return first_configuration(
        team=world["teams"][0]["name"],
        project=project["gid"],
        zone="Europe/Berlin",
        approvers=[names[project["members"][0]["gid"]]],
        holidays="DE",
        ceremonies=ceremonies,
    )


def _clear(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise ConfigurationError(
                f"the folder {folder} holds something else.", suggestion="Name another one with --folder."
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
