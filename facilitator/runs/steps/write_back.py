"""approved -> written: the approved bytes become one comment, which is read back, and what else was approved with it."""

from __future__ import annotations

from facilitator.board.snapshot import StoryGid
from facilitator.errors import TrackerError
from facilitator.runs.amending import Amending, read_amendment
from facilitator.runs.assignment import Assignment
from facilitator.runs.delivery import Delivery
from facilitator.runs.notices import Notice, Notices
from facilitator.runs.proposals import Proposals, edit_json, sight_json
from facilitator.runs.run import Parcel, ParcelKind, Run, RunState
from facilitator.runs.steps.desk import Desk
from facilitator.runs.steps.place import placed


async def write_back(desk: Desk, run: Run, assignment: Assignment) -> Run:
    """Write every parcel that was approved, each once; the run is written when the last one is.

    What Asana refuses for good beside the comment (a plan without status updates, say), and a change to a task that somebody
    was at meanwhile, is named, not a failure: the document is there, and a failed run would have the next one tell it again.
    """
    delivery = Delivery(desk.ports.tracker(assignment), desk.ports.sleep)
    run = await placed(desk, run, assignment, delivery)
    refused = ""
    ended = {one.seq for one in Proposals(desk.store.database).of(run) if one.outcome}
    for parcel in desk.store.parcels(run.id):
        changes = parcel.kind is ParcelKind.CHANGE
        if parcel.written_at is not None or (changes and read_amendment(parcel).proposal in ended):
            continue
        try:
            run = await (_amend if changes else _deliver)(desk, run, delivery, parcel)
        except TrackerError as error:
            if error.retryable or parcel.kind is ParcelKind.COMMENT:
                raise
            refused += f"; {parcel.kind} {parcel.title!r} not written: {error.message}"
            run = desk.store.get(run.id)
    with desk.step(run) as step:
        step.move(RunState.WRITTEN, f"comment {run.story_gid} on task {run.task_gid}{refused}")
    return desk.moved(step)


async def _deliver(desk: Desk, run: Run, delivery: Delivery, parcel: Parcel) -> Run:
    gid = parcel.gid
    if gid is None:
        run, gid = await _send(desk, run, delivery, parcel)
    if parcel.kind is ParcelKind.COMMENT:
        await delivery.confirmed(parcel, StoryGid(gid))
    with desk.step(run) as done:
        done.mark_parcel(parcel.seq, written_at=desk.ports.clock())
        done.note(f"wrote {parcel.kind} {gid}")
    return done.run


async def _amend(desk: Desk, run: Run, delivery: Delivery, parcel: Parcel) -> Run:
    """Change the task as approved, or record why not and tell the team; both once."""
    latest, change = run, read_amendment(parcel)

    def attempt() -> None:
        nonlocal latest
        with desk.step(latest) as trying:
            trying.mark_parcel(parcel.seq, attempted_at=desk.ports.clock())
        latest = trying.run

    bot = (await delivery.tracker.me()).gid
    try:
        await Amending(delivery.tracker, desk.ports.clock).amend(parcel, attempt=attempt)
    except TrackerError as error:
        if not error.retryable:
            _tell(desk, run, parcel, error)
            with desk.step(latest) as step:
                step.end_proposal(change.proposal, f"refused: {error.message}")
                step.note(f"{parcel.title}: {error.message}")
        raise
    with desk.step(latest) as step:
        step.mark_parcel(parcel.seq, gid=parcel.target, written_at=desk.ports.clock(), bot=bot)
        told = {"before": sight_json(change.sight), "after": edit_json(change.edit)}
        step.audit("changed", target=parcel.target or "", bot=bot, **told)
        step.end_proposal(change.proposal, "written")
        step.note(f"changed task {parcel.target} as approved: {parcel.detail}")
    return step.run


def _tell(desk: Desk, run: Run, parcel: Parcel, error: TrackerError) -> None:
    """Before it is recorded, so that a crash between the two tells it again under the same key, which is once."""
    notice = Notice(
        key=f"change/{run.id}/{parcel.marker.rpartition('!')[2]}",
        kind="change_refused",
        team=run.team,
        run=run.id,
        subject=f"An approved change was not made: {parcel.title}",
        text=f"{error.message} {error.suggestion}".strip(),
    )
    Notices(desk.store.database).post(notice, now=desk.ports.clock())


async def _send(desk: Desk, run: Run, delivery: Delivery, parcel: Parcel) -> tuple[Run, str]:
    """Write the parcel, or find it where it was written before; its gid is recorded before anything else is done."""
    latest = run

    def attempt() -> None:
        nonlocal latest
        with desk.step(latest) as trying:
            trying.mark_parcel(parcel.seq, attempted_at=desk.ports.clock())
        latest = trying.run

    target = parcel.target or run.task_gid or ""
    bot = (await delivery.tracker.me()).gid
    gid = await delivery.deliver(parcel, target, attempt=attempt)
    with desk.step(latest) as step:
        for spare in delivery.withdrawn:
            step.note(f"deleted {spare}, a second copy of {parcel.kind} {gid}")
            step.audit("withdrawn", target=spare, parcel=parcel.kind, before=spare, after=None, bot=bot)
        delivery.withdrawn.clear()
        step.mark_parcel(parcel.seq, target=target, gid=gid, bot=bot)
        if parcel.kind is ParcelKind.COMMENT:
            step.set(story_gid=gid)
    return step.run, gid
