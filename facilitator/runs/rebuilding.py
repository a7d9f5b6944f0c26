"""A lost run log made again from what stands outside: our comments in Asana, and what our sessions carry with them.

A comment means that its window was written: its run is recorded as written, and the next window begins where it ended. A
session without a comment is a run that was under way: it is made again under its own id and goes on through the pipeline,
which finds its session, its draft, and its approval task by their markers. Nothing is sent from here, and a run that the
log knows is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError

from facilitator.calendar.window import Window
from facilitator.drafts.rendering import marker
from facilitator.runs.assignment import Assignment
from facilitator.runs.database import Database
from facilitator.runs.ports import Comment, KeptSession
from facilitator.runs.run import Mode, Run, RunState, run_key
from facilitator.runs.step import record_fire

TRIGGER = "rebuild"
PROPOSAL = "[AI Proposal]"
_MARKER = re.compile(r"ref (?P<ceremony>[^/\s]+)/(?P<end>[^/\s]+)/(?P<team>[^/\s]+)")

Pair = tuple[str, str]
"""A team's slug and a ceremony's name."""


class Traces(NamedTuple):
    """What was found outside: comments by team and ceremony, and sessions, newest first."""

    comments: Mapping[Pair, Sequence[Comment]]
    sessions: Sequence[KeptSession]


@dataclass(frozen=True, slots=True)
class Recovery:
    """One run to be recorded as it stands here; `why` is the first line of its history."""

    run: Run
    why: str


def recoveries(
    traces: Traces, assignments: Mapping[Pair, Assignment], *, known: Callable[[str], bool], now: datetime
) -> tuple[Recovery, ...]:
    """What the log lacks, oldest window first. `known` tells whether the log has a run of this key."""
    sessions = _latest(traces.sessions)
    written = {
        one.run.key: one
        for pair, comments in traces.comments.items()
        if pair in assignments
        for one in _written(comments, assignments[pair], sessions, now)
    }
    under_way = {
        key: one
        for key, session in sessions.items()
        if key not in written and (one := _under_way(session, assignments, now)) is not None
    }
    missing = [one for key, one in {**under_way, **written}.items() if not known(key)]
    return tuple(sorted(missing, key=lambda one: (one.run.window.end, one.run.key)))


def record(database: Database, recovery: Recovery) -> bool:
    """Record one run; False where the log has it by now. The second time nothing changes."""
    try:
        with database.begin() as connection:
            record_fire(connection, recovery.run, why=recovery.why)
    except IntegrityError:
        return False
    return True


def _latest(sessions: Iterable[KeptSession]) -> dict[str, KeptSession]:
    """The session that counts for each run: that of its last attempt, of several the oldest, as `submit` adopts it."""
    found: dict[str, KeptSession] = {}
    for session in sorted(sessions, key=lambda one: (_attempt(one), -one.created_at.timestamp())):
        found[session.run_key.partition("#")[0]] = session
    return found


def _attempt(session: KeptSession) -> int:
    number = session.run_key.partition("#")[2]
    return int(number) if number.isdigit() else 1


def _written(
    comments: Sequence[Comment], assignment: Assignment, sessions: Mapping[str, KeptSession], now: datetime
) -> Iterator[Recovery]:
    """The oldest comment of each window, in the order of the windows: each begins where the one before ended."""
    ends = {
        end: comment
        for comment in reversed(comments)
        if (end := _window_end(comment, assignment)) is not None
    }
    covered: datetime | None = None
    for end, comment in sorted(ends.items()):
        session = sessions.get(run_key(assignment.ceremony.name, Window(end, end), assignment.team))
        window = _window(session) if session else None
        start = window.start if window else covered or assignment.timetable.previous(end)
        mode = Mode.DRAFT if comment.text.startswith(PROPOSAL) else assignment.mode
        planned = _planned(assignment, Window(min(start, end), end), mode, now)
        why = f"rebuilt: comment {comment.gid} on task {comment.task} is there"
        yield Recovery(
            replace(
                planned, state=RunState.WRITTEN, reason=why, task_gid=comment.task, story_gid=comment.gid,
                session_id=session.id if session else None, updated_at=now,
            ),
            why,
        )  # fmt: skip
        covered = end


def _window_end(comment: Comment, assignment: Assignment) -> datetime | None:
    """The window that a comment's last line names, where it is one of this assignment's documents."""
    lines = comment.text.replace("\u00a0", " ").strip().splitlines()
    found = _MARKER.fullmatch(lines[-1].strip()) if lines else None
    if found is None:
        return None
    end = _instant(found["end"])
    if end is None or found[0] != marker(assignment.team, assignment.ceremony.name, Window(end, end).key):
        return None
    return end


def _under_way(
    session: KeptSession, assignments: Mapping[Pair, Assignment], now: datetime
) -> Recovery | None:
    about, window = session.about, _window(session)
    assignment = assignments.get((about.get("team", ""), about.get("ceremony", "")))
    mode = about.get("mode", "")
    if window is None or assignment is None or mode not in set(Mode):
        return None
    planned = replace(
        _planned(assignment, window, Mode(mode), now),
        attempt=_attempt(session),
        revision=max(0, session.asked - 1),
        submit_attempted_at=session.created_at,
    )
    if session.created_at + assignment.deadline + assignment.expires_after < now:
        why = f"rebuilt: session {session.id} has no comment, and its time for a decision is over"
        return Recovery(replace(planned, state=RunState.SKIPPED, reason=why, session_id=session.id), why)
    return Recovery(planned, f"rebuilt: session {session.id} is there and has no comment yet; it goes on")


def _window(session: KeptSession) -> Window | None:
    start, end = (_instant(session.about.get(name, "")) for name in ("window_start", "window_end"))
    return None if start is None or end is None or start > end else Window(start, end)


def _instant(text: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else None


def _planned(assignment: Assignment, window: Window, mode: Mode, now: datetime) -> Run:
    return Run.planned(assignment.team, assignment.ceremony.name, window, mode=mode, trigger=TRIGGER, now=now)
