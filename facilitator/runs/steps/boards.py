"""What is read for one document: the team's own board, and for a roll-up the boards of its teams beside it.

Each board is read as its own team reads it: with that team's token, projects and rules. A board that cannot be read is
told by the document; it takes the others down only where there are no others. Nothing is recorded here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

import structlog

from facilitator.board.snapshot import Snapshot, TeamBoard
from facilitator.calendar.window import Window
from facilitator.errors import ConfigurationError, FacilitatorError, TrackerError
from facilitator.runs.assignment import Assignment, MemberTeam
from facilitator.runs.ports import Tracker
from facilitator.runs.steps.desk import OfTeam

log = structlog.get_logger()

AT_ONCE = 4
"""Boards read side by side. Each token's limiter bounds its own calls; this bounds what is held half read."""

ROUNDS = 2
"""A board whose trouble may pass is asked for once more after the others: a roll-up does not wait for one team for ever."""

REASONS = {401: "its token was refused", 403: "it may not be read", 404: "its project was not found"}

Answer = Snapshot | FacilitatorError


async def read_boards(
    tracker: Callable[[OfTeam], Tracker],
    assignment: Assignment,
    window: Window,
    earlier: Snapshot | None = None,
) -> Snapshot:
    """The team's board as of the window's end, with its members' in `boards`; `earlier` saves what has not changed since.

    Raises `TrackerError` where the own board cannot be read, or none of the members'.
    """
    since = window.start - assignment.ceremony.history
    kept = {each.team: each.snapshot for each in earlier.boards} if earlier else {}

    async def read(whose: Assignment | MemberTeam, before: Snapshot | None) -> Snapshot:
        return await tracker(whose).read_project(
            whose.project, as_of=window.end, history_since=since, more=whose.more, earlier=before
        )

    own = await read(assignment, earlier)
    turn = asyncio.Semaphore(AT_ONCE)

    async def ask(member: MemberTeam) -> Answer:
        async with turn:
            try:
                return await read(member, kept.get(member.team))
            except FacilitatorError as error:
                log.warning("member_not_read", member=member.team, error=error.message)
                return error

    found: dict[str, Answer] = {}
    for _round in range(ROUNDS):
        wanted = [member for member in assignment.members if _worth_asking(found.get(member.team))]
        answers = await asyncio.gather(*map(ask, wanted))
        found |= {member.team: answer for member, answer in zip(wanted, answers, strict=True)}
    return replace(own, boards=_boards(assignment, found))


def _worth_asking(found: Answer | None) -> bool:
    return found is None or (isinstance(found, FacilitatorError) and found.retryable)


def _boards(assignment: Assignment, found: Mapping[str, Answer]) -> tuple[TeamBoard, ...]:
    """One entry for each member. A roll-up of nothing is none: then the first team's trouble is raised for all."""
    boards = tuple(_board(member, found[member.team]) for member in assignment.members)
    if not boards or any(each.snapshot for each in boards):
        return boards
    errors = [each for each in found.values() if isinstance(each, FacilitatorError)]
    raise TrackerError(
        f"no board of {', '.join(each.name for each in boards)} could be read: "
        + (errors[0].message if errors else "their projects have no tasks."),
        suggestion=errors[0].suggestion if errors else "Check the projects of these teams.",
        retryable=any(error.retryable for error in errors),
    )


def _board(member: MemberTeam, found: Answer) -> TeamBoard:
    if isinstance(found, FacilitatorError):
        return TeamBoard(member.team, member.name, None, why_unread(found))
    if not found.tasks:
        return TeamBoard(member.team, member.name, None, "its project has no tasks")
    return TeamBoard(member.team, member.name, found)


def why_unread(error: FacilitatorError) -> str:
    """The reason as any reader may have it: no address, no gid, and nothing of where a secret is kept."""
    if isinstance(error, TrackerError) and error.status in REASONS:
        return REASONS[error.status]
    if isinstance(error, ConfigurationError):
        return "its token is not at hand"
    return "Asana gave no good answer" if error.retryable else "Asana was not asked, or refused"
