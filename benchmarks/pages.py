"""How long the server takes for each page over a run log of 100,000 runs: `python -m benchmarks.pages [RUNS]`.

Measured over ASGI in one process, as the median of warm requests, with every team visible (the worst case) and with one.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from starlette.testclient import TestClient

import runner
from benchmarks.run_log import NOW, write_run_log
from facilitator.runs.signins import SignIns
from facilitator.web.app import build_web

RUNS, TEAMS, REPEATS = 100_000, 40, 15
LIMIT_MS = 50


def main(words: Sequence[str] = (), /) -> int:
    """Print the table; 1 where a page of one team's member took longer than the limit."""
    runs = int(words[0]) if words else RUNS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "facilitator.toml"
        path.write_text(_configuration())
        url = f"sqlite:///{folder}/facilitator.sqlite3"
        began = time.perf_counter()
        write_run_log(url, runs=runs, teams=TEAMS)
        print(f"{runs} runs of {TEAMS} teams written in {time.perf_counter() - began:.0f} s")
        app = replace(runner.compose(path, {}), clock=lambda: NOW)
        web = build_web(app)
        slow = []
        for who in ("Alice", "Everybody"):
            token = SignIns(app.database).open_session(who, now=NOW, lasts=app.settings.web.session)
            client = TestClient(
                web, base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {token}"}
            )
            run = client.get("/api/approvals").json()["data"]["waiting"][0]["run"]["id"]
            for page in (
                "/",
                "/approvals",
                f"/approvals/{run}",
                f"/runs/{run}",
                "/runs",
                "/teams/team-0",
                "/quality",
                "/costs",
                "/portfolio",
            ):
                took = _median_ms(lambda page=page, client=client: client.get(page).raise_for_status())
                print(f"{who:<10} {page.replace(run, 'ID'):<16} {took:6.1f} ms")
                slow += [page] if who == "Alice" and took > LIMIT_MS else []
        app.close()
    print(f"slower than {LIMIT_MS} ms for one team's member: {', '.join(slow) or 'none'}")
    return 1 if slow else 0


def _median_ms(ask: object) -> float:
    assert callable(ask)
    ask()
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        ask()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def _configuration() -> str:
    ceremonies = "".join(f"[teams.ceremonies.{name}]\n" for name in ("standup", "weekly_status", "retro"))
    return "".join(
        f'[[teams]]\nslug = "team-{n}"\nname = "Team {n}"\nproject = "{1200 + n}"\nzone = "Europe/Berlin"\n'
        f'approvers = ["{"Alice" if n == 0 else f"Person {n}"}", "Everybody"]\n{ceremonies}'
        for n in range(TEAMS)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
