"""Writing a change to a task that people work on: read again just before, compared with what the approver saw, then set.

A person's change is never overwritten. Whatever somebody else did on the task since it was read, a comment too, takes the
proposal back; what moved it since was ours, or left no trace in its history, only counts where a value in question is another.
Asana has no conditional write: a change within the moment between our look and our write is not seen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from facilitator.board.snapshot import ProjectGid, Snapshot, Story, TaskGid
from facilitator.board.wishes import Edit, Sight, agree, remaining, sight_of
from facilitator.drafts.richtext import unlinked
from facilitator.errors import TrackerError
from facilitator.runs.ports import Tracker
from facilitator.runs.proposals import Proposal, edit_json, read_edit, read_sight, sight_json
from facilitator.runs.run import Parcel, ParcelKind
from facilitator.runs.store import sha256
from facilitator.unseen import one_line

LONGEST_NAME = 120
LONGEST_NOTE = 300
AHEAD = timedelta(days=1)
"""How far Asana's clock may be ahead of ours before a comment of somebody's would be missed."""


class ChangedMeanwhile(TrackerError):  # noqa: N818 - it names what happened
    """Somebody was at the task since it was read: nothing was written."""

    code = "changed_meanwhile"


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a parcel of the kind change holds: which proposal of the run it is, what was seen, what is to be set."""

    proposal: int
    sight: Sight
    edit: Edit


def words_of(proposal: Proposal, snapshot: Snapshot | None, *, noted: bool = True) -> str:
    """One proposal as every approver is shown it: "task (gid): from -> to, note"; one line, without hidden characters."""
    wish, task = proposal.wish, snapshot.task(proposal.wish.task) if snapshot else None
    name = unlinked(one_line(task.name, LONGEST_NAME)) if task else "task"
    note = f", {proposal.note}" if noted and proposal.note else ""
    return unlinked(one_line(f"{name} ({wish.task}): {wish.before} -> {wish.wanted}{note}", 3 * LONGEST_NOTE))


def change_parcels(proposals: Iterable[Proposal], snapshot: Snapshot, line: str) -> Iterator[Parcel]:
    """The parcels that these proposals become; `line` is the document's marker."""
    for one in proposals:
        wish = one.wish
        told = {"proposal": one.seq, "sight": sight_json(wish.sight), "edit": edit_json(wish.edit)}
        body, title = json.dumps(told), words_of(one, snapshot, noted=False)
        marker = f"{line}!{one.seq}"
        yield Parcel(0, ParcelKind.CHANGE, wish.task, wish.wanted, title, body, sha256(body), marker)


def read_amendment(parcel: Parcel) -> Amendment:
    """What `change_parcels` put into the parcel."""
    raw = json.loads(parcel.body)
    return Amendment(raw["proposal"], read_sight(raw["sight"]), read_edit(raw["edit"]))


@dataclass(frozen=True, slots=True)
class Amending:
    """Sets what a parcel says through one team's tracker."""

    tracker: Tracker
    clock: Callable[[], datetime]

    async def amend(self, parcel: Parcel, *, attempt: Callable[[], None]) -> None:
        """Make the task what was approved; `attempt` is called before anything is sent.

        Doing it again, after a crash or a lost answer, sets only what is not so yet. Raises `ChangedMeanwhile`, with nothing
        written by this call, and `TrackerError` where Asana refused or is away.
        """
        # Where an answer was lost: look once more, as if a process had died there.
        for begun in (parcel.attempted_at is not None, True):
            if await self._set(parcel, attempt, begun=begun):
                return
        raise TrackerError(
            f"whether task {parcel.target} was changed is not known yet.",
            suggestion="It is looked at again before anything else is sent.",
            retryable=True,
        )

    async def _set(self, parcel: Parcel, attempt: Callable[[], None], *, begun: bool) -> bool:
        """Whether it stands as approved; False where the answer was lost."""
        amendment, gid = read_amendment(parcel), TaskGid(parcel.target or "")
        seen, edit = amendment.sight, amendment.edit
        task = await self.tracker.read_task(ProjectGid(seen.project), gid)
        if task is None:
            raise ChangedMeanwhile("the task is gone, or hidden from us; nothing was changed.")
        now = sight_of(task, seen.project, edit)
        rest = remaining(edit, now)
        if rest is None:
            return True
        if begun or now.modified_at != seen.modified_at or not agree(seen, edit, now, begun=False):
            await self._refuse_news(gid, amendment, now, begun=begun)
        attempt()
        try:
            await self.tracker.amend_task(gid, rest)
        except TrackerError as error:
            if not error.in_doubt:
                raise
            return False
        return True

    async def _refuse_news(self, gid: TaskGid, amendment: Amendment, now: Sight, *, begun: bool) -> None:
        seen = amendment.sight
        told = await self.tracker.read_tasks(ProjectGid(seen.project), [gid], as_of=self.clock() + AHEAD)
        newest = max(_others(told, seen.modified_at), key=lambda story: story.created_at, default=None)
        if newest is not None:
            names = {user.gid: user.name for user in told.users}
            who = one_line(names.get(newest.created_by, ""), 60) if newest.created_by else ""
            raise _changed(who or f"user {newest.created_by}", newest.created_at, begun=begun)
        if not agree(seen, amendment.edit, now, begun=begun):
            raise _changed("somebody", now.modified_at, begun=begun)


def _others(told: Snapshot, since: datetime) -> Iterator[Story]:
    """What anybody but us did on the task after the instant."""
    for task in told.tasks:
        yield from (one for one in task.stories if one.created_at > since and one.created_by != told.bot)


def _changed(who: str, at: datetime, *, begun: bool) -> ChangedMeanwhile:
    told = "no more of it was set" if begun else "nothing was changed"
    return ChangedMeanwhile(
        f"changed meanwhile by {who} at {at:%Y-%m-%d %H:%M} UTC; {told}.",
        suggestion="The next document sees the task as it is now.",
    )
