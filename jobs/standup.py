"""Daily stand-up: what is stuck, what grows old, what moved since the last one, and who is needed today.

Only tasks of the running sprint or in progress count as blocked, overdue or unassigned here; the backlog's troubles are
a number, not a list. Quiet days, on which nothing moved and nothing new is blocked, are one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import time, timedelta

from facilitator.board import activity, flow
from facilitator.board.blocking import Blocked, Cause, blocked_now, unread_dependencies
from facilitator.board.board import Board
from facilitator.board.building import FactsBuilder, counted, names
from facilitator.board.days import local_date
from facilitator.board.facts import Document, Facts, SectionSpec
from facilitator.board.pulse import Pulse, add_pulse, pulse
from facilitator.board.snapshot import Snapshot
from facilitator.board.sprints import undated
from facilitator.calendar.cadence import Weekdays
from facilitator.calendar.window import Window
from facilitator.ceremony import Ceremony, TeamContext
from facilitator.drafts.checks import STANDUP_CHECKS

NORMAL_WORDS, QUIET_WORDS, LAST_DAYS_WORDS = 180, 40, 240
"""Ceremonies reference, section 2: the last two sprint days may be longer."""

MOVED = ("moved.done", "moved.in_review", "moved.started")

SECTIONS = (
    SectionSpec(
        id="blocked",
        title="Blocked",
        max_items=4,
        covers="blocked",
        cites_from=("blocked",),
        needs=("tasks", "next_step"),
        hint="what it waits for; see its note blocked_because",
    ),
    SectionSpec(
        id="ageing",
        title="Ageing",
        max_items=3,
        covers="ageing",
        cites_from=("ageing",),
        needs=("tasks",),
        hint="what keeps it, or that no cause is recorded",
    ),
    SectionSpec(
        id="moved",
        title="Moved",
        max_items=6,
        cites_from=MOVED,
        needs=("tasks",),
        hint="done, then in review, then started; grouped by outcome",
    ),
    SectionSpec(
        id="help",
        title="Needs a decision or help today",
        max_items=3,
        cites_from=("blocked", "ageing", "overdue", "unassigned", *MOVED),
        needs=("tasks", "owner"),
        hint="the ask, its owner, by when; none is fine",
    ),
)


def gather(snapshot: Snapshot, window: Window, context: TeamContext) -> Facts:
    """Only what changed in the window, and what is stuck now: a stand-up is about today, not the backlog."""
    board = Board.of(snapshot, context.rules)
    blocked = blocked_now(board)
    sprint = pulse(board, blocked)
    focus = in_focus(board, sprint)
    facts = FactsBuilder(board, ceremony="standup", team=context.team, start=window.start, end=window.end)

    if sprint:
        add_pulse(facts, sprint)
    today = local_date(board.as_of, board.rules.zone).isoformat()
    facts.figure("today", "today", today, "date", "the team's date when the board was read")
    stuck = [one for one in blocked if one.gid in focus]
    _blocked(facts, board, stuck, len(blocked) - len(stuck), focus, window)
    old = _ageing(facts, board, without={one.gid for one in stuck})
    moves = _moved(facts, board, window, without={*old, *(one.gid for one in stuck)}, focus=focus)
    _condition(facts, board, focus)
    _blind_spots(facts, board, focus)
    fresh = [one for one in stuck if one.since >= window.start]
    return facts.build(document(sprint, quiet=not moves and not fresh))


def in_focus(board: Board, sprint: Pulse | None) -> set[str]:
    """Open tasks a stand-up looks at: those in progress and in the sprint, or outside the backlog without one."""
    if sprint:
        return {*flow.wip(board), *_open(board, board.scope(sprint.figures.sprint, board.as_of))}
    return {found.task.gid for found in board.open_tasks() if board.state(found, board.as_of) != "backlog"}


def document(sprint: Pulse | None, *, quiet: bool) -> Document:
    """The form of today's document: one line on a quiet day, more room on the sprint's last two days."""
    words = LAST_DAYS_WORDS if sprint and sprint.days - sprint.day <= 1 else NORMAL_WORDS
    uses = ["moved"] if sprint is None else ["sprint.day"]
    if sprint and sprint.verdict:
        uses += ["sprint.verdict", *([] if quiet else [f"sprint.done_{sprint.unit}"])]
    return Document(
        sections=SECTIONS,
        max_words=QUIET_WORDS if quiet else words,
        headline_words=25,
        headline_uses=tuple(uses),
        quiet=quiet,
    )


def because(board: Board, causes: Sequence[Cause]) -> str:
    """What says the task is blocked, in words: the tasks it waits for, or the field, section or tag."""
    waits = names((cause.of for cause in causes if cause.kind == "dependency"), board)
    said = {
        "field": f"the field {board.rules.blocked_field} says so",
        "section": "it stands in the section {of}",
        "tag": "it is tagged {of}",
    }
    others = [said[cause.kind].format(of=cause.of) for cause in causes if cause.kind in said]
    return "; ".join([f"waits for {waits}"] * bool(waits) + others[:1] * (not waits))


def _blocked(
    facts: FactsBuilder,
    board: Board,
    stuck: Sequence[Blocked],
    elsewhere: int,
    focus: set[str],
    window: Window,
) -> None:
    for one in stuck:
        facts.about(one.gid, blocked_days=one.working_days, blocked_because=because(board, one.causes))
        _tell_age(facts, board, one.gid)
    facts.listed(
        "blocked",
        "blocked",
        [one.gid for one in stuck],
        "open, in the sprint or in progress, and waiting: by field, section, tag or open dependency; longest first",
        of=len(focus),
    )
    fresh = [one.gid for one in stuck if one.since in window]
    facts.figure(
        "blocked.new",
        "newly blocked",
        len(fresh),
        "tasks",
        "their wait began in this window",
        of=len(stuck),
        tasks=fresh,
    )
    if elsewhere:
        facts.figure(
            "blocked.elsewhere",
            "blocked in the backlog",
            elsewhere,
            "tasks",
            "blocked, not in the sprint or in progress",
        )


def _ageing(facts: FactsBuilder, board: Board, *, without: set[str]) -> tuple[str, ...]:
    pace = flow.pace(board)
    late = tuple(gid for gid in flow.ageing(board, pace.p85) if gid not in without)
    for gid in late:
        _tell_age(facts, board, gid)
    facts.listed(
        "ageing",
        "ageing",
        late,
        "in progress for longer than the team's p85, not blocked; oldest first",
        of=len(flow.wip(board)),
    )
    if pace.p85 is not None:
        rule = "85 % of the tasks finished in the last 12 weeks took at most this many calendar days"
        facts.figure("ageing.p85", "the team's p85", round(pace.p85, 1), "days", rule, of=None)
        facts.figure("ageing.n", "tasks behind the p85", pace.n, "tasks", "finished in the last 12 weeks")
    else:
        few = counted(pace.n, "task", "tasks")
        facts.blind_spot(f"no ageing line: only {few} finished in 12 weeks" if few else "")
    return late


def _moved(
    facts: FactsBuilder, board: Board, window: Window, *, without: set[str], focus: set[str]
) -> tuple[str, ...]:
    """The three moved lists; gives every task people moved in the window, listed or not."""
    news = activity.activity(board, window.start, window.end)
    groups = (news.done, news.in_review, news.started)
    shown = [[gid for gid in group if gid not in without] for group in groups]
    total = sum(len(group) for group in shown)
    facts.figure(
        "moved",
        "moved",
        total,
        "tasks",
        "moved to done, review or progress in the window, not blocked or ageing; last state only",
        of=len({*focus, *(gid for group in shown for gid in group)}),
    )
    words = ("done", "in review", "started")
    for fact_id, word, group in zip(MOVED, words, shown, strict=True):
        for gid in group:
            _tell_age(facts, board, gid)
        facts.listed(fact_id, word, group, f"{word} at the window's end and not at its start", of=total)
    if news.reopened:
        facts.figure(
            "moved.reopened", "reopened", len(news.reopened), "tasks", "done before the window and open after it",
            tasks=news.reopened,
        )  # fmt: skip
    facts.figure("window.comments", "comments", news.comments, "comments", "written by people in the window")
    return (*news.done, *news.in_review, *news.started, *news.reopened)


def _condition(facts: FactsBuilder, board: Board, focus: set[str]) -> None:
    """Work in progress against its limit, and what is overdue, stale or nobody's."""
    wip, limit = flow.wip(board), board.rules.wip_limit
    facts.figure(
        "wip", "in progress", len(wip), "tasks", "started or in review and not done", of=len(focus), tasks=wip
    )
    if limit is not None:
        facts.figure("wip.limit", "limit", limit, "tasks", "the team's own limit, from its configuration")
    late = [gid for gid in flow.overdue(board) if gid in focus]
    rule = "open, in the sprint or in progress, and due before today in the team's zone; oldest first"
    facts.listed("overdue", "overdue", late, rule, of=len(focus), cap=5)
    free = flow.unassigned(board, focus)
    facts.listed(
        "unassigned", "without an owner", free, "open, in the sprint or in progress", of=len(focus), cap=4
    )
    old = flow.stale(board)
    rule = f"in progress and untouched for more than {board.rules.stale_after_days} days"
    facts.figure("stale", "stale", len(old), "tasks", rule, of=len(wip), tasks=old)


