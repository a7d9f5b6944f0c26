"""From a checked document to the dataclasses everyone else reads.

Defaults flow from [agents] to each ceremony here, and nowhere else. It refuses nothing: `shape` and `consistency`
already did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from facilitator.board.rules import (
    DEFAULT_STATES,
    ConfiguredSprints,
    FieldSprints,
    NoSprints,
    ProjectSprints,
    SectionSprints,
    SprintRule,
)
from facilitator.board.snapshot import ProjectGid, TaskGid
from facilitator.calendar.workdays import MONDAY_TO_FRIDAY, WorkingDays
from facilitator.settings.nudges import nudges_of
from facilitator.settings.schedule import Schedule
from facilitator.settings.secret import Secret
from facilitator.settings.settings import McpSettings, Retention, WebSettings
from facilitator.settings.shape import (
    AgentsShape,
    BoardShape,
    CeremonyShape,
    McpShape,
    PersonShape,
    RetentionShape,
    SprintShape,
    TeamShape,
    WebShape,
)
from facilitator.settings.team import BoardReading, Person, Team, TeamCeremony
from facilitator.settings.triggers import triggers_of


def mcp_of(shape: McpShape | None) -> McpSettings | None:
    """The MCP server of [agents.mcp], or None where there is none."""
    return None if shape is None else McpSettings(shape.url, shape.vault_id, tuple(shape.tools))


def team_of(shape: TeamShape, agents: AgentsShape, company_days: frozenset[date] = frozenset()) -> Team:
    """One team; what its ceremonies leave open is taken from [agents]. `company_days` are off for every team."""
    return Team(
        slug=shape.slug,
        name=shape.name or shape.slug,
        project=ProjectGid(shape.project),
        projects=tuple(map(ProjectGid, shape.projects)),
        rollup=tuple(shape.rollup),
        working=_working(shape, company_days),
        approvers=tuple(map(person_of, shape.approvers)),
        viewers=tuple(map(person_of, shape.viewers)),
        admins=tuple(map(person_of, shape.admins)),
        ceremonies={
            name: ceremony_of(name, wish, agents, shape.zone) for name, wish in shape.ceremonies.items()
        },
        board=_board(shape.board),
        nudges=nudges_of(shape.nudges),
        triggers=triggers_of(shape.triggers, tuple(map(person_of, shape.approvers))),
        usual=ceremony_of("", CeremonyShape(enabled=False), agents, shape.zone),
        monthly_budget_cents=shape.monthly_budget_cents,
    )


def read_token_of(shape: TeamShape, environ: Mapping[str, str]) -> Secret | None:
    """What the team's board is read with, where it is not the bot's own token."""
    if shape.credentials.read is None:
        return None
    return Secret.of(shape.credentials.read, environ, name=f"teams.{shape.slug}.credentials.read")


def retention_of(shape: RetentionShape) -> Retention:
    """How long what is stored is kept; 0 days in the file is None here: for good."""
    kept = {name: timedelta(days=days) if days else None for name, days in shape.model_dump().items()}
    return Retention(
        snapshots=kept["snapshots_days"],
        texts=kept["texts_days"],
        events=kept["events_days"],
        archive_sessions=kept["archive_sessions_days"],
        delete_sessions=kept["delete_sessions_days"],
    )


def ceremony_of(name: str, wish: CeremonyShape, agents: AgentsShape, zone: ZoneInfo) -> TeamCeremony:
    """One team's wish for one ceremony; `zone` is the team's, in which a time without an offset is meant."""
    return TeamCeremony(
        name=name,
        enabled=wish.enabled,
        schedule=_schedule(wish, zone),
        mode=wish.mode,
        task=TaskGid(wish.task) if wish.task else None,
        task_name=wish.task_name or "",
        expires_after=_hours(wish.expires_after_hours),
        quiet=wish.quiet,
        max_iterations=wish.max_iterations or agents.max_iterations,
        deadline=timedelta(minutes=wish.deadline_minutes or agents.deadline_minutes),
        budget_cents=wish.budget_cents or agents.budget_cents,
        baseline_minutes=wish.baseline_minutes,
        catch_up=wish.catch_up,
        grace=_hours(wish.grace_hours),
        actions_project=ProjectGid(wish.actions_project) if wish.actions_project else None,
        actions_section=wish.actions_section,
        status_update=wish.status_update,
        charts=wish.charts,
        approval_task=wish.approval_task,
        approval_field=wish.approval_field or "",
        two_person=frozenset(wish.two_person),
        never=frozenset(wish.never),
        figures_only=wish.figures_only,
        auto_after=wish.auto_after,
        auto_edit_threshold=wish.auto_edit_threshold,
    )


def web_of(shape: WebShape) -> WebSettings:
    """Where the dashboard listens, and who may name a visitor."""
    return WebSettings(
        enabled=shape.enabled,
        host=shape.host,
        port=shape.port,
        base_url=shape.base_url or "",
        trusted_header=shape.trusted_header or "",
        trusted_peers=tuple(shape.trusted_peers),
        session=timedelta(hours=shape.session_hours),
        link=timedelta(minutes=shape.link_minutes),
    )


def _schedule(wish: CeremonyShape, zone: ZoneInfo) -> Schedule:
    once = wish.once
    return Schedule(
        at=wish.at,
        days=frozenset(wish.days) if wish.days else None,
        day=wish.day,
        every_weeks=wish.every_weeks or 1,
        anchor_week=wish.anchor_week,
        end_of_sprint=wish.end_of_sprint,
        monthly=wish.monthly,
        once=once if once is None or once.tzinfo else once.replace(tzinfo=zone),
        cron=wish.cron,
        on_holiday=wish.on_holiday,
    )


def days_of(spans: Iterable[tuple[date, ...]]) -> frozenset[date]:
    """The single days of a list of days and spans."""
    return frozenset(chain.from_iterable(spans))


def _working(shape: TeamShape, company_days: frozenset[date]) -> WorkingDays:
    country, subdivision = shape.holidays or ("", "")
    weekdays = frozenset(shape.working_days) if shape.working_days else MONDAY_TO_FRIDAY
    return WorkingDays(shape.zone, weekdays, country, subdivision, days_of(shape.days_off), company_days)


def person_of(shape: PersonShape) -> Person:
    """Someone by name, else by gid."""
    return Person(
        name=shape.name or shape.gid or shape.login or "", gid=shape.gid or "", login=shape.login or ""
    )


def _board(shape: BoardShape) -> BoardReading:
    usual = BoardReading()
    return BoardReading(
        sprint=_sprint(shape.sprint),
        points_field=shape.points_field,
        states={**DEFAULT_STATES, **{name.strip().lower(): state for name, state in shape.states.items()}},
        status_field=shape.status_field or "",
        blocked_field=shape.blocked_field,
        blocked_names=usual.blocked_names if shape.blocked_names is None else tuple(shape.blocked_names),
        blockers_field=shape.blockers_field or "",
        cascade_dates=shape.cascade_dates,
        excluded_sections=(
            usual.excluded_sections if shape.excluded_sections is None else tuple(shape.excluded_sections)
        ),
        excluded_tasks=tuple(shape.excluded_tasks),
        wip_limit=shape.wip_limit,
        stale_after_days=shape.stale_after_days,
        sentiment=shape.sentiment,
    )


def _sprint(shape: SprintShape) -> SprintRule:
    if shape.source == "section":
        return SectionSprints(shape.pattern) if shape.pattern else SectionSprints()
    if shape.source == "projects":
        return ProjectSprints(tuple(shape.projects), shape.pattern or "")
    if shape.source == "dates" and shape.first_day is not None:
        return ConfiguredSprints(shape.first_day, shape.length_days, shape.name, shape.first_number)
    return FieldSprints(shape.field) if shape.source == "field" else NoSprints()


def _hours(count: int | None) -> timedelta | None:
    return None if count is None else timedelta(hours=count)
