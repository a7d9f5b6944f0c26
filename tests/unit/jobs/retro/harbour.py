"""Harbour's Sprint 7 on a small board, for the retro's tests: what was planned, what came in, what waited, and what became
of earlier actions. `facts()` gathers it on the Monday after; `draft()` is a draft every check accepts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from facilitator.board.facts import Facts
from facilitator.board.snapshot import Snapshot
from facilitator.calendar.window import Window
from facilitator.ceremony import Past, PastAction, TeamContext
from facilitator.drafts.draft import Draft
from jobs.retro import gather
from tests.boards import SECTIONS, at, gid, rules, snapshot, sprint, task

AS_OF = "2026-06-01T07:15Z"
ALL_SECTIONS = (*SECTIONS, "Process improvement")

SPRINTS = (
    sprint("Sprint 6", "2026-05-04", "2026-05-15", "2026-05-15T16:00Z"),
    sprint("Sprint 7", "2026-05-18", "2026-05-29", "2026-05-29T15:00Z"),
    sprint("Sprint 8", "2026-06-01", "2026-06-12"),
)


def finished(
    name: str, start: str, done: str, *, points: float | None = 3, owner: str = "Mara K.", **more: Any
) -> Any:
    """A task of Sprint 7 that was started and done on these days of May."""
    then = [at(f"2026-05-{start}T09:00Z", section="In progress"), *more.pop("then", ())]
    return task(
        name, points=points, sprint=more.pop("sprint", "Sprint 7"), owner=owner, then=then,
        created=more.pop("created", "2026-05-11T09:00Z"), done=f"2026-05-{done}T15:00Z", **more,
    )  # fmt: skip


TASKS = (
    finished("Login with a code", "18", "20"),
    finished("Export to a file", "19", "22", points=5, owner="Alex P."),
    finished("Audit log", "20", "25", owner="Juno S."),
    finished(
        "Payment retry", "19", "29", points=5, due="2026-05-26",
        then=[
            at("2026-05-20T10:00Z", blocked="Blocked"),
            at("2026-05-27T10:00Z", blocked="Not blocked"),
            at("2026-05-28T09:00Z", comment="Late because the vendor opened the sandbox a week after we asked."),
        ],
    ),
    finished(
        "Retry of webhooks", "21", "28", owner="Alex P.",
        then=[at("2026-05-21T11:00Z", blocked="Blocked"), at("2026-05-27T09:00Z", blocked="Not blocked")],
    ),
    finished("Colour of the logo", "26", "27", points=1, created="2026-05-26T08:00Z", owner="Juno S."),
    finished("Shorter start page", "27", "28", points=2, created="2026-05-26T10:00Z", owner="Mara K."),
    task(
        "Search index", points=8, owner="Alex P.", created="2026-04-20T09:00Z", sprint="Sprint 6",
        then=[
            at("2026-05-06T09:00Z", section="In progress"),
            at("2026-05-17T20:00Z", sprint="Sprint 7"),
            at("2026-06-01T06:00Z", sprint="Sprint 8"),
        ],
    ),
    finished("Import job", "11", "14", sprint="Sprint 6", created="2026-05-01T09:00Z"),
    task(
        "Ask for keys in refinement", section="Process improvement", owner="Mara K.", due="2026-06-12",
        created="2026-05-15T15:00Z", sprint=None,
    ),
    task(
        "Review before new work", section="Process improvement", owner="Juno S.", due="2026-05-29",
        created="2026-05-15T15:00Z", done="2026-05-28T09:00Z",
    ),
)  # fmt: skip

PAST = Past(
    actions=(
        PastAction("run-6", 1, "Ask for keys in refinement", "scrum master", "2026-06-12",
                   "fewer tasks wait for something from outside", gid("Ask for keys in refinement")),
        PastAction("run-6", 2, "Review before new work", "team", "2026-05-29", "", gid("Review before new work")),
    )
)  # fmt: skip


def board_of(
    *more: Any,
    without: tuple[str, ...] = (),
    as_of: str = AS_OF,
    sections: tuple[str, ...] = tuple(ALL_SECTIONS),
) -> Snapshot:
    """Harbour's board, with more tasks or without some."""
    kept = [line for line in TASKS if line.name not in without]
    return snapshot(*SPRINTS, *kept, *more, as_of=as_of, sections=sections)


def gathered(found: Snapshot, past: Past = PAST, *, actions: Snapshot | None = None, **reading: Any) -> Facts:
    """The retro's facts of a board, for the two weeks before it was read."""
    window = Window(found.as_of - timedelta(days=14), found.as_of)
    return gather(found, window, TeamContext("Harbour", rules("Europe/Berlin", **reading), past, actions))


def facts() -> Facts:
    """The facts of Sprint 7."""
    return gathered(board_of())


def item(text: str, *tasks: str, facts: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """One bullet as the agent writes it, its tasks by name."""
    return {"text": text, "tasks": [gid(name) for name in tasks], "facts": list(facts), **more}


HEADLINE = "{sprint.name}: {sprint.done_points} of {sprint.planned_points} committed points done, {sprint.added} tasks came in."

NORMAL: Mapping[str, tuple[dict[str, Any], ...]] = {
    "last_actions": (
        item("open; the checklist is in use, its signal is not reached yet", "Ask for keys in refinement"),
        item("done; the team kept to it", "Review before new work"),
    ),
    "patterns": (
        item("this may wait for the same sandbox as the payment work; were keys asked for early enough?",
             "Retry of webhooks", facts=("blocked_long",)),
        item("small wishes seem to come in once the first half is over",
             "Colour of the logo", "Shorter start page", facts=("added_late",)),
    ),
    "went_well": (item("people take their data out without asking us", "Export to a file"),),
    "deviations": (item("still open at the close; cause not recorded", "Search index"),),
    "discuss": (
        item("Where could we have seen the missing keys before planning?"),
        item("What would we take out when something small comes in?"),
    ),
    "actions": (
        item("ask for keys and accounts when a story is refined", facts=("blocked_long",), owner="scrum master",
             due_on="2026-06-12", signal="no task of the sprint waits for a key"),
    ),
}  # fmt: skip


def raw(*, headline: str = HEADLINE, **sections: Any) -> dict[str, Any]:
    """draft.json of the normal retro; name a section to give it other items."""
    items = {**NORMAL, **sections}
    return {
        "format": "draft/1",
        "ceremony": "retro",
        "headline": headline,
        "sections": [{"id": key, "items": list(items[key])} for key in items],
    }


def draft(**changes: Any) -> Draft:
    """The normal draft, with the changes of `raw`."""
    return Draft.model_validate(raw(**changes))


def changed(found: Facts, **values: Any) -> Facts:
    """The same facts with these values, ids written with __ for a dot."""
    new = {
        key.replace("__", "."): replace(found.facts[key.replace("__", ".")], value=value)
        for key, value in values.items()
    }
    return replace(found, facts={**found.facts, **new})


def improvements(count: int) -> list[Any]:
    """So many more open tasks in the section of actions."""
    return [
        task(f"Wish {n}", section="Process improvement", created="2026-05-15T15:00Z") for n in range(count)
    ]
