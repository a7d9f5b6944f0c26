"""The state machine of one session: turns, outcomes, gradings, interrupts.

One asyncio task moves one session; the routes put work in and wake it. It places the events of an outcome in the order of the
reference (sections 6 and 7). It decides no wording and no verdict: those are the author's and the grader's.
"""

from __future__ import annotations

import asyncio

from facilitator.sandbox.agents.author import Author
from facilitator.sandbox.agents.bench import Bench, Interrupted, Stopped, Terminated
from facilitator.sandbox.agents.grader import Verdict, grade
from facilitator.sandbox.agents.moves import place_error, place_idle, place_running, place_terminated
from facilitator.sandbox.agents.obedient import Obedient
from facilitator.sandbox.agents.state import SandboxState, Session
from facilitator.sandbox.agents.wire import Json

END_TURN: Json = {"type": "end_turn"}


def wake(state: SandboxState, session: Session) -> None:
    """See to it that a task works on the session; one that already does picks the new work up by itself."""
    if session.task is None or session.task.done():
        session.task = asyncio.get_running_loop().create_task(Harness(state, session).run())


class Harness:
    """Works on one session until nothing is left to do."""

    def __init__(self, state: SandboxState, session: Session) -> None:
        self._state = state
        self._session = session
        self._log = session.log
        self._bench = Bench(state, session)
        seated = Obedient if session.script.obedient else Author
        self._author = seated(self._bench, session.script)
        self._grading: str | None = None

    async def run(self) -> None:
        """Take turn after turn while there is work; ends when the session idles or is terminated."""
        try:
            while self._has_work():
                await self._turn()
        except Exception as fault:  # noqa: BLE001 - a session that hangs would hide the fault from its client
            place_error(self._session, "terminal", f"The local sandbox's script failed: {fault!r}")
            place_terminated(self._session)

    def _has_work(self) -> bool:
        session = self._session
        if session.status == "terminated":
            return False
        asked = any(event["type"] == "user.message" for event in session.queued)
        fresh = session.outcome is not None and session.outcome["result"] == "pending"
        return session.interrupting.is_set() or session.echoes > 0 or asked or fresh

    async def _turn(self) -> None:
        session = self._session
        if session.interrupting.is_set():
            self._close_interrupted(cut_short=False)
            return
        place_running(self._state, session)
        reason, details = END_TURN, None
        try:
            await self._work()
        except Interrupted:
            self._close_interrupted(cut_short=True)
            return
        except Stopped as stop:
            reason, details = stop.reason, stop.details
        except Terminated:
            place_terminated(session)
            return
        place_idle(self._state, session, reason, details)

    async def _work(self) -> None:
        """A second answer to an answered tool call makes a turn without a model request, as seen hosted [H]."""
        session = self._session
        if session.echoes:
            session.echoes -= 1
        elif session.outcome is not None:
            await self._pursue(session.outcome)
        else:
            await self._author.reply()

    async def _pursue(self, outcome: Json) -> None:
        """Write and grade until a terminal verdict. N iterations are N gradings; after the last failing one comes one ungraded turn."""
        definition = self._session.definition
        result = "needs_revision"
        while result == "needs_revision":
            outcome["result"] = "running"
            await self._author.attempt(outcome["iteration"])
            last = outcome["iteration"] + 1 >= definition["max_iterations"]
            result = await self._grade(outcome, definition["rubric"]["content"], last=last)
            if result == "needs_revision":
                outcome["iteration"] += 1
        if result == "max_iterations_reached":
            await self._author.acknowledge()

    async def _grade(self, outcome: Json, rubric: str, *, last: bool) -> str:
        """One grading. The last failing one is reported as `max_iterations_reached` instead of `needs_revision`."""
        half = self._state.settings.grading_s / 2
        which = {"outcome_id": outcome["outcome_id"], "iteration": outcome["iteration"]}
        outcome["result"] = "evaluating"
        self._grading = self._log.add("span.outcome_evaluation_start", body=which)["id"]
        await self._bench.pace(half)
        self._log.add("span.outcome_evaluation_ongoing", body=which)
        if self._session.script.grader_calls_tool:
            await self._bench.call([("board_get_health", {})], thread=self._state.ids.new("sthr"))
        await self._bench.pace(half)
        verdict = self._verdict(rubric)
        spent = verdict.result == "needs_revision" and last
        result = "max_iterations_reached" if spent else verdict.result
        self._close_outcome(outcome, result, verdict.explanation, rubric)
        return result

    def _verdict(self, rubric: str) -> Verdict:
        script = self._session.script
        if script.grader_fails:
            return Verdict("failed", "The rubric does not apply to the deliverable (as the script says).")
        if script.lenient_grader or script.inline_json:
            return Verdict("satisfied", "All criteria met (the script lets this grader pass anything).")
        return grade(rubric, self._session.container.files)

    def _close_outcome(self, outcome: Json, result: str, explanation: str, read: str) -> None:
        """Place the verdict; a grading that had not begun has an empty start id."""
        body = {
            "outcome_id": outcome["outcome_id"],
            "outcome_evaluation_start_id": self._grading or "",
            "iteration": outcome["iteration"],
            "result": result,
            "explanation": explanation,
            "usage": self._session.meter.request(read, explanation),
        }
        self._log.add("span.outcome_evaluation_end", body=body)
        self._grading = None
        outcome["explanation"] = explanation
        if result != "needs_revision":
            outcome["result"] = result
            outcome["completed_at"] = self._state.now()

    def _close_interrupted(self, *, cut_short: bool) -> None:
        """End the outcome in work as `interrupted`, then idle with `end_turn`: there is no stop reason of its own."""
        session = self._session
        session.interrupting.clear()
        for event in [item for item in self._log.events if item["type"] == "user.interrupt"]:
            self._log.settle(event)
        outcome = session.outcome
        if outcome is not None:
            self._close_outcome(outcome, "interrupted", "The user interrupted the work.", "")
        if cut_short or outcome is not None:
            place_idle(self._state, session, END_TURN)
