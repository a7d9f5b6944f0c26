"""A run: one ceremony of one team for one window, its states, and the moves between them.

The states and moves are drawn in ARCHITECTURE.md; change both together. This module decides what is legal; the store
records it; `pipeline.advance` is the only place that knows the order of the work.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from facilitator.calendar.window import Window
from facilitator.errors import FacilitatorError

RunId = NewType("RunId", str)


class RunState(StrEnum):
    """Where a run stands. The last five are ends."""

    SCHEDULED = "scheduled"
    """Fired: the row exists, nothing was read."""
    GATHERED = "gathered"
    """The board was read once; snapshot and facts are recorded."""
    SUBMITTED = "submitted"
    """One session works on the outcome; following it is the next step."""
    JUDGED = "judged"
    """Graded and checked; waits for a decision."""
    APPROVED = "approved"
    """Someone with the right said yes to exactly these bytes; they are not in Asana yet, or not surely."""
    WRITTEN = "written"
    """The comment was read back from Asana."""
    REJECTED = "rejected"
    """A person said no."""
    EXPIRED = "expired"
    """Nobody decided in time, which means no."""
    FAILED = "failed"
    """It cannot go on; the reason says why and what to do."""
    SKIPPED = "skipped"
    """Nothing was to be written: shadow mode, or a quiet window of a team that wants silence."""


MOVES: dict[RunState, frozenset[RunState]] = {
    RunState.SCHEDULED: frozenset({RunState.GATHERED, RunState.FAILED, RunState.SKIPPED}),
    RunState.GATHERED: frozenset({RunState.SUBMITTED, RunState.JUDGED, RunState.FAILED, RunState.SKIPPED}),
    RunState.SUBMITTED: frozenset({RunState.JUDGED, RunState.GATHERED, RunState.FAILED}),
    RunState.JUDGED: frozenset(
        {
            RunState.APPROVED,
            RunState.GATHERED,
            RunState.REJECTED,
            RunState.EXPIRED,
            RunState.FAILED,
            RunState.SKIPPED,
        }
    ),
    RunState.APPROVED: frozenset({RunState.WRITTEN, RunState.FAILED}),
    RunState.WRITTEN: frozenset(),
    RunState.REJECTED: frozenset(),
    RunState.EXPIRED: frozenset(),
    RunState.FAILED: frozenset(),
    RunState.SKIPPED: frozenset(),
}
"""The only table of legal moves.

`judged -> gathered` is a person's wish for changes, `submitted -> gathered` a session that is given up for a new one, and
`gathered -> judged` a document of figures alone where no session can be had.
"""

ENDS = frozenset(state for state, onward in MOVES.items() if not onward)


class Mode(StrEnum):
    """What may be written without asking, per team and ceremony."""

    SHADOW = "shadow"
    """Runs to the verdict; writes nothing."""
    DRAFT = "draft"
    """Writes one comment that begins with [AI Proposal], and nothing else; nobody is asked."""
    APPROVE = "approve"
    """A person decides on every draft (the default)."""
    AUTO = "auto"
    """A draft that satisfied the grader and passes every check is written; anything less goes to a person."""


FIGURES = "figures"
"""The source of a draft that code wrote because no session could: every figure, and no word more."""


class IllegalMove(FacilitatorError):  # noqa: N818 - reads as the sentence it is
    """A move that the table does not have: a programming fault, never the user's."""

    code = "illegal_move"


class StaleRun(FacilitatorError):  # noqa: N818 - an everyday race, not an error of anyone
    """Another worker has moved the run on since it was read; read it again."""

    code = "stale_run"


def run_key(ceremony: str, window: Window, team: str) -> str:
    """The name of the one run for this window: it travels with the session and the comment."""
    return f"{ceremony}/{window.key}/{team}"


def run_id(key: str) -> RunId:
    """Derived from the key, so that a lost run log gives the same run the same id again."""
    return RunId("run_" + hashlib.sha256(key.encode()).hexdigest()[:16])


