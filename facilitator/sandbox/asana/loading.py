"""From a lean workspace pack to a world: every missing value filled in, every reference findable.

Owns what "a missing key has Asana's empty value" means for each kind of record. The pack itself is never changed.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from facilitator.sandbox.asana.world import FIRST_GID, Record, World

BOT_NAME = "Facilitator bot"
BOT_EMAIL = "facilitator-bot@sandbox.invalid"
UNPLACED = "Untitled section"
LISTS = {
    "teams": "team",
    "users": "user",
    "tags": "tag",
    "custom_fields": "custom_field",
    "projects": "project",
    "sections": "section",
    "status_updates": "status_update",
    "attachments": "attachment",
}


def load_world(
    pack: dict[str, Any], clock: Callable[[], datetime], tokens: dict[str, str] | None = None
) -> World:
    """Build the world of a checked pack.

    Without `tokens` a bot user is added to the workspace and to every project. Raises ValueError for a token of nobody.
    """
    workspace = dict(pack["workspace"])
    world = World(clock=clock, workspace_gid=workspace["gid"], tokens=tokens)
    world.last_gid = max(FIRST_GID - 1, _highest_gid(pack))
    world.add("workspace", workspace)
    for name, kind in LISTS.items():
        for entry in pack.get(name, []):
            world.add(kind, dict(entry))
    for field in world.all("custom_field"):
        for option in field.get("enum_options", []):
            world.add("enum_option", option)
    _admit(world, tokens)
    for project in world.all("project"):
        _fill_project(world, project, pack["as_of"])
    for task in pack["tasks"]:
        _load_task(world, task, pack["stories"].get(task["gid"], []))
    return world


def _highest_gid(pack: dict[str, Any]) -> int:
    lists = [pack[name] for name in (*LISTS, "tasks") if name in pack]
    gids = [int(entry["gid"]) for entries in lists for entry in entries]
    stories = [int(story["gid"]) for entries in pack["stories"].values() for story in entries]
    return max([0, *gids, *stories])


def _admit(world: World, tokens: dict[str, str] | None) -> None:
    if tokens is None:
        bot = {"gid": world.new_gid(), "name": BOT_NAME, "email": BOT_EMAIL}
        world.add("user", bot)
        world.bot_gid = bot["gid"]
        return
    for token, gid in tokens.items():
        if world.get("user", gid) is None:
            raise ValueError(
                f"the token ending in {token[-4:]!r} is for user {gid}, who is not in this workspace"
            )


def _fill_project(world: World, project: Record, as_of: str) -> None:
    members = [*project.get("members", []), *([{"gid": world.bot_gid}] if world.bot_gid else [])]
    defaults = {
        "notes": "",
        "archived": False,
        "created_at": as_of,
        "workspace": {"gid": world.workspace_gid},
        "team": None,
        "owner": None,
        "start_on": None,
        "due_on": None,
        "followers": [],
        "default_view": "board",
        "public": True,
        "custom_field_settings": [],
    }
    project.update({**defaults, **project, "members": members})
    project.setdefault("modified_at", project["created_at"])
    project["custom_field_settings"] = [
        {"project": {"gid": project["gid"]}, "is_important": False, **setting}
        for setting in project["custom_field_settings"]
    ]
    for section in world.sections_of(project["gid"]):
        world.section_tasks[section["gid"]] = []


def empty_task() -> Record:
    """Answer a task with Asana's empty values, to be filled."""
    return {
        "name": "",
        "notes": "",
        "html_notes": None,
        "resource_subtype": "default_task",
        "approval_status": None,
        "assignee": None,
        "completed": False,
        "completed_at": None,
        "completed_by": None,
        "created_by": None,
        "due_on": None,
        "due_at": None,
        "start_on": None,
        "start_at": None,
        "parent": None,
        "dependencies": [],
        "tags": [],
        "followers": [],
        "likes": [],
        "memberships": [],
        "custom_fields": {},
        "external": None,
    }


def _load_task(world: World, entry: Record, stories: list[Record]) -> None:
    task: Record = {**empty_task(), **entry}
    task["custom_fields"] = {value["gid"]: value for value in entry.get("custom_fields", [])}
    if task["resource_subtype"] == "approval":
        task["approval_status"] = entry.get("approval_status", "pending")
    last_story = max((story["created_at"] for story in stories), default=task["created_at"])
    task.setdefault("modified_at", max(task["created_at"], last_story))
    task["memberships"] = [_placed(world, membership) for membership in task["memberships"]]
    world.add("task", task)
    for membership in task["memberships"]:
        world.section_tasks[membership["section"]["gid"]].append(task["gid"])
    for story in stories:
        _load_story(world, task["gid"], story)


def _placed(world: World, membership: Record) -> Record:
    """Put a task without a section into its project's default section, as Asana does."""
    if membership.get("section") is not None:
        return dict(membership)
    return {**membership, "section": {"gid": default_section(world, membership["project"]["gid"])}}


def default_section(world: World, project_gid: str) -> str:
    """Answer the gid of the section unplaced tasks go to: the one of that name, made where it is missing."""
    named = (s["gid"] for s in world.sections_of(project_gid) if s["name"] == UNPLACED)
    found = next(named, None)
    if found is not None:
        return str(found)
    section: Record = {
        "gid": world.new_gid(),
        "name": UNPLACED,
        "created_at": world.now(),
        "project": {"gid": project_gid},
    }
    world.add("section", section)
    world.section_tasks[section["gid"]] = []
    return str(section["gid"])


def _load_story(world: World, task_gid: str, entry: Record) -> None:
    comment = entry["resource_subtype"] == "comment_added"
    defaults: Record = {
        "type": "comment" if comment else "system",
        "created_by": None,
        "source": "web",
        "likes": [],
        "is_edited": False,
        "is_pinned": False,
    }
    world.add("story", {**defaults, **entry, "target": {"gid": task_gid}})
    world.task_stories.setdefault(task_gid, []).append(entry["gid"])
