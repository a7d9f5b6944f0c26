"""The chore that keeps waiting drafts moving: which runs it looks at, and how many in a turn."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from facilitator.calendar.window import Window
from facilitator.runs.approval_tasks import ApprovalTasks, Asked
from facilitator.runs.approvals import Approvals
from facilitator.runs.assignment import Approver, Assignment
from facilitator.runs.database import Database
from facilitator.runs.library import Library
from facilitator.runs.run import Mode, Run, RunState
from facilitator.runs.store import RunStore
from facilitator.service.application import Application
from facilitator.service.deciding import MOST_LOOKS, hearer
from tests.unit.runs.conftest import NOW
from tests.unit.runs.test_autonomy import ASSIGNMENT

pytestmark = pytest.mark.anyio
BY_GID, BY_NAME = (Approver("Alice", "901"),), (Approver("Alice"),)


@dataclass
class Deployment:
    """The part of an application that the chore looks at, and the looks it asked for."""

    store: RunStore
    approvers: tuple[Approver, ...]
    now: datetime = NOW
    looks: list[str] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.store.database

    @property
    def approvals(self) -> Approvals:
        return Approvals(self.store, cast("Library", None))

    @property
    def assignments(self) -> dict[tuple[str, str], Assignment]:
        return {("harbour", "standup"): replace(ASSIGNMENT, approvers=self.approvers)}

    def clock(self) -> datetime:
        return self.now

    def waiting(self, number: int) -> Run:
        """One run more whose draft waits for a day."""
        window = Window(NOW - timedelta(days=1), NOW + timedelta(seconds=number))
        run, _ = self.store.fire("harbour", "standup", window, mode=Mode.APPROVE, trigger="schedule", now=NOW)
        with self.store.step(run, now=NOW) as step:
            for state in (RunState.GATHERED, RunState.SUBMITTED, RunState.JUDGED):
                step.move(state, "by hand")
            step.set(expires_at=NOW + timedelta(days=1))
        return step.run

    async def turns(self, count: int = 1) -> list[str]:
        """The looks that so many turns of one chore ask for."""
        self.looks.clear()
        turn = hearer(cast("Application", self), self.looks.append)
        for _ in range(count):
            await turn()
        return self.looks


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    return Deployment(RunStore.open(f"sqlite:///{tmp_path / 'runs.sqlite3'}"), BY_GID)


async def test_many_waiting_runs_are_looked_at_in_rotation(deployment: Deployment) -> None:
    """Each turn is bounded, and nobody is passed over."""
    runs = {deployment.waiting(number).id for number in range(MOST_LOOKS + 5)}
    assert len(await deployment.turns()) == MOST_LOOKS
    assert set(await deployment.turns(2)) == runs


async def test_runs_nobody_answers_in_asana_are_left_alone_until_the_reminder(deployment: Deployment) -> None:
    """Without a gid there is nothing to read; only the time to remind is worth a look."""
    deployment.approvers = BY_NAME
    run = deployment.waiting(0)
    assert await deployment.turns() == []
    deployment.now = NOW + timedelta(hours=19)
    assert await deployment.turns() == [run.id]


async def test_a_question_that_was_never_closed_is_looked_at(deployment: Deployment) -> None:
    """The run ended elsewhere; its task in Asana is still to be told."""
    run = deployment.waiting(0)
    ApprovalTasks(deployment.database).keep(Asked(run.id, "d", "ref x", NOW, "77"))
    with deployment.store.step(run, now=NOW) as step:
        step.move(RunState.REJECTED, "by Alice")
    assert await deployment.turns() == [run.id]
