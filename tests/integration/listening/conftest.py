"""A small board behind real HTTP, people who write on it, and the program listening to it.

Ann and Ben are on the board; Ann's word counts. Started runs are noted, not followed: what a run does is tested elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

import runner
from facilitator.asana import AsanaTracker, Limits
from facilitator.runs.commands import Asked
from facilitator.runs.run import Run, RunId
from facilitator.sandbox import Sandbox
from facilitator.service.application import Application
from facilitator.service.ears import listener
from facilitator.service.listening import Listener
from tests.unit.sandbox_asana.worlds import ANN, BEN, FIRST, TEAM, small_pack

BOT = "590"
TOKENS = {"ann": ANN, "ben": BEN, "bot": BOT}
CONFIGURATION = f"""
[[teams]]
slug = "house"
name = "House"
project = "{TEAM}"
zone = "Europe/Berlin"
approvers = [{{ name = "Ann", gid = "{ANN}" }}]
[teams.triggers]
enabled = true
phrases = {{ "plan sprint" = "retro" }}
sections = {{ "Doing" = "standup" }}
tasks = {{ "Plan sprint" = "retro" }}
[teams.ceremonies.standup]
[teams.ceremonies.retro]
"""


@dataclass
class Board:
    """The world, the program, and short words for what people do."""

    world: Sandbox
    app: Application
    tracker: AsanaTracker
    started: list[RunId] = field(default_factory=list)
    listener: Listener = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """A new process: what it knows is in the run log."""
        self.listener = listener(self.app, self.tracker, self.started.append)

    @property
    def now(self) -> datetime:
        return self.world.clock()

    async def do(self, method: str, path: str, who: str = "ann", **data: Any) -> Any:
        """One write of a person's."""
        async with httpx.AsyncClient(base_url=self.world.asana_url, trust_env=False) as client:
            answer = await client.request(
                method, path, json={"data": data}, headers={"Authorization": f"Bearer {who}"}
            )
        assert answer.is_success, answer.text
        return answer.json()["data"]

    async def says(self, text: str, who: str = "ann") -> str:
        """A comment on the first task; gives the story's gid."""
        return str((await self.do("POST", f"/tasks/{FIRST}/stories", who, text=text))["gid"])

    async def hear(self) -> list[Run]:
        """One turn of the listener; every run there is."""
        await self.listener.turn()
        return list(self.app.store.recent())

    def asked(self) -> list[Asked]:
        return list(self.app.commands.recent())

    def replies(self, task: str = FIRST) -> list[str]:
        """What the bot wrote."""
        found = self.world.asana.comments(task)
        return [comment["text"] for comment in found if comment["created_by"]["gid"] == BOT]

    def later(self, **by: float) -> None:
        self.world.clock.advance(timedelta(**by).total_seconds())


@pytest.fixture(scope="module")
def both_ports() -> Iterator[Sandbox]:
    pack = small_pack()
    pack["users"].append({"gid": BOT, "name": "Facil"})
    with Sandbox(pack, tokens=TOKENS, requests_per_minute=None) as world:
        yield world


@pytest.fixture
async def board(both_ports: Sandbox, tmp_path: Path) -> AsyncIterator[Board]:
    """One world for the module: each test has its own run log, and begins to listen where the world stands."""
    path = tmp_path / "facilitator.toml"
    path.write_text(CONFIGURATION)
    environ = {"ASANA_BASE_URL": both_ports.asana_url, "ASANA_ACCESS_TOKEN": "bot"}
    app = await asyncio.to_thread(runner.compose, path, environ)
    app.clock = both_ports.clock
    limits = Limits(requests_per_minute=1500, burst=1500)
    async with AsanaTracker(base_url=both_ports.asana_url, token=lambda: "bot", limits=limits) as tracker:
        board = Board(both_ports, app, tracker.within(app.reach()))
        await board.listener.turn()
        yield board
    app.close()
