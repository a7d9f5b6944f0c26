"""The writes on tasks: create, change, delete, place and move.

Owns which fields a task may be made of and changed with, and its place in projects and sections. What follows from a single field is in
task_fields.py.
"""

from typing import Any

from facilitator.sandbox.asana.calls import Answer, Call, Done, Found
from facilitator.sandbox.asana.effects import Edit, add_story, emit, trace_change
from facilitator.sandbox.asana.errors import ApiError, bad, not_modelled
from facilitator.sandbox.asana.loading import default_section, empty_task
from facilitator.sandbox.asana.reading import find_user
from facilitator.sandbox.asana.task_fields import DATES, SETTERS, follow, set_fields
from facilitator.sandbox.asana.values import read_gid, read_text
from facilitator.sandbox.asana.world import Node, Record, World

PLACES = ("workspace", "parent", "projects")
CREATE_ONLY = ("workspace", "parent", "projects", "memberships", "tags", "followers")
READ_ONLY = frozenset(
    {
        "gid",
        "resource_type",
        "created_at",
        "created_by",
        "modified_at",
        "completed_at",
        "completed_by",
        "dependencies",
        "dependents",
        "num_likes",
        "num_subtasks",
        "permalink_url",
        "likes",
        "hearts",
        "num_hearts",
        "is_rendered_as_separator",
        "actual_time_minutes",
    }
)
NOT_MODELLED = ("assignee_section", "assignee_status", "custom_type", "custom_type_status_option")
MOST_PROJECTS = 20


def create_task(call: Call) -> Answer:
    """Make a task in a workspace, in projects, or under a parent."""
    if not any(call.data.get(name) for name in (*PLACES, "memberships")):
        raise bad("You should specify one of workspace, parent, projects")
    parent = call.data.get("parent")
    return _create(call, None if parent is None else call.world.find("task", parent, "parent"))


def create_subtask(call: Call) -> Answer:
    """Make a task under the one in the path. It joins no project of its parent's."""
    if "parent" in call.data:
        raise bad("parent: Cannot write this property")
    return _create(call, call.target("task"))


def _create(call: Call, parent: Record | None) -> Answer:
    _refuse_unmodelled(call.data)
    call.only(*SETTERS, *DATES, *CREATE_ONLY, read_only=READ_ONLY)
    world = call.world
    if call.data.get("workspace") is not None:
        world.find("workspace", call.data["workspace"])
    now = world.now()
    task = {**empty_task(), "created_at": now, "modified_at": now, "created_by": {"gid": call.me}}
    task["parent"] = None if parent is None else {"gid": parent["gid"]}
    task["tags"] = [{"gid": world.find("tag", gid, "tags")["gid"]} for gid in _list(call.data, "tags")]
    for user in _list(call.data, "followers"):
        follow(task, find_user(call, read_text(user, "followers"), "followers")["gid"])
    places = _wanted_places(call)
    task["memberships"] = [{"project": {"gid": p}, "section": {"gid": s}} for p, s in places]
    edit = Edit(world, call.me, task, quiet=True)
    set_fields(call, edit)
    edit.commit()
    task["gid"] = world.new_gid()
    _announce(call, world.add("task", task))
    return Found(Node("task", task), 201)


def _announce(call: Call, task: Record) -> None:
    """Put a new task into its sections and leave the traces of its birth."""
    world, me = call.world, call.me
    for membership in task["memberships"]:
        # Where a task made through the API lands is not documented; the end of the section is assumed.
        world.section_tasks[membership["section"]["gid"]].append(task["gid"])
        project = world.find("project", membership["project"]["gid"])
        emit(world, me, "added", ("task", task), world.scopes(task), parent=("project", project))
        add_story(world, me, task, resource_subtype="added_to_project", project=membership["project"])
    if task["parent"]:
        parent = world.find("task", task["parent"]["gid"])
        emit(world, me, "added", ("task", task), world.scopes(task), parent=("task", parent))
    if task["assignee"]:
        add_story(world, me, task, resource_subtype="assigned", assignee=task["assignee"])
    if task["completed"]:
        add_story(world, me, task, resource_subtype="marked_complete")


def _wanted_places(call: Call) -> list[tuple[str, str]]:
    """Read `projects` and `memberships` into pairs of project and section; the latter may refine the former."""
    world = call.world
    wanted: dict[str, str | None] = {
        world.find("project", gid, "projects")["gid"]: None for gid in _list(call.data, "projects")
    }
    for entry in _list(call.data, "memberships"):
        if not isinstance(entry, dict) or set(entry) - {"project", "section"} or "project" not in entry:
            raise bad("memberships: Each entry takes project and section")
        project = world.find("project", entry["project"], "memberships")["gid"]
        wanted[project] = _section_in(world, project, entry.get("section"), "memberships")
    if len(wanted) > MOST_PROJECTS:
        raise bad(f"projects: A task can be in at most {MOST_PROJECTS} projects")
    return [(project, section or _first_section(world, project)) for project, section in wanted.items()]


