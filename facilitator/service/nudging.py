"""A private word to whoever owns tasks at risk: at most one a person and day, whatever teams and ceremonies they are in.

A task of the person's own in Asana, in no project: a comment on their task would be read by the whole team, and naming
somebody's lateness before others is what this program never does. The words name dates and waits, never a person's doing,
and come from what the board said today; yesterday's board could be wrong about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog

from facilitator.board.board import Board
from facilitator.board.days import local_date
from facilitator.board.risk import AtRisk, at_risk, by_owner
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import ProjectGid, Snapshot, UserGid
from facilitator.drafts.richtext import one_line
from facilitator.errors import FacilitatorError
from facilitator.runs.delivery import LOOK_AGAIN, Delivery, Ways
from facilitator.runs.nudges import Nudge, NudgeLog
from facilitator.runs.ports import NewTask, PrivateTasks
from facilitator.settings.notify import QuietHours
from facilitator.settings.nudges import Nudges

log = structlog.get_logger()

SHOWN = 3
"""Tasks named in one nudge; the rest are counted."""
MOST_TRIES = 4
STILL_TODAY = timedelta(hours=6)
"""How long a nudge that did not arrive is tried: later it would be about another day."""
HOURS = timedelta(hours=4)
"""How long after its hour a team may still be nudged, where the board was read late."""
ENDING = "Would a new date, a smaller step or some help be of use? Only you see this; nothing was changed."


@dataclass(frozen=True, slots=True)
class Nudged:
    """One team that wants its people nudged."""

    team: str
    project: ProjectGid
    rules: BoardRules
    nudges: Nudges
    quiet_hours: QuietHours | None


@dataclass(frozen=True, slots=True)
class Nudger:
    """Takes a turn now and then; holds nothing between turns. `allow` lets a person be given a task of their own."""

    teams: Callable[[], Iterable[Nudged]]
    snapshot: Callable[[str], Snapshot | None]
    log: NudgeLog
    tasks: PrivateTasks
    delivery: Delivery
    allow: Callable[[UserGid], None]
    clock: Callable[[], datetime]

    async def turn(self) -> None:
        """Claim the nudges that are due by now, over all teams together, then deliver what is owed."""
        now = self.clock()
        teams = tuple(self.teams())
        risks: dict[UserGid, list[AtRisk]] = {}
        homes: dict[UserGid, Nudged] = {}
        for team in (team for team in teams if is_time(team, now)):
            for person, tasks in self._risks(team, now).items():
                homes.setdefault(person, team)
                risks.setdefault(person, []).extend(tasks)
        for nudge in decide(risks, homes, now=now):
            if self.log.take(nudge):
                log.info("nudge", team=nudge.team, day=nudge.day.isoformat())
        projects = {team.team: team.project for team in teams}
        for nudge in self.log.owed(since=now - STILL_TODAY, most=MOST_TRIES):
            if nudge.team in projects:
                await self._deliver(nudge, projects[nudge.team])

    def _risks(self, team: Nudged, now: datetime) -> Mapping[UserGid, list[AtRisk]]:
        snapshot = self.snapshot(team.team)
        zone = team.rules.zone
        if snapshot is None or local_date(snapshot.as_of, zone) != local_date(now, zone):
            return {}
        return by_owner(at_risk(Board.of(snapshot, team.rules), team.nudges.limits))

    async def _deliver(self, nudge: Nudge, project: ProjectGid) -> None:
        trying = self.log.trying(nudge)
        if trying is None:
            return
        marker = f"ref nudge/{nudge.person}/{nudge.day.isoformat()}"
        task = NewTask(nudge.title, f"{nudge.text}\n\n{marker}", due_on=nudge.day)
        ways = Ways(
            lambda: self.tasks.find_private_task(project, nudge.person, marker),
            lambda: self.tasks.create_private_task(project, nudge.person, task),
        )
        self.allow(nudge.person)
        looks = LOOK_AGAIN if nudge.tries else LOOK_AGAIN[:1]
        try:
            gid = await self.delivery.look(ways.find, looks) or await self.delivery.once(ways, lambda: None)
        except FacilitatorError as error:
            log.warning("nudge_not_delivered", team=nudge.team, error=error.message)
            if not error.retryable:
                self.log.given_up(trying, MOST_TRIES)
        else:
            self.log.arrived(trying, gid)


def is_time(team: Nudged, now: datetime) -> bool:
    """Whether the team's people may be nudged at this moment: after its hour, on a working day, outside quiet hours."""
    local = now.astimezone(team.rules.zone)
    hour = datetime.combine(local.date(), team.nudges.at, tzinfo=team.rules.zone)
    quiet = team.quiet_hours is not None and team.quiet_hours.end_of(local) is not None
    return team.rules.working_day(local.date()) and hour <= local < hour + HOURS and not quiet


def decide(
    risks: Mapping[UserGid, Sequence[AtRisk]], homes: Mapping[UserGid, Nudged], *, now: datetime
) -> list[Nudge]:
    """One nudge for each person with tasks at risk, who is there and wants to be told; `homes` is where they are told."""
    found = []
    for person, tasks in sorted(risks.items()):
        team = homes[person]
        day = local_date(now, team.rules.zone)
        if not team.nudges.leaves_alone(person, day):
            title, text = words(tasks, day)
            found.append(Nudge(person, day, team.team, title, text, now))
    return found


def words(tasks: Sequence[AtRisk], day: date) -> tuple[str, str]:
    """A title and a text about these tasks: dates and waits, no verdict on anyone."""
    ordered = sorted(tasks, key=lambda task: (task.due or date.max, -task.blocked_days, task.gid))
    shown = [
        f"- {one_line(task.name, 120) or 'A task'}: {_why(task, day)}\n  {one_line(task.url)}".rstrip()
        for task in ordered[:SHOWN]
    ]
    more = len(ordered) - SHOWN
    rest = [f"and {more} more of yours"] if more > 0 else []
    title = (
        "One of your tasks may need a look"
        if len(ordered) == 1
        else f"{len(ordered)} of your tasks may need a look"
    )
    return title, "\n".join([*shown, *rest, "", ENDING])


def _why(task: AtRisk, day: date) -> str:
    reasons = []
    if task.due is not None:
        when = "today" if task.due == day else f"{task.due:%a %d %b}"
        reasons.append(f"its date was {when}" if task.overdue else f"due {when}")
    if task.blocked_days:
        days = "day" if task.blocked_days == 1 else "days"
        reasons.append(f"blocked for {task.blocked_days} working {days}")
    return ", ".join(reasons)
