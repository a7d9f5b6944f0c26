"""The pipeline: `advance` takes a run one step further and is the only place that knows the order.

    scheduled -gather-> gathered -submit-> submitted -judge-> judged -decide-> approved -write_back-> written

Each step records its result before the next begins, so starting up is "advance every unfinished run" and a crash costs
one step. Every step is safe to repeat. The pipeline asks its ports and never a clock, a file or a network by itself;
what a person decides is recorded by `approvals`, not here.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta

import structlog

from facilitator.errors import AgentsError, FacilitatorError, TrackerError
from facilitator.pacing import LocalBucket, Pace, Turnstile, claiming
from facilitator.runs.assignment import Assignment
from facilitator.runs.current import at_work_on
from facilitator.runs.ports import AgentBackend
from facilitator.runs.run import Run, RunState, StaleRun
from facilitator.runs.steps.asking import Asking
from facilitator.runs.steps.decide import decide
from facilitator.runs.steps.desk import Desk, Ports, StepWork
from facilitator.runs.steps.figures import figures_instead
from facilitator.runs.steps.gather import gather
from facilitator.runs.steps.judge import judge
from facilitator.runs.steps.submit import submit
from facilitator.runs.steps.write_back import write_back

log = structlog.get_logger()

STEPS: Mapping[RunState, StepWork] = {
    RunState.SCHEDULED: gather,
    RunState.GATHERED: submit,
    RunState.SUBMITTED: judge,
    RunState.JUDGED: decide,
    RunState.APPROVED: write_back,
}
"""The order of the work, and the only place that knows it."""

TRY_AGAIN = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2))
"""Waits after a passing fault, over all steps of one settling; then the run fails, or stays approved and owed."""


NEAR_DEADLINE = 0.8
"""The part of a run's time after which its calls go before those of runs that have more of it left."""


BEFORE_FOLLOWING = (RunState.SCHEDULED, RunState.GATHERED)
STARTS = "starts"
STARTING = 32
"""Runs on their way to a session at one time, what is gathered before what is not: of a thousand that are due together each board
is read shortly before its session can be created, and the first sessions do not wait until every board has been read. Enough to
use up 300 creates and 1,500 calls of Asana a minute where an answer takes a second."""


class Pipeline:
    """Advances runs of the given assignments; holds no state of its own between steps."""

    def __init__(self, ports: Ports, assignments: Mapping[tuple[str, str], Assignment]) -> None:
        self._desk = Desk(ports)
        self._ports = ports
        self._store = ports.store
        self._assignments = assignments
        self._starts = Turnstile(
            LocalBucket(Pace.boundless(), clock=time.monotonic), sleep=ports.sleep, lanes={STARTS: STARTING}
        )

    @property
    def agents(self) -> AgentBackend:
        """Managed Agents, for what is done about sessions beside advancing runs."""
        return self._ports.agents

    async def settle(self, run: Run) -> Run:
        """Advance until the run has ended or waits for a person.

        Where another worker holds the run, this waits for that worker and gives what it made of it.
        """
        while True:
            with self._ports.locks.hold(run.id) as ours:
                if ours:
                    run = await self._settle_held(self._store.get(run.id))
                    await self._tidy(run)
                    return run
            run = self._store.get(run.id)
            if run.ended or run.waits_for_a_person:
                return run
            await self._ports.sleep(0.2)

    async def _settle_held(self, run: Run) -> Run:
        waits = iter(TRY_AGAIN)
        while not run.ended:
            before = run
            try:
                run = await self.advance(run)
            except StaleRun as error:
                # Somebody with an older or a newer look at it was first: their record stands, ours is refused.
                log.warning("late_result_refused", run=run.id, state=run.state, error=error.message)
                run = self._store.get(run.id)
            except (TrackerError, AgentsError) as error:
                wait = next(waits, None)
                if wait is None:
                    run = self._give_up(self._store.get(run.id), error)
                    if run.state is RunState.APPROVED:
                        return run
                    continue
                await self._ports.sleep(wait.total_seconds())
                run = self._store.get(run.id)
            else:
                if run.version == before.version:
                    return run
        return run

    async def _tidy(self, run: Run) -> None:
        """Close what was asked in Asana and is not a question any more; left for the next look where Asana is away."""
        assignment = self._assignments.get((run.team, run.ceremony))
        if assignment is not None and assignment.asks_in_asana:
            await Asking(self._desk, assignment).close(run)

    def _give_up(self, run: Run, error: FacilitatorError) -> Run:
        """Out of patience: an approved comment stays owed and is tried at the next start; anything else has failed.

        Where it is the model that stays away, the figures alone may stand in.
        """
        why = f"{error.message} {error.suggestion}".strip()
        if isinstance(error, AgentsError) and run.state in (RunState.GATHERED, RunState.SUBMITTED):
            return figures_instead(self._desk, run, self._assignment(run), why)
        if run.state is not RunState.APPROVED:
            return self._desk.fail(run, why)
        with self._desk.step(run) as step:
            step.note(f"not written yet, to be tried again: {why}")
        return step.run

    async def advance(self, run: Run) -> Run:
        """Take the run one step further; the same run back means it waits. The caller holds its lock.

        A fault of the board, the agent or the draft ends the run as `failed` with its reason; nothing is lost. A
        passing fault of Asana or Managed Agents is raised instead: the run stays where it was, and trying again is safe.
        """
        if run.ended:
            return run
        try:
            assignment = self._assignment(run)
            late = self._ports.clock() >= run.created_at + NEAR_DEADLINE * assignment.deadline
            begun = run.state is not RunState.SCHEDULED
            with at_work_on(run.id), claiming(run.team, late=late, begun=begun):
                async with self._starts.turn(STARTS if run.state in BEFORE_FOLLOWING else ""):
                    return await STEPS[run.state](self._desk, run, assignment)
        except StaleRun:
            raise
        except FacilitatorError as error:
            if error.retryable and isinstance(error, TrackerError | AgentsError):
                raise
            return self._desk.fail(self._store.get(run.id), f"{error.message} {error.suggestion}".strip())

    def _assignment(self, run: Run) -> Assignment:
        found = self._assignments.get((run.team, run.ceremony))
        if found is None:
            raise FacilitatorError(
                f"the configuration no longer has the ceremony {run.ceremony} for the team {run.team}.",
                suggestion="Put it back, or leave the run as it is.",
            )
        return found
