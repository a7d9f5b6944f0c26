"""What happens in a project: its event stream, and the stories and tasks the events point at.

Owns the reading of events, which name things and prove nothing: each is looked up before it counts. Our own doings are left
out here, or we would answer ourselves. It keeps no token; whoever listens does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from facilitator.asana import wire
from facilitator.asana.blindspots import BlindSpots
from facilitator.asana.fields import ADDED_TASK_FIELDS, REMARK_FIELDS, asked
from facilitator.asana.paging import read_all
from facilitator.asana.project import address, read_object, read_sections, readable
from facilitator.asana.refusals import About, unreadable
from facilitator.asana.stories import is_comment
from facilitator.asana.transport import Transport
from facilitator.asana.wire import BrokenRecord, Raw
from facilitator.board.snapshot import ProjectGid, TaskGid, UserGid
from facilitator.errors import TrackerError
from facilitator.runs.ports import BoardEvent, EventPage, Remark

GONE = (403, 404)
"""What a look-up meets where a thing was deleted, or was never shared with us."""


class ProjectStream:
    """One project's events for one token; `me` is left out of every answer."""

    def __init__(self, transport: Transport, project: ProjectGid, me: UserGid) -> None:
        self._transport = transport
        self._project = project
        self.me = me
        self._sections: frozenset[str] = frozenset()

    async def read(self, sync: str | None) -> EventPage:
        """See `EventStream.read`. Asked without `opt_fields`: the compact records have all we need, and 412 is no error."""
        about = About("read the events of", f"project {self._project}")
        params = {"resource": self._project} | ({"sync": sync} if sync else {})
        body = await self._transport.get("/events", params, about)
        token = body.get("sync")
        if not isinstance(token, str) or not isinstance(body["data"], list):
            raise unreadable(about, 200, "it holds no sync token")
        events = readable(filter(lambda raw: isinstance(raw, dict), body["data"]), _event, lambda: None)
        others = tuple(event for event in events if event.author != self.me)
        return EventPage(others, token, body.get("has_more") is True, body.get("expired") is True)

    async def look_up(self, event: BoardEvent) -> Remark | None:
        """See `EventStream.look_up`."""
        try:
            if event.kind == "story":
                about = About("read", f"story {event.gid}")
                raw = await read_object(self._transport, address("stories", event.gid), about, REMARK_FIELDS)
                return await self._told(raw)
            about = About("read", f"task {event.gid}")
            raw = await read_object(self._transport, address("tasks", event.gid), about, ADDED_TASK_FIELDS)
            return self._of_others(_added(raw))
        except BrokenRecord:
            return None
        except TrackerError as error:
            if error.status in GONE:
                return None
            raise

    async def since(self, instant: datetime) -> Sequence[Remark]:
        """See `EventStream.since`: one call for the tasks that changed, and one for the stories of each."""
        about = About("read what changed in", f"project {self._project}")
        params = {
            "project": self._project,
            "modified_since": instant.isoformat(),
            "opt_fields": asked(ADDED_TASK_FIELDS),
        }
        found: list[Remark] = []
        for raw in await read_all(self._transport, "/tasks", params, about):
            found += [one for one in await self._history(raw) if one.at >= instant]
        return sorted(found, key=lambda remark: (remark.at, remark.gid))

    async def _history(self, task: Raw) -> list[Remark]:
        try:
            added, path = self._of_others(_added(task)), address("tasks", wire.gid(task), "stories")
        except BrokenRecord:
            return []
        about = About("read the stories of", f"task {task.get('gid')}")
        stories = await read_all(self._transport, path, {"opt_fields": asked(REMARK_FIELDS)}, about)
        found = [added] if added else []
        for raw in stories:
            try:
                remark = await self._told(raw, TaskGid(wire.gid(task)))
            except BrokenRecord:
                continue
            found += [remark] if remark else []
        return found

    async def _told(self, raw: Raw, task: TaskGid | None = None) -> Remark | None:
        target = wire.reference(raw, "target") or task
        if target is None:
            raise BrokenRecord("no target")
        moved = wire.inner(raw, "new_section") if raw.get("resource_subtype") == "section_changed" else None
        if not is_comment(raw) and (moved is None or not await self._ours(wire.gid(moved))):
            return None
        author = wire.reference(raw, "created_by")
        return self._of_others(
            Remark(
                gid=wire.gid(raw),
                kind="comment" if moved is None else "moved",
                task=TaskGid(target),
                author=UserGid(author) if author else None,
                at=wire.needed_instant(raw, "created_at"),
                text=wire.text(raw, "text") if moved is None else "",
                html=wire.text(raw, "html_text") if moved is None else "",
                section=wire.text(moved, "name") if moved is not None else "",
            )
        )

    async def _ours(self, section: str) -> bool:
        """Whether a section is one of this project: a task on several boards brings the moves of all of them along."""
        if section not in self._sections:
            read = await read_sections(self._transport, self._project, BlindSpots())
            self._sections = frozenset(each.gid for each in read)
        return section in self._sections

    def _of_others(self, remark: Remark) -> Remark | None:
        return None if remark.author == self.me else remark


async def create_webhook(transport: Transport, project: ProjectGid, target: str) -> str:
    """Ask for the project's events; Asana calls the target's handshake while this call is open."""
    address(project)
    about = About("have Asana push the events of", f"project {project}", write=True)
    wanted = [{"resource_type": kind, "action": "added"} for kind in ("story", "task")]
    data = {"resource": project, "target": target, "filters": wanted}
    body = await transport.post("/webhooks", {"opt_fields": "target"}, data, about)
    try:
        return wire.gid(body["data"])
    except (BrokenRecord, AttributeError) as error:
        raise unreadable(about, 201, str(error)) from None


async def delete_webhook(transport: Transport, gid: str) -> None:
    """End a webhook; a 404 says that it has ended already."""
    about = About("end", f"webhook {gid}")
    try:
        await transport.delete(address("webhooks", gid), about)
    except TrackerError as error:
        if error.status != 404:
            raise


def _event(raw: Raw) -> BoardEvent:
    resource, parent = wire.inner(raw, "resource"), wire.inner(raw, "parent")
    if resource is None:
        raise BrokenRecord("no resource")
    author = wire.reference(raw, "user")
    return BoardEvent(
        kind=_word(resource, "resource_type"),
        subtype=_word(resource, "resource_subtype"),
        action=_word(raw, "action"),
        gid=wire.gid(resource),
        parent_kind=_word(parent, "resource_type") if parent else "",
        parent=wire.gid(parent) if parent else "",
        author=UserGid(author) if author else None,
    )


def _word(raw: Raw, key: str) -> str:
    said: Any = raw.get(key)
    return said if isinstance(said, str) else ""


def _added(raw: Raw) -> Remark:
    author, gid = wire.reference(raw, "created_by"), wire.gid(raw)
    return Remark(
        gid=gid,
        kind="added",
        task=TaskGid(gid),
        author=UserGid(author) if author else None,
        at=wire.needed_instant(raw, "created_at"),
        text=wire.text(raw, "name"),
    )
