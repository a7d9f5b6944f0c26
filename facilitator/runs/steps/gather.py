"""scheduled -> gathered: the board, read once, becomes a snapshot and its facts."""

from __future__ import annotations

from facilitator.ceremony import Past, PastDocument, TeamContext
from facilitator.errors import TrackerError
from facilitator.runs.assignment import Assignment
from facilitator.runs.library import past_action
from facilitator.runs.run import Run, RunState
from facilitator.runs.steps.desk import Desk
from facilitator.runs.store import RunStore

PAST_DOCUMENTS = 3


async def gather(desk: Desk, run: Run, assignment: Assignment) -> Run:
    """Read the board once and keep what was read and computed; a second time reads anew. Raises `TrackerError`."""
    tracker = desk.ports.tracker(assignment)
    snapshot = await tracker.read_project(
        assignment.project,
        as_of=run.window.end,
        history_since=run.window.start - assignment.ceremony.history,
        more=assignment.more,
    )
    if not snapshot.tasks:
        raise TrackerError(
            f"the project {snapshot.project_name or assignment.project} has no tasks to report on.",
            suggestion="Check the project of this team in facilitator.toml and what the bot user may see.",
        )
    context = TeamContext(assignment.team_name, assignment.rules, _past(desk.store, run))
    facts = assignment.ceremony.gather(snapshot, run.window, context)
    with desk.step(run) as step:
        step.keep_snapshot(snapshot)
        step.keep_facts(facts)
        if facts.document.quiet and assignment.silent_when_quiet:
            step.move(RunState.SKIPPED, "nothing happened in the window, and this team wants silence then")
        else:
            step.move(
                RunState.GATHERED, f"read {len(snapshot.tasks)} tasks; {len(facts.facts)} facts computed"
            )
    return desk.moved(step)


def _past(store: RunStore, run: Run) -> Past:
    written = store.recent(team=run.team, ceremony=run.ceremony, state=RunState.WRITTEN, limit=PAST_DOCUMENTS)
    documents = tuple(
        PastDocument(earlier.id, earlier.window.end, facts, record.draft)
        for earlier in written
        if earlier.draft_digest
        and (facts := store.facts(earlier.id))
        and (record := store.draft(earlier.id, earlier.draft_digest))
    )
    actions = tuple(past_action(earlier, parcel) for earlier, parcel in store.actions(run.team, run.ceremony))
    return Past(documents, actions)
