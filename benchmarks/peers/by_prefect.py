"""Prefect: so many runs of one served flow due at one instant, each noting when it began; prints the latenesses as JSON.

A server of its own on SQLite in a temporary folder and a runner that asks it each second, its number of processes as Prefect
sets it. What has not begun when the bound is reached is not in the list.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

from prefect import flow, get_client
from prefect.runner import Runner
from prefect.states import Scheduled


@flow(log_prints=False)
def noop() -> None:
    """Note the time; all runs write to one file, each in a process of its own."""
    with Path(os.environ["BENCH_STARTED"]).open("a") as file:
        file.write(f"{time.time()}\n")


def begun() -> list[float]:
    """When each run began that has begun."""
    file = Path(os.environ["BENCH_STARTED"])
    return [float(line) for line in file.read_text().splitlines()] if file.exists() else []


async def fire(count: int, ahead: float, bound: float) -> list[float]:
    """The runs are made first, so that only what comes after the instant counts."""
    runner = Runner("bench", query_seconds=1, pause_on_shutdown=False)
    deployment = await runner.add_flow(noop, name="bench")
    due = time.time() + ahead
    at = datetime.fromtimestamp(due, timezone.utc)  # noqa: UP017
    few = asyncio.Semaphore(8)
    async with get_client() as client:

        async def make() -> None:
            async with few:
                await client.create_flow_run_from_deployment(deployment, state=Scheduled(scheduled_time=at))

        await asyncio.gather(*(make() for _ in range(count)))
    if time.time() > due:
        raise SystemExit(f"making {count} runs took longer than the {ahead:g} s before they were due")
    working = asyncio.ensure_future(runner.start())
    started: list[float] = []
    while len(started) < count and time.time() < due + bound and not working.done():
        await asyncio.sleep(0.5)
        started = begun()
    if working.done():
        working.result()
    working.cancel()
    await asyncio.wait({working}, timeout=5)
    return [one - due for one in started]


def main(count: int, ahead: float, bound: float) -> None:
    """Start a server, fire, print. Whoever called ends this process group, the server with it."""
    address = os.environ["PREFECT_API_URL"]
    port = address.rsplit(":", 1)[1].split("/")[0]
    server = subprocess.Popen(  # noqa: S603 - Prefect's own program
        [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/health", timeout=2).close()  # noqa: S310 - loopback
            break
        except OSError:
            time.sleep(0.25)
    try:
        print(json.dumps(asyncio.run(fire(count, ahead, bound))), flush=True)
    finally:
        server.kill()


def alone() -> None:
    """Begin again with settings of our own: Prefect reads them when it is imported."""
    with socket.socket() as free, tempfile.TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environ = {
            **os.environ, "PREFECT_HOME": folder, "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", "PREFECT_LOGGING_LEVEL": "ERROR",
            "BENCH_STARTED": f"{folder}/started",
        }  # fmt: skip
        again = [sys.executable, __file__, *sys.argv[1:]]
        raise SystemExit(subprocess.run(again, env=environ, check=False).returncode)  # noqa: S603 - ourselves


if __name__ == "__main__":
    if "BENCH_STARTED" in os.environ:
        main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
    else:
        alone()
