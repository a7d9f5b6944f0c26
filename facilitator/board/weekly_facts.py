"""The week as facts: what was finished, how work flows, what is in trouble, what may come next, which dates moved.

Between `weekly`, which measures, and a ceremony that looks back a week. Each function adds facts to a builder and gives
back what the ceremony decides its form by. Figures of the week before stand beside their own as `<id>.last_week`. Work
that nobody touched for a week is counted here and listed nowhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from facilitator.board import flow
from facilitator.board.blocking import Cause, blocked_now
from facilitator.board.board import Board
from facilitator.board.building import FactsBuilder, counted, names
from facilitator.board.dependencies import dependencies, overdue_days, slips
from facilitator.board.facts import show_date
from facilitator.board.weekly import (
    Promises,
    Trouble,
    Week,
    board_at,
    completed,
    date_moves,
    idle_days,
    in_focus,
    lively,
    points_of,
    troubles,
    unbegun,
    upcoming,
    weightiest,
)

LAST_WEEK = ".last_week"

LISTED = 6
"""Tasks of one list a weekly document may choose from; it tells two to four of them."""

BEHIND = 8
"""Tasks named behind a figure: enough to look it up, and the figure has the count of all."""

UNBEGUN = 2
NOT_STARTED = "not started while the plan is late"

SLIPS = 3
MOVED_DATES = 3
PROMISES = 4

_FINISHED = "marked complete in the seven days before the window's end"
_BEFORE = "marked complete in the seven days before those"


def tell_finished(facts: FactsBuilder, board: Board, week: Week, *, unit: str) -> int:
    """What was finished this week and the week before, `unit` first; gives how much of it is worth telling."""
    now, last = completed(board, week.start, week.end), completed(board, week.before, week.start)
    both = [("throughput", "tasks done this week", float(len(now)), float(len(last)))]
    if points_of(board, now) or points_of(board, last):
        both.append(("points", "points done this week", points_of(board, now), points_of(board, last)))
    for fact_id, label, value, before in sorted(both, key=lambda one: one[0] != unit):
        kind = "tasks" if fact_id == "throughput" else "points"
        behind = (tuple(now), tuple(last)) if kind == "tasks" else ((), ())
        facts.figure(fact_id, label, value, kind, _FINISHED, tasks=behind[0][:BEHIND])
        facts.figure(
            f"{fact_id}{LAST_WEEK}", f"{kind} last week", before, kind, _BEFORE, tasks=behind[1][:BEHIND]
        )
    best = weightiest(board, now)
    facts.listed(
        "accomplished",
        "accomplished",
        best,
        "done this week: first what others waited for, then by points, then the newest; without what came to nothing",
        of=len(now),
        cap=LISTED,
    )
    return len(best)


def tell_flow(facts: FactsBuilder, board: Board, week: Week) -> None:
    """Open work now and a week ago: in progress, blocked, overdue; and what is stale, ownerless or lay still."""
    then = board_at(board, week.start)
    for fact_id, label, measure, rule in (
        ("wip", "in progress", flow.wip, "started or in review and not done"),
        ("blocked", "blocked", blocked_in_focus, "open, in the sprint or in progress, and waiting"),
        ("overdue", "overdue", flow.overdue, "open and due before today in the team's zone"),
    ):
        gids = measure(board)
        facts.figure(fact_id, label, len(gids), "tasks", rule, tasks=gids[:BEHIND])
        facts.figure(f"{fact_id}{LAST_WEEK}", f"{label} a week ago", len(measure(then)), "tasks", rule)
    late = flow.overdue(board)
    awake = set(lively(board, late))
    still = tuple(gid for gid in late if gid not in awake)
    rule = "open, overdue, and touched by nobody in seven days"
    facts.figure(
        "overdue.idle", "overdue and untouched", len(still), "tasks", rule, of=len(late), tasks=still
    )
    old = flow.stale(board)
    rule = f"in progress, untouched for more than {board.rules.stale_after_days} days"
    facts.figure("stale", "stale", len(old), "tasks", rule, tasks=old[:BEHIND])
    focus = in_focus(board)
    free = flow.unassigned(board, focus)
    rule = "open, in the sprint or in progress"
    facts.figure(
        "unassigned", "without an owner", len(free), "tasks", rule, of=len(focus), tasks=free[:BEHIND]
    )


def tell_risks(facts: FactsBuilder, board: Board, *, late: bool) -> tuple[str, ...]:
    """Open work in trouble that somebody touched this week; gives its gids, worst first.

    Where nothing is in trouble and yet the plan is `late`, the largest pieces nobody began stand in: they may not fit.
    """
    focus, stuck = in_focus(board), blocked_now(board)
    awake = lively(board, focus)
    found = troubles(
        board,
        awake,
        blocked=stuck,
        overdue=flow.overdue(board),
        unassigned=flow.unassigned(board, focus),
    )
    causes = {one.gid: one.causes for one in stuck}
    if late and not found:
        found = tuple(Trouble(gid, (NOT_STARTED,)) for gid in unbegun(board, awake)[:UNBEGUN])
    for one in found:
        facts.about(one.gid, **_trouble(board, one, causes.get(one.gid, ())))
    rule = (
        "in the sprint or in progress, touched this week, and blocked, overdue or without an owner; worst first; "
        "without any, but with a late plan, the largest not started"
    )
    facts.listed("risks", "risks", [one.gid for one in found], rule, of=len(focus), cap=LISTED)
    return tuple(one.gid for one in found)


def tell_slips(facts: FactsBuilder, board: Board) -> None:
    """Work that slips because what it waits for is overdue, the latest first; says nothing where nothing waits so.

    What nobody touched this week is counted and not named. A ring of dependencies is told, and its last link not followed.
    """
    graph, late, focus = dependencies(board), overdue_days(board), set(in_focus(board))
    ring = counted(len(graph.cycles), "ring of tasks that wait", "rings of tasks that wait")
    facts.blind_spot(f"{ring} for each other: no delay is followed around it" if ring else "")
    found = {one.gid: one for one in slips(board, graph, late) if len(one.path) > 1 and one.gid in focus}
    if not found:
        return
    awake = lively(board, found)
    for gid in awake[:SLIPS]:
        origin = found[gid].path[0]
        days = counted(late[origin], "working day", "working days")
        facts.about(
            gid,
            slip_working_days=found[gid].working_days,
            slips_because=f"{names((origin,), board)} is {days} late",
        )
    rule = (
        "in the sprint or in progress, and waiting, also through others, for an overdue task: its working days late, less "
        "those between a blocker's due date and a start date; the longest path, not the sum"
    )
    told = [*awake, *(gid for gid in found if gid not in awake)]
    facts.listed("slips", "slip through late tasks", told, rule, cap=min(SLIPS, len(awake)))


def tell_promises(
    facts: FactsBuilder, board: Board, found: Promises, risky: Collection[str]
) -> tuple[str, ...]:
    """What became of last week's promises; gives the open ones that are not among the risks: they need words."""
    if not found.count:
        return ()
    told = tuple(gid for gid in found.open if gid not in risky)
    at_risk = tuple(gid for gid in found.open if gid in risky)
    rule = "next steps and risks of the last weekly status, by their tasks' present state"
    facts.figure("promises", "last week's promises", found.count, "tasks", rule)
    for fact_id, label, gids, how in (
        ("promises.done", "kept", found.done, "done since"),
        ("promises.open", "not done", told, "open, and not among the risks"),
        ("promises.at_risk", "at risk", at_risk, "open, and among the risks"),
        (
            "promises.dropped",
            "dropped",
            found.dropped,
            "taken off the board, back in the backlog, or closed without anything to show",
        ),
    ):
        facts.listed(fact_id, label, gids, how, of=found.count, cap=PROMISES)
    if found.gone:
        facts.figure("promises.gone", "no longer found", len(found.gone), "tasks", "not among the tasks read")
    for gid in told:
        facts.about(gid, idle_days=idle_days(board, gid))
    return told


