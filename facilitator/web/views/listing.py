"""Approvals and the list of runs: what waits, and what was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from facilitator.errors import FacilitatorError
from facilitator.runs.run import RunState
from facilitator.web.views.asking import Asked
from facilitator.web.views.standing import RunLine, run_lines
from facilitator.web.views.waiting import Waiting, decides, waiting

AT_ONCE = 50
DRAFTS_AT_ONCE = 30


@dataclass(frozen=True, slots=True)
class Approvals:
    """Drafts that wait, the visitor's own first, then the ones that expire first: `count` of them in all.

    `after` asks for those that follow, and is None at the end.
    """

    now: datetime
    waiting: tuple[Waiting, ...]
    count: int
    first: int
    after: int | None


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
    """What waits in the visitor's teams, so many at a time."""
    runs = [run for run in asked.site.overview.unfinished(asked.visitor.teams) if run.waits_for_a_person]
    runs.sort(key=lambda run: (not decides(asked, run), run.expires_at or asked.now))
    first = _place(asked.query.get("after", ""))
    shown = runs[first : first + DRAFTS_AT_ONCE]
    after = first + len(shown)
    return Approvals(
        now=asked.now,
        waiting=tuple(waiting(asked, run) for run in shown),
        count=len(runs),
        first=first,
        after=after if after < len(runs) else None,
    )


def _place(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 8 else 0


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
        runs=run_lines(site, shown),
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
