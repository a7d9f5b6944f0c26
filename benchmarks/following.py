"""B2: many sessions followed by one process: memory per run while they are followed, CPU per whole run: `make bench ONLY=B2`.

Each run is whole: gathered, submitted, followed with its tools answered, judged, decided by mode `auto`, written and read
back. The board has 24 tasks; on a larger one reading and replaying it costs more. The services run in a process of their own.
Memory is the highest resident size during the run, above that of the same process after its first run.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import runner
from benchmarks.figures import Figure, measured
from benchmarks.world import folder_in_memory, serving, small_world, team
from facilitator.runs.run import Mode, Run, RunState
from facilitator.service.application import Application
from facilitator.service.executing import make_room, steady
from facilitator.service.firing import fire_now, window_at

SESSIONS, SPEED = 2000, 0.06
MEMORY, CPU = 0.15, 40.0


def measure(sessions: str = "", speed: str = str(SPEED)) -> list[Figure]:
    """So many runs at once; the environment's SESSIONS asks for another number."""
    count, world = int(sessions or os.environ.get("SESSIONS") or SESSIONS), small_world()
    with serving(speed=float(speed)) as environ, folder_in_memory() as folder:
        config = folder / "facilitator.toml"
        project = world["projects"][0]["gid"]
        head = "[web]\nenabled = false\n"
        config.write_text(head + "".join(team(f"team{n}", project) for n in range(count + 1)))
        app = runner.compose(config, environ)
        try:
            return asyncio.run(_followed(app, count, datetime.fromisoformat(world["as_of"])))
        finally:
            app.close()


async def _followed(app: Application, count: int, at: datetime) -> list[Figure]:
    _changes, pinned = await app.provisioning(app, change=True)
    assert pinned is not None
    app.store.pin(pinned, now=app.clock())
    followed: set[str] = set()
    most = {"followed": 0, "memory": 0.0}

    def observe(run: Run, kind: str, _detail: Mapping[str, Any]) -> None:
        if kind == "moved":
            (followed.add if run.state is RunState.SUBMITTED else followed.discard)(run.id)

    async with app.working(app, observe) as pipeline:

        async def whole(number: int) -> RunState:
            assignment = app.assignment(f"team{number}", "standup")
            window = window_at(app.store, assignment, at)
            run, _ = fire_now(app.store, assignment, window, mode=Mode.AUTO, now=app.clock())
            return (await pipeline.settle(run)).state

        async def watch() -> None:
            while True:
                if len(followed) >= most["followed"]:
                    most.update(followed=len(followed), memory=_resident())
                await asyncio.sleep(0.2)

        await whole(0)
        # As `serve` and `worker` begin.
        make_room(count)
        steady()
        idle, began, watching = _resident(), time.process_time(), asyncio.ensure_future(watch())
        states = await asyncio.gather(*(whole(number) for number in range(1, count + 1)))
        cpu = 1000 * (time.process_time() - began) / count
        watching.cancel()
    written = states.count(RunState.WRITTEN)
    per_run = (most["memory"] - idle) / max(most["followed"], 1)
    note = f"{count} runs, {written} written, at most {most['followed']:.0f} sessions followed at one time; a board of 24 tasks"
    return [
        Figure(
            "B2",
            per_run,
            MEMORY,
            "MB resident per followed run",
            f"the idle process, {idle:.0f} MB",
            note=note,
        ),
        Figure("B2", cpu, CPU, "ms CPU per whole run", "all included, our process alone", note=note),
    ]


def _resident() -> float:
    """Megabytes of this process that are in memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def main(words: Sequence[str] = (), /) -> int:
    """Print the figures; 1 where a bar was missed."""
    return measured(measure, words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
