"""One team as the rest of the engine sees it: its board, its calendar, its people, its ceremonies.

Made by `load`, read by everyone after it. Nothing here parses: a `Team` that exists is a valid one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from facilitator.board.rules import DEFAULT_STATES, BoardRules, FieldSprints, SprintRule
from facilitator.board.snapshot import ProjectGid, TaskGid
from facilitator.calendar.cadence import Cadence
from facilitator.calendar.windows import CatchUp, usual_grace
from facilitator.calendar.workdays import WorkingDays
from facilitator.settings.notify import Notify
from facilitator.settings.nudges import Nudges
from facilitator.settings.schedule import Schedule
from facilitator.settings.secret import Secret
from facilitator.settings.triggers import Triggers

ModeName = Literal["shadow", "draft", "approve", "auto"]
"""shadow writes nothing, draft one proposal, approve waits for a person, auto writes what passed every check."""

ChangeName = Literal[
    "comment",
    "actions",
    "action_owners",
    "action_dates",
    "status_update",
    "charts",
    "task_changes",
    "task_dates",
]
"""The classes of change that two people may be asked for."""

RefusableName = Literal["actions", "status_update", "charts", "task_changes", "task_dates"]
"""Those of them that a team may want never to be written."""

Quiet = Literal["line", "nothing"]
"""What a window in which nothing happened gives."""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone the configuration names: `gid` is their Asana user gid, `login` what a reverse proxy calls them."""

    name: str
    gid: str = ""
    login: str = ""

    def answers_to(self, who: str) -> bool:
        """Whether `who` (a name or login in any letter case, or a gid) is this person."""
        return bool(who) and (
            who.casefold() in (self.name.casefold(), self.login.casefold()) or who == self.gid
        )


@dataclass(frozen=True, slots=True)
class TeamCeremony:
    """What one team wants of one ceremony. None means: as the ceremony or its rubric says.

    The comment goes to `task`, else to the task named `task_name`, else to one the pipeline names.
    `budget_cents` None means no cap on a session. Approved actions become tasks in `actions_project`, None being the
    team's own; `status_update` and `charts` ask for those besides the comment. `approval_task` asks for decisions in Asana,
    where an approver's gid is known; `two_person` names what two people must agree to, `never` what is not written at all; `figures_only` lets a document of
    figures stand in for an unavailable model; `auto_after` approvals in a row earn mode auto.
    """

    name: str
    enabled: bool = True
    schedule: Schedule = field(default_factory=Schedule)
    mode: ModeName = "approve"
    task: TaskGid | None = None
    task_name: str = ""
    expires_after: timedelta | None = None
    quiet: Quiet = "line"
    max_iterations: int | None = None
    deadline: timedelta = timedelta(minutes=15)
    budget_cents: int | None = None
    baseline_minutes: int | None = None
    catch_up: CatchUp = "once"
    grace: timedelta | None = None
    actions_project: ProjectGid | None = None
    actions_section: str = "Process improvement"
    status_update: bool = False
    charts: bool = False
    approval_task: bool = True
    approval_field: str = ""
    two_person: frozenset[ChangeName] = frozenset()
    never: frozenset[RefusableName] = frozenset()
    figures_only: bool = False
    auto_after: int | None = None
    auto_edit_threshold: float = 0.2

    def cadence(self, default: Cadence) -> Cadence:
        """When this team holds it, given the ceremony's own cadence."""
        return self.schedule.applied_to(default)

    def grace_for(self, cadence: Cadence) -> timedelta:
        """How late a missed window is still caught up where the team holds it at this cadence."""
        return usual_grace(cadence) if self.grace is None else self.grace


@dataclass(frozen=True, slots=True)
class BoardReading:
    """How the team's board is read, without its calendar: `Team.rules` puts both together."""

    sprint: SprintRule = field(default_factory=FieldSprints)
    points_field: str = "Story Points"
    states: Mapping[str, str] = field(default_factory=lambda: DEFAULT_STATES)
    status_field: str = ""
    blocked_field: str = "Blocked"
    blocked_names: tuple[str, ...] = ("blocked", "waiting", "on hold")
    blockers_field: str = ""
    """A field that says which tasks are blocked once that was approved; empty: none is written."""
    cascade_dates: bool = False
    """Whether later due dates are proposed for tasks that are due before what they wait for."""
    excluded_sections: tuple[str, ...] = ("ceremonies", "process improvement", "templates")
    excluded_tasks: tuple[str, ...] = ()
    wip_limit: int | None = None
    stale_after_days: int = 14
    sentiment: bool = False


@dataclass(frozen=True, slots=True)
class Team:
    """A team and its Asana project; `projects` are others its work is in. `ceremonies` holds those the configuration names; `usual` fills in others.

    `approvers` may decide on drafts, `viewers` may look at the dashboard, `admins` may also fire and resume runs there.
    """

    slug: str
    name: str
    project: ProjectGid
    working: WorkingDays
    approvers: tuple[Person, ...] = ()
    viewers: tuple[Person, ...] = ()
    admins: tuple[Person, ...] = ()
    ceremonies: Mapping[str, TeamCeremony] = field(default_factory=dict)
    board: BoardReading = field(default_factory=BoardReading)
    projects: tuple[ProjectGid, ...] = ()
    usual: TeamCeremony = field(default_factory=lambda: TeamCeremony("", enabled=False))
    notify: Notify = field(default_factory=Notify)
    triggers: Triggers = field(default_factory=Triggers)
    nudges: Nudges = field(default_factory=Nudges)
    read_token: Secret | None = None
    """What this team's board is read with; None: the bot's own token, which always writes."""
    monthly_budget_cents: int | None = None
    """List price of all its sessions in one calendar month of its zone; None means no cap."""
    rollup: tuple[str, ...] = ()
    """The teams, by slug, whose boards its roll-ups tell of; empty for a team that speaks of its own board alone."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone that decides what today is."""
        return self.working.zone

    def ceremony(self, name: str) -> TeamCeremony:
        """What the team wants of this ceremony; not enabled where the configuration does not name it."""
        return self.ceremonies.get(name) or replace(self.usual, name=name)

    def rules(self) -> BoardRules:
        """How metrics read this board. Tasks that only hold our comments are no work and stay out."""
        ours = tuple(each.task_name for each in self.ceremonies.values() if each.task_name)
        return BoardRules(
            zone=self.zone,
            working_day=self.working.is_working_day,
            sprint=self.board.sprint,
            points_field=self.board.points_field,
            states=self.board.states,
            status_field=self.board.status_field,
            blocked_field=self.board.blocked_field,
            blocked_names=self.board.blocked_names,
            excluded_sections=self.board.excluded_sections,
            excluded_tasks=(*self.board.excluded_tasks, *ours),
            wip_limit=self.board.wip_limit,
            stale_after_days=self.board.stale_after_days,
            sentiment=self.board.sentiment,
        )