def tell_next(facts: FactsBuilder, board: Board, *, without: Collection[str]) -> None:
    """Tasks that may be named as next: touched this week, in no trouble, told nowhere else."""
    fit = upcoming(board, (gid for gid in lively(board, in_focus(board)) if gid not in without))
    for gid in fit:
        facts.about(gid, idle_days=idle_days(board, gid))
    rule = (
        "in the sprint or in progress, touched this week, in no trouble; with owner and coming due date first"
    )
    facts.listed("next.candidates", "may come next", fit, rule, cap=LISTED)


def tell_date_moves(facts: FactsBuilder, board: Board, week: Week) -> int:
    """Due dates that are others than a week ago; of the reason only whether one was written is claimed."""
    found = date_moves(board, week.start, week.end)
    for move in found[:MOVED_DATES]:
        facts.about(
            move.gid,
            due_before=show_date(move.old),
            due_now=show_date(move.new) if move.new else "no date",
            due_reason="see its comment of that day" if move.said else "reason not recorded",
        )
        if move.said:
            facts.about(move.gid, due_comment=move.said)
    if found:
        rule = "open, and due on another day than a week ago; furthest first"
        facts.listed("date_moves", "dates moved", [move.gid for move in found], rule, cap=MOVED_DATES)
    return len(found)


def blocked_in_focus(board: Board) -> tuple[str, ...]:
    """Open tasks of the sprint or in progress that wait, longest first."""
    focus = set(in_focus(board))
    return tuple(one.gid for one in blocked_now(board) if one.gid in focus)


def _trouble(board: Board, one: Trouble, causes: Sequence[Cause]) -> dict[str, float | str]:
    """What a task's risk consists of; days only where there are some."""
    waits = names((cause.of for cause in causes if cause.kind == "dependency"), board)
    told: dict[str, float | str] = {"risk": ", ".join(one.reasons), "idle_days": idle_days(board, one.gid)}
    if "blocked" in one.reasons:
        told["blocked_days"] = one.blocked_days
        told["blocked_because"] = f"waits for {waits}" if waits else "the board says blocked, not by what"
    return told | ({"overdue_days": one.overdue_days} if one.overdue_days else {})
