"""approved -> written: the approved bytes become one comment, which is read back, and what else was approved with it."""

from __future__ import annotations

from facilitator.board.snapshot import StoryGid
from facilitator.errors import TrackerError
from facilitator.runs.assignment import Assignment
from facilitator.runs.delivery import Delivery
from facilitator.runs.run import Parcel, ParcelKind, Run, RunState
from facilitator.runs.steps.desk import Desk
from facilitator.runs.steps.place import placed


async def write_back(desk: Desk, run: Run, assignment: Assignment) -> Run:
    """Write every parcel that was approved, each once; the run is written when the last one is.

    What Asana refuses for good beside the comment (a plan without status updates, say) is named, not a failure: the
    document is there, and a failed run would have the next one tell the same again.
    """
    delivery = Delivery(desk.ports.tracker(assignment), desk.ports.sleep)
    run = await placed(desk, run, assignment, delivery)
    refused = ""
    for parcel in desk.store.parcels(run.id):
        if parcel.written_at is not None:
            continue
        try:
            run = await _deliver(desk, run, delivery, parcel)
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