@dataclass(frozen=True, slots=True)
class Run:
    """One row of the run log. `version` grows by one with every record; instants are aware, in UTC."""

    id: RunId
    key: str
    team: str
    ceremony: str
    window: Window
    mode: Mode
    trigger: str
    state: RunState
    version: int
    created_at: datetime
    updated_at: datetime
    reason: str = ""
    attempt: int = 1
    """The number of the run's session, from 1: a second one is tried where the first could not finish."""
    revision: int = 0
    """How often a person asked for changes."""
    session_revision: int = 0
    """The revision that the present session began with: it has seen the ones after it only."""
    submit_attempted_at: datetime | None = None
    session_id: str | None = None
    outcome_id: str | None = None
    agent_id: str | None = None
    agent_version: int | None = None
    console_url: str = ""
    prompt_hash: str = ""
    brief_id: str = ""
    brief_version: str = ""
    brief_hash: str = ""
    rubric_id: str = ""
    rubric_version: str = ""
    rubric_hash: str = ""
    agent_hash: str = ""
    environment_hash: str = ""
    result: str | None = None
    draft_digest: str | None = None
    draft_source: str = ""
    expires_at: datetime | None = None
    task_gid: str | None = None
    story_gid: str | None = None
    period: str | None = None
    """What a scheduled run stands for (a day, an ISO week, a month, a sprint), by which it is held once."""

    @classmethod
    def planned(
        cls,
        team: str,
        ceremony: str,
        window: Window,
        *,
        mode: Mode,
        trigger: str,
        now: datetime,
        period: str | None = None,
    ) -> Run:
        """The one run of a window as it is when it is fired; nothing is recorded here."""
        key = run_key(ceremony, window, team)
        return cls(
            id=run_id(key), key=key, team=team, ceremony=ceremony, window=window, mode=mode, trigger=trigger,
            state=RunState.SCHEDULED, version=1, created_at=now, updated_at=now, period=period,
        )  # fmt: skip

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to this run."""
        return self.state in ENDS

    @property
    def session_key(self) -> str:
        """What the run's present session is found by: the run's key, and the session's number from the second on."""
        return self.key if self.attempt == 1 else f"{self.key}#{self.attempt}"

    @property
    def round(self) -> int:
        """The place of the outcome that is due now among those of the present session, from 0."""
        return self.revision - self.session_revision

    @property
    def waits_for_a_person(self) -> bool:
        """Whether the next step is a decision, not work."""
        return self.state is RunState.JUDGED and self.mode is Mode.APPROVE


@dataclass(frozen=True, slots=True)
class Move:
    """One row of a run's history: from where to where, when, why and by whom."""

    at: datetime
    before: RunState | None
    after: RunState
    why: str
    by: str


class DecisionKind(StrEnum):
    """What a person, or the team's configuration in their place, says about a draft."""

    APPROVED = "approved"
    REJECTED = "rejected"
    REVISE = "revise"
    """Not like this: the reason goes back to the writer, and the next draft needs a decision of its own."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One word about exactly one draft. `channel` is cli, asana, web, or the mode that decided."""

    kind: DecisionKind
    by: str
    because: str
    draft_digest: str
    at: datetime
    channel: str


@dataclass(frozen=True, slots=True)
class Override:
    """An approver's status in the place of the rule's: an Asana status type, and the reason readers are shown."""

    status: str
    because: str

    def words(self) -> str:
        """How the decision keeps it."""
        return f"status {self.status}: {self.because}"

    @classmethod
    def kept(cls, words: str) -> Override | None:
        """The override that a decision's words keep, if they keep one."""
        found = re.fullmatch(r"(?:[^.]*changes[^.]*\. )?status (\w+): (.+)", words, re.DOTALL)
        return cls(found[1], found[2]) if found else None


class ParcelKind(StrEnum):
    """What an approved document may become in Asana."""

    COMMENT = "comment"
    """The document itself; every written run has exactly one."""
    TASK = "task"
    """One approved action."""
    STATUS = "status"
    """The project's status update."""
    ATTACHMENT = "attachment"
    """A picture on the document's task."""
    CHANGE = "change"
    """A proposed change to a task that stands there already."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to write, exactly as approved. `attempted_at` set and no `gid` means doubt: look before writing.

    `target` is the gid of a task (comment, attachment, change) or a project (task, status); a comment or attachment
    without one goes to the run's task. `detail` is a status update's type, or a task's success signal. `body` is
    html_text for a comment, text for a status, base64 for an attachment, and a JSON object for a task or a change.
    `marker` is how it is found again; a change, whose marks are the task's own values, has it for its name alone.
    Parcels are written in the order of `seq`.
    """

    seq: int
    kind: ParcelKind
    target: str | None
    detail: str
    title: str
    body: str
    digest: str
    marker: str
    attempted_at: datetime | None = None
    gid: str | None = None
    written_at: datetime | None = None


def check_move(before: RunState, after: RunState) -> None:
    """Raise `IllegalMove` unless the table has this move."""
    if after not in MOVES[before]:
        raise IllegalMove(f"a run cannot move from {before} to {after}")
