"""A simulated Asana over real HTTP, and trackers that talk to it."""

import copy
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from random import Random
from typing import Any

import httpx
import pytest

from facilitator.asana import AsanaTracker, Limits
from facilitator.board.snapshot import ProjectGid, Snapshot, TaskGid
from facilitator.sandbox import Sandbox
from facilitator.sandbox.generated import generate_world
from tests.unit.asana.fake import FakeTime

TOKEN = "canary-asana-token"
FAST = Limits(
    requests_per_minute=1500, burst=1500, first_backoff=0.001, longest_backoff=0.001, read_timeout=2
)


class Harbour:
    """The built-in world behind a port: faults to switch on, and what it holds afterwards."""

    def __init__(self, sandbox: Sandbox, pack: dict[str, Any]) -> None:
        self.sandbox = sandbox
        self.pack = pack
        self.project = ProjectGid(pack["projects"][0]["gid"])
        self.task = TaskGid(pack["tasks"][0]["gid"])
        self.time = FakeTime()

    def control(self, name: str, body: Any) -> None:
        """Send a control call; a control call that is refused fails the test."""
        url = self.sandbox.asana_url.removesuffix("/api/1.0")
        httpx.post(f"{url}/_sandbox/{name}", json=body, trust_env=False).raise_for_status()

    def fault(self, kind: str, **more: Any) -> None:
        """Let the next fitting call go wrong."""
        self.control("faults", {"faults": [{"kind": kind, **more}]})

        """Note how long we would have slept; no test waits."""

    def tracker(self, limits: Limits = FAST, **more: Any) -> AsanaTracker:
        """A tracker of the bot user, whose waits take no time and are noted in `time`."""
        more = {"clock": self.time.clock, "sleep": self.time.sleep, "token": lambda: TOKEN, **more}
        return AsanaTracker(base_url=self.sandbox.asana_url, limits=limits, random=Random(7), **more)

    async def read(self, limits: Limits = FAST, *, whole: bool = False, **more: Any) -> Snapshot:
        """Read the project as of the pack's own instant: with every history, or only those of work in progress."""
        as_of = datetime.fromisoformat(self.pack["as_of"])
        async with self.tracker(limits, **more) as tracker:
            since = None if whole else as_of
            return await tracker.read_project(self.project, as_of=as_of, history_since=since)

    def calls(self, method: str, ending: str) -> int:
        """How many calls of this method came to a path that ends so."""
        return sum(
            call.method == method and call.path.endswith(ending) for call in self.sandbox.asana.requests
        )


def with_more_tasks(pack: dict[str, Any], count: int) -> dict[str, Any]:
    """The pack with so many plain tasks more, all created long before anything else and never touched."""
    project, section = pack["projects"][0]["gid"], pack["sections"][0]["gid"]
    plain = {
        "created_at": "2020-01-01T00:00:00.000Z",
        "modified_at": "2020-01-01T00:00:00.000Z",
        "memberships": [{"project": {"gid": project}, "section": {"gid": section}}],
    }
    more = [{"gid": str(8_000_000_001 + n), "name": f"Old idea {n}", **plain} for n in range(count)]
    return {**pack, "tasks": [*pack["tasks"], *more]}


@pytest.fixture(scope="session")
def small_world() -> dict[str, Any]:
    """The built-in world with one past sprint, made once."""
    return generate_world(7, past_sprints=1)


@pytest.fixture
def harbour(small_world: dict[str, Any]) -> Iterator[Harbour]:
    """A fresh copy of the built-in world on a free port."""
    with Sandbox(copy.deepcopy(small_world), requests_per_minute=None) as sandbox:
        yield Harbour(sandbox, small_world)


@pytest.fixture(scope="session")
def standing(small_world: dict[str, Any]) -> Iterator[Harbour]:
    """One world for all tests that only read, so that each need not start its own."""
    with Sandbox(copy.deepcopy(small_world), requests_per_minute=None) as sandbox:
        yield Harbour(sandbox, small_world)


@pytest.fixture
async def tracker(harbour: Harbour) -> AsyncIterator[AsanaTracker]:
    """A tracker of the bot user."""
    async with harbour.tracker() as tracker:
        yield tracker
