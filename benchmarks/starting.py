"""B6 and B9: how soon the program answers, and how soon it is ready to fire for 1,000 teams.

`make bench ONLY=B6` holds `--help` and `runs list` over 100,000 runs against `python -c "import typer"`, as CPU time and the
median of alternating runs. `make bench ONLY=B9` is wall time from the start of the process to its word that it serves.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Figure, cpu_of, measured
from benchmarks.run_log import ROOT, write_run_log

RUNS, TEAMS, REPEATS = 100_000, 1000, 5
HELP, LIST, READY = 1.5, 3.0, 3.0
PYTHON = sys.executable


def answering() -> list[Figure]:
    """B6."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "facilitator.toml"
        config.write_text(_teams(40, agents=""))
        write_run_log(f"sqlite:///{folder}/facilitator.sqlite3", runs=RUNS, teams=40)
        environ = {**os.environ, "FACILITATOR_CONFIG": str(config), "FACILITATOR_DATABASE_URL": ""}
        commands = {
            "typer": [PYTHON, "-c", "import typer"],
            "help": [PYTHON, str(ROOT / "runner.py"), "--help"],
            "list": [PYTHON, str(ROOT / "runner.py"), "runs", "list"],
        }
        spent: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(REPEATS):
            for name, command in commands.items():
                spent[name].append(cpu_of(command, environ))
    told = {name: statistics.median(seconds) for name, seconds in spent.items()}
    print(", ".join(f"{name} {1000 * seconds:.0f} ms" for name, seconds in told.items()))
    against = 'python -c "import typer", CPU time'
    return [
        Figure("B6", told["help"] / told["typer"], HELP, "x for runner.py --help", against),
        Figure("B6", told["list"] / told["typer"], LIST, "x for runs list at 100,000 runs", against),
    ]


def readiness() -> list[Figure]:
    """B9."""
    with tempfile.TemporaryDirectory() as folder:
        sandbox = subprocess.Popen(  # noqa: S603 - our own program
            [PYTHON, str(ROOT / "runner.py"), "sandbox", "--json"], stdout=subprocess.PIPE, text=True
        )
        try:
            assert sandbox.stdout is not None
            text = ""
            while not text.rstrip().endswith("\n}"):
                text += sandbox.stdout.readline()
            keys = {"ASANA_ACCESS_TOKEN": "x", "ANTHROPIC_API_KEY": "y", "FACILITATOR_DATABASE_URL": ""}
            environ = {**os.environ, **json.loads(text)["data"], **keys}
            config = Path(folder) / "facilitator.toml"
            config.write_text(_teams(TEAMS, agents="[web]\nenabled = false\n"))
            environ["FACILITATOR_CONFIG"] = str(config)
            subprocess.run(  # noqa: S603 - our own program
                [PYTHON, str(ROOT / "runner.py"), "agents", "apply", "--json"],
                env=environ, check=True, capture_output=True,
            )  # fmt: skip
            seconds, cpu = min(_ready(environ) for _ in range(3))
        finally:
            sandbox.terminate()
            sandbox.wait()
    print(f"ready after {seconds:.2f} s ({cpu:.2f} s CPU)")
    return [
        Figure(
            "B9", seconds, READY, "s to ready", f"{TEAMS} teams, three ceremonies each",
            note=f"the quickest of three starts; its CPU time was {cpu:.2f} s, which is what an idle machine would take",
        ),
    ]  # fmt: skip


def _ready(environ: dict[str, str]) -> tuple[float, float]:
    began = time.monotonic()
    serving = subprocess.Popen(  # noqa: S603 - our own program
        [PYTHON, str(ROOT / "runner.py"), "serve"],
        env=environ, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert serving.stderr is not None
        said = []
        for line in serving.stderr:
            said.append(line)
            if "serving" in line:
                ticks = sum(
                    map(int, Path(f"/proc/{serving.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13])
                )
                return time.monotonic() - began, ticks / os.sysconf("SC_CLK_TCK")
        raise RuntimeError(f"serve ended before it was ready: {''.join(said)[-2000:]}")
    finally:
        serving.terminate()
        serving.wait()


def _teams(count: int, *, agents: str) -> str:
    ceremonies = "".join(f"[teams.ceremonies.{name}]\n" for name in ("standup", "weekly_status", "retro"))
    return agents + "".join(
        f'[[teams]]\nslug = "team-{n}"\nname = "Team {n}"\nproject = "{1205000000000003 + n}"\nzone = "Europe/Berlin"\n'
        f'approvers = ["Alice"]\n{ceremonies}'
        for n in range(count)
    )


def main(words: Sequence[str] = (), /) -> int:
    """Print the figures; 1 where a bar was missed."""
    return max(measured(answering, ()), measured(readiness, ())) if not words else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
