"""The standing cast, a world behind real HTTP, and short verbs to fire, approve and look.

Alice may approve for Harbour; Bob may not. What happened is asked of the sandbox's world and of the run log. A hasty house
waits two hundredths of a second wherever the program would wait longer, so that giving up is quick to see.
"""

import asyncio
import copy
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import runner
from facilitator.agents import Intervals, ManagedAgentsBackend
from facilitator.asana import AsanaTracker, Limits
from facilitator.calendar.window import Window
from facilitator.cli.provision import applied
from facilitator.runs.locks import FileLocks
from facilitator.runs.pipeline import Pipeline
from facilitator.runs.run import Mode, Run
from facilitator.runs.steps.desk import Observe, Ports, unobserved
from facilitator.sandbox import Sandbox
from facilitator.sandbox.agents.script import Script
from facilitator.sandbox.generated import generate_world
from facilitator.service.application import Application
from facilitator.service.firing import fire_now, window_at
from facilitator.settings import first_configuration

from .office import Office, office_pack, tokens

SPEED = 500.0
TOKEN = "canary-asana-token"
KEY = "canary-anthropic-key"
LONGEST_WAIT = 0.02

Pack = dict[str, Any]
WINDOWS = count(1)


@pytest.fixture(scope="session")
def built_in_world() -> Pack:
    return generate_world(7)


@pytest.fixture
def world(built_in_world: Pack) -> Iterator[Sandbox]:
    """Both simulated services over a fresh copy of the built-in world."""
    with Sandbox(copy.deepcopy(built_in_world), speed=SPEED, seed=7) as sandbox:
        yield sandbox


@dataclass
class House:
    """The program on one configuration, as runner.py composes it, with verbs a test can say in a line."""

    app: Application
    as_of: datetime
    world: Sandbox

    @asynccontextmanager
    async def pipeline(self) -> AsyncIterator[Pipeline]:
        """A pipeline with clients of its own."""
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
        """Say yes at the command line."""
        assignment = self.app.assignment(run.team, run.ceremony)
        return self.app.approvals.approve(run, assignment, who=who, now=self.app.clock(), channel="cli")

    def reject(self, run: Run, because: str, who: str = "Alice") -> Run:
        """Say no at the command line."""
        assignment = self.app.assignment(run.team, run.ceremony)
        return self.app.approvals.reject(
            run, assignment, who=who, because=because, now=self.app.clock(), channel="cli"
        )

    def wants(self, **changes: Any) -> None:
        """Change what the team wants of its stand-up."""
        key = ("harbour", "standup")
        self.app.assignments = {**self.app.assignments, key: replace(self.app.assignments[key], **changes)}

    def play(self, **switches: Any) -> None:
        """Say how every further session goes."""
        self.world.agents_app.state.sandbox.scripts.put(Script(**switches), None)  # type: ignore[attr-defined]

    def harm(self, on: str, kind: str, **parameters: Any) -> None:
        """Let something go wrong on one port: 'asana' or 'agents'."""
        wire = self.world._asana_wire if on == "asana" else self.world._agents_wire
        wire.faults.add([{"kind": kind, **parameters}])

    def writes(self) -> list[str]:
        """Every call that changes something in Asana, refused ones included."""
        return [f"{one.method} {one.path}" for one in self.world.asana.requests if one.method != "GET"]

    def comments(self) -> list[str]:
        """The texts of every comment of ours in the whole world."""
        return [
            comment["text"]
            for task in self.world.asana.world.tables["task"]
            for comment in self.world.asana.comments(task)
            if "ref standup/" in comment["text"]
        ]

    def sessions(self) -> list[dict[str, Any]]:
        """The sessions there are, archived ones left out."""
        sessions = self.world.agents_app.state.sessions.values()  # type: ignore[attr-defined]
        return [session for session in sessions if not getattr(session, "archived_at", None)]


def environment_of(world: Sandbox) -> dict[str, str]:
    return {
        "ASANA_BASE_URL": world.asana_url,
        "ANTHROPIC_BASE_URL": world.agents_url,
        "ASANA_ACCESS_TOKEN": TOKEN,
        "ANTHROPIC_API_KEY": KEY,
    }


