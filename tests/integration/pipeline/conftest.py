"""The standing cast, a world behind real HTTP, and short verbs to fire, approve and look.

Alice may approve for Harbour; Bob may not. What happened is asked of the sandbox's world and of the run log.
"""

import copy
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import runner
from facilitator.cli.provision import applied
from facilitator.runs.pipeline import Pipeline, unobserved
from facilitator.runs.run import Mode, Run
from facilitator.sandbox import Sandbox
from facilitator.sandbox.generated import generate_world
from facilitator.service.application import Application
from facilitator.service.firing import fire_now, window_at
from facilitator.settings import first_configuration

SPEED = 500.0
TOKEN = "canary-asana-token"
KEY = "canary-anthropic-key"


@pytest.fixture(scope="session")
def built_in_world() -> dict[str, Any]:
    return generate_world(7)


@pytest.fixture
def world(built_in_world: dict[str, Any]) -> Iterator[Sandbox]:
    """Both simulated services over a fresh copy of the built-in world."""
    with Sandbox(copy.deepcopy(built_in_world), speed=SPEED, seed=7) as sandbox:
        yield sandbox


@dataclass
class House:
    """The program on one configuration, as runner.py composes it, with verbs a test can say in a line."""

    app: Application
    as_of: datetime

    @asynccontextmanager
    async def pipeline(self) -> AsyncIterator[Pipeline]:
        async with self.app.working(self.app, unobserved) as pipeline:
            yield pipeline

    def due(self, ceremony: str = "standup", mode: Mode | None = None) -> Run:
        """Fire the window that ends now in the world; nothing is advanced."""
        assignment = self.app.assignment("harbour", ceremony)
        window = window_at(self.app.store, assignment, self.as_of)
        return fire_now(self.app.store, assignment, window, mode=mode, now=self.app.clock())[0]

    async def fire(self, ceremony: str = "standup", mode: Mode | None = None) -> Run:
        """Fire and settle."""
        return await self.settle(self.due(ceremony, mode))

    async def settle(self, run: Run) -> Run:
        """Advance a run with clients of its own, as a new process would."""
        async with self.pipeline() as pipeline:
            return await pipeline.settle(run)

    def approve(self, run: Run, who: str = "Alice") -> Run:
        assignment = self.app.assignment(run.team, run.ceremony)
        return self.app.approvals.approve(run, assignment, who=who, now=self.app.clock(), channel="cli")

    def reject(self, run: Run, because: str, who: str = "Alice") -> Run:
        assignment = self.app.assignment(run.team, run.ceremony)
        return self.app.approvals.reject(
            run, assignment, who=who, because=because, now=self.app.clock(), channel="cli"
        )


Configure = Callable[[str], House]


@pytest.fixture
def environ(world: Sandbox) -> dict[str, str]:
    return {
        "ASANA_BASE_URL": world.asana_url,
        "ANTHROPIC_BASE_URL": world.agents_url,
        "ASANA_ACCESS_TOKEN": TOKEN,
        "ANTHROPIC_API_KEY": KEY,
    }


@pytest.fixture
def house(
    world: Sandbox, environ: dict[str, str], built_in_world: dict[str, Any], tmp_path: Path
) -> Iterator[House]:
    """The program, configured for the built-in world, its agent applied."""
    path = tmp_path / "facilitator.toml"
    path.write_text(
        first_configuration(
            team="Harbour",
            slug="harbour",
            project=built_in_world["projects"][0]["gid"],
            zone="Europe/Berlin",
            approvers=["Alice"],
            holidays="DE",
        ).replace("requests_per_minute = 120 ", "requests_per_minute = 1500")
    )
    app = runner.compose(path, environ)
    applied(app)
    yield House(app, datetime.fromisoformat(built_in_world["as_of"]).astimezone(UTC))
    app.close()
