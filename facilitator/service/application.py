"""The program put together: settings, ceremonies, run log and clients, for whoever calls a verb.

runner.py builds one and hands it to the command line. Opening is lazy: a verb that only reads the run log never imports
a client library. It holds no rules of its own.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from facilitator.board.rules import BoardRules
from facilitator.calendar.windows import Timetable
from facilitator.ceremony import Ceremony
from facilitator.errors import ConfigurationError
from facilitator.pacing import Bucket, LocalBucket, Pace
from facilitator.runs.approvals import Approvals
from facilitator.runs.assignment import Approver, Assignment, MemberTeam
from facilitator.runs.audit import Audit
from facilitator.runs.changes import Change
from facilitator.runs.commands import Commands
from facilitator.runs.coverage import Coverage
from facilitator.runs.credentials import CredentialLog
from facilitator.runs.current import current_run
from facilitator.runs.database import Database, is_shared, open_database
from facilitator.runs.followups import Followups
from facilitator.runs.hooks import Hooks
from facilitator.runs.keeping import Keeping
from facilitator.runs.library import Library
from facilitator.runs.locks import AdvisoryLocks, FileLocks, Locks
from facilitator.runs.money import Money
from facilitator.runs.notices import Marks, Notices
from facilitator.runs.paces import SharedBucket
from facilitator.runs.pauses import Pauses
from facilitator.runs.people import People
from facilitator.runs.pipeline import Pipeline
from facilitator.runs.ports import Pinned
from facilitator.runs.quality import Quality
from facilitator.runs.run import Mode
from facilitator.runs.steps.desk import Observe
from facilitator.runs.store import RunStore
from facilitator.service.bell import Bell
from facilitator.service.progress import Hub
from facilitator.settings import Secret, Settings, Team, TeamCeremony

if TYPE_CHECKING:
    from facilitator.asana import AsanaTracker, Reach
    from facilitator.asana.transport import Write

Working = Callable[["Application", Observe], AbstractAsyncContextManager[Pipeline]]
Reading = Callable[["Application"], AbstractAsyncContextManager["AsanaTracker"]]


class Provisioning(Protocol):
    """What differs from the agent templates, and, with `change`, the pin after it was brought up to them."""

    def __call__(
        self, app: Application, *, change: bool
    ) -> Coroutine[Any, Any, tuple[list[Any], Pinned | None]]:
        """Ask Managed Agents; see `agents plan | apply`."""
        ...


@dataclass
class Application:
    """One deployment. `working` opens both clients and gives a pipeline; `reading` opens Asana alone."""

    settings: Settings
    library: Library
    assignments: Mapping[tuple[str, str], Assignment]
    clock: Callable[[], datetime]
    working: Working
    reading: Reading
    provisioning: Provisioning
    reread: Callable[[], Settings] | None = None
    """Reads the configuration again, for a process that follows its changes; raises `ConfigurationError` for a bad one."""
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    """What waits for quotas and services are measured and slept with; handed in, so that a rehearsal can run faster than life."""

    @cached_property
    def database(self) -> Database:
        """The run log's database, opened and brought to this release when first asked for."""
        return open_database(self.settings.database_url)

    @cached_property
    def store(self) -> RunStore:
        """The run log."""
        return RunStore(self.database)

    @property
    def coverage(self) -> Coverage:
        """How far each ceremony has come: what is told, what is due, what is at work."""
        return Coverage(self.database)

    @property
    def pauses(self) -> Pauses:
        """Which ceremonies somebody paused."""
        return Pauses(self.database)

    @cached_property
    def locks(self) -> Locks:
        """Who may work on what: files beside the run log, or advisory locks of the PostgreSQL that holds it."""
        if is_shared(self.database):
            return AdvisoryLocks(self.database)
        return FileLocks(self.locks_folder)

    def bucket(self, name: str, pace: Pace) -> Bucket:
        """The quota of this name: one for whoever asks in this process, and in a cluster one for all of them."""
        if name not in self._buckets:
            self._buckets[name] = (
                SharedBucket(self.database, name, pace)
                if self.settings.executor.kind == "cluster" and is_shared(self.database)
                else LocalBucket(pace, clock=self.monotonic)
            )
        return self._buckets[name]

    @cached_property
    def _buckets(self) -> dict[str, Bucket]:
        return {}

    @cached_property
    def hub(self) -> Hub:
        """What happens to runs followed by this process, as it happens."""
        return Hub()

    @property
    def money(self) -> Money:
        """What sessions cost."""
        return Money(self.database)

    @property
    def keeping(self) -> Keeping:
        """What is kept of ended runs, and its purges."""
        return Keeping(self.database)

    @property
    def people(self) -> People:
        """What the run log holds of people."""
        return People(self.database)

    @property
    def followups(self) -> Followups:
        """Predictions and their truth, and what people said."""
        return Followups(self.database)

    @property
    def quality(self) -> Quality:
        """How good the documents are."""
        return Quality(self.database)

    @property
    def audit(self) -> Audit:
        """The chain of what happened, sealed row by row."""
        return Audit(self.database)

    @cached_property
    def board_bell(self) -> Bell:
        """Rung where something outside says that there may be news on a board."""
        return Bell()

    @cached_property
    def run_bell(self) -> Bell:
        """Rung where something outside says that a session of ours may have news."""
        return Bell()

    @cached_property
    def limited(self) -> Counter[str]:
        """How often each service answered 429 to this process."""
        return Counter()

    def counting(self, service: str) -> Callable[[], None]:
        """What a client calls at each 429."""
        return lambda: self.limited.update([service])

    @property
    def hooks(self) -> Hooks:
        """The webhooks this deployment asked for."""
        return Hooks(self.database)

    @cached_property
    def credentials(self) -> CredentialLog:
        """Who used which secret, and for which run."""
        return CredentialLog(self.database, who=f"{_account()}, process {os.getpid()}", clock=self.clock)

    def recording(self, write: Write, bot: str) -> None:
        """Put a call that changed something in Asana, or tried to, into the audit chain: whatever it was made for."""
        self.audit.record(
            "asana call", by="pipeline", now=self.clock(), run=current_run(), target=f"{write.method} {write.path}",
            sent=write.digest, outcome=write.outcome, made=write.made, bot=bot,
        )  # fmt: skip

    def revealing(self, secret: Secret, purpose: str) -> Callable[[], str]:
        """How a client reads a secret at each use; that it did is recorded, what it read is not."""
        return self.credentials.watched(secret.reveal, secret.reference, purpose)

    @property
    def approvals(self) -> Approvals:
        """Decisions on what waits in the run log."""
        return Approvals(self.store, self.library)

    @property
    def notices(self) -> Notices:
        """What people are to be told; see `service/notifier`."""
        return Notices(self.database)

    @property
    def commands(self) -> Commands:
        """What people asked for on their boards; see `service/listening`."""
        return Commands(self.database)

    @property
    def marks(self) -> Marks:
        """When this deployment first served, and when it last ticked."""
        return Marks(self.database)

    def assignment(self, team: str, ceremony: str) -> Assignment:
        """What the team wants of the ceremony; raises `ConfigurationError` naming the nearest thing there is."""
        self.library.ceremony(ceremony)
        found = self.assignments.get((team, ceremony))
        if found is not None:
            return found
        teams = sorted({slug for slug, _ in self.assignments})
        if team not in teams:
            raise ConfigurationError(
                f"there is no team {team!r} in {self.settings.source}.",
                suggestion=f"Teams there: {', '.join(teams) or 'none'}.",
            )
        raise ConfigurationError(
            f"the team {team!r} has no ceremony {ceremony!r} in {self.settings.source}.",
            suggestion=f"Add [teams.{team}.ceremonies.{ceremony}] to it.",
        )

    def reach(self, team: str | None = None) -> Reach:
        """The projects and tasks that calls for this team may touch, or those of every team; it learns as calls are answered."""
        from facilitator.asana import Reach

        wanted = [each for each in self.assignments.values() if team in (None, each.team)]
        projects: set[str] = {each.actions_project for each in wanted if each.actions_project}
        patterns: set[str] = set()
        for board in self._boards_of(team):
            projects.update((board.project, *board.projects))
            if sprints := board.more.sprints:
                projects.update(sprints.projects)
                patterns |= {sprints.pattern} - {""}
        if team is None:
            projects |= {each.project for each in self.settings.teams}
        reach = self._reaches.setdefault(team, Reach(frozenset()))
        reach.projects = frozenset(projects)
        reach.sprints = frozenset(patterns)
        reach.tasks.update(each.task for each in wanted if each.task)
        told = [each.notify for each in self.settings.teams if team in (None, each.slug)]
        told += [self.settings.notify] if team is None else []
        reach.people.update(person.gid for notify in told for person in notify.people if person.gid)
        return reach

    def _boards_of(self, team: str | None) -> list[Assignment | MemberTeam]:
        """What is read of this team, or of every team: by its own ceremonies, and by roll-ups it is a member of."""
        held = self.assignments.values()
        known: list[Assignment | MemberTeam] = [*held]
        known += [member for each in held for member in each.members]
        return [each for each in known if team in (None, each.team)]

    @cached_property
    def _reaches(self) -> dict[str | None, Reach]:
        return {}

    def pinned(self) -> Pinned:
        """The agent and environment that sessions are pinned to; raises `ConfigurationError` before the first apply."""
        found = self.store.pinned()
        if found is None:
            raise ConfigurationError(
                "no agent has been applied to this run log yet.",
                suggestion="Run `runner.py agents apply` once.",
            )
        return found

    @property
    def locks_folder(self) -> Path:
        """Where the run log's locks stand: beside its file, or beside the configuration for another database."""
        beside = self.settings.source.resolve().parent / "facilitator"
        url = self.settings.database_url
        path = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else beside
        return path.with_name(path.name + "-locks")

    def close(self) -> None:
        """Close the run log if it was opened."""
        if "credentials" in self.__dict__:
            self.credentials.settle()
        if "database" in self.__dict__:
            if isinstance(locks := self.__dict__.get("locks"), AdvisoryLocks):
                locks.close()
            self.database.dispose()


