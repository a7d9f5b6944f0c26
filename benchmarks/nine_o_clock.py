"""B1: a thousand stand-ups due at one instant, both services enforcing their quotas: `make bench ONLY=B1`.

Every team has a board of its own (24 tasks) and sessions take 30 to 90 seconds; the services run in a process of their own.
Everything runs SCALE times faster than life: the services' clock and quotas, and in our process the clock that quotas, waits
and deadlines are measured with. The configuration has the published quotas. The environment's TEAMS asks for fewer.

The makespan is held against the least that the quotas allow, worked out from the calls that were truly made: each quota's
calls at its pace, with what may be sent at once, and the length of the session that ended last on top: a session that waits for a tool
is answered before another begins, so that the last one begins when the others have had their calls.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import runner
from benchmarks.crowd import board_of
from benchmarks.figures import Figure, measured
from benchmarks.world import folder_in_memory, serving, small_world, team
from facilitator.runs.run import Mode, Run, RunState
from facilitator.sandbox.agents.quotas import Quotas, kind_of
from facilitator.service.application import Application
from facilitator.service.executing import executing
from facilitator.service.executor import LocalExecutor
from facilitator.service.firing import fire_now, window_at

TEAMS, SCALE, TIMES = 1000, 2.25, 1.05
WORKSPACES = 10
"""Teams are spread over so many, each read with a token of its own: one token's 1,500 calls a minute would make it 17 minutes."""
PATIENCE_S = 290
ASANA_A_MINUTE = 1500
PUBLISHED = Quotas()
HEAD = f"""
[asana]
requests_per_minute = {ASANA_A_MINUTE}
[limits]
session_creates_per_minute = {PUBLISHED.creates:.0f}
agent_reads_per_minute = {PUBLISHED.reads:.0f}
event_sends_per_minute = {PUBLISHED.others:.0f}
asana_reads_in_flight = 40
asana_writes_in_flight = 12
[executor]
at_once = 1000
[web]
enabled = false
"""


class Tempo:
    """Time that runs faster than life: seconds of life since the start, and sleeping so many of them."""

    def __init__(self, start: datetime, scale: float) -> None:
        self._start = start
        self._scale = scale
        self._began = time.monotonic()

    def monotonic(self) -> float:
        """Seconds of life."""
        return (time.monotonic() - self._began) * self._scale

    def clock(self) -> datetime:
        """The instant."""
        return self._start + timedelta(seconds=self.monotonic())

    async def sleep(self, seconds: float) -> None:
        """Sleep so many seconds of life."""
        await asyncio.sleep(seconds / self._scale)


@dataclass(frozen=True, slots=True)
class Finish:
    """How it went; seconds of life, calls by quota."""

    makespan_s: float
    written: int
    cpu_s: float
    lengths_s: Sequence[float]
    last_s: float
    calls: Mapping[str, int]
    refused: int
    comments: int


class Milestones:
    """When each run reached each state, in seconds of life."""

    def __init__(self, tempo: Tempo) -> None:
        self._tempo = tempo
        self.reached: dict[RunState, list[float]] = {}
        self.ended: dict[str, Run] = {}

    def observe(self, run: Run, kind: str, _detail: Mapping[str, Any]) -> None:
        """See `Observe`."""
        if kind == "moved":
            self.reached.setdefault(run.state, []).append(self._tempo.monotonic())
            if run.ended:
                self.ended[run.id] = run

    def lines(self) -> Sequence[str]:
        """For a person: when the first, half of them and the last had come so far."""
        return [
            f"{state:>10}: {len(times):>5} runs, first {times[0]:6.0f} s, half {times[len(times) // 2]:6.0f} s, last {times[-1]:6.0f} s"
            for state, times in self.reached.items()
        ]


def measure(teams: str = "", scale: str = "") -> list[Figure]:
    """The makespan against the least, and what was refused."""
    count = int(teams or os.environ.get("TEAMS") or TEAMS)
    pace, world = float(scale or os.environ.get("SCALE") or SCALE), small_world()
    with serving(speed=pace, teams=count) as environ, folder_in_memory() as folder:
        config = folder / "facilitator.toml"
        tokens = [f"ASANA_TOKEN_{number}" for number in range(WORKSPACES)]
        config.write_text(
            HEAD + "".join(
                team(f"team{n}", board_of(world, n), read=tokens[n % WORKSPACES]) for n in range(count)
            )
        )  # fmt: skip
        app = runner.compose(config, {**environ, **{name: name.lower() for name in tokens}})
        try:
            done = asyncio.run(_all(app, count, datetime.fromisoformat(world["as_of"]), pace, environ))
        finally:
            app.close()
    return _figures(done, count, pace)


