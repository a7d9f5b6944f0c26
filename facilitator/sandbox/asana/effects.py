"""What a write leaves behind: the story, the moved `modified_at`, the event in every stream it shows in.

Owns the side effects the real service has, so that each write names only its own change. It checks nothing.
"""

from typing import Any

from facilitator.sandbox.asana.world import Record, World


class Edit:
    """One person's change to one task: made on a draft, with its traces, and then committed at once or not at all.

    A quiet edit leaves no traces: that is how a task is filled at its creation.
    """

    def __init__(self, world: World, actor: str, record: Record, *, quiet: bool = False) -> None:
        self.world = world
        self.actor = actor
        self.task = dict(record)
        self._record = record
        self._quiet = quiet
        self._traces: list[tuple[str, str | None, Record]] = []

    def changed(self, field: str, subtype: str | None = None, **members: Any) -> None:
        """Note a changed field, and the story it has if it has one."""
        if not self._quiet:
            self._traces.append((field, subtype, members))

    def commit(self) -> None:
        """Make the change true and leave its traces: modified_at, an event and a story for each field."""
        self._record.update(self.task)
        for field, subtype, members in self._traces:
            trace_change(self.world, self.actor, self._record, field, subtype, **members)


def trace_change(
    world: World,
    actor: str,
    task: Record,
    field: str,
    subtype: str | None,
    *,
    touch: bool = True,
    **members: Any,
) -> None:
    """Leave the traces of a change that was made: the task's event, its story, and modified_at unless told not to."""
    if touch:
        task["modified_at"] = world.now()
    emit(
        world,
        actor,
        "changed",
        ("task", task),
        world.scopes(task),
        change={"field": field, "action": "changed"},
    )
    if subtype is not None:
        add_story(world, actor, task, touch=touch, resource_subtype=subtype, **members)


def add_story(world: World, actor: str, task: Record, *, touch: bool = True, **members: Any) -> Record:
    """Add a story by this author, now. Its event has the task as parent."""
    story = {
        "gid": world.new_gid(),
        "created_at": world.now(),
        "created_by": {"gid": actor},
        "type": "system",
        "source": "api",
        "likes": [],
        "is_edited": False,
        "is_pinned": False,
        "target": {"gid": task["gid"]},
        **members,
    }
    world.add("story", story)
    world.task_stories.setdefault(task["gid"], []).append(story["gid"])
    if touch:
        task["modified_at"] = story["created_at"]
    emit(world, actor, "added", ("story", story), world.scopes(task), parent=("task", task))
    return story


def emit(
    world: World,
    actor: str,
    action: str,
    resource: tuple[str, Record],
    scopes: frozenset[str],
    *,
    parent: tuple[str, Record] | None = None,
    change: Record | None = None,
) -> None:
    """Put an event into the streams of `scopes`. `parent` goes with added and removed, `change` with changed."""
    event: Record = {
        "user": {"gid": actor},
        "created_at": world.now(),
        "action": action,
        "resource": _kept(*resource),
        "parent": _kept(*parent) if parent else None,
    }
    whole = {**event, "change": change} if change else event
    world.events.add(scopes, whole)
    for listener in world.listeners:
        listener(scopes, whole)


def _kept(kind: str, record: Record) -> Record:
    """Keep a copy with the event, so that a thing deleted later still has its name in the stream."""
    return {**record, "kind": kind}
