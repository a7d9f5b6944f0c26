"""Which projects make up a team's board: its own, further ones it names, and, where it has them, its sprint projects.

Owns how sprint projects are found: by gid, and by name among the projects of the own project's workspace that the bot
user sees, archived ones included (teams archive sprints that are over). It reads no tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from facilitator.asana.blindspots import BlindSpots
from facilitator.asana.fields import DATED_PROJECT_FIELDS, asked
from facilitator.asana.paging import read_all
from facilitator.asana.project import Project, address, parse_project, read_project, read_sections, readable
from facilitator.asana.refusals import About
from facilitator.asana.transport import Transport
from facilitator.board.rules import ProjectSprints
from facilitator.board.snapshot import BoardProject, CustomField, ProjectGid, Section
from facilitator.runs.ports import MoreProjects


async def read_more(
    transport: Transport, own: Project, more: MoreProjects, since: datetime | None
) -> tuple[Project, ...]:
    """The projects beside the team's own, each once; sprints that were over before `since` are left out.

    Raises TrackerError for one that is named and cannot be read: half a board gives wrong figures.
    """
    gids = [gid for gid in more.projects if gid != own.gid]
    if more.sprints is not None:
        found = await find_sprint_projects(transport, own, more.sprints)
        gids += [one.gid for one in found if since is None or not _over(one, since)]
    return tuple([await read_project(transport, gid) for gid in dict.fromkeys(gids)])


async def find_sprint_projects(
    transport: Transport, own: Project, rule: ProjectSprints
) -> tuple[BoardProject, ...]:
    """Every sprint project of the team, oldest first; undated ones last."""
    named = [await read_project(transport, ProjectGid(gid)) for gid in rule.projects]
    if rule.pattern and own.workspace:
        address(own.workspace)
        about = About("list", f"the projects of workspace {own.workspace}")
        params = {"workspace": own.workspace, "opt_fields": asked(DATED_PROJECT_FIELDS)}
        raws = await read_all(transport, "/projects", params, about)
        named += readable(raws, parse_project, lambda: None)
    found = {one.gid: as_board_project(one) for one in named if one.gid != own.gid}
    wanted = [one for one in found.values() if rule.takes(one.gid, one.name)]
    return tuple(sorted(wanted, key=lambda one: (str(one.start_on or "9999"), one.gid)))


def as_board_project(project: Project) -> BoardProject:
    """What a snapshot keeps of a project."""
    return BoardProject(project.gid, project.name, project.start_on, project.due_on, project.completed_at)


def all_fields(projects: Sequence[Project]) -> tuple[CustomField, ...]:
    """The custom fields of several projects, each once."""
    return tuple({one.gid: one for project in reversed(projects) for one in project.custom_fields}.values())


async def all_sections(
    transport: Transport, projects: Sequence[Project], blind: BlindSpots
) -> tuple[Section, ...]:
    """The sections of several projects, each with its project; the own project's alone stay as they are."""
    found: list[Section] = []
    for project in projects:
        sections = await read_sections(transport, project.gid, blind)
        found += [replace(one, project=project.gid) for one in sections] if len(projects) > 1 else sections
    return tuple(found)


def _over(project: BoardProject, since: datetime) -> bool:
    """Whether the sprint ended a day or more before an instant, whatever the zone."""
    return project.due_on is not None and project.due_on < (since - timedelta(days=1)).date()