def _account() -> str:
    """The operating system's name for who runs this; a container may know none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown account"


def assignments(settings: Settings, library: Library) -> dict[tuple[str, str], Assignment]:
    """What every team wants of every ceremony it holds, from the configuration and the ceremonies' own defaults."""
    titles = tuple(ceremony.title for ceremony in library.ceremonies.values())
    # A link to this machine alone would lead whoever reads it elsewhere to nothing.
    dashboard = settings.web.base_url.rstrip("/") if settings.web.enabled else ""
    found = {}
    for team in settings.teams:
        rules = _rules(team, titles)
        members = tuple(_member(settings.team(slug), library, titles) for slug in team.rollup)
        for name, ceremony in library.ceremonies.items():
            wish = team.ceremonies.get(name)
            if wish is not None and wish.enabled:
                found[team.slug, name] = _assignment(
                    team,
                    wish,
                    ceremony,
                    rules,
                    members=members if ceremony.over_teams else (),
                    dashboard=dashboard,
                )
    return found


def _member(team: Team, library: Library, titles: tuple[str, ...]) -> MemberTeam:
    """A team as it reads its own board: by the rules its own documents are made by."""
    held = tuple(name for name in library.ceremonies if team.ceremony(name).enabled)
    return MemberTeam(team.slug, team.name, team.project, _rules(team, titles), team.projects, held)


