"""B4 against others: our scheduler beside Celery beat, Huey and Prefect, as `firing` holds it beside bare APScheduler.

`python -m benchmarks.peers`. Each peer runs in a process of its own, from the interpreter that BENCH_PYTHON names (else this
one); `pip install '.[bench]'` brings them. What a peer has not started when its time is over counts as that late, so such a
figure is the least it can be. A peer that does not run here is named in the note and gives no figure.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.firing import WINDOWS, ours, p99
from benchmarks.firing import measure as against_apscheduler

BOUND_S = 45.0
"""How long after the due instant a peer may still start what was due."""

PATIENCE_S = 150.0
"""How long its whole process may take, its own start with it."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One of the others: how many it fires, and how long before they are due it begins to set them up."""

    name: str
    script: str
    setting: str
    count: int = WINDOWS
    ahead_s: float = 4.0


PEERS = (
    Peer("Celery beat", "by_celery.py", "beat and one solo worker, broker in memory"),
    Peer("Huey", "by_huey.py", "queue in memory, one worker, looks each second"),
    # It makes a run in some 60 ms and starts a process for each: with a fifth of the runs it is spared, not hurt.
    Peer(
        "Prefect",
        "by_prefect.py",
        "its server on SQLite, its own limit of processes",
        count=200,
        ahead_s=35.0,
    ),
)


class NotRun(Exception):  # noqa: N818 - it is no fault of ours
    """A peer that could not be measured here, and why."""


def measure() -> list[Figure]:
    """The row against bare APScheduler, and one for each peer that runs: ours by its, measured one after the other."""
    rows, missing = [], []
    for peer in PEERS:
        try:
            rows.append(_beside(peer))
        except NotRun as reason:
            missing.append(f"{peer.name} was not measured: {reason}")
    return [*(_noted(one, missing) for one in against_apscheduler()), *rows]


def _noted(row: Figure, missing: Sequence[str]) -> Figure:
    return replace(row, note="; ".join((row.note, *missing)))


def _beside(peer: Peer) -> Figure:
    theirs = _lateness(peer)
    started = len(theirs)
    theirs_p99 = p99([*theirs, *[BOUND_S] * (peer.count - started)])
    ours_p99 = p99(ours())
    print(
        f"{peer.name}: {started} of {peer.count} started, p99 {theirs_p99:.2f} s; ours {ours_p99:.2f} s",
        flush=True,
    )
    late = (
        ""
        if started >= peer.count
        else f"; only {started} had started after {BOUND_S:g} s, so it is at least that"
    )
    return Figure(
        "B4", ours_p99 / theirs_p99, 1.0, f"x {peer.name}, due to started, p99", f"{peer.name} {_version(peer)} firing {peer.count}",
        note=f"ours {1000 * ours_p99:.0f} ms for {WINDOWS}, {peer.name} {1000 * theirs_p99:.0f} ms for {peer.count}{late}; "
        f"{peer.setting}",
    )  # fmt: skip


def _lateness(peer: Peer) -> list[float]:
    """Seconds from due to started, of what it started in time."""
    process = subprocess.Popen(  # noqa: S603 - our own script
        [
            _python(), str(Path(__file__).with_name(peer.script)),
            str(peer.count), str(peer.ahead_s), str(BOUND_S),
        ],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        out, err = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise NotRun(f"it was not done after {PATIENCE_S:g} s") from None
    finally:
        _end(process)
    told = [line for line in out.splitlines() if line.startswith("[")]
    if not told:
        raise NotRun((err.strip().splitlines() or [f"exit code {process.returncode}"])[-1][:200])
    found: list[float] = json.loads(told[-1])
    return found


def _python() -> str:
    return os.environ.get("BENCH_PYTHON", sys.executable)


def _version(peer: Peer) -> str:
    code = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
    name = peer.name.split()[0].lower()
    asked = [_python(), "-c", code, name]
    told = subprocess.run(asked, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    return told.stdout.strip()


def _end(process: subprocess.Popen[str]) -> None:
    """End it and everything it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()
