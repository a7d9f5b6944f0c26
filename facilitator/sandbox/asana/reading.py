"""The reads: users, workspaces, projects, sections, tasks, stories, counts, events.

Owns the filters of each list and what a list must be asked with. Paging and output options are the dispatcher's.
"""

from facilitator.sandbox.asana.calls import Answer, Call, Found, Listed, nodes
from facilitator.sandbox.asana.errors import ApiError, bad, not_modelled
from facilitator.sandbox.asana.values import read_gid, read_instant, read_query_bool
from facilitator.sandbox.asana.world import Node, Record, World

ONE_SCOPE = "Must specify exactly one of project, tag, section, user task list, or assignee + workspace"


def get_user(call: Call) -> Answer:
    """Answer a user by gid, by e-mail address, or the token's own with `me`."""
    return Found(Node("user", find_user(call, call.gids["user"])))


def find_user(call: Call, who: str, label: str = "user") -> Record:
    """Find a user by gid, e-mail address or `me`."""
    if who == "me":
        return call.world.find("user", call.me)
    if "@" in who:
        found = next((user for user in call.world.all("user") if user.get("email") == who), None)
        if found is None:
            raise ApiError(404, f"{label}: Unknown object: {who}")
        return found
    return call.world.find("user", who, label)


def list_users(call: Call) -> Answer:
    """Answer the users of a workspace."""
    if "team" in call.query:
        raise not_modelled("users by team")
    if "workspace" in call.query:
        call.world.find("workspace", call.query["workspace"])
    return Listed(nodes("user", call.world.all("user")))


def list_workspace_users(call: Call) -> Answer:
    """Answer the users of the workspace in the path."""
    call.target("workspace")
    return Listed(nodes("user", call.world.all("user")))


def list_workspaces(call: Call) -> Answer:
    """Answer the one workspace there is."""
    return Listed(nodes("workspace", call.world.all("workspace")))


def get_workspace(call: Call) -> Answer:
    """Answer a workspace."""
    return Found(Node("workspace", call.target("workspace")))


def list_projects(call: Call) -> Answer:
    """Answer projects, with `archived` and `workspace` as filters."""
    if "team" in call.query:
        raise not_modelled("projects by team")
    if "workspace" in call.query:
        call.world.find("workspace", call.query["workspace"])
    return _projects(call)


def list_workspace_projects(call: Call) -> Answer:
    """Answer the projects of the workspace in the path."""
    call.target("workspace")
    return _projects(call)


def _projects(call: Call) -> Answer:
    found = call.world.all("project")
    if "archived" in call.query:
        wanted = read_query_bool(call.query["archived"], "archived")
        found = [project for project in found if project["archived"] is wanted]
    return Listed(nodes("project", found))


def get_project(call: Call) -> Answer:
    """Answer a project."""
    return Found(Node("project", call.target("project")))


def list_sections(call: Call) -> Answer:
    """Answer a project's sections in board order."""
    return Listed(nodes("section", call.world.sections_of(call.target("project")["gid"])))


def list_settings(call: Call) -> Answer:
    """Answer a project's custom field settings."""
    return Listed(nodes("custom_field_setting", call.target("project")["custom_field_settings"]))


def get_custom_field(call: Call) -> Answer:
    """Answer a custom field's definition."""
    return Found(Node("custom_field", call.target("custom_field")))


def get_task_counts(call: Call) -> Answer:
    """Answer the counts that `opt_fields` names; without it, an empty object."""
    return Found(Node("task_counts", call.target("project")))


def list_project_memberships(call: Call) -> Answer:
    """Answer who belongs to the project in the path."""
    return _memberships(call, call.target("project"), "project_membership", call.query.get("user"))


def list_memberships(call: Call) -> Answer:
    """Answer who belongs to the project named by `parent`."""
    if "parent" not in call.query:
        raise bad("parent: Missing input")
    project = call.world.find("project", call.query["parent"], "parent")
    return _memberships(call, project, "membership", call.query.get("member"))


def _memberships(call: Call, project: Record, resource_type: str, user: str | None) -> Answer:
    wanted = None if user is None else find_user(call, user)["gid"]
    entries = [
        {
            # A membership has no gid in a workspace file; one made of its two ends is stable.
            "gid": f"{project['gid']}{member['gid']}",
            "resource_type": resource_type,
            "parent": {"gid": project["gid"]},
            "member": member,
        }
        for member in project["members"]
        if wanted in (None, member["gid"]) and member["gid"] not in call.world.hidden
    ]
    return Listed(nodes("project_membership", entries))


def get_section(call: Call) -> Answer:
    """Answer a section."""
    return Found(Node("section", call.target("section")))


def list_section_tasks(call: Call) -> Answer:
    """Answer a section's tasks from top to bottom."""
    return _tasks(call, call.world.tasks_in_section(call.target("section")["gid"]))