def _rules(team: Team, titles: tuple[str, ...]) -> BoardRules:
    rules = team.rules()
    return replace(rules, excluded_tasks=(*rules.excluded_tasks, *titles))


def _assignment(
    team: Team,
    wish: TeamCeremony,
    ceremony: Ceremony,
    rules: BoardRules,
    *,
    members: tuple[MemberTeam, ...],
    dashboard: str,
) -> Assignment:
    cadence = wish.cadence(ceremony.cadence)
    return Assignment(
        team=team.slug,
        team_name=team.name,
        project=team.project,
        ceremony=ceremony,
        rules=rules,
        timetable=Timetable(cadence, team.zone, team.working),
        mode=Mode(wish.mode),
        approvers=tuple(Approver(person.name, person.gid) for person in team.approvers),
        task=wish.task,
        task_name=wish.task_name,
        expires_after=wish.expires_after or ceremony.expires_after,
        deadline=wish.deadline,
        max_iterations=wish.max_iterations,
        budget_cents=wish.budget_cents,
        monthly_budget_cents=team.monthly_budget_cents,
        baseline_minutes=wish.baseline_minutes,
        silent_when_quiet=wish.quiet == "nothing",
        catch_up=wish.catch_up,
        grace=wish.grace_for(cadence),
        actions_project=wish.actions_project,
        actions_section=wish.actions_section,
        publish_status=wish.status_update,
        attach_charts=wish.charts,
        approval_task=wish.approval_task,
        approval_field=wish.approval_field,
        two_person=frozenset(map(Change, wish.two_person)),
        never=frozenset(map(Change, wish.never)),
        blockers_field=team.board.blockers_field,
        cascade_dates=team.board.cascade_dates,
        figures_only=wish.figures_only,
        auto_after=wish.auto_after,
        auto_edit_threshold=wish.auto_edit_threshold,
        projects=team.projects,
        members=members,
        dashboard=dashboard,
    )
