"""The shape of facilitator.toml: which keys exist, and what each may hold.

The border of this room: pydantic checks a document against it, `build` turns what passed into the dataclasses of
`team` and `settings`. What two keys mean together is `consistency`'s question, not this one's.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from facilitator.board.rules import STATES
from facilitator.calendar.cadence import Shift
from facilitator.calendar.windows import CatchUp
from facilitator.settings.notify import ChannelName, QuietHours
from facilitator.settings.readers import (
    read_address,
    read_cron,
    read_day,
    read_days_off,
    read_email,
    read_gid,
    read_holidays,
    read_moment,
    read_pattern,
    read_quiet_hours,
    read_slug,
    read_time,
    read_url,
    read_variable,
    read_working_day_of_month,
    read_zone,
)
from facilitator.settings.secret import read_place
from facilitator.settings.settings import ExecutorKind, Profile
from facilitator.settings.team import ChangeName, ModeName, Quiet, RefusableName

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
Gid = Annotated[str, PlainValidator(read_gid)]
Day = Annotated[int, PlainValidator(read_day)]
Clock = Annotated[time, PlainValidator(read_time)]
DaysOff = Annotated[tuple[date, ...], PlainValidator(read_days_off)]
Url = Annotated[str, PlainValidator(read_url)]
Address = Annotated[str, PlainValidator(read_address)]
Iterations = Annotated[int, Field(ge=1, le=20)]
"""At most 20 gradings of one outcome (Managed Agents: define outcomes)."""
Count = Annotated[int, Field(ge=1)]
Days = Annotated[int, Field(ge=0, le=36500)]
State = Literal["backlog", "todo", "in_progress", "in_review", "done"]
assert set(STATES) == {"backlog", "todo", "in_progress", "in_review", "done"}


class Shape(BaseModel):
    """A table of the document: no key but these, no value of another kind, and no value in an error's text."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class AsanaShape(Shape):
    """[asana]."""

    base_url: Url | None = None
    requests_per_minute: Annotated[int, Field(ge=1, le=1500)] | None = None
    profile: Profile | None = None
    workspace: Gid | None = None


