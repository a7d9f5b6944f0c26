"""A made-up team's board on a Friday afternoon, for tests of the weekly status.

Sprint 24 is on its fifth day of ten. `lines()` is a normal week; tests add to it or start from nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from facilitator.board.facts import Facts
from facilitator.calendar.window import Window
from facilitator.ceremony import Past, PastDocument, TeamContext
from facilitator.drafts.draft import Draft
from jobs.weekly_status import gather
from tests.boards import SprintLine, TaskLine, at, gid, rules, snapshot, sprint, task

NOW = "2026-06-12T13:00Z"
"""Friday, 15:00 in Berlin."""

Line = TaskLine | SprintLine
S24: dict[str, Any] = {"sprint": "Sprint 24", "created": "2026-05-20T09:00Z"}


def sprints() -> list[Line]:
    """Sprint 23 is closed, Sprint 24 runs."""
    return [
        sprint("Sprint 23", "2026-05-25", "2026-06-05", "2026-06-05T15:00Z"),
        sprint("Sprint 24", "2026-06-08", "2026-06-19"),
    ]


def history(days: int = 14) -> list[Line]:
    """Two tasks finished on each of some days before last Friday: something to forecast from."""
    last = datetime(2026, 6, 4, 10, tzinfo=UTC)
    return [
        task(f"old {day}.{n}", points=2, sprint="Sprint 23", section="Done", created="2026-05-01T09:00Z",
             done=last - timedelta(days=day))
        for day in range(days)
        for n in range(2)
    ]  # fmt: skip


def finished() -> list[Line]:
    """Four tasks closed this week, one of them without anything to show."""
    return [
        task("Login with a code", points=3, owner="Mara K.", done="2026-06-10T10:00Z", **S24),
        task("Export to a file", points=5, owner="Alex P.", done="2026-06-11T10:00Z", **S24),
        task("Audit log", points=2, owner="Juno S.", done="2026-06-09T10:00Z", **S24),
        task("Old browser support", points=1, resolution="Won't Fix", done="2026-06-11T11:00Z", **S24),
    ]


def troubled() -> list[Line]:
    """Blocked and overdue; without an owner; overdue and forgotten."""
    return [
        task("Payment retry", points=5, owner="Mara K.", due="2026-06-10", section="In progress", **S24,
             then=[at("2026-06-09T08:00Z", by="Mara K.", blocked="Blocked")]),
        task("Renew the certificate", points=1, **S24,
             then=[at("2026-06-10T08:00Z", by="Alex P.", comment="Who takes this one?")]),
        task("Legacy cleanup", points=2, owner="Alex P.", due="2026-05-29", section="In progress", **S24),
    ]  # fmt: skip


def under_way() -> list[Line]:
    """Fit to be named as next; two of them with a date that moved."""
    return [
        task("Search index", points=3, owner="Juno S.", due="2026-06-16", section="In progress", **S24,
             then=[at("2026-06-11T09:00Z", by="Juno S.", section="In review")]),
        task("Import job", points=3, owner="Alex P.", due="2026-06-11", section="In progress", **S24,
             then=[at("2026-06-11T09:00Z", by="Alex P.", due="2026-06-18"),
                   at("2026-06-11T09:05Z", by="Alex P.", comment="The supplier sends the layout on Monday.")]),
        task("Dark theme", points=2, owner="Juno S.", due="2026-06-12", **S24,
             then=[at("2026-06-10T15:00Z", by="Juno S.", due="2026-06-17")]),
        task("New logo", points=1, owner="Juno S.", **S24,
             then=[at("2026-06-10T09:00Z", by="Juno S.", section="Backlog", sprint=None)]),
    ]  # fmt: skip


def lines() -> list[Line]:
    """The whole normal week."""
    return [*sprints(), *history(), *finished(), *troubled(), *under_way()]


def item(text: str, *tasks: str, **more: Any) -> dict[str, Any]:
    """One bullet; tasks by name."""
    return {"text": text, "tasks": [gid(name) for name in tasks], **more}


def draft(headline: str = "{status.colour}.", **sections: Sequence[dict[str, Any]]) -> Draft:
    """A weekly draft with these sections, in the order given."""
    return Draft.model_validate(
        {
            "ceremony": "weekly_status",
            "headline": headline,
            "sections": [{"id": key, "items": list(items)} for key, items in sections.items()],
        }
    )


def last_week(*board: Line) -> Past:
    """Last Friday's document: three next steps, one of them without a task, and two risks."""
    end = datetime(2026, 6, 5, 13, tzinfo=UTC)
    promised = draft(
        accomplished=[],
        risks=[item("may be late", "Payment retry"), item("nobody has it", "Moved elsewhere")],
        next=[
            item("finish", "Export to a file"),
            item("carry on", "Import job"),
            item("draw", "New logo"),
            item("agree on the holidays"),
        ],
    )
    facts = weekly(*(board or lines()), as_of=end)
    return Past(documents=(PastDocument("run-1", end, facts, promised),))


def weekly(
    *board: Line, as_of: str | datetime = NOW, past: Past | None = None, team: str = "Harbour", **more: Any
) -> Facts:
    """The facts gathered from these lines, in Berlin, for the week up to `as_of`."""
    read = snapshot(*board, as_of=as_of, **more)
    window = Window(read.as_of - timedelta(days=7), read.as_of)
    return gather(read, window, TeamContext(team, rules("Europe/Berlin"), past or Past()))


def normal() -> Facts:
    """A normal week with a week before it."""
    return weekly(*lines(), past=last_week())
