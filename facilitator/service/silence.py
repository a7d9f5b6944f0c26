"""What silence means: a document that should be there and is not, a process that stood still, quiet days in a row.

Pure: fires, runs and instants in, notices out. A run that failed, expired or was rejected has been answered for, and is no
silence. Each notice's key names its event, so that it is told once however often it is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from facilitator.calendar.fires import Fire
from facilitator.runs.assignment import Assignment
from facilitator.runs.notices import Notice
from facilitator.runs.run import Run

SLACK = timedelta(minutes=15)
"""Beyond a document's deadline and its approvers' time: waits, retries, a restart."""

STALLED = timedelta(minutes=5)
"""A tick comes every quarter of a minute: after so long without one, nothing was fired either."""


def due_by(fire: datetime, assignment: Assignment) -> datetime:
    """When the document of a fire is written or answered for, if all goes as it may."""
    return fire + assignment.deadline + assignment.expires_after + SLACK


def missing(
    assignment: Assignment, fires: Iterable[Fire], runs: Sequence[Run], *, now: datetime
) -> list[Notice]:
    """A notice for each fire whose document is overdue, and that no run has answered for."""
    found = []
    for fire in fires:
        answers = [run for run in runs if _answers(run, fire)]
        # A run that caught up late has its own time: it may wait for its approvers as long as any other.
        began = max((run.created_at for run in answers), default=fire.at)
        if now > due_by(max(began, fire.at), assignment) and not any(run.ended for run in answers):
            found.append(_missing(assignment, fire.at, answers, runs))
    return found


def _answers(run: Run, fire: Fire) -> bool:
    """Whether a run covers the fire, or held its period already: the schedule may have been moved after it did."""
    if run.window.start < fire.at <= run.window.end:
        return True
    return (
        bool(fire.period)
        and run.period == fire.period
        and (fire.begins is None or run.window.end > fire.begins)
    )


def _missing(assignment: Assignment, fire: datetime, answers: Sequence[Run], runs: Sequence[Run]) -> Notice:
    run = next(iter(answers), None)
    before = next((each for each in runs if not each.ended), None)
    team, name, title = assignment.team, assignment.ceremony.name, assignment.ceremony.title
    local = f"{fire.astimezone(assignment.rules.zone):%a %d %b %H:%M %Z}"
    if run is None and before is not None:
        text = f"It was due {local}, and waits for run {before.id}, which is still {before.state}: look at that first."
    elif run is None:
        text = f"It was due {local}, and no run was fired for it: was `serve` running? It catches up at its next start."
    else:
        text = (
            f"It was due {local}; its run {run.id} is still {run.state}. `runs resume {run.id}` takes it up."
        )
    return Notice(
        f"missing/{team}/{name}/{fire:%Y-%m-%dT%H:%M:%SZ}", "missing", team, run.id if run else None,
        f"{title} of {assignment.team_name} has not been written", text,
    )  # fmt: skip


def stalled(last: datetime | None, stopped: datetime | None, *, now: datetime) -> Notice | None:
    """A notice where nothing ticked for too long and nobody had stopped it; the first tick is no news."""
    if last is None or now - last < STALLED or (stopped is not None and stopped >= last):
        return None
    text = (
        f"Nothing was fired or advanced from {last:%Y-%m-%d %H:%M} to {now:%Y-%m-%d %H:%M} UTC, and nobody had stopped "
        "the process. What was missed is caught up as configured. Look at its log and its machine."
    )
    return Notice(f"stalled/{last.isoformat()}", "stalled", "", None, "The serving process stood still", text)


def quiet_streak(assignment: Assignment, runs: Sequence[tuple[Run, bool]], *, days: int) -> Notice | None:
    """A notice where the newest `days` documents or more found nothing to tell; `runs` is newest first, with its quiet."""
    streak: list[Run] = []
    for run, quiet in runs:
        if not quiet:
            break
        streak.append(run)
    if len(streak) < days:
        return None
    first, title = streak[-1], assignment.ceremony.title
    since = f"{first.window.start.astimezone(assignment.rules.zone):%a %d %b}"
    return Notice(
        f"quiet/{assignment.team}/{assignment.ceremony.name}/{first.id}", "quiet", assignment.team, streak[0].id,
        f"{title} of {assignment.team_name} has had nothing to tell {len(streak)} times in a row",
        f"Nothing happened on the board since {since}. If the team was at work: has it moved to another project, or was the "
        "bot user's access taken away? `board` shows what is seen now.",
    )  # fmt: skip
