"""The small language of the storyboards: tasks whose fate is written down step by step instead of simulated.

A `Step` says when, who, what. Sprints count back from the active one (0, -1, -2 ...), days are working days of
that sprint, 0 being the one before its start. Closing a sprint carries scripted tasks over like any other.
"""

from __future__ import annotations

from dataclasses import dataclass

from facilitator.sandbox.generated.titles import Idea


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done by a person; `sprint` None means that `day` counts working days from `as_of`'s day.

    `verb` is one of `storyteller.VERBS`; `value` is what that verb needs: a section, a person, a text, a number.
    """

    sprint: int | None
    day: int
    clock: str
    who: str | None
    verb: str
    value: str = ""


def on(sprint: int, day: int, clock: str, who: str | None, verb: str, value: str = "") -> Step:
    """A step on a working day of a sprint."""
    return Step(sprint, day, clock, who, verb, value)


def ago(days: int, clock: str, who: str | None, verb: str, value: str = "") -> Step:
    """A step so many working days before the day of `as_of`."""
    return Step(None, -days, clock, who, verb, value)


@dataclass(frozen=True, slots=True)
class Script:
    """A task and its steps in order; the first one creates it, its `value` being the section (else the backlog).

    `key` is how steps of other scripts refer to the task; `untyped` leaves the Type field empty.
    """

    key: str
    idea: Idea
    steps: tuple[Step, ...]
    priority: str | None = "Medium"
    untyped: bool = False
