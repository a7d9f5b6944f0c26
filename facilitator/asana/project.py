"""Projects and workspaces as a set-up needs them: what there is, who is in it, which fields it has.

Owns the reads that are not about tasks. It keeps nothing between calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from facilitator.asana import wire
from facilitator.asana.blindspots import UNPAID_FIELDS, BlindSpots
from facilitator.asana.fields import (
    CUSTOM_FIELD_FIELDS,
    PROJECT_FIELDS,
    PROJECT_NAME_FIELDS,
    SECTION_FIELDS,
    USER_FIELDS,
    WORKSPACE_FIELDS,
    asked,
)
from facilitator.asana.paging import read_all
from facilitator.asana.parsing import parse_custom_field, parse_section, parse_user
from facilitator.asana.refusals import About, unreadable
from facilitator.asana.transport import Body, Transport
from facilitator.asana.wire import BrokenRecord, Raw
from facilitator.board.snapshot import CustomField, ProjectGid, Section, User
from facilitator.errors import TrackerError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Named:
    """A workspace or project in a list: its gid and its name, which may repeat."""

    gid: str
    name: str


@dataclass(frozen=True, slots=True)
class Project:
    """A project without its tasks. `blind_spots` as in `Snapshot`."""

    gid: ProjectGid
    name: str
    members: tuple[User, ...] = ()
    custom_fields: tuple[CustomField, ...] = ()
    archived: bool = False
    start_on: date | None = None
    due_on: date | None = None
    completed_at: datetime | None = None
    url: str = ""
    workspace: str | None = None
    blind_spots: tuple[str, ...] = ()


def address(*parts: str) -> str:
    """A path of the API. Raises TrackerError for a part that could lead elsewhere: gids come from people's files."""
    for part in parts:
        if not (part.isascii() and part.replace("_", "").isalnum()):
            raise TrackerError(
                f"{part[:40]!r} is not a gid: Asana's gids are digits.",
                suggestion="Copy the gid out of the address of the project or task in Asana.",
            )
    return "/" + "/".join(parts)


async def read_object(transport: Transport, path: str, about: About, *fields: tuple[str, ...]) -> Body:
    """One object with exactly these fields."""
    body = await transport.get(path, {"opt_fields": asked(*fields)}, about)
    data = body["data"]
    if not isinstance(data, dict):
        raise unreadable(about, 200, "one object was expected")
    return data


async def read_me(transport: Transport) -> User:
    """The user the token acts as."""
    about = About("read", "the token's own user")
    raw = await read_object(transport, "/users/me", about, USER_FIELDS)
    try:
        return parse_user(raw)
    except BrokenRecord as error:
        raise unreadable(about, 200, str(error)) from None


async def read_workspaces(transport: Transport) -> tuple[Named, ...]:
    """The workspaces the token's user is in."""
    about = About("list", "the workspaces of the token's user")
    found = await read_all(transport, "/workspaces", {"opt_fields": asked(WORKSPACE_FIELDS)}, about)
    return _named(found)


async def read_projects(transport: Transport, workspace: str) -> tuple[Named, ...]:
    """The projects of a workspace that are visible to us and not archived."""
    address(workspace)
    about = About("list", f"the projects of workspace {workspace}")
    params = {"workspace": workspace, "archived": "false", "opt_fields": asked(PROJECT_NAME_FIELDS)}
    return _named(await read_all(transport, "/projects", params, about))


async def read_project(transport: Transport, gid: ProjectGid) -> Project:
    """One project. Where the plan has no custom fields (402) the rest is read, and the blind spot named."""
    about = About("read", f"project {gid}")
    path = address("projects", gid)
    blind = BlindSpots()
    try:
        raw = await read_object(transport, path, about, PROJECT_FIELDS, CUSTOM_FIELD_FIELDS)
    except TrackerError as error:
        if error.status != 402:
            raise
        blind.say(UNPAID_FIELDS)
        raw = await read_object(transport, path, about, PROJECT_FIELDS)
    try:
        return parse_project(raw, blind)
    except BrokenRecord as error:
        raise unreadable(about, 200, str(error)) from None


async def read_sections(transport: Transport, gid: ProjectGid, blind: BlindSpots) -> tuple[Section, ...]:
    """The project's sections in board order."""
    about = About("read", f"the sections of project {gid}")
    path = address("projects", gid, "sections")
    found = await read_all(transport, path, {"opt_fields": asked(SECTION_FIELDS)}, about)
    return readable(found, parse_section, lambda: blind.count("sections"))


def readable(raws: Iterable[Raw], parse: Callable[[Raw], T], on_broken: Callable[[], None]) -> tuple[T, ...]:
    """What could be parsed; each record that could not is reported and left out."""
    found: list[T] = []
    for raw in raws:
        try:
            found.append(parse(raw))
        except BrokenRecord:
            on_broken()
    return tuple(found)


def parse_project(raw: Raw, blind: BlindSpots | None = None) -> Project:
    """A project with whatever was asked of it; raises `BrokenRecord` for one without a gid."""
    blind = blind or BlindSpots()
    members = readable(wire.inners(raw, "members"), parse_user, lambda: blind.count("people"))
    settings = wire.inners(raw, "custom_field_settings")
    fields = readable(settings, parse_custom_field, lambda: blind.count("fields"))
    return Project(
        gid=ProjectGid(wire.gid(raw)),
        name=wire.text(raw, "name"),
        members=members,
        custom_fields=fields,
        archived=wire.truth(raw, "archived"),
        start_on=wire.day(raw, "start_on"),
        due_on=wire.day(raw, "due_on"),
        completed_at=wire.instant(raw, "completed_at"),
        url=wire.text(raw, "permalink_url"),
        workspace=wire.reference(raw, "workspace"),
        blind_spots=blind.sentences(),
    )


def _named(found: Iterable[Raw]) -> tuple[Named, ...]:
    return readable(found, lambda raw: Named(wire.gid(raw), wire.text(raw, "name")), lambda: None)
