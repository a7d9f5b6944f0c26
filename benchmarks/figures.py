"""What a measurement gives, and how all of them are put down: one table for people, one file for programs.

No figure is written by hand: `results.json` and `RESULTS.md` come from here alone. A figure that was measured several times is
recorded with its worst value.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS, TABLE = HERE / "results.json", HERE / "RESULTS.md"
WHY = HERE / "missed.md"
"""What a person found out about each missed bar; it stands in the table's page."""
LIBRARIES = (
    "anthropic",
    "httpx",
    "sqlalchemy",
    "apscheduler",
    "asana",
    "celery",
    "huey",
    "prefect",
    "procrastinate",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value and its bar; `lower` says which side of the bar is good. `note` says what a reader must know."""

    id: str
    value: float
    bar: float
    unit: str
    against: str
    lower: bool = True
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the bar is kept."""
        return self.value <= self.bar if self.lower else self.value >= self.bar

    def line(self) -> str:
        """For a person."""
        sign = "<=" if self.lower else ">="
        verdict = "met" if self.met else "MISSED"
        return f"{self.id}  {self.value:.4g} {self.unit}  (bar {sign} {self.bar:g}, against {self.against})  {verdict}"


@dataclass(slots=True)
class Record:
    """Everything measured so far, one entry for each id and unit."""

    figures: dict[tuple[str, str], list[Figure]] = field(default_factory=dict)

    def add(self, figures: Sequence[Figure]) -> None:
        """One more run of a measurement."""
        for figure in figures:
            self.figures.setdefault((figure.id, figure.unit), []).append(figure)

    def write(self) -> None:
        """Put what was measured in the place of what those ids had before; other ids stay."""
        worst = [
            max(runs, key=lambda one: one.value * (1 if one.lower else -1)) for runs in self.figures.values()
        ]
        told = {(one.id, one.unit): _entry(one, self.figures[one.id, one.unit]) for one in worst}
        kept = {(one["id"], one["unit"]): one for one in _read()} if RESULTS.exists() else {}
        ids = {key[0] for key in told}
        kept = {key: one for key, one in kept.items() if key[0] not in ids}
        rows = [one for _, one in sorted({**kept, **told}.items())]
        RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
        TABLE.write_text(_table(rows))


def _entry(figure: Figure, runs: Sequence[Figure]) -> dict[str, object]:
    told = asdict(figure)
    low = bool(told.pop("lower"))
    note = told.pop("note")
    return {
        **told,
        "value": round(figure.value, 4),
        "met": figure.met,
        "better": "lower" if low else "higher",
        "runs": [round(one.value, 4) for one in runs],
        "machine": machine(),
        "note": note,
    }


def _read() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(RESULTS.read_text())
    return found


def machine() -> str:
    """What it was measured on, with how busy the machine was: other work on it makes every time longer."""
    libraries = ", ".join(f"{name} {found}" for name in LIBRARIES if (found := _version(name)))
    load = os.getloadavg()[0]
    return f"{_processor()}, {os.cpu_count()} cores, load {load:.0f}; Python {platform.python_version()}; {libraries}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _table(rows: Sequence[dict[str, object]]) -> str:
    lines = [
        "# Measured",
        "",
        "Written by `make bench`; each figure was measured as often as `runs` says, and its worst value is the one that counts.",
        "",
        "| id | value | bar | against | runs | |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for one in rows:
        sign = "<=" if one["better"] == "lower" else ">="
        runs = ", ".join(map(str, one["runs"]))  # type: ignore[call-overload]
        met = "met" if one["met"] else "**missed**"
        lines.append(
            f"| {one['id']} | {one['value']} {one['unit']} | {sign} {one['bar']} | {one['against']} | {runs} | {met} |"
        )
    notes = [f"- {one['id']} ({one['unit']}): {one['note']}" for one in rows if one["note"]]
    machines = sorted({f"- {one['id']}: {one['machine']}" for one in rows})
    return "\n".join(
        [*lines, "", "## What a reader must know", "", *notes, "", "## Measured on", "", *machines, ""]
    )


def measured(measure: object, words: Sequence[str]) -> int:
    """`main` of a measurement that gives figures: prints them; 1 where a bar was missed."""
    assert callable(measure)
    figures: list[Figure] = measure(*words)
    for figure in figures:
        print(figure.line())
        if figure.note:
            print(f"    {figure.note}")
    return 0 if all(figure.met for figure in figures) else 1


def cpu_of(command: Sequence[str], environ: dict[str, str] | None = None) -> float:
    """CPU seconds of one command and its children: a busy machine makes wall time long, CPU time hardly."""
    code = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_utime + used.ru_stime); sys.exit(done.returncode)"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", code, *command], capture_output=True, text=True, check=True, env=environ
    )
    return float(done.stdout.split()[-1])
