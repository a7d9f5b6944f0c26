"""A run whose process dies at every place there is, one after another, ends as if nothing had happened.

The places: before each call to either service, after each call (done, and nobody heard the answer), and before each record
of the run log. What comes after a record is what comes before the next call, so these are all the places between two
adjacent steps and inside each outside call. At each of them a process dies once; then the next one goes on from the run log
alone. A real SIGKILL at the places that matter is in `tests/acceptance/test_once.py`.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from sqlalchemy import event

from facilitator.agents import Intervals, ManagedAgentsBackend
from facilitator.asana import AsanaTracker, Limits
from facilitator.runs.pipeline import Pipeline
from facilitator.runs.run import Run, RunState
from facilitator.runs.steps.desk import Ports
from facilitator.sandbox import Sandbox

from .boards import board, moved, task
from .conftest import SPEED, House, composed, configuration_of, racing_clock

pytestmark = [
    pytest.mark.anyio,
    # A dead process closes nothing: here its sockets are left to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
FAST = Limits(
    requests_per_minute=1500, burst=1500, first_backoff=0.001, longest_backoff=0.001, reads_in_flight=1
)  # fmt: skip
"""One call at a time: the places come in one order, and no call is cut by the death at another."""

BRISK = Intervals(
    first_wait=0.001, longest_wait=0.01, file_wait=0.5, file_poll=0.01, settle_polls=200, settle=0.005
)
MOST_DEATHS = 150
WISHES = """
status_update = true
charts = true
"""
STATES = ("scheduled", "gathered", "submitted", "judged", "approved")


class Killed(BaseException):
    """The process is gone at this point."""


@dataclass
class Reaper:
    """Kills once at each place it has not killed at before; `life` keeps the places of the present process."""

    killed: list[str] = field(default_factory=list)
    last: str = "start"
    active: bool = False

    def pass_by(self, place: str) -> None:
        """A process comes by a place, and dies there the first time anyone does."""
        if self.active and place not in self.killed:
            self.killed.append(place)
            raise Killed

    def before(self, method: str, path: str) -> str:
        """A call is about to leave; gives its name."""
        name = f"{method} {re.sub(r'[0-9]{6,}|(sesn|file)_[^/]+', '*', path)}"
        self.pass_by(f"before {name}")
        return name

    def after(self, name: str) -> None:
        """The service has done what it was asked, and the answer is on its way."""
        self.last = name
        self.pass_by(f"after {name}")

    def record(self, _connection: Any) -> None:
        """A step is about to be recorded."""
        self.pass_by(f"before the record after {self.last}")


class AsanaPlug(httpx.AsyncBaseTransport):
    """Asana's transport in a mortal process."""

    def __init__(self, reaper: Reaper) -> None:
        self._reaper, self._inner = reaper, httpx.AsyncHTTPTransport(verify=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = self._reaper.before(request.method, request.url.path.removeprefix("/api/1.0"))
        answer = await self._inner.handle_async_request(request)
        await answer.aread()
        self._reaper.after(name)
        return answer

    async def aclose(self) -> None:
        await self._inner.aclose()


class AgentsPlug(httpx2.AsyncBaseTransport):
    """The SDK's transport in a mortal process."""

    def __init__(self, reaper: Reaper) -> None:
        self._reaper, self._inner = reaper, httpx2.AsyncHTTPTransport(verify=False)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        name = self._reaper.before(request.method, request.url.path)
        answer = await self._inner.handle_async_request(request)
        try:
            self._reaper.after(name)
        except Killed:
            await answer.aclose()  # as the system closes what a dead process had open
            raise
        return answer

    async def aclose(self) -> None:
        await self._inner.aclose()


async def nap(seconds: float) -> None:
    """Wait a thousand times less, and a moment at least."""
    await asyncio.sleep(min(seconds / 1000, 0.01))


@contextmanager
def mortality() -> Iterator[None]:
    """Let a process die; any other error is one. Tasks of one group die together."""
    try:
        yield
    except Killed:
        return
    except BaseExceptionGroup as died:
        if died.split(Killed)[1] is not None:
            raise


@dataclass
class Morgue:
    """A house whose processes die, and what is left of them."""

    house: House
    reaper: Reaper
    backend: ManagedAgentsBackend

    @asynccontextmanager
    async def process(self) -> AsyncIterator[Pipeline]:
        """A process of its own: it knows the run log, and nothing that another one knew."""
        app, asana = self.house.app, self.house.app.settings.asana
        agents = self.backend._open().wire.client._client._transport = AgentsPlug(self.reaper)
        async with agents, AsanaTracker(
            base_url=asana.base_url, token=asana.token.reveal, limits=FAST, sleep=nap, clock=racing_clock,
            transport=AsanaPlug(self.reaper),
        ) as tracker:  # fmt: skip
            yield Pipeline(
                Ports(
                    store=app.store, tracker=lambda _assignment: tracker, agents=self.backend, pinned=app.pinned(),
                    library=app.library, locks=app.locks, clock=app.clock, sleep=nap,
                ),
                app.assignments,
            )  # fmt: skip

    async def settled(self, run: Run) -> Run:
        """Process after process, until one lives to see the run's end or its wait for a person."""
        for _ in range(MOST_DEATHS):
            with mortality():
                async with self.process() as pipeline:
                    self.reaper.active = True
                    return await pipeline.settle(self.house.app.store.get(run.id))
        raise AssertionError(f"it never ends: {self.reaper.killed}")

    @property
    def agents(self) -> Any:
        return self.house.world.agents_app.state.sandbox  # type: ignore[attr-defined]

    def held(self, table: str) -> list[dict[str, Any]]:
        return list(self.house.world.asana.world.tables[table].values())


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    first, told = moved(1001, "Payment retry", assignee={"gid": "902"})
    tasks = [first, task(1002, "Timetable cache"), task(1003, "Ticket printing", "Done", completed=True,
             completed_at="2026-06-09T13:00:00.000Z", modified_at="2026-06-09T13:00:00.000Z")]  # fmt: skip
    with Sandbox(board(tasks, {"1001": told}), speed=SPEED, seed=7) as world:
        yield world


@pytest.fixture
async def morgue(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Morgue]:
    pack = board([])
    configuration = configuration_of(pack).replace(
        "[teams.ceremonies.weekly_status]", f"[teams.ceremonies.weekly_status]{WISHES}"
    )
    house = await asyncio.to_thread(composed, sandbox, pack, tmp_path, configuration)
    reaper, agents = Reaper(), house.app.settings.agents
    backend = ManagedAgentsBackend(
        house.app.pinned(), agents.key.reveal, agents.base_url, sleep=nap, intervals=BRISK
    )
    house.app.database  # noqa: B018 - opened before anyone listens
    event.listen(house.app.database, "commit", reaper.record)
    yield Morgue(house, reaper, backend)
    reaper.active = False
    await backend.aclose()
    house.app.close()


@pytest.mark.parametrize("ceremony", ["standup", "weekly_status", "retro"])
async def test_death_at_every_place_changes_nothing(morgue: Morgue, ceremony: str) -> None:
    """One session, one comment, one set of everything else, each tool call answered once; and it died in every state."""
    house, log = morgue.house, morgue.house.app.store
    house.play(revisions=1, parallel_tools=2)
    run = await morgue.settled(house.due(ceremony))
    assert run.state is RunState.JUDGED, run.reason
    morgue.reaper.active = False
    run = await morgue.settled(house.approve(run))
    assert run.state is RunState.WRITTEN, run.reason

    line = f"ref {run.key}"
    comments = [one for one in morgue.held("story") if line in (one.get("text") or "").splitlines()]
    assert len(comments) == 1
    assert sum("ref task/" + run.key in (one.get("notes") or "") for one in morgue.held("task")) == 1
    for parcel in log.parcels(run.id)[1:]:
        copies = [
            one
            for table in ("task", "status_update", "attachment")
            for one in morgue.held(table)
            if parcel.marker in (one.get("notes") or one.get("text") or one.get("name") or "").splitlines()
        ]
        assert len(copies) == 1, parcel.marker
    sessions = [one for one in morgue.agents.sessions.values() if one.metadata["run_key"] == run.key]
    assert [one.id for one in sessions if one.archived_at is None] == [run.session_id]
    assert [len(one.outcomes) for one in sessions if one.outcomes] == [1]
    [session] = [one for one in sessions if one.outcomes]
    answers = Counter(
        one.get("custom_tool_use_id")
        for one in session.log.events
        if one["type"] == "user.custom_tool_result"
    )
    assert set(answers.values()) == {1}
    assert [move.after for move in log.history(run.id) if move.before != move.after] == [*STATES, "written"]
    assert len(morgue.reaper.killed) > 40, morgue.reaper.killed
