"""The simulated Asana's memory: records by kind and gid, what belongs to what, the clock and the gid counter.

Owns the state and nothing else: shapes.py says how a record looks from outside, edits.py and its neighbours how it changes.
Records are plain JSON objects in Asana's own names, references are `{"gid": ...}`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from facilitator.sandbox.asana.errors import ApiError
from facilitator.sandbox.asana.events import EventLog
from facilitator.sandbox.asana.paging import Pages
from facilitator.sandbox.asana.values import read_gid, written
from facilitator.sandbox.births import Births

Record = dict[str, Any]
FIRST_GID = 1_900_000_000_000_001
KINDS = (
    "workspace",
    "team",
    "user",
    "project",
    "section",
    "custom_field",
    "enum_option",
    "tag",
    "task",
    "story",
    "status_update",
    "attachment",
    "webhook",
)


@dataclass(frozen=True)
class Node:
    """A record together with what kind of thing it is: what handlers pass around and the renderer turns into JSON."""

    kind: str
    record: Record

    @property
    def gid(self) -> str:
        """The record's gid."""
        return str(self.record["gid"])


@dataclass
class Switches:
    """Where the real service's behaviour is not documented, or its limits are worth lowering in a test."""

    section_move_touches_task: bool = True  # whether a move moves modified_at is undocumented
    unpaged_max: int = 1000  # objects a list answers without `limit` before it is refused


@dataclass
class World:
    """Everything the simulated Asana knows."""

    clock: Callable[[], datetime]
    workspace_gid: str
    tables: dict[str, dict[str, Record]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    task_stories: dict[str, list[str]] = field(default_factory=dict)
    section_tasks: dict[str, list[str]] = field(default_factory=dict)
    tokens: dict[str, str] | None = None
    bot_gid: str = ""
    base_url: str = "http://127.0.0.1/api/1.0"
    switches: Switches = field(default_factory=Switches)
    events: EventLog = field(default_factory=EventLog)
    listeners: list[Callable[[frozenset[str], Record], None]] = field(default_factory=list)
    pages: Pages = field(default_factory=Pages)
    hidden: set[str] = field(default_factory=set)
    unknown_fields: set[str] = field(default_factory=set)
    births: Births = field(default_factory=Births)
    last_gid: int = FIRST_GID - 1

    def new_gid(self) -> str:
        """Answer the next gid of the counter, 16 digits."""
        self.last_gid += 1
        return self.births.note(str(self.last_gid))

    def now(self) -> str:
        """Answer the simulated instant as Asana writes it."""
        return written(self.clock())

    def user_for(self, token: str) -> str:
        """Answer whom a token acts for. Raises the 401 for a token nobody has."""
        if not token:
            raise ApiError(401, "Not Authorized")
        if self.tokens is None:
            return self.bot_gid
        if token not in self.tokens:
            raise ApiError(401, "Not Authorized")
        return self.tokens[token]

    def add(self, kind: str, record: Record) -> Record:
        """Keep a record under its gid."""
        self.tables[kind][record["gid"]] = record
        return record

    def all(self, kind: str) -> list[Record]:
        """Answer every visible record of a kind, in the order they came in."""
        return [record for gid, record in self.tables[kind].items() if gid not in self.hidden]

    def get(self, kind: str, gid: str) -> Record | None:
        """Answer a visible record, or None."""
        return None if gid in self.hidden else self.tables[kind].get(gid)

    def find(self, kind: str, gid: Any, label: str | None = None) -> Record:
        """Answer a record; 400 for what is no gid, 404 for what is not there or not visible."""
        record = self.get(kind, read_gid(gid, label or kind))
        if record is None:
            raise ApiError(404, f"{label or kind}: Unknown object: {gid}")
        return record

    def node(self, kind: str, reference: Record | None) -> Node | None:
        """Follow a reference. What is gone keeps its gid, and its name where the reference carries one."""
        if reference is None:
            return None
        record = self.tables[kind].get(reference["gid"])
        # How the real service names somebody who left is not published.
        name = "Former member" if kind == "user" else ""
        return Node(kind, {"name": name, **reference} if record is None else record)

    def nodes(self, kind: str, references: Iterable[Record]) -> list[Node]:
        """Follow several references, leaving out what is hidden."""
        found = (self.node(kind, reference) for reference in references)
        return [node for node in found if node is not None and node.gid not in self.hidden]

    def stories(self, task_gid: str) -> list[Record]:
        """Answer a task's stories, oldest first."""
        found = [self.tables["story"][gid] for gid in self.task_stories.get(task_gid, [])]
        return sorted(found, key=lambda story: (story["created_at"], story["gid"]))

    def sections_of(self, project_gid: str) -> list[Record]:
        """Answer a project's sections in board order."""
        return [s for s in self.all("section") if s["project"]["gid"] == project_gid]

    def tasks_in_section(self, section_gid: str) -> list[Record]:
        """Answer a section's tasks from top to bottom."""
        found = (self.get("task", gid) for gid in self.section_tasks.get(section_gid, []))
        return [task for task in found if task is not None]

    def tasks_in_project(self, project_gid: str) -> list[Record]:
        """Answer a project's own tasks by position: section by section, top to bottom."""
        sections = self.sections_of(project_gid)
        return [task for section in sections for task in self.tasks_in_section(section["gid"])]

    def subtasks(self, task_gid: str) -> list[Record]:
        """Answer a task's direct subtasks."""
        return [t for t in self.all("task") if t["parent"] and t["parent"]["gid"] == task_gid]

    def subtask_counts(self) -> Counter[str]:
        """Count direct subtasks by parent."""
        return Counter(t["parent"]["gid"] for t in self.all("task") if t["parent"])

    def dependents(self) -> dict[str, list[Record]]:
        """Answer, by task gid, references to the tasks that wait for it."""
        waiting: dict[str, list[Record]] = {}
        for task in self.all("task"):
            for dependency in task["dependencies"]:
                waiting.setdefault(dependency["gid"], []).append({"gid": task["gid"]})
        return waiting

    def scopes(self, task: Record) -> frozenset[str]:
        """Answer whose event streams a change of this task shows in: its own, its parents', their projects'."""
        return frozenset(gid for ancestor in self._line(task) for gid in _own_scopes(ancestor))

    def _line(self, task: Record) -> Iterator[Record]:
        seen: set[str] = set()
        current: Record | None = task
        while current is not None and current["gid"] not in seen:
            seen.add(current["gid"])
            yield current
            parent = current["parent"]
            current = self.tables["task"].get(parent["gid"]) if parent else None

    def dump(self) -> dict[str, Any]:
        """Answer the whole state, for `GET /_sandbox/state`."""
        return {
            "now": self.now(),
            "bot": self.bot_gid,
            "hidden": sorted(self.hidden),
            "unknown_opt_fields": sorted(self.unknown_fields),
            "events": len(self.events),
            **{kind: list(records.values()) for kind, records in self.tables.items()},
        }


def _own_scopes(task: Record) -> list[str]:
    return [task["gid"], *(membership["project"]["gid"] for membership in task["memberships"])]
