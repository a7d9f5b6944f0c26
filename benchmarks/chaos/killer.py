"""Processes that die: each killed with SIGKILL when the services have been called so many times more, and replaced at once.

Counting calls instead of seconds keeps the kills where things happen, on a fast machine and on a slow one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
FEWEST, MOST = 40, 240
"""Calls on both ports from one kill to the next."""


class Killer:
    """One process for each word of the cast at any time, until `stop`."""

    def __init__(
        self,
        command: list[str],
        environ: Mapping[str, str],
        *,
        cast: Sequence[str],
        calls: Callable[[], int],
        dice: Random,
    ) -> None:
        self.kills = Counter[str]()
        self.deaths = 0
        self._cast = cast
        self._calls, self._dice = calls, dice
        self._nursery = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._alive = [self._born(kind) for kind in cast]
        self._due = calls() + dice.randint(FEWEST, MOST)

    def look(self) -> None:
        """Kill one where it is time; replace whoever is gone, also those that ended by themselves (`deaths`)."""
        if self._calls() >= self._due:
            victim = self._dice.randrange(len(self._alive))
            os.kill(self._alive[victim], signal.SIGKILL)
            self._alive[victim] = self._born(self._cast[victim])
            self.kills[self._cast[victim]] += 1
            self._due = self._calls() + self._dice.randint(FEWEST, MOST)
        self.replace()

    def replace(self) -> None:
        """Put a new process in the place of each that ended by itself."""
        for place, process in enumerate(self._alive):
            try:
                os.kill(process, 0)
            except ProcessLookupError:
                self.deaths += 1
                self._alive[place] = self._born(self._cast[place])

    def stop(self) -> None:
        """End all of them and the nursery; a second call does nothing."""
        if self._nursery.stdin and not self._nursery.stdin.closed:
            self._nursery.stdin.close()
        self._nursery.wait(30)
        if self._nursery.stdout:
            self._nursery.stdout.close()

    def _born(self, kind: str) -> int:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(f"{kind}\n")
        self._nursery.stdin.flush()
        return int(self._nursery.stdout.readline())
