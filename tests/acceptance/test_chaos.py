"""The chaos play in small: `make chaos` plays a thousand runs, this plays a few, so that the play itself stays playable."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from benchmarks.chaos.plan import acts, planned

from .conftest import ROOT

SEED, RUNS = 7, 9


@pytest.mark.parametrize("cluster", [[], ["--cluster"]], ids=["one machine", "cluster"])
def test_a_few_runs_survive_faults_and_kills(cluster: list[str]) -> None:
    """Every ceremony of every team once, processes killed between: the last line says that the promise was kept."""
    command = [sys.executable, "-m", "benchmarks.chaos", "--seed", str(SEED), "--runs", str(RUNS), *cluster]
    played = subprocess.run(
        command, check=False, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=300
    )
    lines = played.stdout.splitlines()
    assert lines, played.stderr
    assert lines[0].startswith(f"seed {SEED}, {RUNS} runs")
    assert lines[-1] == f"{RUNS} runs, 0 lost, 0 duplicated, 0 stuck", played.stdout + played.stderr
    assert played.returncode == 0


def test_a_seed_names_one_play() -> None:
    """The same seed plans the same windows, faults, scripts and dice; another seed plans others."""
    assert list(acts(5, 250)) == list(acts(5, 250))
    assert [len(plan.runs) for plan in acts(5, 250)] == [200, 50]
    (one,), (other,) = acts(5, 30), acts(6, 30)
    assert one.faults != other.faults
    assert planned(one.seed, len(one.runs)) == one
    assert one.dice("kills").random() == one.dice("kills").random() != other.dice("kills").random()