class McpShape(Shape):
    """[agents.mcp]; without a vault the server's credential would have to pass through us, so there is no mode without."""

    url: Url
    vault_id: Annotated[str, Field(pattern=r"^vlt_[A-Za-z0-9_]{1,80}$")]
    tools: Annotated[list[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,127}$")]], Field(min_length=1)]


ToolName = Annotated[str, Field(pattern=r"^[a-z]+_[a-z_]+$", max_length=128)]


class AgentsShape(Shape):
    """[agents]."""

    base_url: Url | None = None
    agent: Name = "facilitator"
    model: Name | None = None
    max_iterations: Iterations | None = None
    deadline_minutes: Count = 15
    budget_cents: Count | None = None
    tools: list[ToolName] | None = None
    mcp: McpShape | None = None


class WebShape(Shape):
    """[web]."""

    enabled: bool = True
    host: Name = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8484
    base_url: Url | None = None
    trusted_header: Name | None = None
    trusted_peers: list[Address] = Field(default_factory=list)
    session_hours: Count = 12
    link_minutes: Annotated[int, Field(ge=1, le=1440)] = 15


class SprintShape(Shape):
    """[teams.board.sprint]; which keys go with which source is checked by `consistency`."""

    source: Literal["field", "section", "projects", "dates", "none"] = "field"
    field: Name = "Sprint"
    pattern: Annotated[str, PlainValidator(read_pattern)] | None = None
    projects: list[Gid] = Field(default_factory=list)
    first_day: date | None = None
    length_days: Annotated[int, Field(ge=1, le=366)] = 14
    name: Annotated[str, Field(pattern=r"\{n\}")] = "Sprint {n}"
    first_number: Annotated[int, Field(ge=0)] = 1


class BoardShape(Shape):
    """[teams.board]; None leaves the usual reading."""

    sprint: SprintShape = Field(default_factory=SprintShape)
    points_field: Name = "Story Points"
    blocked_field: Name = "Blocked"
    blocked_names: list[Name] | None = None
    blockers_field: Name | None = None
    cascade_dates: bool = False
    status_field: Name | None = None
    states: dict[Name, State] = Field(default_factory=dict)
    wip_limit: Count | None = None
    stale_after_days: Count = 14
    sentiment: bool = False
    excluded_sections: list[Name] | None = None
    excluded_tasks: list[Name] = Field(default_factory=list)


class CeremonyShape(Shape):
    """[teams.ceremonies.NAME]."""

    enabled: bool = True
    at: Clock | None = None
    days: Annotated[list[Day], Field(min_length=1)] | None = None
    day: Day | None = None
    every_weeks: Annotated[int, Field(ge=1, le=52)] | None = None
    anchor_week: date | None = None
    end_of_sprint: Annotated[int, Field(ge=-20, le=20)] | None = None
    monthly: Annotated[int, PlainValidator(read_working_day_of_month)] | None = None
    once: Annotated[datetime, PlainValidator(read_moment)] | None = None
    cron: Annotated[str, PlainValidator(read_cron)] | None = None
    on_holiday: Shift | None = None
    mode: ModeName = "approve"
    task: Gid | None = None
    task_name: Name | None = None
    expires_after_hours: Count | None = None
    quiet: Quiet = "line"
    max_iterations: Iterations | None = None
    deadline_minutes: Count | None = None
    budget_cents: Count | None = None
    baseline_minutes: Count | None = None
    catch_up: CatchUp = "once"
    grace_hours: Count | None = None
    actions_project: Gid | None = None
    actions_section: Name = "Process improvement"
    status_update: bool = False
    charts: bool = False
    approval_task: bool = True
    approval_field: Name | None = None
    two_person: list[ChangeName] = Field(default_factory=list)
    never: list[RefusableName] = Field(default_factory=list)
    figures_only: bool = False
    auto_after: Count | None = None
    auto_edit_threshold: Annotated[float, Field(ge=0, le=1, strict=False)] = 0.2


class LimitsShape(Shape):
    """[limits]."""

    session_creates_per_minute: Annotated[int, Field(ge=1, le=100_000)] | None = None
    agent_reads_per_minute: Annotated[int, Field(ge=1, le=100_000)] | None = None
    event_sends_per_minute: Annotated[int, Field(ge=1, le=100_000)] | None = None
    asana_reads_in_flight: Annotated[int, Field(ge=1, le=50)] = 8
    asana_writes_in_flight: Annotated[int, Field(ge=1, le=15)] = 4


class ExecutorShape(Shape):
    """[executor]."""

    kind: ExecutorKind = "local"
    at_once: Annotated[int, Field(ge=1, le=10_000)] = 64


class PersonShape(Shape):
    """Someone by name, by gid, or both; `login` is what a reverse proxy calls them."""

    name: Name | None = None
    gid: Gid | None = None
    login: Name | None = None


class ContactShape(PersonShape):
    """Someone to be told, by name and the addresses the channels need."""

    email: Annotated[str, PlainValidator(read_email)] | None = None


class NotifyShape(Shape):
    """[notify] without the mail server, and [teams.notify]; None leaves it to the wider one."""

    channels: Annotated[list[ChannelName], Field(min_length=1)] | None = None
    people: Annotated[list[ContactShape], Field(min_length=1)] | None = None
    mute: list[Name] | None = None
    quiet_hours: Annotated[QuietHours, PlainValidator(read_quiet_hours)] | None = None
    slack_variable: Annotated[str, PlainValidator(read_variable)] | None = None
    quiet_streak: Annotated[int, Field(ge=0, le=40)] | None = None


class TriggersShape(Shape):
    """[teams.triggers]; each of `phrases`, `sections` and `tasks` maps what people write to a ceremony's name."""

    enabled: bool = False
    name: Annotated[str, Field(pattern=r"^\S{1,60}$")] = "facilitator"
    people: list[Gid] | None = None
    phrases: dict[Name, Name] = Field(default_factory=dict)
    sections: dict[Name, Name] = Field(default_factory=dict)
    tasks: dict[Name, Name] = Field(default_factory=dict)


class AbsentShape(Shape):
    """Somebody who is not there on some days."""

    gid: Gid
    days: Annotated[list[DaysOff], Field(min_length=1)]


class NudgesShape(Shape):
    """[teams.nudges]."""

    enabled: bool = False
    at: Clock = time(10)
    due_within_days: Annotated[int, Field(ge=0, le=10)] = 1
    blocked_days: Count = 3
    never: list[Gid] = Field(default_factory=list)
    absent: list[AbsentShape] = Field(default_factory=list)


class EmailShape(Shape):
    """[notify.email]; the password comes from SMTP_PASSWORD."""

    host: Name
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    sender: Annotated[str, PlainValidator(read_email)]
    user: Name | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"


class RootNotifyShape(NotifyShape):
    """[notify]."""

    email: EmailShape | None = None


def _person(value: Any) -> Any:
    if isinstance(value, str):
        return {"gid": value} if value.isascii() and value.isdigit() else {"name": value}
    return value


SomeoneShape = Annotated[PersonShape, BeforeValidator(_person)]


class CredentialsShape(Shape):
    """[teams.credentials]: where a team's own secrets are, never what they are."""

    read: Annotated[str, PlainValidator(read_place)] | None = None


class RetentionShape(Shape):
    """[retention]: days until stored things are purged; 0 keeps them for good."""

    snapshots_days: Days = 90
    texts_days: Days = 90
    events_days: Days = 90
    archive_sessions_days: Days = 7
    delete_sessions_days: Days = 90


class TeamShape(Shape):
    """[[teams]]."""

    slug: Annotated[str, PlainValidator(read_slug)]
    name: Name | None = None
    project: Gid
    projects: list[Gid] = Field(default_factory=list)
    zone: Annotated[ZoneInfo, PlainValidator(read_zone)]
    rollup: list[Name] = Field(default_factory=list)
    approvers: list[SomeoneShape] = Field(default_factory=list)
    viewers: list[SomeoneShape] = Field(default_factory=list)
    admins: list[SomeoneShape] = Field(default_factory=list)
    working_days: Annotated[list[Day], Field(min_length=1)] | None = None
    holidays: Annotated[tuple[str, str], PlainValidator(read_holidays)] | None = None
    days_off: list[DaysOff] = Field(default_factory=list)
    monthly_budget_cents: Count | None = None
    credentials: CredentialsShape = Field(default_factory=CredentialsShape)
    board: BoardShape = Field(default_factory=BoardShape)
    notify: NotifyShape = Field(default_factory=NotifyShape)
    triggers: TriggersShape = Field(default_factory=TriggersShape)
    nudges: NudgesShape = Field(default_factory=NudgesShape)
    ceremonies: dict[str, CeremonyShape] = Field(default_factory=dict)


class CompanyShape(Shape):
    """[company]: what holds for every team."""

    days_off: list[DaysOff] = Field(default_factory=list)


class RootShape(Shape):
    """The document."""

    company: CompanyShape = Field(default_factory=CompanyShape)
    asana: AsanaShape = Field(default_factory=AsanaShape)
    agents: AgentsShape = Field(default_factory=AgentsShape)
    executor: ExecutorShape = Field(default_factory=ExecutorShape)
    limits: LimitsShape = Field(default_factory=LimitsShape)
    notify: RootNotifyShape = Field(default_factory=RootNotifyShape)
    web: WebShape = Field(default_factory=WebShape)
    retention: RetentionShape = Field(default_factory=RetentionShape)
    teams: Annotated[list[TeamShape], Field(min_length=1)]