def list_project_tasks(call: Call) -> Answer:
    """Answer a project's own tasks by position."""
    return _tasks(call, call.world.tasks_in_project(call.target("project")["gid"]))


def list_tasks(call: Call) -> Answer:
    """Answer the tasks of a project, of a section, or of an assignee within a workspace."""
    scopes = {name for name in ("project", "section", "assignee") if name in call.query}
    if len(scopes) != 1 or ("assignee" in scopes) != ("workspace" in call.query):
        raise bad(ONE_SCOPE)
    return _tasks(call, _tasks_in(call, scopes.pop()))


def _tasks_in(call: Call, scope: str) -> list[Record]:
    world, gid = call.world, call.query[scope]
    if scope == "project":
        return world.tasks_in_project(world.find("project", gid)["gid"])
    if scope == "section":
        return world.tasks_in_section(world.find("section", gid)["gid"])
    world.find("workspace", call.query["workspace"])
    assignee = find_user(call, gid, "assignee")["gid"]
    return [task for task in world.all("task") if task["assignee"] and task["assignee"]["gid"] == assignee]


def _tasks(call: Call, found: list[Record]) -> Answer:
    """Apply completed_since (open ones stay) and modified_since."""
    if "completed_since" in call.query:
        found = _completed_since(found, call.query["completed_since"])
    if "modified_since" in call.query:
        since = read_instant(call.query["modified_since"], "modified_since")
        found = [task for task in found if read_instant(task["modified_at"], "modified_at") >= since]
    return Listed(nodes("task", found))


def _completed_since(found: list[Record], text: str) -> list[Record]:
    if text == "now":
        return [task for task in found if not task["completed"]]
    since = read_instant(text, "completed_since")
    return [
        task
        for task in found
        if not task["completed"]
        or (task["completed_at"] and read_instant(task["completed_at"], "completed_at") >= since)
    ]


def get_task(call: Call) -> Answer:
    """Answer a task."""
    return Found(Node("task", call.target("task")))


def list_subtasks(call: Call) -> Answer:
    """Answer a task's direct subtasks."""
    return Listed(nodes("task", call.world.subtasks(call.target("task")["gid"])))


def list_stories(call: Call) -> Answer:
    """Answer a task's stories, oldest first (in practice; the order is not documented)."""
    return Listed(nodes("story", call.world.stories(call.target("task")["gid"])))


def get_story(call: Call) -> Answer:
    """Answer a story; one of a hidden task is not there."""
    return Found(Node("story", visible_story(call)))


def visible_story(call: Call) -> Record:
    """Find the story the path names, if its task can be seen."""
    story = call.target("story")
    if call.world.get("task", story["target"]["gid"]) is None:
        raise ApiError(404, f"story: Unknown object: {story['gid']}")
    return story


def list_events(call: Call) -> Answer:
    """Answer what changed since the sync token; the first call's 412 hands out the first token."""
    if "resource" not in call.query:
        raise bad("resource: Missing input")
    gid = read_gid(call.query["resource"], "resource")
    _check_stream(call.world, gid)
    events, sync, has_more = call.world.events.read(gid, call.query.get("sync"), call.world.clock())
    return Listed(nodes("event", events), paged=False, beside={"sync": sync, "has_more": has_more})


def _check_stream(world: World, gid: str) -> None:
    if gid == world.workspace_gid:
        raise not_modelled("the event stream of a workspace")
    if world.get("project", gid) is None and world.get("task", gid) is None:
        raise ApiError(404, f"resource: Unknown object: {gid}")


def list_statuses(call: Call) -> Answer:
    """Answer a project's status updates, newest first (assumed), with `created_since` as filter."""
    if "parent" not in call.query:
        raise bad("parent: Missing input")
    project = call.world.find("project", call.query["parent"], "parent")
    found = [s for s in call.world.all("status_update") if s["parent"]["gid"] == project["gid"]]
    if "created_since" in call.query:
        since = read_instant(call.query["created_since"], "created_since")
        found = [s for s in found if read_instant(s["created_at"], "created_at") >= since]
    return Listed(
        nodes("status_update", sorted(found, key=lambda s: (s["created_at"], s["gid"]), reverse=True))
    )


def get_status(call: Call) -> Answer:
    """Answer a status update."""
    return Found(Node("status_update", call.target("status_update")))


def list_attachments(call: Call) -> Answer:
    """Answer what is attached to a task or project."""
    if "parent" not in call.query:
        raise bad("parent: Missing input")
    parent = read_gid(call.query["parent"], "parent")
    if call.world.get("task", parent) is None and call.world.get("project", parent) is None:
        raise ApiError(404, f"parent: Unknown object: {parent}")
    found = [a for a in call.world.all("attachment") if a["parent"]["gid"] == parent]
    return Listed(nodes("attachment", found))


def get_attachment(call: Call) -> Answer:
    """Answer an attachment's record."""
    return Found(Node("attachment", call.target("attachment")))
