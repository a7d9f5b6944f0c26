"""Following facilitator.toml while serving: a good change is taken up, a broken one is refused and the old one goes on.

Teams and their ceremonies change without a restart; what the process's clients were opened with (addresses, keys, the
database) does not, and the log says so. A ceremony's own module is read at the start only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import structlog

from facilitator.errors import FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.notices import Notice
from facilitator.service.application import Application, assignments
from facilitator.settings import ConfigurationFaults, Settings

log = structlog.get_logger()

LOOK_FOR_CHANGES = timedelta(seconds=5)
"""How soon a saved configuration is taken up; one read of a small file."""

Key = tuple[str, str]


class LiveAssignments(Mapping[Key, Assignment]):
    """The assignments of the configuration that holds now: everyone who was handed them sees a change at once."""

    def __init__(self, present: Mapping[Key, Assignment]) -> None:
        self._present = dict(present)

    def __getitem__(self, key: Key) -> Assignment:
        return self._present[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._present)

    def __len__(self) -> int:
        return len(self._present)

    def swap(self, present: Mapping[Key, Assignment]) -> None:
        """Put others in their place, all at once."""
        self._present = dict(present)


class Reloading:
    """Looks at the configuration file again and again. `take_up` is told which ceremonies are new, different or gone."""

    def __init__(
        self,
        app: Application,
        live: LiveAssignments,
        take_up: Callable[[Collection[Key]], Awaitable[None]],
    ) -> None:
        self._app = app
        self._live = live
        self._take_up = take_up
        self._seen = self._digest()

    async def look(self) -> None:
        """Take up a configuration that was saved since the last look; nothing happens where none was."""
        digest = self._digest()
        if digest == self._seen or self._app.reread is None:
            return
        self._seen = digest
        try:
            settings = self._app.reread()
            wanted = assignments(settings, self._app.library)
        except FacilitatorError as error:
            self._refuse(error, digest)
            return
        await self._follow(settings, wanted)

    async def _follow(self, settings: Settings, wanted: Mapping[Key, Assignment]) -> None:
        before = self._app.settings
        changed = changed_ceremonies(before, settings, {*self._live, *wanted})
        if replace(settings, teams=before.teams) != before:
            log.warning(
                "restart_needed", because="more than teams changed; the rest holds from the next start"
            )
        self._app.settings = replace(before, teams=settings.teams)
        self._live.swap(wanted)
        for team in (None, *sorted({team for team, _ in wanted})):
            self._app.reach(team)
        log.info("configuration_taken_up", source=str(settings.source), ceremonies=len(changed))
        await self._take_up(changed)

    def _refuse(self, error: FacilitatorError, digest: str) -> None:
        """Say what is wrong, once for each wrong text."""
        log.error("configuration_refused", error=error.message, goes_on="with the one before")
        for fault in error.faults if isinstance(error, ConfigurationFaults) else ():
            log.error("configuration_fault", fault=str(fault))
        notice = Notice(
            key=f"configuration/{digest}",
            kind="configuration",
            team="",
            run=None,
            subject="The changed configuration is refused; the one before goes on",
            text=f"{error.message}\n{error.suggestion}".strip(),
        )
        self._app.notices.post(notice, now=self._app.clock())

    def _digest(self) -> str:
        try:
            return hashlib.sha256(self._app.settings.source.read_bytes()).hexdigest()
        except OSError:
            return "unreadable"


def changed_ceremonies(before: Settings, after: Settings, known: Collection[Key]) -> frozenset[Key]:
    """Those whose team is new, gone, or says anything else than before."""
    old = {team.slug: team for team in before.teams}
    new = {team.slug: team for team in after.teams}
    return frozenset(key for key in known if old.get(key[0]) != new.get(key[0]))
