"""The program put together: settings, ceremonies, run log and clients, for whoever calls a verb.

runner.py builds one and hands it to the command line. Opening is lazy: a verb that only reads the run log never imports
a client library. It holds no rules of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from facilitator.errors import ConfigurationError
from facilitator.runs.approvals import Approvals
from facilitator.runs.assignment import Assignment
from facilitator.runs.library import Library
from facilitator.runs.pipeline import Observe, Pipeline
from facilitator.runs.ports import Tracker
from facilitator.runs.store import RunStore
from facilitator.settings import Settings

Working = Callable[["Application", Observe], AbstractAsyncContextManager[Pipeline]]
Reading = Callable[["Application"], AbstractAsyncContextManager[Tracker]]


@dataclass
class Application:
    """One deployment. `working` opens both clients and gives a pipeline; `reading` opens Asana alone."""

    settings: Settings
    library: Library
    assignments: Mapping[tuple[str, str], Assignment]
    clock: Callable[[], datetime]
    working: Working
    reading: Reading
    locks_folder: Path

    @cached_property
    def store(self) -> RunStore:
        """The run log, opened when first asked for."""
        return RunStore.open(self.settings.database_url)

    @property
    def approvals(self) -> Approvals:
        """Decisions on what waits in the run log."""
        return Approvals(self.store, self.library)

    def assignment(self, team: str, ceremony: str) -> Assignment:
        """What the team wants of the ceremony; raises `ConfigurationError` naming the nearest thing there is."""
        self.library.ceremony(ceremony)
        found = self.assignments.get((team, ceremony))
        if found is not None:
            return found
        teams = sorted({slug for slug, _ in self.assignments})
        if team not in teams:
            raise ConfigurationError(
                f"there is no team {team!r} in {self.settings.path}.",
                suggestion=f"Teams there: {', '.join(teams) or 'none'}.",
            )
        raise ConfigurationError(
            f"the team {team!r} has no ceremony {ceremony!r} in {self.settings.path}.",
            suggestion=f"Add [teams.{team}.ceremonies.{ceremony}] to it.",
        )

    def close(self) -> None:
        """Close the run log if it was opened."""
        if "store" in self.__dict__:
            self.store.close()
