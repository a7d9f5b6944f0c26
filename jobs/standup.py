"""Daily stand-up: what is stuck, what grows old, what moved since the last one.

The Scrum Guide's purpose (2020): inspect progress toward the sprint goal and adapt today's plan. Blocked work comes first,
then ageing work, then the board from right to left; solving stays out of the digest.
"""

from __future__ import annotations

from datetime import time

from facilitator.board.activity import Activity, activity
from facilitator.board.blocking import blocked_now, unread_dependencies
from facilitator.board.board import Board
from facilitator.board.days import local_date
from facilitator.board.facts import Document, Facts, SectionSpec
from facilitator.board.flow import ageing, overdue, pace, unassigned, unestimated, wip
from facilitator.board.gathering import Collector, Scope, blocked_because, sprint_days
from facilitator.board.snapshot import Snapshot
from facilitator.board.sprint_figures import SprintFigures, sprint_figures
from facilitator.calendar.cadence import Weekdays
from facilitator.calendar.window import Window
from facilitator.ceremony import Ceremony, TeamContext
from facilitator.drafts.checks import STANDUP_CHECKS

MOST_BLOCKED, MOST_AGEING, MOST_MOVED, MOST_ASKS = 4, 3, 6, 3
WORDS, WORDS_AT_THE_END, WORDS_WHEN_QUIET = 180, 240, 40
LAST_DAYS = 2
"""Working days at a sprint's end on which the digest may be longer."""

BEHIND = 0.1
"""At risk from this share of the planned work behind the even pace; off track from twice as much."""


def gather(snapshot: Snapshot, window: Window, context: TeamContext) -> Facts:
    """Tasks that are blocked or ageing, and those that changed in the window; nothing else."""
    board = Board.of(snapshot, context.rules)
    collector = Collector(board)
    collector.day("today", local_date(board.as_of, context.rules.zone), "today", "the team's local date")
    uses = _sprint(collector)
    moved = activity(board, window.start, window.end)
    stuck = _stuck(collector)
    news = _moved(collector, moved, stuck)
    _state_of_the_board(collector)
    quiet = not news and not _newly_blocked(board, window)
    document = _document(collector, uses, quiet=quiet)
    spots = [
        f"{count} dependencies lead outside this project" for count in [unread_dependencies(board)] if count
    ]
    return collector.facts(
        Scope("standup", context.team, window.start, window.end), document, blind_spots=spots
    )


def _sprint(collector: Collector) -> tuple[str, ...]:
    """Sprint facts, and those of them that the first line must use."""
    board = collector.board
    sprint = board.current_sprint()
    if sprint is None:
        return ()
    figures = sprint_figures(board, sprint)
    day, days = sprint_days(board, sprint)
    collector.figure(
        "sprint.name", sprint.name, "text", "sprint", "the sprint running at the time of the report"
    )
    collector.figure(
        "sprint.day",
        day,
        "working_days",
        "sprint day",
        "working days of the sprint so far, today included",
        of=days,
    )
    collector.figure("sprint.days", days, "working_days", "days of the sprint", "working days, first to last")
    if not figures.committed.tasks + figures.added.tasks:
        return ("sprint.name", "sprint.day", "sprint.days")
    return _progress(collector, figures, day / days if days else 1.0)


def _progress(collector: Collector, figures: SprintFigures, gone: float) -> tuple[str, ...]:
    """Done against planned, in points where most tasks have them; and the verdict the headline carries."""
    scope = figures.committed.tasks + figures.added.tasks - figures.removed.tasks
    bare = figures.committed.unestimated + figures.added.unestimated
    unit = "points" if 2 * bare <= scope and figures.committed.points + figures.added.points else "tasks"
    if unit == "points":
        done = figures.completed.points
        planned = done + figures.carried_over.points + figures.other.points
    else:
        done = figures.completed.tasks
        planned = done + figures.carried_over.tasks + figures.other.tasks
    expected = round(planned * gone)
    collector.figure(
        f"sprint.done_{unit}", done, unit, f"{unit} done", "completed in the sprint, of its present scope",
        of=planned, tasks=figures.completed.gids,
    )  # fmt: skip
    collector.figure(
        f"sprint.planned_{unit}",
        planned,
        unit,
        f"{unit} in the sprint",
        "present scope: completed and still open",
    )
    collector.figure(
        f"sprint.expected_{unit}", expected, unit, f"{unit} planned by today",
        "present scope times the share of working days gone", of=planned,
    )  # fmt: skip
    collector.figure(
        "sprint.added", figures.added.tasks, "tasks", "added since the start",
        "entered the sprint after it began", of=scope, tasks=figures.added.gids,
    )  # fmt: skip
    behind = (expected - done) / planned if planned else 0.0
    collector.figure(
        "sprint.verdict", verdict(behind), "text", "verdict",
        f"on track up to {BEHIND:.0%} of the scope behind the even pace, off track from {2 * BEHIND:.0%}",
    )  # fmt: skip
    return ("sprint.name", "sprint.day", "sprint.days", "sprint.verdict", f"sprint.done_{unit}")