async def _all(
    app: Application, count: int, start: datetime, scale: float, environ: Mapping[str, str]
) -> Finish:
    _changes, pinned = await app.provisioning(app, change=True)
    assert pinned is not None
    app.store.pin(pinned, now=app.clock())
    before, tempo = tally(environ), Tempo(start, scale)
    app.clock, app.monotonic, app.sleep = tempo.clock, tempo.monotonic, tempo.sleep
    milestones = Milestones(tempo)
    async with app.working(app, milestones.observe) as pipeline, executing(app, pipeline) as executor:
        assert isinstance(executor, LocalExecutor)
        began, cpu = tempo.monotonic(), time.process_time()
        for number in range(count):
            assignment = app.assignment(f"team{number}", "standup")
            window = window_at(app.store, assignment, start)
            executor.now(fire_now(app.store, assignment, window, mode=Mode.AUTO, now=app.clock())[0].id)
        await asyncio.wait_for(executor.idle(), PATIENCE_S)
        makespan, cpu = tempo.monotonic() - began, time.process_time() - cpu
    print("\n".join(milestones.lines()), flush=True)
    calls = tally(environ) - before
    for call, told in calls.items():
        if call.status >= 400:
            print(f"{told} times {call}")
    return Finish(
        makespan_s=makespan,
        written=sum(run.state is RunState.WRITTEN for run in milestones.ended.values()),
        cpu_s=cpu,
        last_s=length_s(app, list(milestones.ended.values())[-1]),
        lengths_s=sorted(length_s(app, run) for run in milestones.ended.values()),
        calls=by_quota(calls),
        refused=sum(told for call, told in calls.items() if call.status == 429),
        comments=sum(told for call, told in calls.items() if call.is_comment),
    )


def length_s(app: Application, run: Run) -> float:
    """How long a run's session took by the service's own stamps."""
    stamps = [event["processed_at"] for _, event in app.store.events(run.id) if event.get("processed_at")]
    return (datetime.fromisoformat(max(stamps)) - datetime.fromisoformat(min(stamps))).total_seconds()


class Call(NamedTuple):
    """A kind of answered call: `side` is `asana` or `agents`, `credential` the masked token or key."""

    side: str
    method: str
    path: str
    status: int
    credential: str

    @property
    def quota(self) -> str:
        """What counts it: one of the organisation's at Managed Agents, or an Asana token."""
        if self.side == "asana":
            return f"Asana token {self.credential[-4:]}"
        return kind_of(self.method, self.path)

    @property
    def is_comment(self) -> bool:
        """Whether it wrote one."""
        wrote = (self.side, self.method, self.status) == ("asana", "POST", 201)
        return wrote and self.path.endswith("/stories")


Calls = Counter[Call]


def tally(environ: Mapping[str, str]) -> Calls:
    """What both services answered so far."""
    found: Calls = Counter()
    for side, name in (("asana", "ASANA_BASE_URL"), ("agents", "ANTHROPIC_BASE_URL")):
        base = urlsplit(environ[name])
        with urllib.request.urlopen(f"{base.scheme}://{base.netloc}/_sandbox/tally") as answer:  # noqa: S310 - loopback
            for one in json.load(answer):
                call = Call(side, one["method"], one["path"], one["status"], one["credential"])
                found[call] = one["count"]
    return found


def by_quota(calls: Calls) -> dict[str, int]:
    """Calls by the quota that counts them."""
    found: Counter[str] = Counter()
    for call, told in calls.items():
        found[call.quota] += told
    return dict(found)


def least_s(calls: Mapping[str, int]) -> dict[str, float]:
    """The least seconds in which so many calls keep their quota's pace, by quota; what may come at once is given."""
    found = {}
    for quota, told in calls.items():
        of_agents = quota in ("creates", "reads", "others")
        a_second = (getattr(PUBLISHED, quota) if of_agents else ASANA_A_MINUTE) / 60
        found[quota] = max(0.0, told / a_second - PUBLISHED.at_once_s)
    return found


def _figures(done: Finish, count: int, scale: float) -> list[Figure]:
    least = least_s(done.calls)
    which = max(least, key=lambda kind: least[kind])
    most = sorted(least, key=lambda kind: -least[kind])[:5]
    told = ", ".join(f"{kind} {done.calls[kind]:,} calls, {least[kind]:.0f} s" for kind in most)
    note = (
        f"{count} teams on boards of 24 tasks, read with {WORKSPACES} tokens; time {scale:g} times as fast; {done.makespan_s:.0f} s of life, "
        f"the least {least[which]:.0f} s by {which} and {done.last_s:.0f} s of the last session (without it the value is "
        f"{done.makespan_s / least[which]:.2f}); sessions of {done.lengths_s[0]:.0f} to {done.lengths_s[-1]:.0f} s; {told}; "
        f"{done.cpu_s / count * 1000:.0f} ms CPU a run of ours"
    )
    return [
        Figure(
            "B1",
            done.makespan_s / (least[which] + done.last_s),
            TIMES,
            "x the least the quotas allow",
            f"the quota of {which} and the last session",
            note=note,
        ),
        Figure("B1", done.refused, 0, "calls refused with 429", "both services' quotas"),
        Figure(
            "B1",
            abs(count - done.written) + abs(count - done.comments),
            0,
            "runs not written exactly once",
            "every run",
        ),
    ]


def main(words: Sequence[str] = (), /) -> int:
    """Print the figures; 1 where a bar was missed."""
    return measured(measure, words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
