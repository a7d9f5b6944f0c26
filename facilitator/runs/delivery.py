"""Writing what was approved, once: look, record the attempt, write, and after any doubt look again.

The last step of the flow. The same rule holds for comments, tasks, status updates and attachments: the exact bytes stand in
the outbox, each with a marker by which it is found again. Nothing is sent a second time before looking.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from facilitator.board.snapshot import ProjectGid, StoryGid, TaskGid
from facilitator.errors import TrackerError
from facilitator.runs.ports import NewTask, Tracker
from facilitator.runs.run import Parcel, ParcelKind

LOOK_AGAIN = (timedelta(0), timedelta(seconds=2), timedelta(seconds=10), timedelta(seconds=60))
"""Waits before each look for a write of unknown fate: Asana promises no delay for its lists (asana.md, section 11)."""

Find = Callable[[], Awaitable[str | None]]
Write = Callable[[], Awaitable[str]]
Attempt = Callable[[], None]


class Ways(NamedTuple):
    """How one kind of thing is found and how it is written, both give its gid; and how a spare copy is taken back."""

    find: Find
    write: Write
    withdraw: Callable[[str], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Writes parcels of one team's documents through its tracker."""

    tracker: Tracker
    sleep: Callable[[float], Awaitable[None]]
    withdrawn: list[str] = field(default_factory=list)
    """The gids of second copies of ours that were found and deleted."""

    async def deliver(self, parcel: Parcel, target: str, *, attempt: Attempt) -> str:
        """The gid of the one thing this parcel became; `attempt` is called before anything is sent.

        Doing it again, after a crash at any point, finds what is there instead of writing a second one. A parcel whose gid
        is known is never looked for: where a person deleted the thing, looking would lead to writing it again.
        """
        if parcel.gid:
            return parcel.gid
        return await self.found_or_written(
            self._ways(parcel, target), doubt=parcel.attempted_at is not None, attempt=attempt
        )

    async def found_or_written(self, ways: Ways, *, doubt: bool, attempt: Attempt) -> str:
        """The gid of the one thing these ways lead to, found or written; with `doubt` it is looked for longer."""
        looks = LOOK_AGAIN if doubt else LOOK_AGAIN[:1]
        return await self.look(ways.find, looks) or await self.once(ways, attempt)

    def remark(self, task: TaskGid, html: str, marker: str) -> Ways:
        """How the one comment on the task that holds the marker as a line is found and written."""

        async def find() -> str | None:
            found = await self.tracker.find_comments(task, marker)
            return found[0].gid if found else None

        async def write() -> str:
            return (await self.tracker.post_comment(task, html)).gid

        return Ways(find, write)

    async def confirmed(self, parcel: Parcel, story: StoryGid) -> None:
        """Read a comment back; raises a final `TrackerError` where it is gone after all looks, or lacks its marker."""

        async def read() -> str | None:
            seen = await self.tracker.read_comment(story)
            return None if seen is None else seen.text

        text = await self.look(read, LOOK_AGAIN)
        if text is None:
            raise TrackerError(
                f"comment {story} was accepted by Asana and is not there any more: somebody deleted or hid it.",
                suggestion="It is not written a second time; the next window covers this one again.",
            )
        if parcel.marker not in text.replace("\u00a0", " "):
            raise TrackerError(
                f"comment {story} was read back without its last line, {parcel.marker!r}.",
                suggestion="Look at the task: what stands there is not what was approved.",
            )

    async def look(self, find: Find, waits: Sequence[timedelta]) -> str | None:
        """What is found after one of these waits, or None."""
        for wait in waits:
            if wait:
                await self.sleep(wait.total_seconds())
            found = await find()
            if found is not None:
                return found
        return None

    async def once(self, ways: Ways, attempt: Attempt) -> str:
        """Write; after a doubt look, and only then write once more. Of two copies the oldest is kept."""
        attempt()
        try:
            return await ways.write()
        except TrackerError as error:
            if not error.in_doubt:
                raise
        return await self.look(ways.find, LOOK_AGAIN) or await self._again(ways)

    async def _again(self, ways: Ways) -> str:
        """The second write. A list that lagged for longer than we looked may show the first one by now."""
        written = await ways.write()
        kept = await ways.find() or written
        if kept != written and ways.withdraw is not None:
            await ways.withdraw(written)
        return kept

    def _ways(self, parcel: Parcel, target: str) -> Ways:
        tracker, task, project = self.tracker, TaskGid(target), ProjectGid(target)

        async def withdraw(gid: str) -> None:
            await tracker.withdraw(parcel.kind, gid)
            self.withdrawn.append(gid)

        async def find_comment() -> str | None:
            """The oldest; any other is a second copy of ours, which readers need not see."""
            found = await tracker.find_comments(task, parcel.marker)
            for spare in found[1:]:
                await withdraw(spare.gid)
            return found[0].gid if found else None

        async def write_comment() -> str:
            return (await tracker.post_comment(task, parcel.body)).gid

        match parcel.kind:
            case ParcelKind.COMMENT:
                return Ways(find_comment, write_comment, withdraw)
            case ParcelKind.TASK:
                return Ways(
                    lambda: tracker.find_marked_task(project, parcel.marker),
                    lambda: tracker.create_task(project, unpack_task(parcel)),
                    withdraw,
                )
            case ParcelKind.STATUS:
                return Ways(
                    lambda: tracker.find_status(project, parcel.marker),
                    lambda: tracker.post_status(project, parcel.detail, parcel.title, parcel.body),
                    withdraw,
                )
            case ParcelKind.ATTACHMENT:
                return Ways(
                    lambda: tracker.find_attachment(task, parcel.marker),
                    lambda: tracker.attach(task, parcel.marker, base64.b64decode(parcel.body)),
                    withdraw,
                )
            case ParcelKind.CHANGE:
                raise ValueError("a change makes nothing that could be found again: it is `amending`'s")


def pack_task(task: NewTask, *, role: str = "") -> str:
    """A task as a parcel's body; `role` is an owner who is nobody's gid, such as "product owner"."""
    due_on = task.due_on.isoformat() if task.due_on else None
    body = {"notes": task.notes, "assignee": task.assignee, "due_on": due_on, "section": task.section}
    fields = {"fields": dict(task.fields)} if task.fields else {}
    return json.dumps({**body, "role": role, **fields}, ensure_ascii=False)


def unpack_task(parcel: Parcel) -> NewTask:
    """The task a parcel holds."""
    raw = json.loads(parcel.body)
    due_on = date.fromisoformat(raw["due_on"]) if raw["due_on"] else None
    fields = tuple(raw.get("fields", {}).items())
    return NewTask(parcel.title, raw["notes"], raw["assignee"], due_on, raw["section"], fields)


def owner_of(parcel: Parcel) -> str:
    """Who answers for a packed task: a person's gid, a role, or nobody."""
    raw = json.loads(parcel.body)
    return str(raw["assignee"] or raw.get("role", ""))
