"""A recorded run's facts once more through a new session, perhaps under another rubric: to see what would come of it.

Writes nothing: not to Asana, and not to the run log. The session is a new one with a key of its own, is archived at the end, and
costs what a session costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facilitator.board.facts import Facts
from facilitator.board.snapshot import Snapshot
from facilitator.drafts.draft import Draft, DraftUnreadable, parse_draft
from facilitator.drafts.rubric import Rubric, parse_rubric
from facilitator.errors import ConfigurationError, FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.pipeline import Pipeline
from facilitator.runs.ports import Outcome, Usage, Verdict
from facilitator.runs.run import Run
from facilitator.runs.steps.desk import Observe
from facilitator.runs.steps.judge import GRADED
from facilitator.runs.tools import build_tools
from facilitator.service.application import Application


@dataclass(frozen=True, slots=True)
class Played:
    """One play of the facts: under which rubric, how it was graded, what was drafted, and the faults code finds in it."""

    rubric: str
    session_id: str
    result: str | None
    verdicts: tuple[Verdict, ...]
    draft: Draft | None
    faults: tuple[str, ...]
    usage: Usage | None
    trouble: str = ""


async def replay(
    app: Application, run: Run, rubric_file: Path | None, observe: Observe
) -> tuple[Played, Played]:
    """The play that was recorded, and a new one. Raises where the log holds no facts of the run any more."""
    assignment = app.assignment(run.team, run.ceremony)
    snapshot, facts = app.store.snapshot(run.id), app.store.facts(run.id)
    if snapshot is None or facts is None:
        raise FacilitatorError(
            f"the run log holds no facts of run {run.id}: they were never gathered, or purged since.",
            suggestion="Replay a younger run; `runs list` shows them.",
        )
    rubric = _rubric(rubric_file, run) if rubric_file else app.library.rubric(assignment.ceremony)
    async with app.working(app, observe) as pipeline:
        stage = _Stage(app, run, assignment, (snapshot, facts), pipeline, observe)
        return recorded(app, run), await stage.play(rubric)


def recorded(app: Application, run: Run) -> Played:
    """What the run log tells of the run."""
    record = app.store.draft(run.id, run.draft_digest or "")
    return Played(
        rubric=f"{run.rubric_id}@{run.rubric_version}",
        session_id=run.session_id or "",
        result=run.result,
        verdicts=app.store.verdicts(run.id),
        draft=record.draft if record else None,
        faults=tuple(fault.line() for fault in record.faults) if record else (),
        usage=app.store.usage(run.id),
        trouble="" if record else run.reason,
    )


@dataclass(frozen=True, slots=True)
class _Stage:
    app: Application
    run: Run
    assignment: Assignment
    board: tuple[Snapshot, Facts]
    pipeline: Pipeline
    observe: Observe

    async def play(self, rubric: Rubric) -> Played:
        """Open, follow, fetch, check; the session is archived whatever came of it."""
        agents, (snapshot, facts) = self.pipeline.agents, self.board
        outcome = self._outcome(rubric, facts)
        session = await agents.open_session(outcome, attempted_at=None)
        try:
            await agents.start(session.id, outcome)
            answer = build_tools(
                snapshot,
                facts,
                lambda raw: self._faults(parse_draft(raw)),
                rules=self.assignment.rules,
                members=self.assignment.member_rules,
            )
            ending = await agents.follow(session.id, outcome.deadline, answer=answer, record=self._watched)
            graded = ending.result in GRADED
            found = await agents.deliverable(session.id, written=ending.written) if graded else None
        finally:
            await agents.archive(session.id)
        draft, trouble = None, ending.reason
        try:
            draft = parse_draft(found.text) if found else None
        except DraftUnreadable as error:
            trouble = f"the draft cannot be used: {error}"
        faults = tuple(fault.line() for fault in self._faults(draft)) if draft else ()
        return Played(
            rubric.key, session.id, ending.result, ending.verdicts, draft, faults, ending.usage, trouble
        )

    def _faults(self, draft: Draft) -> list[Any]:
        return list(self.app.library.check(self.assignment.ceremony, draft, self.board[1]))

    def _watched(self, events: Sequence[Mapping[str, Any]]) -> None:
        for event in events:
            self.observe(self.run, "event", event)

    def _outcome(self, rubric: Rubric, facts: Facts) -> Outcome:
        """As the run's own, under a key that no run has: `rebuild` passes it over."""
        return Outcome(
            run_key=f"replay/{self.run.key}/{self.app.clock():%Y%m%dT%H%M%S%fZ}",
            title=f"replay · {self.run.ceremony} · {self.assignment.team_name} · {self.run.window.key}",
            description=self.app.library.brief(self.assignment.ceremony, facts),
            rubric=rubric.text,
            facts_json=facts.to_json(),
            max_iterations=self.assignment.max_iterations or rubric.max_iterations,
            budget_cents=self.assignment.budget_cents,
            deadline=self.assignment.deadline,
        )


def _rubric(path: Path, run: Run) -> Rubric:
    try:
        return parse_rubric(path.read_text(encoding="utf-8"), run.ceremony)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the rubric {path} cannot be read: {error}",
            suggestion="Name a Markdown file like those in rubrics/.",
        ) from error
