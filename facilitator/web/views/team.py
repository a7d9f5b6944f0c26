"""One team: its board in figures and pictures, what comes, and what is in effect and how it was earned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from facilitator.board.figures import BoardFigures
from facilitator.calendar.cadence import Cadence, Cron, EndOfSprint, Monthly, Once, Weekdays, Weekly
from facilitator.calendar.workdays import DAY_NAMES
from facilitator.runs.assignment import Assignment
from facilitator.runs.autonomy import Autonomy
from facilitator.runs.run import DecisionKind
from facilitator.service.preview import Preview
from facilitator.web.access import Role
from facilitator.web.site import Site, rolled_up, team_names
from facilitator.web.views.asking import Asked
from facilitator.web.views.figures import newest_figures
from facilitator.web.views.standing import PausedNow, RunLine, mode_words, run_lines, title_of, zone_of

AHEAD, MOST_COMING = timedelta(days=14), 8

LATEST = 20
"""Decisions that tell how a mode was earned."""


@dataclass(frozen=True, slots=True)
class Earned:
    """What the last decisions about a ceremony's drafts were, and the mode they have earned it."""

    decided: int
    approved: int
    unedited: int
    rejected: int
    in_a_row: int
    mode: str
    why: str


@dataclass(frozen=True, slots=True)
class InEffect:
    """One ceremony as it is held now."""

    ceremony: str
    title: str
    mode: str
    mode_means: str
    cadence: str
    next_at: datetime | None
    expires_after_hours: float
    approvers: tuple[str, ...]
    target: str
    extras: tuple[str, ...]
    earned: Earned


@dataclass(frozen=True, slots=True)
class ComingFire:
    """One fire to come, the window it will tell, and why it is then; `held` by an earlier run, or paused, it fires nothing."""

    title: str
    at: datetime
    window_start: datetime
    notes: tuple[str, ...]
    held: bool
    paused: PausedNow | None


@dataclass(frozen=True, slots=True)
class Break:
    """One pause that holds now, of a ceremony or of all the team's (`ceremony` is empty)."""

    ceremony: str
    title: str
    paused: PausedNow


@dataclass(frozen=True, slots=True)
class TeamPage:
    """The page. `figures` is None until a board was read, or after its retention time; `may_fire` is the visitor's right.

    A roll-up has no board of its own to show: it tells of the teams in `over`.
    """

    slug: str
    name: str
    zone: str
    project: str
    figures: BoardFigures | None
    charts: tuple[str, ...]
    ceremonies: tuple[InEffect, ...]
    coming: tuple[ComingFire, ...]
    recent: tuple[RunLine, ...]
    may_fire: bool
    over: tuple[str, ...]
    breaks: tuple[Break, ...]


def team(asked: Asked) -> TeamPage:
    """The team of the path; `NotFound` for another one."""
    site, slug = asked.site, asked.team()
    wanted = [one for (name, _), one in site.app.assignments.items() if name == slug]
    found = newest_figures(site, [slug]).get(slug)
    names = ("burndown", "velocity", "cycle-times", "throughput")
    charts = tuple(
        name for name in names if name != "burndown" or (found and (found.sprint or found.sprints))
    )
    recent = site.overview.listed([slug], ceremonies=site.ceremonies(), limit=12)
    return TeamPage(
        slug=slug,
        name=team_names(site, asked.visitor)[slug],
        zone=zone_of(wanted[0]) if wanted else "UTC",
        project=str(site.app.settings.team(slug).project),
        figures=found,
        charts=charts if found else (),
        ceremonies=tuple(_in_effect(site, one) for one in wanted),
        coming=tuple(_coming(site, wanted, asked.now)),
        recent=run_lines(site, recent),
        may_fire=asked.visitor.may(Role.ADMIN, slug),
        over=rolled_up(site, slug),
        breaks=tuple(_breaks(site, slug, asked.now)),
    )


def _breaks(site: Site, slug: str, now: datetime) -> Iterator[Break]:
    for one in site.app.pauses.since(now).pauses:
        if one.team == slug and one.holds(one.ceremony, now):
            title = title_of(site, one.ceremony) if one.ceremony else "All ceremonies"
            yield Break(one.ceremony, title, PausedNow(one.by, one.until, one.because))


def _coming(site: Site, wanted: list[Assignment], now: datetime) -> Iterator[ComingFire]:
    preview = Preview(site.app.coverage, site.app.pauses, site.timetable)
    for one in preview.coming(wanted, now=now, ahead=AHEAD)[:MOST_COMING]:
        yield ComingFire(
            title=one.assignment.ceremony.title,
            at=one.fire.at,
            window_start=one.window.start,
            notes=one.notes,
            held=one.held,
            paused=PausedNow.of(one.paused),
        )


def _in_effect(site: Site, one: Assignment) -> InEffect:
    fire = site.next_fire(one)
    return InEffect(
        ceremony=one.ceremony.name,
        title=title_of(site, one.ceremony.name),
        mode=one.mode,
        mode_means=mode_words(one.mode),
        cadence=cadence_words(one.timetable.cadence),
        next_at=fire.at if fire else None,
        expires_after_hours=one.expires_after.total_seconds() / 3600,
        approvers=tuple(person.name for person in one.approvers),
        target=f"task {one.task}" if one.task else f"the task named {one.task_name or one.ceremony.title!r}",
        extras=tuple(_extras(one)),
        earned=_earned(site, one),
    )


def _extras(one: Assignment) -> Iterator[str]:
    if one.publish_status:
        yield "status update"
    if one.attach_charts:
        yield "charts attached"
    if one.silent_when_quiet:
        yield "silent when quiet"
    if one.budget_cents:
        yield f"at most ${one.budget_cents / 100:.2f} a session"


def _earned(site: Site, one: Assignment) -> Earned:
    said = site.overview.last_decided(one.team, one.ceremony.name, limit=LATEST)
    yes = [edited for _run, kind, _by, edited in said if kind is DecisionKind.APPROVED]
    row = 0
    for _run, kind, _by, edited in said:
        if kind is not DecisionKind.APPROVED or edited:
            break
        row += 1
    standing = Autonomy(site.app.database).standing(one)
    return Earned(
        decided=len(said),
        approved=len(yes),
        unedited=sum(not edited for edited in yes),
        rejected=sum(kind is DecisionKind.REJECTED for _run, kind, _by, _edited in said),
        in_a_row=row,
        mode=standing.mode,
        why=standing.why,
    )


def cadence_words(cadence: Cadence) -> str:
    """When it is held, in words."""
    match cadence:
        case Weekdays(at=at, days=None):
            return f"working days at {at:%H:%M}"
        case Weekdays(at=at, days=days):
            return f"{', '.join(DAY_NAMES[day][:3].title() for day in sorted(days or ()))} at {at:%H:%M}"
        case Weekly(day=day, at=at, every=every):
            often = "every week" if every == 1 else f"every {every} weeks"
            return f"{often} on {DAY_NAMES[int(day)].title()} at {at:%H:%M}"
        case EndOfSprint(at=at, offset_days=0):
            return f"at the end of each sprint, {at:%H:%M}"
        case EndOfSprint(at=at, offset_days=offset):
            where = "after" if offset > 0 else "before"
            return f"{abs(offset)} working days {where} the end of each sprint, {at:%H:%M}"
        case Monthly(nth=nth, at=at):
            which = f"working day {nth}" if nth > 0 else f"working day {-nth} from the end"
            return f"{which} of each month at {at:%H:%M}"
        case Once(at=moment):
            return f"once, {moment:%Y-%m-%d %H:%M}"
        case Cron(line=line):
            return f"cron {line}"