def verdict(behind: float) -> str:
    """On track, At risk or Off track, from the share of the scope behind an even pace."""
    if behind < BEHIND:
        return "On track"
    return "At risk" if behind < 2 * BEHIND else "Off track"


def _stuck(collector: Collector) -> set[str]:
    """Blocked tasks, oldest first, and ageing ones that are not blocked; gives the tasks shown in either."""
    board = collector.board
    names = {gid: history.task.name for gid, history in board.histories.items()}
    working = wip(board)
    blocked = blocked_now(board)
    collector.listing(
        "blocked", [one.gid for one in blocked], "blocked",
        "open tasks whose field, section, tag or open dependency says so; oldest first",
        of=sum(1 for _ in board.open_tasks()), most=MOST_BLOCKED,
    )  # fmt: skip
    for one in blocked:
        collector.task_figure(one.gid, "blocked_days", one.working_days)
        collector.task_note(
            one.gid,
            "blocked_because",
            "; ".join(blocked_because(names, cause.kind, cause.of) for cause in one.causes),
        )
    usual = pace(board)
    gids = {one.gid for one in blocked}
    old = [gid for gid in ageing(board, usual.p85) if gid not in gids]
    if usual.p85 is not None:
        collector.figure(
            "ageing.p85", round(usual.p85), "days", "usual time to finish, 85th percentile",
            f"calendar days from start to done of {usual.n} tasks finished in the last 12 weeks",
        )  # fmt: skip
    collector.listing(
        "ageing", old, "ageing", "in progress for longer than the team's p85, not blocked; oldest first",
        of=len(working), most=MOST_AGEING,
    )  # fmt: skip
    return gids | set(old)


def _moved(collector: Collector, moved: Activity, stuck: set[str]) -> tuple[str, ...]:
    """What changed in the window by its last state; a stuck task is told where it is stuck."""
    every: list[str] = []
    for name, gids, label in (
        ("done", moved.done, "done"),
        ("in_review", moved.in_review, "in review"),
        ("started", moved.started, "started"),
    ):
        told = [gid for gid in gids if gid not in stuck]
        collector.listing(
            f"moved.{name}", told, f"{label} since the last stand-up", f"last state in the window is {label}"
        )
        every += told
    collector.figure(
        "moved", len(every), "tasks", "moved since the last stand-up", "done, in review or started in the window",
        of=len(collector.board.histories),
    )  # fmt: skip
    if moved.reopened:
        collector.listing(
            "moved.reopened", moved.reopened, "reopened", "done before the window, open after it"
        )
    return (*every, *moved.reopened)


def _state_of_the_board(collector: Collector) -> None:
    board = collector.board
    working = wip(board)
    collector.figure("wip", len(working), "tasks", "in progress", "started and not finished", tasks=working)
    if board.rules.wip_limit is not None:
        collector.figure(
            "wip.limit", board.rules.wip_limit, "tasks", "limit of work in progress", "configured"
        )
    sprint = board.current_sprint()
    scope = board.scope(sprint, board.as_of) if sprint else [found.task.gid for found in board.open_tasks()]
    late = overdue(board)
    collector.listing(
        "overdue", late, "overdue", "open and past due in the team's zone; oldest first", of=len(scope)
    )
    ownerless = unassigned(board, {*scope, *working})
    collector.figure(
        "unassigned", len(ownerless), "tasks", "without an owner", "open, in scope", tasks=ownerless
    )
    bare = unestimated(board, scope)
    collector.figure("unestimated", len(bare), "tasks", "without an estimate", "open, in scope", tasks=bare)


def _newly_blocked(board: Board, window: Window) -> bool:
    return any(one.since in window for one in blocked_now(board))


def _document(collector: Collector, uses: tuple[str, ...], *, quiet: bool) -> Document:
    sections = (
        SectionSpec(
            "blocked", "Blocked", MOST_BLOCKED, covers="blocked", cites_from=("blocked",), needs=("next_step",),
            hint="what it waits for, and what would unblock it",
        ),
        SectionSpec(
            "ageing", "Ageing", MOST_AGEING, covers="ageing", cites_from=("ageing",), hint="what keeps it open"
        ),
        SectionSpec(
            "moved", "Moved", MOST_MOVED, cites_from=("moved.done", "moved.in_review", "moved.started"),
            hint="outcomes; done first, then in review, then started",
        ),
        SectionSpec(
            "help", "Needs a decision or help today", MOST_ASKS, cites_from=("overdue",), needs=("owner",),
            hint="an ask, its owner, by when; only where someone must decide today",
        ),
    )  # fmt: skip
    return Document(
        sections=sections,
        max_words=WORDS_WHEN_QUIET if quiet else _words(collector.board),
        headline_uses=uses or ("moved",),
        quiet=quiet,
    )


def _words(board: Board) -> int:
    sprint = board.current_sprint()
    if sprint is None:
        return WORDS
    day, days = sprint_days(board, sprint)
    return WORDS_AT_THE_END if days - day < LAST_DAYS else WORDS


CEREMONY = Ceremony(
    name="standup",
    title="Daily stand-up",
    cadence=Weekdays(at=time(9, 15)),
    gather=gather,
    checks=STANDUP_CHECKS,
)
