"""`init` walks through the first configuration: it looks at Asana, proposes, asks where somebody is there to answer.

Every question has an option of its own, so that the same walk runs unattended: an option is never asked for, and a question
nobody answers takes what was proposed. It writes nothing; `first.init` does.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from zoneinfo import available_timezones

from facilitator.board.snapshot import CustomField, ProjectGid
from facilitator.errors import ConfigurationError

if TYPE_CHECKING:
    from facilitator.asana.project import Named, Project

_SPRINT = re.compile(r"sprint|iteration", re.IGNORECASE)
_POINTS = re.compile(r"story ?points?|\bpoints?\b|estimate|\bsp\b", re.IGNORECASE)
_MOST = 40
"""Projects offered by number; with more, one is named by its gid."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was said on the command line; an empty word is asked for, or proposed."""

    workspace: str = ""
    project: str = ""
    team: str = ""
    zone: str = ""
    approvers: tuple[str, ...] = ()
    sprint_field: str = ""
    points_field: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the configuration is written from, and what to know about it. `sprint_field` None: the board names no sprints."""

    project: str
    team: str
    zone: str
    approvers: tuple[str, ...]
    sprint_field: str | None
    points_field: str
    remarks: tuple[str, ...] = field(default=())


class Asker(Protocol):
    """Whoever answers questions. Choices are told by number, counted from 0; -1 is none of them."""

    def choose(self, question: str, names: Sequence[str], proposed: int) -> int:
        """One of the names, or -1."""
        ...

    def several(self, question: str, names: Sequence[str], proposed: Sequence[int]) -> list[int]:
        """Any number of the names."""
        ...

    def text(self, question: str, proposed: str) -> str:
        """A word of their own."""
        ...


class Nobody:
    """Takes what is proposed."""

    def choose(self, question: str, names: Sequence[str], proposed: int) -> int:
        """See `Asker`."""
        del question, names
        return proposed

    def several(self, question: str, names: Sequence[str], proposed: Sequence[int]) -> list[int]:
        """See `Asker`."""
        del question, names
        return list(proposed)

    def text(self, question: str, proposed: str) -> str:
        """See `Asker`."""
        del question
        return proposed


class Terminal:
    """A person at a terminal. Questions go to standard error: standard output is for the answer alone."""

    def choose(self, question: str, names: Sequence[str], proposed: int) -> int:
        """By number; an empty line takes the proposal, 0 none of them."""
        _list(question, names)
        while True:
            said = _read(f"number, 0 for none [{proposed + 1}]")
            if not said:
                return proposed
            if said.isdigit() and int(said) <= len(names):
                return int(said) - 1

    def several(self, question: str, names: Sequence[str], proposed: Sequence[int]) -> list[int]:
        """Numbers with blanks or commas between; an empty line takes the proposal."""
        _list(question, names)
        while True:
            said = re.findall(
                r"\S+", _read(f"numbers [{' '.join(str(n + 1) for n in proposed)}]").replace(",", " ")
            )
            if not said:
                return list(proposed)
            if all(word.isdigit() and 1 <= int(word) <= len(names) for word in said):
                return [int(word) - 1 for word in dict.fromkeys(said)]

    def text(self, question: str, proposed: str) -> str:
        """A line; an empty one takes the proposal."""
        return _read(f"{question} [{proposed}]") or proposed


class Directory(Protocol):
    """What the walk asks Asana."""

    async def workspaces(self) -> tuple[Named, ...]:
        """Those the bot user is in."""
        ...

    async def projects(self, workspace: str) -> tuple[Named, ...]:
        """Those it sees."""
        ...

    async def project(self, gid: ProjectGid) -> Project:
        """One, without its tasks."""
        ...


async def propose(asana: Directory, wishes: Wishes, ask: Asker, *, zone: str) -> Proposal:
    """Look at Asana and settle every question; raises `ConfigurationError` where nobody can answer one."""
    project = await asana.project(ProjectGid(wishes.project or await _project(asana, wishes, ask)))
    remarks: list[str] = []
    team = wishes.team or ask.text("The team's name", project.name)
    people = [user.name for user in project.members]
    approvers = wishes.approvers or tuple(
        people[n] for n in ask.several("Who may approve its documents?", people, [0] if people else [])
    )
    strangers = [name for name in approvers if name not in people]
    if strangers:
        remarks.append(f"{', '.join(strangers)}: not among the project's members, so Asana cannot ask them")
    sprint = _field(
        wishes.sprint_field, project, _sprint_fields(project), ask, "Which field names a task's sprint?"
    )
    points = _field(
        wishes.points_field, project, _points_fields(project), ask, "Which field holds its estimate?"
    )
    if sprint is None:
        remarks.append(
            "the board names no sprints: no retro is held until [teams.board.sprint] says how to find them"
        )
    if points is None:
        remarks.append("the board holds no estimates: everything is counted in tasks")
    return Proposal(
        project=project.gid,
        team=team,
        zone=_zone(wishes, ask, zone),
        approvers=approvers,
        sprint_field=sprint,
        points_field=points or "Story Points",
        remarks=tuple(remarks),
    )


async def _project(asana: Directory, wishes: Wishes, ask: Asker) -> str:
    workspace = wishes.workspace
    if not workspace:
        found = await asana.workspaces()
        workspace = _one("workspace", found, ask, "Which workspace?")
    return _one("project", await asana.projects(workspace), ask, "Which project is the team's board?")


def _one(what: str, found: Sequence[Named], ask: Asker, question: str) -> str:
    if len(found) == 1:
        return found[0].gid
    listed = "; ".join(f"{one.name} ({one.gid})" for one in found[:_MOST])
    if not found:
        raise ConfigurationError(
            f"the token's user sees no {what}.",
            suggestion=f"Invite that user to the {what} in Asana, then try again.",
        )
    chosen = ask.choose(question, [f"{one.name}  {one.gid}" for one in found[:_MOST]], -1)
    if chosen < 0:
        raise ConfigurationError(f"which {what} is meant?", suggestion=f"Name it with --{what}: {listed}.")
    return found[chosen].gid


def _sprint_fields(project: Project) -> list[CustomField]:
    return [
        one
        for one in project.custom_fields
        if one.kind in ("enum", "multi_enum", "text") and _SPRINT.search(one.name)
    ]


def _points_fields(project: Project) -> list[CustomField]:
    return [one for one in project.custom_fields if one.kind == "number" and _POINTS.search(one.name)]


def _field(
    said: str, project: Project, likely: Sequence[CustomField], ask: Asker, question: str
) -> str | None:
    """The named field, or one chosen among all with the likeliest proposed; None where there is none."""
    names = [one.name for one in project.custom_fields]
    if said:
        known = next((name for name in names if name.casefold() == said.casefold()), None)
        if known is None and said != "none":
            raise ConfigurationError(
                f"the project {project.name!r} has no field {said!r}.",
                suggestion=f"Its fields: {', '.join(names) or 'none'}. Say `none` where there is none.",
            )
        return known
    if not names:
        return None
    chosen = ask.choose(question, names, names.index(likely[0].name) if likely else -1)
    return names[chosen] if chosen >= 0 else None


def _zone(wishes: Wishes, ask: Asker, here: str) -> str:
    if wishes.zone:
        return wishes.zone
    while True:
        said = ask.text("The team's time zone", here)
        if said in available_timezones() or isinstance(ask, Nobody):
            return said


def local_zone() -> str:
    """This machine's own zone by its IANA name, or UTC where it cannot be told."""
    named = os.environ.get("TZ", "")
    if not named:
        target = os.path.realpath("/etc/localtime")
        named = target.partition("zoneinfo/")[2]
    return named if named in available_timezones() else "UTC"


def asker(*, as_json: bool) -> Asker:
    """A terminal where somebody sits at one and waits for no JSON; else nobody."""
    attended = sys.stdin.isatty() and sys.stderr.isatty() and not as_json
    return Terminal() if attended else Nobody()


def _list(question: str, names: Sequence[str]) -> None:
    print(f"\n{question}", file=sys.stderr)
    for number, name in enumerate(names, start=1):
        print(f"  {number:>3}  {name}", file=sys.stderr)


def _read(prompt: str) -> str:
    print(f"{prompt}: ", end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise ConfigurationError("the answers ended.", suggestion="Give them as options; see `init --help`.")
    return line.strip()
