"""What each page costs the server over a run log of 100,000 runs: `python -m benchmarks.pages [RUNS]`, `make bench ONLY=pages`.

Asked over ASGI in one process, by a member of one team and by somebody who sees all forty. Between two requests the clock goes
on by a minute and a run takes a step, so that nothing is told from what was summed up before it. What counts is the process's CPU time: on
a machine of its own that is what a visitor waits, and a busy one does not change it. `first` is the first request after a start.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import event
from starlette.applications import Starlette

import runner
from benchmarks.run_log import NOW, write_run_log
from facilitator.runs.signins import SignIns
from facilitator.service.application import Application
from facilitator.service.figuring import AT_ONCE, Figuring
from facilitator.web.app import build_web

RUNS, TEAMS, REPEATS = 100_000, 40, 11
LIMIT_MS = 50
ONE_TEAM, ALL_TEAMS = "Alice", "Everybody"


@dataclass(frozen=True, slots=True)
class Page:
    """One page as one visitor asks for it: CPU milliseconds of the first request and of the median one, and its SQL statements."""

    who: str
    path: str
    first_ms: float
    usual_ms: float
    statements: int

    @property
    def met(self) -> bool:
        """Whether the usual request is within the limit."""
        return self.usual_ms <= LIMIT_MS

    def line(self) -> str:
        """A row of the table."""
        word = "met" if self.met else "MISSED"
        return (
            f"{self.who:<10} {self.path:<18} first {self.first_ms:6.1f} ms   usual {self.usual_ms:6.1f} ms"
            f"   {self.statements:3} statements   {word}"
        )


@dataclass
class Clock:
    """The application's clock, moved by hand."""

    now: Any = NOW

    def __call__(self) -> Any:
        """Now."""
        return self.now


def main(words: Sequence[str] = (), /) -> int:
    """Print the table; 1 where a page took longer than the limit."""
    runs = int(words[0]) if words else RUNS
    with run_log(runs) as (app, clock):
        pages = asyncio.run(measured(app, clock))
    for page in pages:
        print(page.line())
    slow = [f"{page.path} ({page.who})" for page in pages if not page.met]
    print(f"over {LIMIT_MS} ms at {runs} runs: {', '.join(slow) or 'none'}")
    return 1 if slow else 0


@contextmanager
def run_log(runs: int) -> Iterator[tuple[Application, Clock]]:
    """The program over a run log of so many runs of forty teams, and its clock."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "facilitator.toml"
        path.write_text(_configuration())
        began, clock = time.perf_counter(), Clock()
        app = replace(runner.compose(path, {}), clock=clock)
        write_run_log(app.settings.database_url, runs=runs, teams=TEAMS)
        print(f"{runs} runs of {TEAMS} teams written in {time.perf_counter() - began:.0f} s")
        keep_figures(app)
        yield app, clock
        app.close()


def keep_figures(app: Application) -> None:
    """What `serve` does within minutes of a reading: the figures of each team's newest board."""
    began, figuring = time.process_time(), Figuring(app.store, lambda: app.assignments)
    for _ in range(0, TEAMS, AT_ONCE):
        figuring.look()
    print(f"figures of {TEAMS} boards made in {time.process_time() - began:.1f} s CPU, off the pages' path")


async def measured(app: Application, clock: Clock) -> list[Page]:
    """Every page, asked for by both visitors."""
    found = []
    for who in (ONE_TEAM, ALL_TEAMS):
        web = build_web(app)
        async with _client(app, web, who) as client:
            run = (await client.get("/api/approvals")).json()["data"]["waiting"][0]["run"]["id"]
        for path in paths(run):
            # A web application of its own: nothing another page made is at hand.
            async with _client(app, build_web(app), who) as client:
                found.append(await _measure(app, clock, client, who, path, path.replace(run, "ID")))
    return found


def paths(run: str) -> tuple[str, ...]:
    """Every kind of page."""
    return (
        "/", "/approvals", f"/approvals/{run}", f"/runs/{run}", f"/runs/{run}/explain", "/runs", "/runs?state=failed",
        "/teams/team-0", "/quality", "/costs", "/portfolio",
    )  # fmt: skip


def _client(app: Application, web: Starlette, who: str) -> httpx.AsyncClient:
    token = SignIns(app.database).open_session(who, now=app.clock(), lasts=timedelta(days=1))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(web),
        base_url="http://127.0.0.1",
        headers={"Authorization": f"Bearer {token}"},
    )


async def _measure(
    app: Application, clock: Clock, client: httpx.AsyncClient, who: str, path: str, name: str
) -> Page:
    times: list[float] = []
    with counting(app) as statements:
        for _ in range(REPEATS):
            clock.now += timedelta(minutes=1)
            _move(app, clock)
            before, began = len(statements), time.process_time()
            (await client.get(path)).raise_for_status()
            times.append(1000 * (time.process_time() - began))
    clock.now = NOW
    return Page(who, name, times[0], statistics.median(times[1:]), len(statements) - before)


def _move(app: Application, clock: Clock) -> None:
    """A run takes a step, as runs do all day: what was summed up of its week is no longer right."""
    run = app.store.unfinished()[-1]
    with app.store.step(run, now=clock.now) as step:
        step.note("a step while somebody looks")


@contextmanager
def counting(app: Application) -> Iterator[list[str]]:
    """The SQL statements of the block, as they are sent."""
    sent: list[str] = []

    def note(*words: Any) -> None:
        sent.append(str(words[2]))

    event.listen(app.database, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(app.database, "before_cursor_execute", note)


def _configuration() -> str:
    ceremonies = "".join(f"[teams.ceremonies.{name}]\n" for name in ("standup", "weekly_status", "retro"))
    return "".join(
        f'[[teams]]\nslug = "team-{n}"\nname = "Team {n}"\nproject = "{1200 + n}"\nzone = "Europe/Berlin"\n'
        f'approvers = ["{ONE_TEAM if n == 0 else f"Person {n}"}", "{ALL_TEAMS}"]\n{ceremonies}'
        for n in range(TEAMS)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
