"""What a ceremony is: one module in jobs/ exports one `CEREMONY`, and its other files are found by its name.

The engine knows this shape and no ceremony; runner.py hands over what stands in jobs/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from facilitator.board.facts import Facts
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import Snapshot
from facilitator.calendar.cadence import Cadence
from facilitator.calendar.window import Window
from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault


@dataclass(frozen=True, slots=True)
class PastAction:
    """An action that an earlier document proposed and a person approved; `task` is the Asana task made for it, if any.

    `run` is the run that proposed it and `number` its place there, from 1: together they name it for good.
    """

    run: str
    number: int
    text: str
    owner: str = ""
    due_on: str = ""
    signal: str = ""
    task: str | None = None


@dataclass(frozen=True, slots=True)
class PastDocument:
    """One earlier document of this ceremony that was written: its run, its window's end, its facts and its draft.

    Where its approver set another status than the rule's, `status` is that one in words and `status_because` the reason.
    """

    run: str
    end: datetime
    facts: Facts
    draft: Draft
    status: str = ""
    status_because: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """What the run log remembers of this team and ceremony: written documents and approved actions, newest first."""

    documents: tuple[PastDocument, ...] = ()
    actions: tuple[PastAction, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """One of the teams a roll-up tells of: how it reads its own board, and the newest facts of each of its ceremonies."""

    team: str
    name: str
    rules: BoardRules
    told: tuple[Facts, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamContext:
    """Who asks: the team's name, how it reads its board, and what was written before.

    `actions` holds the tasks of earlier actions where those stand in a project that is not on the board. `members` are the
    teams whose boards stand in the snapshot's `boards`, in the same order; empty for a team that speaks of its own alone.
    """

    team: str
    rules: BoardRules
    past: Past = field(default_factory=Past)
    actions: Snapshot | None = None
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture to attach: `name` without an ending, stable for one window; `png` and `svg` are the same picture."""

    name: str
    title: str
    png: bytes
    svg: bytes


Gather = Callable[[Snapshot, Window, TeamContext], Facts]
Check = Callable[[Draft, Facts], Sequence[Fault]]
Draw = Callable[[Snapshot, Window, TeamContext], Sequence[Chart]]


def no_charts(_snapshot: Snapshot, _window: Window, _context: TeamContext) -> Sequence[Chart]:
    """This ceremony attaches no pictures."""
    return ()


@dataclass(frozen=True, slots=True)
class Ceremony:
    """One kind of document: when it is due, what it may say, and how it is checked.

    `gather` is pure: the same snapshot, window and context give the same Facts. `checks` maps a rubric criterion's id
    to the check that decides it in code. `expires_after` is how long a draft waits for a person; `history` is how
    much of the board's history before the window must be read. `actions` is the section whose items become Asana tasks
    once approved; `status` is the fact that holds the Asana status type, for teams that also want a status update;
    `charts` draws the pictures to attach. `agenda` and `lasts` are the meeting's, for a calendar. A ceremony
    `over_teams` is held by a team with a `rollup`: `gather` is given those teams' boards besides its own.
    """

    name: str
    title: str
    cadence: Cadence
    gather: Gather
    checks: Mapping[str, Check] = field(default_factory=dict)
    expires_after: timedelta = timedelta(hours=24)
    history: timedelta = timedelta(days=84)
    actions: str = ""
    status: str = ""
    charts: Draw = no_charts
    agenda: Sequence[str] = ()
    lasts: timedelta = timedelta(minutes=15)
    over_teams: bool = False
