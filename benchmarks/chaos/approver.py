"""The people who decide: each waiting draft gets a word of someone, through one of the channels, by the plan's dice.

The same draft gets the same word in every play of one plan, whenever it comes to wait.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from dataclasses import dataclass, field

from benchmarks.chaos.killer import ROOT
from benchmarks.chaos.stage import Stage
from facilitator.errors import FacilitatorError
from facilitator.runs.run import Run

PROCESSES = 3
"""Decisions of one act that are given by a process of their own, `runner.py approvals approve`."""

LIFE_S = 6.0
"""How long such a process may live before it is killed as well: it waits at the pace of the real program."""


@dataclass
class Approver:
    """Alice and Adam, over one stage."""

    stage: Stage
    seed: str
    words: dict[str, int] = field(default_factory=dict)
    _processes: list[tuple[subprocess.Popen[bytes], float]] = field(default_factory=list)
    _told: set[tuple[str, int]] = field(default_factory=set)

    def look(self) -> None:
        """Decide on everything that waits and was not decided on yet; a decision that comes too late is no matter."""
        self._bury()
        for run in self.stage.app.approvals.waiting():
            if (run.id, run.revision) in self._told:
                continue
            self._told.add((run.id, run.revision))
            word = self._word(run)
            self.words[word] = self.words.get(word, 0) + 1
            try:
                self._say(word, run)
            except FacilitatorError:
                # Another worker moved the run on, or the draft has faults: what still waits is looked at again.
                if self.stage.app.store.get(run.id).waits_for_a_person:
                    self._give_up(run)

    def close(self) -> None:
        """End every process that is left."""
        for process, _born in self._processes:
            process.kill()
            process.wait()

    def _word(self, run: Run) -> str:
        dice = random.Random(f"{self.seed}:{run.key}:{run.revision}").random()
        if dice < 0.08:
            return "reject"
        if dice < 0.14 and run.revision == 0:
            return "revise"
        return "process" if len(self._processes) < PROCESSES and dice > 0.8 else "approve"

    def _say(self, word: str, run: Run) -> None:
        app = self.stage.app
        assignment, now = app.assignment(run.team, run.ceremony), app.clock()
        if word == "process":
            self._processes.append((self._process(run), time.monotonic()))
        elif word == "approve":
            app.approvals.approve(run, assignment, who="Alice", now=now, channel="cli")
        elif word == "revise":
            app.approvals.revise(
                run, assignment, who="Alice", because="Shorter, please.", now=now, channel="cli"
            )
        else:
            app.approvals.reject(
                run, assignment, who="Alice", because="Not this time.", now=now, channel="cli"
            )

    def _give_up(self, run: Run) -> None:
        """A draft nobody can approve is rejected, as a person would."""
        app = self.stage.app
        run = app.store.get(run.id)
        try:
            app.approvals.reject(
                run, app.assignment(run.team, run.ceremony), who="Alice", because="It cannot be approved.",
                now=app.clock(), channel="cli",
            )  # fmt: skip
        except FacilitatorError:
            self._told.discard((run.id, run.revision))

    def _process(self, run: Run) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and program
            [
                sys.executable,
                str(ROOT / "runner.py"),
                "approvals",
                "approve",
                run.id,
                "--by",
                "Alice",
                "--json",
            ],
            cwd=self.stage.config.parent,
            env=dict(self.stage.environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _bury(self) -> None:
        """Kill processes that have lived long enough; where no decision came of one, the draft is decided on again."""
        for process, born in self._processes:
            if process.poll() is None and time.monotonic() - born > LIFE_S:
                process.kill()
                process.wait()
        if self._processes and all(process.poll() is not None for process, _born in self._processes):
            waiting = {(run.id, run.revision) for run in self.stage.app.approvals.waiting()}
            self._told -= waiting
