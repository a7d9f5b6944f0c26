"""What a ceremony is: one module in jobs/ exports one `CEREMONY`, and its other files are found by its name.

The engine knows this shape and no ceremony; runner.py hands over what stands in jobs/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from facilitator.board.facts import Facts
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import Snapshot
from facilitator.calendar.cadence import Cadence
from facilitator.calendar.window import Window
from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault


@dataclass(frozen=True, slots=True)
class Past:
    """What the run log remembers for this team: earlier documents of the ceremonies, newest first.

    `previous` are the Facts, as JSON-ready mappings, and `drafts` the drafts, of documents that were written.
    """

    previous: tuple[Mapping[str, Any], ...] = ()
    drafts: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class TeamContext:
    """Who asks: the team's name, how it reads its board, and what was written before."""

    team: str
    rules: BoardRules
    past: Past = field(default_factory=Past)


Gather = Callable[[Snapshot, Window, TeamContext], Facts]
Check = Callable[[Draft, Facts], Sequence[Fault]]


def no_further_checks(_draft: Draft, _facts: Facts) -> Sequence[Fault]:
    """The engine's own checks are enough for this ceremony."""
    return ()


@dataclass(frozen=True, slots=True)
class Ceremony:
    """One kind of document: when it is due, what it may say, and how it is checked.

    `gather` is pure: the same snapshot, window and context give the same Facts. `checks` maps a rubric criterion's id
    to the check that decides it in code. `expires_after` is how long a draft waits for a person; `history` is how
    much of the board's history before the window must be read.
    """

    name: str
    title: str
    cadence: Cadence
    gather: Gather
    checks: Mapping[str, Check] = field(default_factory=dict)
    expires_after: timedelta = timedelta(hours=24)
    history: timedelta = timedelta(days=84)
