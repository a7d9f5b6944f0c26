"""What every step works at: the ports of the world outside, and the ways to record what was done.

A step is a function of this desk, a run and its assignment; it gives the run as recorded. It knows no other step.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from facilitator.board.facts import Facts
from facilitator.board.snapshot import Snapshot
from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault
from facilitator.errors import FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.at_hand import AtHand
from facilitator.runs.closer_look import CloserLook
from facilitator.runs.library import Library
from facilitator.runs.locks import Locks
from facilitator.runs.ports import AgentBackend, Pinned, Tracker
from facilitator.runs.run import Run, RunState
from facilitator.runs.step import Step
from facilitator.runs.steps.notebook import Notebook
from facilitator.runs.store import RunStore

Observe = Callable[[Run, str, Mapping[str, Any]], None]
"""Told of each move (`moved`, with `why`) and of each session event (`event`) as it happens; must not raise."""


def unobserved(_run: Run, _kind: str, _detail: Mapping[str, Any]) -> None:
    """Nobody watches."""


class OfTeam(Protocol):
    """Something that belongs to one team: an assignment, or a member of a roll-up."""

    @property
    def team(self) -> str:
        """The team's slug."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside that the pipeline touches, handed in by runner.py.

    `tracker` gives a team's own: what it reads by, and how far it reaches.
    """

    store: RunStore
    tracker: Callable[[OfTeam], Tracker]
    agents: AgentBackend
    pinned: Pinned
    library: Library
    locks: Locks
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    observe: Observe = unobserved


TASKS_AT_HAND = 5_000
"""Of the boards that are asked about now: some hundred sprints, or one large project."""

FACTS_AT_HAND = 200
"""Runs whose facts are held; those of one take some tens of kilobytes."""


class Desk:
    """The ports, and how a step records its result; holds nothing between steps but what is asked about now."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports
        self.store = ports.store
        self.notebook = Notebook(ports.store.keep_pages, ports.clock)
        self._facts = AtHand[Facts](FACTS_AT_HAND)
        self._boards = AtHand[Snapshot](TASKS_AT_HAND, lambda board: len(board.tasks))
        self._looks = AtHand[tuple[int, CloserLook]](TASKS_AT_HAND, lambda look: look[0])
        self._checked = AtHand[list[Fault]](FACTS_AT_HAND)

    def facts(self, run: Run) -> Facts:
        """The facts gathered for the run; raises where the run log has none."""

        def read() -> Facts:
            facts = self.store.facts(run.id)
            if facts is None:
                raise FacilitatorError(
                    "the run log has no facts for this run.", suggestion="Run the window again."
                )
            return facts

        return self._facts.at(run.id, read)

    def board(self, run: Run) -> tuple[Snapshot, Facts]:
        """What was read and what was computed for the run; raises where either is missing."""

        def read() -> Snapshot:
            snapshot = self.store.snapshot(run.id)
            if snapshot is None:
                raise FacilitatorError(
                    "the run log has no snapshot for this run.", suggestion="Run the window again."
                )
            return snapshot

        return self._boards.at(run.id, read), self.facts(run)

    def look(self, run: Run, assignment: Assignment) -> CloserLook:
        """The run's board, replayed and ready for an agent's questions."""

        def prepare() -> tuple[int, CloserLook]:
            snapshot, facts = self.board(run)
            return len(snapshot.tasks), CloserLook(snapshot, facts, assignment.rules, assignment.member_rules)

        return self._looks.at(run.id, prepare)[1]

    def faults(self, run: Run, assignment: Assignment, draft: Draft) -> list[Fault]:
        """What the checks find in a draft of this run: the agent asks about the one that it then leaves behind."""

        def check() -> list[Fault]:
            return self.ports.library.check(assignment.ceremony, draft, self.facts(run))

        return self._checked.at((run.id, draft.digest()), check)

    def forget(self, run: Run) -> None:
        """Let go of the run's board: its session has ended."""
        self._looks.drop(run.id)

    def step(self, run: Run, by: str = "pipeline") -> AbstractContextManager[Step]:
        """One transaction of the run log about this run; see `RunStore.step`."""
        return self.store.step(run, now=self.ports.clock(), by=by)

    def moved(self, step: Step) -> Run:
        """Tell who watches that the run was moved; the run as recorded."""
        self.ports.observe(step.run, "moved", {"why": step.run.reason})
        return step.run

    def end(self, run: Run, state: RunState, why: str) -> Run:
        """Move the run to one of its ends."""
        with self.step(run) as step:
            step.move(state, why)
        return self.moved(step)

    def fail(self, run: Run, why: str) -> Run:
        """The run cannot go on, and says why."""
        return self.end(run, RunState.FAILED, why)


StepWork = Callable[[Desk, Run, Assignment], Awaitable[Run]]
"""One step: takes a run in its state and gives it as recorded, one state further, or unchanged where it waits."""
