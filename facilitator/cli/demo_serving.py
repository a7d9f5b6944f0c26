"""`demo --serve`: the dashboard on the demo world, over runs that really ran, in every state there is.

A simulated clock walks through the last sprint's fires and each is run through the same pipeline as in production, against the
local sandbox; a few sessions are told to go wrong, and a plan says what the demo's approver answers. Then the dashboard
opens, decisions made in it are carried out, and one last session goes at a pace that can be watched.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from facilitator.cli.answer import Answer, envelope, say
from facilitator.cli.context import Context
from facilitator.cli.demo_world import configuration_of, three_teams
from facilitator.cli.progress import logs_aside
from facilitator.cli.provision import applied
from facilitator.runs.assignment import Assignment
from facilitator.runs.pipeline import Pipeline
from facilitator.runs.run import Mode, Run, RunId, RunState
from facilitator.runs.signins import SignIns
from facilitator.runs.steps.desk import Observe, unobserved
from facilitator.runs.store import RunStore
from facilitator.service.application import Application
from facilitator.service.firing import fire_now, window_at
from facilitator.service.progress import together
from facilitator.service.sprintbook import SprintBook

FAST, WATCHABLE = 500.0, 0.02
"""The sandbox's paces: for history, and for the session that is at work when the dashboard opens."""

LINK = timedelta(hours=8)
LOOK_S = 0.3


@dataclass(frozen=True, slots=True)
class Planned:
    """One window of the past and how it goes: approve, reject, revise, expire, fail, shadow, wait or watch."""

    at: datetime
    team: str
    ceremony: str
    goes: str


class DemoClock:
    """Stands at an instant of the demo world while history is made; then goes on from the world's own now."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._began: float | None = None

    def __call__(self) -> datetime:
        """The demo's now, aware, in UTC."""
        passed = 0.0 if self._began is None else time.monotonic() - self._began
        return self._now + timedelta(seconds=passed)

    def stand_at(self, instant: datetime) -> None:
        """Stop at this instant."""
        self._now, self._began = instant, None

    def go_on(self, instant: datetime) -> None:
        """Run on from this instant."""
        self._now, self._began = instant, time.monotonic()


def serve_demo(context: Context, folder: Path, seed: int, port: int, *, brief: bool, as_json: bool) -> Answer:
    """Make the history, open the dashboard, and carry out what is decided there until Ctrl-C or SIGTERM."""
    from facilitator.sandbox import Sandbox

    logs_aside()
    world = three_teams(seed)
    now = datetime.fromisoformat(world["as_of"]).astimezone(UTC)
    with Sandbox(world, seed=seed) as sandbox:
        configuration = folder / "facilitator.toml"
        configuration.write_text(configuration_of(world, context.ceremonies(), port=port), encoding="utf-8")
        environ = {
            "ASANA_BASE_URL": sandbox.asana_url,
            "ANTHROPIC_BASE_URL": sandbox.agents_url,
            "ASANA_ACCESS_TOKEN": "the-local-sandbox-takes-any-token",
            "ANTHROPIC_API_KEY": "the-local-sandbox-takes-any-key",
        }
        with context.application(config=configuration, environ=environ) as app:
            clock = DemoClock(now)
            app.clock = clock
            applied(app)
            play = Play(app, clock, now, sandbox.agents_app.state.sandbox, quiet=as_json)  # type: ignore[attr-defined]
            asyncio.run(play.through(brief=brief, as_json=as_json))
    return Answer(None)


