"""What one team wants of one ceremony: the part of the configuration that a run needs, and nothing else.

runner.py makes these from the settings; the pipeline never sees a configuration file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from facilitator.board.rules import BoardRules, ProjectSprints
from facilitator.board.snapshot import ProjectGid, TaskGid
from facilitator.calendar.windows import CatchUp, Timetable
from facilitator.ceremony import Ceremony
from facilitator.runs.changes import Change
from facilitator.runs.ports import MoreProjects
from facilitator.runs.run import Mode


@dataclass(frozen=True, slots=True)
class Approver:
    """A person whose yes or no counts. `name` is what the comment shows and what the command line takes."""

    name: str
    gid: str = ""

    def answers_to(self, who: str) -> bool:
        """Whether `who` (a name in any letter case, or a gid) is this person."""
        return bool(who) and (who.casefold() == self.name.casefold() or who == self.gid)


@dataclass(frozen=True, slots=True)
class MemberTeam:
    """A team whose board is read for another's document: as it reads it itself. `ceremonies` are those it holds."""

    team: str
    name: str
    project: ProjectGid
    rules: BoardRules
    projects: tuple[ProjectGid, ...] = ()
    ceremonies: tuple[str, ...] = ()

    @property
    def more(self) -> MoreProjects:
        """What is read beside the team's own project."""
        return _more(self.projects, self.rules)


def _more(projects: tuple[ProjectGid, ...], rules: BoardRules) -> MoreProjects:
    return MoreProjects(projects, rules.sprint if isinstance(rules.sprint, ProjectSprints) else None)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One team's wish for one ceremony. The comment goes to `task`, else to the task named `task_name`.

    A task of that name is looked for in the project, and made if there is none. `silent_when_quiet` writes nothing
    in a quiet window instead of one line. `budget_cents` None means no cap on a session. Approved actions become tasks in
    `actions_project` (None: the team's own), in the section of that name. `projects` are read beside the team's own.

    A draft that holds a change of a class in `two_person` needs two approvers; what is of a class in `never` is not
    written. `blockers_field` is a field in which an approved document says which tasks are blocked; empty for none. `cascade_dates` proposes later due dates for what is due before it can be. `figures_only` lets a document of figures
    alone stand in where no session can write one. `approval_task` asks in Asana, once an approver's gid is known;
    `approval_field` is an enum field of the document's task whose options Approved and Rejected decide too.
    `auto_after` approvals in a row, with at most `auto_edit_threshold` of a draft's words changed, earn mode auto.
    `dashboard` is the address people reach the dashboard at; empty where only this machine does.
    """

    team: str
    team_name: str
    project: ProjectGid
    ceremony: Ceremony
    rules: BoardRules
    timetable: Timetable
    mode: Mode = Mode.APPROVE
    approvers: tuple[Approver, ...] = ()
    task: TaskGid | None = None
    task_name: str = ""
    expires_after: timedelta = timedelta(hours=24)
    deadline: timedelta = timedelta(minutes=15)
    max_iterations: int | None = None
    budget_cents: int | None = None
    monthly_budget_cents: int | None = None
    """The whole team's, over all its ceremonies; None means no cap."""
    baseline_minutes: int | None = None
    """What this document took by hand, by the team's own word; None where it gave none."""
    silent_when_quiet: bool = False
    catch_up: CatchUp = "once"
    grace: timedelta | None = None
    actions_project: ProjectGid | None = None
    actions_section: str = "Process improvement"
    publish_status: bool = False
    attach_charts: bool = False
    two_person: frozenset[Change] = frozenset()
    never: frozenset[Change] = frozenset()
    blockers_field: str = ""
    cascade_dates: bool = False
    projects: tuple[ProjectGid, ...] = ()
    figures_only: bool = False
    approval_task: bool = True
    approval_field: str = ""
    dashboard: str = ""
    auto_after: int | None = None
    auto_edit_threshold: float = 0.2
    allowed_hosts: tuple[str, ...] = field(default=("app.asana.com",))
    members: tuple[MemberTeam, ...] = ()
    """The teams whose boards are read besides the own, where the ceremony tells of several."""

    @property
    def more(self) -> MoreProjects:
        """What is read beside the team's own project."""
        return _more(self.projects, self.rules)

    @property
    def member_rules(self) -> dict[str, BoardRules]:
        """How each member's board is read, by its slug."""
        return {member.team: member.rules for member in self.members}

    @property
    def asks_in_asana(self) -> bool:
        """Whether drafts are put before people as approval tasks: only a gid can be told from a name like it."""
        return self.approval_task and any(person.gid for person in self.approvers)

    def approver(self, who: str) -> Approver | None:
        """The approver that `who` names, or None for anyone else."""
        return next((person for person in self.approvers if person.answers_to(who)), None)
