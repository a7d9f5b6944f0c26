"""Today: each team's ceremonies, what waits for this visitor, and, while nothing is there, what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from facilitator.errors import FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.overview import Pair
from facilitator.runs.pauses import Paused
from facilitator.runs.run import Run
from facilitator.web.site import team_names
from facilitator.web.views.asking import Asked
from facilitator.web.views.standing import PausedNow, RunLine, Standing, run_lines, title_of, zone_of
from facilitator.web.views.waiting import Waiting, decides, waiting

MOST_YOURS = 6
"""Drafts told in full at the top of the page; Approvals has them all."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One ceremony of a team: its run of today or still open, its last one, when the next is due, and a pause that holds it."""

    ceremony: str
    title: str
    standing: Standing
    mode: str
    run: RunLine | None
    next_at: datetime | None
    remark: str
    zone: str
    paused: PausedNow | None


@dataclass(frozen=True, slots=True)
class TeamToday:
    """One team's ceremonies."""

    slug: str
    name: str
    zone: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to do next: what, why, and the command that does it."""

    what: str
    why: str
    command: str


@dataclass(frozen=True, slots=True)
class Today:
    """The page. `yours` wait for this very visitor, `more` besides those; `waiting` counts all of the visitor's teams."""

    now: datetime
    yours: tuple[Waiting, ...]
    more: int
    waiting: int
    teams: tuple[TeamToday, ...]
    advice: tuple[Advice, ...]


def today(asked: Asked) -> Today:
    """Every team the visitor may see."""
    site, visitor = asked.site, asked.visitor
    pairs = site.pairs(visitor)
    newest = site.overview.newest(pairs)
    lines = dict(zip(newest, run_lines(site, newest.values()), strict=True))
    paused = site.app.pauses.since(asked.now)
    open_runs = site.overview.unfinished(visitor.teams)
    drafts = [run for run in open_runs if run.waits_for_a_person]
    mine = [run for run in drafts if decides(asked, run)]
    teams = tuple(
        TeamToday(
            slug,
            name,
            next((zone_of(site.app.assignments[pair]) for pair in pairs if pair[0] == slug), "UTC"),
            tuple(
                _slot(asked, paused, site.app.assignments[pair], newest.get(pair), lines.get(pair))
                for pair in pairs
                if pair[0] == slug
            ),
        )
        for slug, name in team_names(site, visitor).items()
    )
    return Today(
        now=asked.now,
        yours=tuple(waiting(asked, run) for run in mine[:MOST_YOURS]),
        more=max(0, len(mine) - MOST_YOURS),
        waiting=len(drafts),
        teams=teams,
        advice=tuple(_advice(asked, empty=not newest)),
    )


def _slot(
    asked: Asked, paused: Paused, assignment: Assignment, run: Run | None, line: RunLine | None
) -> Slot:
    site, zone = asked.site, assignment.rules.zone
    fire = site.next_fire(assignment)
    today = asked.now.astimezone(zone).date()
    current = (
        line is not None
        and run is not None
        and (
            not run.ended
            or run.window.end.astimezone(zone).date() == today
            or line.standing is Standing.FAILED
        )
    )
    pause = paused.over(assignment.team, assignment.ceremony.name, fire.at if fire else asked.now)
    due_today = fire is not None and fire.at.astimezone(zone).date() == today
    planned = Standing.DUE if due_today else Standing.PLANNED if fire else Standing.UNPLANNED
    coming = Standing.PAUSED if pause else planned
    remark = ""
    if fire is not None and fire.moved_from is not None:
        remark = f"moved from {fire.moved_from:%a %d %b}: a free day"
    elif fire is not None:
        remark = fire.sprint
    return Slot(
        ceremony=assignment.ceremony.name,
        title=title_of(site, assignment.ceremony.name),
        standing=line.standing if line is not None and current else coming,
        mode=assignment.mode,
        run=line,
        next_at=fire.at if fire else None,
        remark=remark,
        zone=zone_of(assignment),
        paused=PausedNow.of(pause),
    )


def _due(asked: Asked, pair: Pair) -> datetime:
    fire = asked.site.next_fire(asked.site.app.assignments[pair])
    return fire.at if fire else datetime.max.replace(tzinfo=UTC)


def _advice(asked: Asked, *, empty: bool) -> Iterator[Advice]:
    """The first day's steps that are still to be done, in their order."""
    app = asked.site.app
    if not app.assignments:
        yield Advice(
            "Give a team a ceremony",
            f"{app.settings.source.name} names teams but no ceremony for them.",
            "facilitator init",
        )
        return
    if app.store.pinned() is None:
        yield Advice(
            "Create the agent",
            "Sessions need an agent and an environment on Managed Agents.",
            "facilitator agents apply",
        )
    for secret in (app.settings.asana.token, app.settings.agents.key):
        try:
            secret.reveal()
        except FacilitatorError:
            yield Advice(
                f"Set {secret.name}",
                "Without it nothing can be read or written.",
                f"export {secret.name}=...",
            )
    if empty and asked.site.pairs(asked.visitor):
        team, ceremony = min(asked.site.pairs(asked.visitor), key=lambda pair: _due(asked, pair))
        yield Advice(
            "Run one in shadow mode",
            "Nothing has run yet. A shadow run goes to the verdict and writes nothing.",
            f"facilitator run {ceremony} --team {team} --mode shadow",
        )
