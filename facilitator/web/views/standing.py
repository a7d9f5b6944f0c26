"""How a run or a coming window is told on every page: one word for where it stands, and a sentence with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from facilitator.runs.assignment import Assignment
from facilitator.runs.pauses import Pause
from facilitator.runs.run import Mode, Run, RunState
from facilitator.web.site import Site


class Standing(StrEnum):
    """Where something stands, for a person."""

    DUE = "due"
    """To be fired later today."""
    PLANNED = "planned"
    """To be fired on a later day."""
    UNPLANNED = "unplanned"
    """No day is known on which it would be due: no sprint with dates, or a date that is over."""
    PAUSED = "paused"
    """Somebody paused it: nothing is fired until then."""
    RUNNING = "running"
    """At work, or on its way to Asana."""
    WAITING = "waiting"
    """A draft waits for a person."""
    WRITTEN = "written"
    """The comment stands in Asana."""
    QUIET = "quiet"
    """Nothing happened in the window: one line, or silence where the team wants that."""
    FAILED = "failed"
    """It could not go on."""
    REJECTED = "rejected"
    """A person said no."""
    EXPIRED = "expired"
    """Nobody decided in time."""
    SKIPPED = "skipped"
    """Nothing was to be written."""
    JUDGED = "judged"
    """Graded and checked in a mode that asks nobody."""


_OF_STATE = {
    RunState.SCHEDULED: Standing.RUNNING,
    RunState.GATHERED: Standing.RUNNING,
    RunState.SUBMITTED: Standing.RUNNING,
    RunState.JUDGED: Standing.JUDGED,
    RunState.APPROVED: Standing.RUNNING,
    RunState.WRITTEN: Standing.WRITTEN,
    RunState.REJECTED: Standing.REJECTED,
    RunState.EXPIRED: Standing.EXPIRED,
    RunState.FAILED: Standing.FAILED,
    RunState.SKIPPED: Standing.SKIPPED,
}

AT_WORK = {
    RunState.SCHEDULED: "Fired; the board is read next.",
    RunState.GATHERED: "The board was read and the facts computed; a session starts next.",
    RunState.SUBMITTED: "A session is writing, and a grader judges what it wrote.",
    RunState.APPROVED: "Approved; on its way to Asana.",
}
"""What happens in each state that is at work."""


@dataclass(frozen=True, slots=True)
class PausedNow:
    """Who paused a ceremony, until when (None: until resumed), and why."""

    by: str
    until: datetime | None
    because: str

    @classmethod
    def of(cls, pause: Pause | None) -> PausedNow | None:
        """The same as a page shows it."""
        return None if pause is None else cls(pause.by, pause.until, pause.because)


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in a list. Instants are in UTC; `zone` is the team's, by its IANA name."""

    id: str
    team: str
    ceremony: str
    title: str
    standing: Standing
    state: str
    mode: str
    says: str
    window_start: datetime
    window_end: datetime
    updated_at: datetime
    expires_at: datetime | None
    zone: str


def standing_of(run: Run, *, quiet: bool = False) -> Standing:
    """One word for where the run stands."""
    if run.waits_for_a_person:
        return Standing.WAITING
    if quiet and run.state is RunState.WRITTEN:
        return Standing.QUIET
    return _OF_STATE[run.state]


def says(run: Run, headline: str = "") -> str:
    """One sentence about where it stands: of a written document its headline."""
    if run.state is RunState.WRITTEN:
        return headline or "The comment stands in Asana."
    return AT_WORK.get(run.state) or run.reason


def run_line(site: Site, run: Run) -> RunLine:
    """A run as every list shows it."""
    return run_lines(site, [run])[0]


def run_lines(site: Site, runs: Iterable[Run]) -> tuple[RunLine, ...]:
    """Many of them, at the price of one question to the run log."""
    known = tuple(runs)
    written = {run.id for run in known if run.state is RunState.WRITTEN}
    quiet, headlines = site.quiet(written), site.headlines(written)
    return tuple(_line(site, run, headlines.get(run.id, ""), quiet=run.id in quiet) for run in known)


def _line(site: Site, run: Run, headline: str, *, quiet: bool) -> RunLine:
    return RunLine(
        id=run.id,
        team=run.team,
        ceremony=run.ceremony,
        title=title_of(site, run.ceremony),
        standing=standing_of(run, quiet=quiet),
        state=run.state,
        mode=run.mode,
        says=says(run, headline),
        window_start=run.window.start,
        window_end=run.window.end,
        updated_at=run.updated_at,
        expires_at=run.expires_at if run.waits_for_a_person else None,
        zone=zone_of(site.assignment(run)),
    )


def title_of(site: Site, ceremony: str) -> str:
    """The ceremony's title, or its name where it is gone from jobs/."""
    known = site.app.library.ceremonies.get(ceremony)
    return known.title if known else ceremony.replace("_", " ")


def zone_of(assignment: Assignment | None) -> str:
    """The team's zone by its IANA name."""
    return assignment.rules.zone.key if assignment else "UTC"


def mode_words(mode: Mode | str) -> str:
    """What a mode means, in a clause."""
    return {
        Mode.SHADOW: "nothing is written",
        Mode.DRAFT: "written as a proposal, nobody is asked",
        Mode.APPROVE: "a person says yes first",
        Mode.AUTO: "written when every check passes",
    }[Mode(mode)]