def _section_in(world: World, project: str, section: Any, label: str) -> str | None:
    if section is None:
        return None
    record = world.find("section", section, label)
    if record["project"]["gid"] != project:
        raise bad(f"{label}: Section {record['gid']} is not in project {project}")
    return str(record["gid"])


def _first_section(world: World, project: str) -> str:
    sections = world.sections_of(project)
    return sections[0]["gid"] if sections else default_section(world, project)


def update_task(call: Call) -> Answer:
    """Change fields of a task; those left out stay as they are."""
    task = call.target("task")
    _refuse_unmodelled(call.data)
    call.only(*SETTERS, *DATES, read_only=READ_ONLY | set(CREATE_ONLY))
    edit = Edit(call.world, call.me, task)
    set_fields(call, edit)
    edit.commit()
    return Found(Node("task", task))


def delete_task(call: Call) -> Answer:
    """Move a task to the trash: every later read answers 404."""
    task, world = call.target("task"), call.world
    emit(world, call.me, "deleted", ("task", task), world.scopes(task))
    del world.tables["task"][task["gid"]]
    return Done()


def move_into_section(call: Call) -> Answer:
    """Put a task at the top of a section, or before or after another task; it joins the project if it was not in it."""
    call.only("task", "insert_before", "insert_after")
    section = call.target("section")
    task = call.world.find("task", call.required("task"), "task")
    _place(call, task, section)
    return Done()


def add_project(call: Call) -> Answer:
    """Put a task into a project, or into another section of one it is in."""
    call.only("project", "section", "insert_before", "insert_after")
    task, world = call.target("task"), call.world
    project = world.find("project", call.required("project"), "project")["gid"]
    section = _section_in(world, project, call.data.get("section"), "section")
    _place(call, task, world.find("section", section or _first_section(world, project)))
    return Done()


def remove_project(call: Call) -> Answer:
    """Take a task out of a project; that it is not in it is a 400."""
    call.only("project")
    task, world = call.target("task"), call.world
    gid = world.find("project", call.required("project"), "project")["gid"]
    leaving = next((m for m in task["memberships"] if m["project"]["gid"] == gid), None)
    if leaving is None:
        raise bad(f"project: Task {task['gid']} is not in project {gid}")
    scopes = world.scopes(task)
    world.section_tasks[leaving["section"]["gid"]].remove(task["gid"])
    task["memberships"] = [m for m in task["memberships"] if m is not leaving]
    project = world.find("project", gid)
    emit(world, call.me, "removed", ("task", task), scopes, parent=("project", project))
    add_story(world, call.me, task, resource_subtype="removed_from_project", project={"gid": gid})
    return Done()


def _place(call: Call, task: Record, section: Record) -> None:
    world, project = call.world, section["project"]
    row = [gid for gid in world.section_tasks[section["gid"]] if gid != task["gid"]]
    position = _position(call, row)
    old = next((m["section"] for m in task["memberships"] if m["project"]["gid"] == project["gid"]), None)
    if old is not None:
        world.section_tasks[old["gid"]].remove(task["gid"])
    world.section_tasks[section["gid"]] = [*row[:position], task["gid"], *row[position:]]
    new = {"gid": section["gid"]}
    others = [m for m in task["memberships"] if m["project"]["gid"] != project["gid"]]
    task["memberships"] = [*others, {"project": {"gid": project["gid"]}, "section": new}]
    if old is None:
        whole = world.find("project", project["gid"])
        emit(world, call.me, "added", ("task", task), world.scopes(task), parent=("project", whole))
        add_story(world, call.me, task, resource_subtype="added_to_project", project=project)
    elif old["gid"] != new["gid"]:
        touch = world.switches.section_move_touches_task
        members = {"old_section": old, "new_section": new}
        trace_change(world, call.me, task, "memberships", "section_changed", touch=touch, **members)


def _position(call: Call, row: list[str]) -> int:
    """Where in a section a task goes: beside the task named, else at the top."""
    before, after = call.data.get("insert_before"), call.data.get("insert_after")
    if before is not None and after is not None:
        raise bad("You may only provide one of insert_before or insert_after!")
    anchor = before if before is not None else after
    if anchor is None:
        return 0
    label = "insert_after" if before is None else "insert_before"
    if read_gid(anchor, label) not in row:
        raise bad(f"{label}: Task {anchor} is not in this section")
    return row.index(anchor) + (1 if before is None else 0)


def _refuse_unmodelled(data: Record) -> None:
    for name in NOT_MODELLED:
        if name in data:
            raise not_modelled(f"writing a task's {name}")
    if "external" in data:
        raise ApiError(403, "external: Only an OAuth app may write this property")


def _list(data: Record, name: str) -> list[Any]:
    value = data.get(name) or []
    if not isinstance(value, list):
        raise bad(f"{name}: Value is not a list")
    return value