def _blind_spots(facts: FactsBuilder, board: Board, focus: set[str]) -> None:
    if board.points_field is None:
        facts.blind_spot(f"no field {board.rules.points_field}: no points")
    else:
        bare = flow.unestimated(board, focus)
        rule = "open, in the sprint or in progress, with an empty points field"
        facts.figure(
            "unestimated", "without an estimate", len(bare), "tasks", rule, of=len(focus), tasks=bare
        )
        facts.blind_spot(counted(len(bare), "task without an estimate", "tasks without an estimate"))
    loose = len(flow.unticked(board))
    facts.blind_spot(
        counted(loose, "task in Done is not marked complete", "tasks in Done are not marked complete")
    )
    vague = len(undated(board.snapshot, board.rules))
    facts.blind_spot(counted(vague, "sprint has no readable dates", "sprints have no readable dates"))
    far = unread_dependencies(board)
    facts.blind_spot(counted(far, "dependency leads to an unread task", "dependencies lead to unread tasks"))


def _tell_age(facts: FactsBuilder, board: Board, gid: str) -> None:
    age = flow.age_days(board, board.histories[gid])
    if age is not None and board.state(board.histories[gid], board.as_of) != "done":
        facts.about(gid, age_days=age)


def _open(board: Board, gids: Iterable[str]) -> set[str]:
    return {gid for gid in gids if board.state(board.histories[gid], board.as_of) != "done"}


CEREMONY = Ceremony(
    name="standup",
    title="Daily stand-up",
    cadence=Weekdays(at=time(9, 15)),
    gather=gather,
    checks=STANDUP_CHECKS,
    expires_after=timedelta(hours=2),
    agenda=tuple(section.title for section in SECTIONS),
)
