"""What shall happen in a chaos run, all of it drawn from one seed: worlds, windows, faults, scripts, decisions, kills.

Pure. The same seed gives the same plan: which faults wait on which calls, with dice of their own. When a call comes depends
on the machine, so two plays of one plan differ in their order and must not differ in their end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from facilitator.calendar.window import Window
from facilitator.runs.run import run_key

Json = dict[str, Any]
PRESENT = datetime(2026, 6, 10, 7, tzinfo=UTC)
"""The world's now: one of those a generated world can have."""

ACT = 200
"""Runs in one world; more acts make more worlds."""

TEAMS = ("harbour", "quay", "mole")
STEPS: Mapping[str, timedelta] = {
    "standup": timedelta(hours=19),
    "weekly_status": timedelta(hours=45),
    "retro": timedelta(hours=67),
}
"""How far the windows of each ceremony are apart: no cadence, but many different hours of one board."""

MODES = ("approve",) * 10 + ("auto",) * 8 + ("draft", "shadow")
GOOD: tuple[Json, ...] = ({}, {"revisions": 0}, {"revisions": 2}, {"parallel_tools": 2}, {"grader_calls_tool": True},
        {"session_error_retrying": True})  # fmt: skip
BAD: tuple[Json, ...] = ({"terminated": True}, {"retries_exhausted": True}, {"refusal": True}, {"no_file": True},
       {"never_satisfied": True}, {"grader_fails": True})  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """One run that is to be fired."""

    team: str
    ceremony: str
    start: datetime
    end: datetime
    mode: str

    @property
    def window(self) -> Window:
        """What it covers."""
        return Window(self.start, self.end)

    @property
    def key(self) -> str:
        """What the run is found by."""
        return run_key(self.ceremony, self.window, self.team)


@dataclass(frozen=True)
class Plan:
    """One act: a world by its seed, the runs to fire, what goes wrong, and dice for kills and decisions."""

    seed: str
    world: int
    runs: tuple[Planned, ...]
    faults: tuple[Json, ...]
    scripts: tuple[Json, ...]

    def dice(self, name: str) -> Random:
        """Seeded numbers for one purpose, untouched by any other."""
        return Random(f"{self.seed}:{name}")


def acts(seed: int, runs: int) -> Iterator[Plan]:
    """The acts that make up so many runs."""
    for number, first in enumerate(range(0, runs, ACT)):
        yield planned(f"{seed}:{number}", min(ACT, runs - first))


def planned(seed: str, runs: int) -> Plan:
    """The act of this seed, "7:0" for the first one of seed 7, and so many runs: the same in every process."""
    play, number = map(int, seed.split(":"))
    dice = Random(seed)
    latest = PRESENT - timedelta(minutes=dice.randrange(600))
    return Plan(
        seed,
        play * 1000 + number,
        tuple(_windows(dice, latest, runs)),
        tuple(_faults(dice)),
        tuple(dice.choice(BAD) if dice.random() < 0.04 else dice.choice(GOOD) for _ in range(runs)),
    )


def _windows(dice: Random, latest: datetime, runs: int) -> Iterator[Planned]:
    """The newest windows of every team and ceremony in turn, until there are so many."""
    for number in range(runs):
        pair, back = number % (len(TEAMS) * len(STEPS)), number // (len(TEAMS) * len(STEPS))
        team, ceremony = TEAMS[pair % len(TEAMS)], tuple(STEPS)[pair // len(TEAMS)]
        end = latest - STEPS[ceremony] * back
        yield Planned(team, ceremony, end - STEPS[ceremony], end, dice.choice(MODES))


# --- faults ----------------------------------------------------------------------------------------------------------

REFUSED = (
    {"kind": "status", "status": 500}, {"kind": "status", "status": 503, "retry_after": 1},
    {"kind": "status", "status": 503}, {"kind": "status", "status": 429, "retry_after": 1},
    {"kind": "status", "status": 429}, {"kind": "drop"}, {"kind": "reset"}, {"kind": "html_error"},
)  # fmt: skip
LOST = (
    {"kind": "commit_then_status", "status": 500}, {"kind": "commit_then_status", "status": 504},
    {"kind": "commit_then_drop"}, {"kind": "commit_then_reset"}, {"kind": "malformed_json"},
    {"kind": "truncated_body"},
)  # fmt: skip
LATE = ({"kind": "slow", "seconds": 0.05}, {"kind": "trickle", "seconds": 0.05, "pieces": 5})
HANG = {"kind": "commit_then_hang"}
ASANA_WRITES = ("/tasks/*/stories", "/tasks", "/status_updates", "/attachments")
ASANA_LISTS = ("/tasks/*/stories", "/projects/*/tasks", "/status_updates", "/attachments")
AGENT_WRITES = ("/v1/sessions", "/v1/files", "/v1/sessions/*/events")
STREAM = "/v1/sessions/*/events/stream"
BROKEN_STREAMS = ("stream_close", "stream_cut", "stream_reset", "stream_silence", "stream_duplicate",
                  "stream_unknown_event", "stream_malformed", "stream_trickle")  # fmt: skip
LAG_S = 0.25
"""How late lists are, in real seconds: within what the program's looks bridge at the pace of `haste`."""


def _faults(dice: Random) -> Iterator[Json]:
    for where in ("asana", "agents"):
        for one in (*REFUSED, *LOST, *LATE):
            yield _on(where, "GET", "*", one, 0.003)
    for paths, where in ((ASANA_WRITES, "asana"), (AGENT_WRITES, "agents")):
        for path in paths:
            for one in (*REFUSED, *LOST, *LATE):
                yield _on(where, "POST", path, one, 0.02)
            yield _on(where, "POST", path, HANG, 0.005)
            yield _on(where, "POST", path, {"kind": "status", "status": 529}, 0.01 * (where == "agents"))
    for path in ASANA_LISTS:
        yield _on("asana", "GET", path, {"kind": "late_list", "seconds": LAG_S}, 0.2)
        yield _on("asana", "GET", path, {"kind": "repeated_items"}, 0.05)
    yield _on("agents", "GET", "/v1/sessions", {"kind": "late_list", "seconds": LAG_S}, 0.5)
    yield _on("agents", "GET", "/v1/files", {"kind": "late_list", "seconds": LAG_S}, 0.3)
    yield _on("agents", "GET", "/v1/sessions/*", {"kind": "stale_status"}, 0.1)
    for kind in BROKEN_STREAMS:
        for frames in sorted(dice.sample(range(30), 3)):
            yield _on("agents", "GET", STREAM, {"kind": kind, "frames": frames}, 0.03)


def _on(where: str, method: str, path: str, fault: Json, probability: float) -> Json:
    return {
        **fault, "on": where, "method": method, "path": path, "count": None, "probability": probability,
    }  # fmt: skip
