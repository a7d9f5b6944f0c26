"""scheduled -> gathered: the board, read once, becomes a snapshot and its facts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from facilitator.board.facts import Facts
from facilitator.board.snapshot import Snapshot, TaskGid
from facilitator.ceremony import Member, Past, PastDocument, TeamContext
from facilitator.errors import TrackerError
from facilitator.runs.assignment import Assignment, MemberTeam
from facilitator.runs.library import STATUSES, past_action
from facilitator.runs.ports import Tracker
from facilitator.runs.run import DecisionKind, Override, Run, RunState
from facilitator.runs.steps.boards import read_boards
from facilitator.runs.steps.desk import Desk
from facilitator.runs.store import RunStore

P = ParamSpec("P")
T = TypeVar("T")

PAST_DOCUMENTS = 3
PAST_ACTIONS = 12
"""Action tasks that are read one by one: four retros of three."""


async def gather(desk: Desk, run: Run, assignment: Assignment) -> Run:
    """Read the board once and keep what was read and computed; a second time reads anew. Raises `TrackerError`.

    Never before the window has ended: what is due is recorded a moment earlier, and whoever finds it may be quick.
    """
    early = (run.window.end - desk.ports.clock()).total_seconds()
    if early > 0:
        await desk.ports.sleep(early)
    earlier = await _aside(assignment, desk.store.latest_snapshot, run.team, run.ceremony)
    snapshot = await read_boards(desk.ports.tracker, assignment, run.window, earlier)
    if not snapshot.tasks and not snapshot.boards:
        raise TrackerError(
            f"the project {snapshot.project_name or assignment.project} has no tasks to report on.",
            suggestion="Check the project of this team in facilitator.toml and what the bot user may see.",
        )
    past = _past(desk.store, run)
    actions = await _actions(desk.ports.tracker(assignment), assignment, past, run)
    context = TeamContext(
        assignment.team_name, assignment.rules, past, actions, members_of(desk.store, assignment)
    )
    facts = await _aside(assignment, assignment.ceremony.gather, snapshot, run.window, context)
    with desk.step(run) as step:
        step.keep_snapshot(snapshot)
        step.keep_facts(facts)
        if facts.document.quiet and assignment.silent_when_quiet:
            step.move(RunState.SKIPPED, "nothing happened in the window, and this team wants silence then")
        else:
            read = f"read {facts.coverage.tasks_read} tasks{_over(snapshot)}"
            step.move(RunState.GATHERED, f"{read}; {len(facts.facts)} facts computed")
    return desk.moved(step)


async def _aside(assignment: Assignment, work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    """Do it here for one board; for many it takes seconds, in which this process has other runs to follow: on a thread."""
    return await asyncio.to_thread(work, *args, **more) if assignment.members else work(*args, **more)


def members_of(store: RunStore, assignment: Assignment) -> tuple[Member, ...]:
    """The teams of a roll-up, each with what its own newest runs computed."""
    return tuple(
        Member(one.team, one.name, one.rules, tuple(_newest_facts(store, one))) for one in assignment.members
    )


def _newest_facts(store: RunStore, member: MemberTeam) -> list[Facts]:
    """Of each of its ceremonies the newest, the newest of all first."""
    newest = [store.recent(team=member.team, ceremony=name, limit=1) for name in member.ceremonies]
    found = [facts for runs in newest for run in runs if (facts := store.facts(run.id))]
    return sorted(found, key=lambda facts: facts.end, reverse=True)


def _over(snapshot: Snapshot) -> str:
    """Of how many teams, and why not of the others."""
    unread = [f"{each.name}: {each.unread}" for each in snapshot.boards if each.snapshot is None]
    read = len(snapshot.boards) - len(unread)
    told = f" of {read} of {len(snapshot.boards)} teams" if snapshot.boards else ""
    return told + (f" (not read: {'; '.join(unread)})" if unread else "")


def _past(store: RunStore, run: Run) -> Past:
    written = store.recent(team=run.team, ceremony=run.ceremony, state=RunState.WRITTEN, limit=PAST_DOCUMENTS)
    documents = tuple(
        PastDocument(earlier.id, earlier.window.end, facts, record.draft, *_set_status(store, earlier))
        for earlier in written
        if earlier.draft_digest
        and (facts := store.facts(earlier.id))
        and (record := store.draft(earlier.id, earlier.draft_digest))
    )
    actions = tuple(past_action(earlier, parcel) for earlier, parcel in store.actions(run.team, run.ceremony))
    return Past(documents, actions)


def _set_status(store: RunStore, run: Run) -> tuple[str, str]:
    """The status its approver set in the place of the rule's, in words, and why; nothing where the rule's stood."""
    yes = [made for made in store.decisions(run.id) if made.kind is DecisionKind.APPROVED]
    found = Override.kept(yes[-1].because) if yes else None
    return (STATUSES[found.status], found.because) if found and found.status in STATUSES else ("", "")


async def _actions(tracker: Tracker, assignment: Assignment, past: Past, run: Run) -> Snapshot | None:
    """The tasks of earlier actions, where the configuration puts them into a project that is not on the board."""
    home = assignment.actions_project
    gids = [TaskGid(action.task) for action in past.actions if action.task][:PAST_ACTIONS]
    if home is None or home in (assignment.project, *assignment.projects) or not gids:
        return None
    return await tracker.read_tasks(home, gids, as_of=run.window.end)