@dataclass
class Play:
    """The demo from the first fire to the last decision. `sessions` is the sandbox's own state: its pace and its scripts."""

    app: Application
    clock: DemoClock
    now: datetime
    sessions: Any
    quiet: bool = False

    async def through(self, *, brief: bool, as_json: bool) -> None:
        """History, then the dashboard."""
        from facilitator.web.app import build_web
        from facilitator.web.pictures import Warming
        from facilitator.web.server import served

        app = self.app
        sprints = SprintBook(app.store)
        observe: Observe = together(app.hub.publish, unobserved)
        self.sessions.speed = FAST
        async with app.working(app, observe) as pipeline, app.reading(app) as tracker:
            await sprints.refresh(tracker, app.assignments.values(), now=self.now)
            await self._history(pipeline, sprints, brief=brief)
            self.clock.go_on(self.now)
            web = build_web(app, timetable=sprints.timetable, arrived=Warming())
            async with served(web, app.settings.web) as address:
                self._open(address, as_json=as_json)
                await self._live(pipeline)

    async def _history(self, pipeline: Pipeline, sprints: SprintBook, *, brief: bool) -> None:
        plan = list(planned(self.app, sprints, self.now, brief=brief))
        done = 0
        for at, windows in groupby(plan, key=lambda one: one.at):
            self.clock.stand_at(at + timedelta(minutes=1))
            batch = list(windows)
            calm = [one for one in batch if one.goes not in ("fail", "watch")]
            await asyncio.gather(*(self._run(pipeline, one) for one in calm))
            for one in batch:
                if one.goes == "fail":
                    await self._run(pipeline, one)
            done += len(batch)
            if not self.quiet:
                say(f"  {done} of {len(plan)} runs, {at:%a %d %b}")

    async def _run(self, pipeline: Pipeline, one: Planned) -> None:
        from facilitator.sandbox.agents.script import Script

        app, assignment = self.app, self.app.assignment(one.team, one.ceremony)
        if one.goes == "fail":
            self.sessions.scripts.put(Script(refusal=True), 1)
        window = window_at(app.store, assignment, one.at)
        mode = Mode.SHADOW if one.goes == "shadow" else None
        run, _new = fire_now(app.store, assignment, window, mode=mode, now=self.clock(), trigger="schedule")
        run = await pipeline.settle(run)
        if not run.waits_for_a_person:
            return
        if one.goes == "expire":
            late = self.clock()
            self.clock.stand_at((run.expires_at or late) + timedelta(minutes=1))
            await pipeline.settle(run)
            self.clock.stand_at(late)
        elif one.goes != "wait":
            await self._answer(pipeline, run, assignment, one.goes)

    async def _answer(self, pipeline: Pipeline, run: Run, assignment: Assignment, goes: str) -> None:
        who, approvals = assignment.approvers[0].name, self.app.approvals
        words = {"who": who, "now": self.clock() + timedelta(minutes=4), "channel": "demo"}
        if goes == "reject":
            approvals.reject(run, assignment, because="The second blocker was solved this morning.", **words)  # type: ignore[arg-type]
            return
        if goes == "revise":
            run = approvals.revise(run, assignment, because="Say what would unblock the first one.", **words)  # type: ignore[arg-type]
            run = await pipeline.settle(run)
        if run.waits_for_a_person:
            await pipeline.settle(approvals.approve(run, assignment, **words))  # type: ignore[arg-type]

    def _open(self, address: str | None, *, as_json: bool) -> None:
        app = self.app
        who = app.settings.teams[0].approvers[0].name
        token = SignIns(app.database).make_link(who, now=self.clock(), lasts=LINK)
        link = f"{address}/signin?token={token}" if address else None
        if as_json:
            say(envelope(data={"url": link, "who": who, "runs": len(app.store.recent(limit=1000))}))
        elif link is None:
            say(f"The port {app.settings.web.port} is taken. Choose another one with --port.")
        else:
            say(
                f"\nThe dashboard, as {who}:\n\n  {link}\n\nIn the demo it is {self.clock():%a %d %b %Y %H:%M} UTC. Ctrl-C stops it."
            )

    async def _live(self, pipeline: Pipeline) -> None:
        """Fire the one session that can be watched, and carry out decisions as they come."""
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        self.sessions.speed = WATCHABLE
        at_work: dict[RunId, asyncio.Task[Run]] = {}
        assignment = next(
            one for key, one in reversed([*self.app.assignments.items()]) if key[1] == "standup"
        )
        window = window_at(self.app.store, assignment, self.now)
        fire_now(self.app.store, assignment, window, mode=None, now=self.clock(), trigger="schedule")
        while not stop.is_set():
            for run in ready(self.app.store, self.clock):
                if run.id not in at_work or at_work[run.id].done():
                    at_work[run.id] = asyncio.ensure_future(pipeline.settle(run))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_S)
        for task in at_work.values():
            task.cancel()
        await asyncio.gather(*at_work.values(), return_exceptions=True)


def ready(store: RunStore, clock: Callable[[], datetime]) -> Iterator[Run]:
    """Unfinished runs with something to do: all but those that wait for a person in time."""
    for run in store.unfinished():
        over = run.expires_at is not None and clock() >= run.expires_at
        if run.state is not RunState.JUDGED or not run.waits_for_a_person or over:
            yield run


def planned(app: Application, sprints: SprintBook, now: datetime, *, brief: bool) -> Iterator[Planned]:
    """The windows to run, oldest first: six sprints of retros and weeklies and the last stand-ups of the first team, less of others.

    `brief` leaves a handful that ends in every state, for tests.
    """
    teams = list(dict.fromkeys(team for team, _ in app.assignments))
    every: list[Planned] = []
    for (team, ceremony), assignment in app.assignments.items():
        first = team == teams[0]
        since = now - timedelta(weeks=13)
        fires = [fire.at for fire in sprints.timetable(assignment).fires(since, now - timedelta(minutes=1))]
        most = {"standup": 8 if first else 3, "weekly_status": 6 if first else 1, "retro": 6 if first else 1}
        keep = (
            min(most.get(ceremony, 1), 3 if first and ceremony == "standup" else 1)
            if brief
            else most.get(ceremony, 1)
        )
        every += [Planned(at, team, ceremony, "approve") for at in fires[-keep:]]
    every.sort(key=lambda one: (one.at, one.team, one.ceremony))
    yield from _varied(every, teams, brief=brief)
    yield from (Planned(now, team, "standup", "wait") for team in teams[:2])
    yield Planned(now, teams[1], "weekly_status", "wait")
    if not brief:
        over = (pair for pair, one in app.assignments.items() if one.members)
        yield from (Planned(now, team, ceremony, "wait") for team, ceremony in over)


def _varied(every: Sequence[Planned], teams: Sequence[str], *, brief: bool) -> Iterator[Planned]:
    """The same windows, some of which end otherwise: by team and place, counted from the newest."""
    ends = {
        (teams[0], "standup", 1): "reject",
        (teams[0], "standup", 2 if brief else 4): "revise",
        (teams[0], "standup", 6): "expire",
        (teams[0], "weekly_status", 3): "reject",
        (teams[1], "standup", 0): "fail",
        (teams[2], "weekly_status", 0): "shadow",
        (teams[2], "standup", 0 if brief else 1): "expire",
    }
    places: dict[tuple[str, str], int] = {}
    varied = []
    for one in reversed(every):
        place = places.setdefault((one.team, one.ceremony), 0)
        places[(one.team, one.ceremony)] += 1
        goes = ends.get((one.team, one.ceremony, place), one.goes)
        varied.append(Planned(one.at, one.team, one.ceremony, goes))
    yield from reversed(varied)
