"""Approvals and the list of runs: what waits, and what was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from facilitator.errors import FacilitatorError
from facilitator.runs.run import RunState
from facilitator.web.views.asking import Asked
from facilitator.web.views.standing import RunLine, run_line
from facilitator.web.views.waiting import Waiting, waiting

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Approvals:
    """Drafts that wait, the visitor's own first, then the ones that expire first."""

    now: datetime
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs, newest window first. `before` asks for the next page, and is None on the last one."""

    runs: tuple[RunLine, ...]
    before: datetime | None
    team: str
    ceremony: str
    state: str
    teams: tuple[str, ...]
    ceremonies: tuple[str, ...]
    states: tuple[str, ...]


def approvals(asked: Asked) -> Approvals:
    """What waits in the visitor's teams."""
    runs = [run for run in asked.site.overview.unfinished(asked.visitor.teams) if run.waits_for_a_person]
    found = [waiting(asked, run) for run in runs]
    found.sort(key=lambda one: (not one.yours, one.run.expires_at or asked.now))
    return Approvals(asked.now, tuple(found))


def runs(asked: Asked) -> Runs:
    """A page of the run log, by team, ceremony and state."""
    site, query = asked.site, asked.query
    state, ceremony, before = query.get("state", ""), query.get("ceremony", ""), query.get("before", "")
    names = site.ceremonies()
    found = site.overview.listed(
        asked.teams(),
        ceremonies=[name for name in names if ceremony in ("", name)],
        state=state or None,
        before=_instant(before) if before else None,
        limit=AT_ONCE + 1,
    )
    shown = found[:AT_ONCE]
    return Runs(
        runs=tuple(run_line(site, run) for run in shown),
        before=shown[-1].window.end if len(found) > AT_ONCE else None,
        team=query.get("team", ""),
        ceremony=ceremony,
        state=state,
        teams=asked.visitor.teams,
        ceremonies=names,
        states=tuple(RunState),
    )


def _instant(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise FacilitatorError(
            "`before` is not an instant with a time zone.", suggestion="Write it like 2026-06-10T09:15:00Z."
        )
    return read