def configuration_of(pack: Pack, **changes: Any) -> str:
    """A configuration for the pack's first project; nobody else uses its Asana."""
    asked: dict[str, Any] = {
        "team": "Harbour",
        "slug": "harbour",
        "project": pack["projects"][0]["gid"],
        "zone": "Europe/Berlin",
        "approvers": ["Alice"],
        "holidays": "DE",
        "ceremonies": runner.ceremonies(),
        **changes,
    }
    return first_configuration(**asked).replace("requests_per_minute = 120 ", "requests_per_minute = 1500")


def composed(
    world: Sandbox, pack: Pack, folder: Path, configuration: str = "", environ: dict[str, str] | None = None
) -> House:
    """The program beside a configuration in the folder, its agent applied."""
    path = folder / "facilitator.toml"
    path.write_text(configuration or configuration_of(pack), encoding="utf-8")
    app = runner.compose(path, environ or environment_of(world))
    applied(app)
    return House(app, datetime.fromisoformat(pack["as_of"]).astimezone(UTC), world)


@pytest.fixture
def house(world: Sandbox, built_in_world: Pack, tmp_path: Path) -> Iterator[House]:
    """The program, configured for the built-in world, its agent applied."""
    house = composed(world, built_in_world, tmp_path)
    yield house
    house.app.close()


@pytest.fixture
def hasty_house(house: House) -> House:
    """The same house without patience."""
    house.app.working = hastily
    return house


Opens = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
def open_house(tmp_path: Path) -> Opens:
    """Open a hasty house over any pack."""

    @asynccontextmanager
    async def opened(pack: Pack, configuration: str = "") -> AsyncIterator[House]:
        with Sandbox(pack, speed=SPEED, seed=7) as world:
            house = await asyncio.to_thread(composed, world, pack, tmp_path, configuration)
            house.app.working = hastily
            yield house
            house.app.close()

    return opened


def racing_clock() -> float:
    """A limiter's clock that runs as fast as the waits are cut."""
    return time.monotonic() * SPEED


async def hasty(seconds: float) -> None:
    """A sleep for the impatient."""
    await asyncio.sleep(min(seconds, LONGEST_WAIT))


@asynccontextmanager
async def hastily(app: Application, observe: Observe) -> AsyncIterator[Pipeline]:
    """runner.py's own `working`, with every wait cut short."""
    asana, agents = app.settings.asana, app.settings.agents
    limits = Limits(requests_per_minute=1500, burst=1500)
    backend = ManagedAgentsBackend(
        app.pinned(),
        agents.key.reveal,
        agents.base_url,
        sleep=hasty,
        intervals=Intervals(file_wait=0.5, file_poll=0.02, settle_polls=50, grace=5.0),
    )
    async with AsanaTracker(
        base_url=asana.base_url,
        token=asana.token.reveal,
        limits=limits,
        sleep=hasty,
        clock=racing_clock,
        workspace=asana.workspace,
    ) as tracker:
        try:
            ports = Ports(
                store=app.store,
                tracker=lambda _assignment: tracker,
                agents=backend,
                pinned=app.pinned(),
                library=app.library,
                locks=FileLocks(app.locks_folder),
                clock=app.clock,
                sleep=hasty,
                observe=observe,
            )
            yield Pipeline(ports, app.assignments)
        finally:
            await backend.aclose()


@pytest.fixture(scope="module")
def building(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The program over the office's board; shared by a module, for every test has a window of its own."""
    pack = office_pack()
    with Sandbox(pack, seed=7, tokens=tokens(TOKEN)) as world:
        house = composed(world, pack, tmp_path_factory.mktemp("office"), configuration_of(pack))
        house.app.clock = world.clock
        house.app.working = hastily
        yield house
        house.app.close()


@pytest.fixture
def office(building: House) -> Iterator[Office]:
    """The same house for a window that nobody else uses."""
    assignments = building.app.assignments
    end = building.as_of + timedelta(seconds=next(WINDOWS))
    yield Office(building, Window(end - timedelta(days=1), end))
    building.app.assignments = assignments
    building.world._asana_wire.faults.clear()
