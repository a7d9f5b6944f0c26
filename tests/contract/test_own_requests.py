"""Every call of ours to Asana in whole runs, and every answer we relied on, against the published API description."""

import asyncio
import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import runner
from facilitator.asana import AsanaTracker
from facilitator.board.snapshot import ProjectGid, TaskGid, UserGid
from facilitator.board.wishes import Edit
from facilitator.cli.provision import applied
from facilitator.errors import TrackerError
from facilitator.runs.approval_board import AnswerKind, ApprovalRequest
from facilitator.runs.ports import NewTask
from facilitator.runs.run import Mode, RunState
from facilitator.runs.steps.desk import unobserved
from facilitator.sandbox import Sandbox
from facilitator.sandbox.generated import generate_world
from facilitator.sandbox.requests import LoggedRequest
from facilitator.service.application import Application
from facilitator.service.firing import fire_now, window_at
from facilitator.settings import first_configuration
from tests.contract import asana_openapi as openapi

PROGRAMME = """
[[teams]]
slug = "programme"
name = "Programme"
project = "{project}"
zone = "Europe/Berlin"
approvers = ["Alice"]
rollup = ["harbour"]
[teams.ceremonies.portfolio_rollup]
mode = "approve"
"""

published = pytest.mark.skipif(not openapi.available(), reason=openapi.ABSENT)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A sandbox after whole runs of every ceremony, with everything a team can ask for turned on."""
    pack = generate_world(7)
    with Sandbox(copy.deepcopy(pack), speed=500, seed=7) as world:
        app = composed(world, pack, tmp_path_factory.mktemp("own") / "facilitator.toml")
        asyncio.run(everything(app, datetime.fromisoformat(pack["as_of"]).astimezone(UTC)))
        app.close()
        yield world


def composed(world: Sandbox, pack: dict[str, Any], path: Path) -> Application:
    project = pack["projects"][0]["gid"]
    text = first_configuration(
        team="Harbour",
        slug="harbour",
        project=project,
        zone="Europe/Berlin",
        approvers=["Alice"],
        ceremonies=runner.ceremonies(),
    ).replace("requests_per_minute = 120 ", "requests_per_minute = 1500")
    text += PROGRAMME.format(project=project)
    path.write_text(text.replace('mode = "approve"', 'mode = "auto"\nstatus_update = true\ncharts = true'))
    environ = {
        "ASANA_BASE_URL": world.asana_url,
        "ANTHROPIC_BASE_URL": world.agents_url,
        "ASANA_ACCESS_TOKEN": "canary-asana-token",
        "ANTHROPIC_API_KEY": "canary-anthropic-key",
    }
    app = runner.compose(path, environ)
    applied(app)
    return app


async def everything(app: Application, at: datetime) -> None:
    async with app.working(app, unobserved) as pipeline, app.reading(app) as tracker:
        for assignment in app.assignments.values():
            window = window_at(app.store, assignment, at)
            run, _new = fire_now(app.store, assignment, window, mode=Mode.AUTO, now=app.clock())
            run = await pipeline.settle(run)
            assert run.state is RunState.WRITTEN, f"{run.ceremony}: {run.reason}"
        project = next(iter(app.assignments.values())).project
        person = (await tracker.project(project)).members[0].gid
        app.reach().people.add(person)
        await tracker.create_private_task(project, person, NewTask("A run failed", "ref notice/x"))
        assert await tracker.find_private_task(project, person, "ref notice/x")
        stream = await tracker.listen(project)
        began = await stream.read(None)
        task = next(iter(app.store.recent())).task_gid or ""
        await tracker.post_comment(TaskGid(task), "<body>@facilitator standup</body>")
        assert not (await stream.read(began.sync)).events
        await asks_for_a_decision(tracker, TaskGid(task), person)
        await changes_a_task(tracker, project)
        assert not await stream.since(at)
        with pytest.raises(TrackerError, match="handshake"):
            await tracker.ask_for_webhook(project, "http://127.0.0.1:9/hooks")


async def asks_for_a_decision(tracker: AsanaTracker, task: TaskGid, person: UserGid) -> None:
    wanted = ApprovalRequest("[AI Proposal] Stand-up", "words\nref x/y", (person, person), datetime.now(UTC))
    question = await tracker.create_approval(task, wanted)
    assert await tracker.find_approval(task, "ref x/y") == question
    await tracker.set_approval(question, status="rejected", notes="other words\nref x/y")
    seen, answers = await tracker.read_approval(question), await tracker.list_answers(question)
    assert seen is not None
    assert (seen.status, [one.kind for one in answers]) == (
        "rejected", [AnswerKind.NOTES_CHANGED, AnswerKind.ANSWERED],
    )  # fmt: skip
    assert all(one.ours for one in answers)


async def changes_a_task(tracker: AsanaTracker, project: ProjectGid) -> None:
    made = await tracker.create_task(project, NewTask("To be moved"))
    sections = await tracker.sections(project)
    await tracker.amend_task(made, Edit(sections[-1].gid, completed=True))
    seen = await tracker.read_task(project, made)
    assert seen is not None
    assert (seen.section, seen.completed) == (sections[-1].gid, True)


def ids(call: LoggedRequest) -> str:
    return f"{call.method} {call.path}"


def test_the_runs_used_every_kind_of_write(world: Sandbox) -> None:
    """Otherwise the checks below would prove less than they say."""
    made = {call.path.rsplit("/", 1)[-1] for call in world.asana.requests if call.method == "POST"}
    assert made >= {"stories", "tasks", "status_updates", "attachments", "subtasks", "addTask"}
    assert not [
        ids(call)
        for call in world.asana.requests
        if call.status is None or (call.status >= 400 and not call.path.endswith(("/events", "/webhooks")))
    ]


@published
def test_every_request_of_ours_is_published(world: Sandbox) -> None:
    """Path, query and body, one by one."""
    for call in world.asana.requests:
        openapi.validate_request(call.method, call.path, call.query, call.body)


@published
def test_every_answer_we_relied_on_is_published(world: Sandbox) -> None:
    """Each answer has the shape the description gives for its call."""
    answered = [call for call in world.asana.requests if call.answer is not None]
    assert len(answered) > 0.9 * len(world.asana.requests)
    for call in answered:
        openapi.validate_response(call.method, call.path, call.status or 0, call.answer)


def test_we_ask_for_no_field_that_does_not_exist(world: Sandbox) -> None:
    """Asana would not complain of a misspelt opt_fields; the sandbox remembers them."""
    assert not world.asana.world.unknown_fields


def test_everything_goes_through_the_api_alone(world: Sandbox) -> None:
    """Every path is under /api/1.0, and no request carries the token anywhere but in its header."""
    assert all(call.path.startswith("/api/1.0/") for call in world.asana.requests)
    assert not [
        ids(call) for call in world.asana.requests if "canary" in f"{call.path}{call.query}{call.body}"
    ]
