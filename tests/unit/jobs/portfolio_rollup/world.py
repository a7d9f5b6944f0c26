"""Four made-up teams on a Friday afternoon, for tests of the roll-up: one off its plan, one at risk, one fine, one unread.

Checkout waits for Platform, Payments has missed a milestone and is stuck for days, Search could not be read. Each reads its
own board in its own way; the programme over them has a board without a task.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from facilitator.board.facts import Facts
from facilitator.board.snapshot import Snapshot, TeamBoard
from facilitator.calendar.window import Window
from facilitator.ceremony import Member, Past, PastDocument, TeamContext
from facilitator.drafts.draft import Draft
from jobs.portfolio_rollup import gather
from tests.boards import SprintLine, TaskLine, at, gid, instant, rules, snapshot, sprint, task

NOW = "2026-06-12T14:30Z"
"""Friday, 16:30 in Berlin."""

END = instant(NOW)
WINDOW = Window(END - timedelta(days=7), END)
NAMES = {"checkout": "Checkout", "platform": "Platform", "payments": "Payments", "search": "Search"}
RULES = rules("Europe/Berlin")
S24: dict[str, Any] = {"sprint": "Sprint 24", "created": "2026-06-01T09:00Z"}
SPRINTS = sprint("Sprint 24", "2026-06-08", "2026-06-19")

Line = TaskLine | SprintLine


def checkout() -> list[Line]:
    """Slow for months, so that what is open does not fit: off track."""
    old = [
        task(
            f"old {n}",
            points=1,
            section="Done",
            created="2026-03-01T09:00Z",
            done=f"2026-0{month}-1{n}T10:00Z",
        )
        for n, month in enumerate((3, 4, 5))
    ]
    return [
        SPRINTS,
        *old,
        task("Guest basket", points=3, owner="Cleo O.", done="2026-06-10T10:00Z", **S24),
        task("Pay by invoice", points=5, owner="Cleo O.", section="In progress", **S24,
             then=[at("2026-06-04T09:00Z", by="Cleo O.", waits_for="Ledger service")]),
        task("Voucher codes", points=3, due="2026-06-10", **S24),
        task("Address book", points=2, owner="Cleo O.", **S24),
    ]  # fmt: skip


def platform() -> list[Line]:
    """Young, and on track."""
    return [
        SPRINTS,
        task("Ledger service", points=5, owner="Paul N.", section="In progress", **S24,
             then=[at("2026-06-11T09:00Z", by="Paul N.", comment="Half of it is there.")]),
        task("Event bus", points=3, owner="Paul N.", done="2026-06-09T10:00Z", **S24),
        task("Trace ids", points=2, owner="Paul N.", done="2026-06-11T10:00Z", **S24),
    ]  # fmt: skip


def payments() -> list[Line]:
    """Its scope grew, a milestone has passed, and one task is stuck: at risk."""
    return [
        SPRINTS,
        task("Refund rules", points=5, owner="Mina E.", done="2026-06-10T10:00Z", **S24),
        task("Card scheme rules", points=3, owner="Mina E.", section="In progress", **S24,
             then=[at("2026-06-05T08:00Z", by="Mina E.", blocked="Blocked")]),
        task("Chargebacks", points=3, owner="Mina E.", created="2026-06-09T09:00Z", sprint="Sprint 24"),
        task("Licence audit passed", owner="Mina E.", due="2026-06-09", **S24),
    ]  # fmt: skip


def boards(**lines: Sequence[Line]) -> tuple[TeamBoard, ...]:
    """The four boards as they were read; other `lines` take a team's place."""
    told: Mapping[str, Sequence[Line]] = {
        "checkout": checkout(), "platform": platform(), "payments": payments(), **lines,
    }  # fmt: skip
    found = [TeamBoard(slug, NAMES.get(slug, slug), _read(slug, own)) for slug, own in told.items()]
    return (*found, TeamBoard("search", "Search", None, "it may not be read"))


def programme(*read: TeamBoard) -> Snapshot:
    """The programme's own board, which holds no task, with the others beside it."""
    return snapshot(as_of=NOW, project_name="Programme", boards=read or boards())


def facts(
    *read: TeamBoard, past: Past | None = None, told: Mapping[str, Sequence[Facts]] | None = None
) -> Facts:
    """What a roll-up of these boards may say; by default the four, with a page a week before."""
    whole = programme(*read)
    members = tuple(
        Member(each.team, each.name, RULES, tuple((told or {}).get(each.team, ()))) for each in whole.boards
    )
    known = last_week() if past is None else past
    return gather(whole, WINDOW, TeamContext("Programme", RULES, known, members=members))


def last_week() -> Past:
    """A page a week before, when Payments was on track and Checkout at risk already."""
    first = facts(past=Past())
    values: dict[str, float | str] = {
        "status.colour": "At Risk", "checkout.status": "At Risk", "payments.status": "On Track",
        "teams.off_track": 0, "teams.at_risk": 1, "teams.on_track": 2,
    }  # fmt: skip
    changed = {key: replace(first.facts[key], value=value) for key, value in values.items()}
    before = replace(first, facts={**first.facts, **changed})
    draft = Draft.model_validate({"ceremony": "portfolio_rollup", "headline": "x", "sections": []})
    return Past((PastDocument("run-1", END - timedelta(days=7), before, draft),))


def gids(*names: str) -> tuple[str, ...]:
    """The gids of tasks by name."""
    return tuple(map(gid, names))


def _read(slug: str, lines: Sequence[Line]) -> Snapshot:
    board = snapshot(*lines, as_of=NOW, project_name=f"{slug} board")
    reached = gid("Licence audit passed")
    tasks = (replace(one, subtype="milestone") if one.gid == reached else one for one in board.tasks)
    return replace(board, tasks=tuple(tasks))
