"""What we send to Asana, and what the local sandbox answers, is what the published description allows."""

import copy
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

import runner
from facilitator.cli.provision import applied
from facilitator.runs.pipeline import unobserved
from facilitator.runs.run import Mode, Run, RunState
from facilitator.sandbox import Sandbox
from facilitator.sandbox.generated import generate_world
from facilitator.service.application import Application
from facilitator.service.firing import fire_now, window_at
from facilitator.settings import first_configuration
from tests.contract import asana_openapi

pytestmark = pytest.mark.anyio


@pytest.fixture
def world() -> Iterator[Sandbox]:
    with Sandbox(copy.deepcopy(generate_world(7)), speed=500, seed=7) as sandbox:
        yield sandbox


@pytest.fixture
def app(world: Sandbox, tmp_path: Path) -> Iterator[Application]:
    """Every ceremony in mode auto, with a status update, charts and action tasks."""
    pack = generate_world(7)
    text = first_configuration(
        team="Harbour", slug="harbour", project=pack["projects"][0]["gid"], zone="Europe/Berlin",
        approvers=["Alice"], ceremonies=runner.ceremonies(), mode="auto",
    )  # fmt: skip
    text = text.replace('mode = "auto"', 'status_update = true\ncharts = true\nmode = "auto"')
    path = tmp_path / "facilitator.toml"
    path.write_text(text, encoding="utf-8")
    environ = {
        "ASANA_BASE_URL": world.asana_url, "ANTHROPIC_BASE_URL": world.agents_url,
        "ASANA_ACCESS_TOKEN": "token", "ANTHROPIC_API_KEY": "key",
    }  # fmt: skip
    application = runner.compose(path, environ)
    applied(application)
    yield application
    application.close()


async def test_everything_we_send_and_get_is_as_published(app: Application, world: Sandbox) -> None:
    """All three documents with all their parcels: each request and each answer fits the description."""
    if not asana_openapi.available():
        pytest.skip(asana_openapi.ABSENT)
    as_of = datetime.fromisoformat(generate_world(7)["as_of"])
    runs: list[Run] = []
    async with app.working(app, unobserved) as pipeline:
        for assignment in app.assignments.values():
            window = window_at(app.store, assignment, as_of)
            fired, _new = fire_now(app.store, assignment, window, mode=Mode.AUTO, now=app.clock())
            runs.append(await pipeline.settle(fired))
    assert {run.state for run in runs} == {RunState.WRITTEN}, [run.reason for run in runs]
    kinds = {parcel.kind.value for run in runs for parcel in app.store.parcels(run.id)}
    assert kinds == {"comment", "task", "status", "attachment"}
    for request in world.asana.requests:
        body = request.body if isinstance(request.body, dict) else None
        if "multipart" not in request.content_type and request.path != "/api/1.0/attachments":
            asana_openapi.validate_request(request.method, request.path, request.query, body)
        if request.status is not None and request.raw_answer:
            asana_openapi.validate_response(
                request.method, request.path, request.status, json.loads(bytes(request.raw_answer))
            )
    # Published, but the sandbox models no fields that refer to other objects.
    assert world.asana.world.unknown_fields <= {"custom_value.reference_value"}
