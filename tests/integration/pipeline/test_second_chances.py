"""What follows a session that did not end well, and a draft that a person sends back: second rounds, second sessions, figures alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from facilitator.agents import ManagedAgentsBackend
from facilitator.drafts.figures_only import figures_only, relaxed
from facilitator.errors import AgentsError, CheckFailed
from facilitator.runs.approvals import MOST_REVISIONS
from facilitator.runs.ports import Deliverable, Ending, KeptSession, Outcome, SessionRef, Usage, Verdict
from facilitator.runs.run import FIGURES, DecisionKind, Mode, Run, RunState
from facilitator.runs.steps.desk import Desk
from facilitator.runs.steps.judge import WHAT_NEXT

from .conftest import House
from .office import APPROVERS, Office

pytestmark = pytest.mark.anyio


def revise(house: House, run: Run, because: str, who: str = "Alice") -> Run:
    """Send the draft back at the command line."""
    assignment = house.app.assignment(run.team, run.ceremony)
    return house.app.approvals.revise(
        run, assignment, who=who, because=because, now=house.app.clock(), channel="cli"
    )


async def test_a_wish_for_changes_yields_a_second_graded_draft_in_the_same_session(
    hasty_house: House,
) -> None:
    """The reason is the session's next outcome; the new draft waits anew, and its yes is written."""
    first = await hasty_house.fire()
    sent = revise(hasty_house, first, "Say what the blocked tasks wait for.")
    assert (sent.state, sent.revision) == (RunState.GATHERED, 1)
    second = await hasty_house.settle(sent)
    assert (second.state, second.result) == (RunState.JUDGED, "satisfied"), second.reason
    assert (second.session_id, second.attempt) == (first.session_id, 1)
    assert second.outcome_id != first.outcome_id
    asked = [
        event
        for _, event in hasty_house.app.store.events(second.id)
        if event["type"] == "user.define_outcome"
    ]
    assert [event["outcome_id"] for event in asked] == [first.outcome_id, second.outcome_id]
    assert "Say what the blocked tasks wait for." in asked[1]["description"]
    assert len(hasty_house.app.store.verdicts(second.id)) > 2
    assert len(hasty_house.sessions()) == 1
    written = await hasty_house.settle(hasty_house.approve(second))
    assert written.state is RunState.WRITTEN, written.reason
    assert [made.kind for made in hasty_house.app.store.decisions(second.id)] == [
        DecisionKind.REVISE,
        DecisionKind.APPROVED,
    ]


async def test_a_wish_repeated_after_a_crash_is_one_outcome(hasty_house: House) -> None:
    """The outcome was sent, the process died before it was recorded: it is found by counting, not sent again."""
    run = revise(hasty_house, await hasty_house.fire(), "Shorter.")
    async with hasty_house.pipeline() as pipeline:
        submitted = await pipeline.advance(run)
        with hasty_house.app.store.step(submitted, now=hasty_house.app.clock()) as step:
            step.set(outcome_id=None)
            step.move(RunState.GATHERED, "as if nothing had been recorded")
        again = await pipeline.settle(step.run)
    assert again.outcome_id == submitted.outcome_id
    asked = [
        event for _, event in hasty_house.app.store.events(run.id) if event["type"] == "user.define_outcome"
    ]
    assert len(asked) == 2


async def test_a_session_that_takes_no_more_is_followed_by_a_new_one(hasty_house: House) -> None:
    """Archived meanwhile: the wish goes with the whole brief into a second session, which is found by its own key."""
    run = await hasty_house.fire()
    agents = hasty_house.app.settings.agents
    backend = ManagedAgentsBackend(hasty_house.app.pinned(), agents.key.reveal, agents.base_url)
    await backend.archive(run.session_id or "")
    await backend.aclose()
    again = await hasty_house.settle(revise(hasty_house, run, "Shorter."))
    assert (again.state, again.attempt) == (RunState.JUDGED, 2), again.reason
    assert again.session_id != run.session_id
    assert again.session_key == f"{run.key}#2"


async def test_nobody_revises_for_ever(office: Office) -> None:
    """After a few rounds a person decides, or writes the words; and a wish needs its reason and its person."""
    run = await office.waiting()
    with pytest.raises(CheckFailed, match="may not decide"):
        revise(office.house, run, "Shorter.", who="Bob")
    with pytest.raises(CheckFailed, match="which"):
        revise(office.house, run, " ")
    with office.house.app.store.step(run, now=office.house.app.clock()) as step:
        step.set(revision=MOST_REVISIONS)
    with pytest.raises(CheckFailed, match="already"):
        revise(office.house, step.run, "Shorter.")


# --- what a session's end leads to ------------------------------------------------------------------------------------


class Scripted:
    """Managed Agents whose sessions end as told, one after another; `away` times the service cannot be reached."""

    def __init__(self, *endings: Ending, away: int = 0, draft: str = "") -> None:
        self.endings = list(endings)
        self.away = away
        self.draft = draft
        self.keys: list[str] = []

    async def open_session(self, outcome: Outcome, *, attempted_at: object) -> SessionRef:
        """A session more, unless the service is away."""
        del attempted_at
        if self.away:
            self.away -= 1
            raise AgentsError("the service is away.", suggestion="Wait.", retryable=True)
        self.keys.append(outcome.run_key)
        return SessionRef(f"sesn_{len(self.keys)}", "agent_1", 1, "https://console.example")

    async def start(self, session_id: str, outcome: Outcome, *, fresh: bool = False) -> str:
        """An outcome by its session and round."""
        del fresh
        return f"outc_{session_id}_{outcome.round}"

    async def follow(self, session_id: str, deadline: timedelta, **_named: object) -> Ending:
        """The next ending."""
        del session_id, deadline
        return self.endings.pop(0)

    async def deliverable(self, session_id: str, **_named: object) -> Deliverable | None:
        """The draft, where there is one."""
        del session_id
        return Deliverable(self.draft, "file") if self.draft else None

    async def our_sessions(self, since: datetime | None) -> tuple[KeptSession, ...]:
        """None that anyone asks for."""
        del since
        return ()

    async def archive(self, session_id: str) -> None:
        """Nothing is kept."""

    async def delete(self, session_id: str) -> None:
        """Nothing is kept."""


def ending(result: str | None, stop: str, *, retry: bool = False, late: bool = False) -> Ending:
    """How a session ended, in the words of `endings`."""
    verdicts = (Verdict(0, result, "gaps"),) if result else ()
    return Ending(result, stop, verdicts, Usage(list_cents=1.0), f"why: {stop}", late, retry)


async def settled(office: Office, agents: Scripted, mode: Mode = Mode.APPROVE, **wishes: Any) -> Run:
    """The window's run after everything that follows those endings; time passes at once."""
    house = office.house
    house.wants(**{"approvers": APPROVERS, "approval_task": False, **wishes})
    async with house.pipeline() as pipeline:
        ports = replace(pipeline._ports, agents=agents, sleep=at_once)
        pipeline._ports, pipeline._desk = ports, Desk(ports)
        run = await pipeline.advance(office.due(mode))
        if not agents.draft:
            agents.draft = good_draft(office, run)
        return await pipeline.settle(run)


async def at_once(_seconds: float) -> None:
    """No time to lose."""


def good_draft(office: Office, run: Run) -> str:
    """A draft that passes every check of this run."""
    app = office.house.app
    facts, ceremony = app.store.facts(run.id), app.assignment(run.team, run.ceremony).ceremony
    assert facts is not None
    draft = figures_only(relaxed(facts), lambda one: app.library.check(ceremony, one, facts))
    assert draft is not None
    return draft.model_dump_json()


ENDS: list[tuple[Ending, RunState, int]] = [
    (ending("satisfied", "end_turn"), RunState.JUDGED, 1),
    (ending("max_iterations_reached", "end_turn"), RunState.JUDGED, 1),
    (ending("failed", "end_turn"), RunState.FAILED, 1),
    (ending("interrupted", "end_turn"), RunState.FAILED, 1),
    (ending("interrupted", "end_turn", late=True), RunState.FAILED, 1),
    (ending(None, "budget_reached"), RunState.FAILED, 1),
    (ending(None, "refusal"), RunState.FAILED, 1),
    (ending(None, "end_turn"), RunState.FAILED, 1),
    (ending(None, "deleted"), RunState.FAILED, 1),
    (ending(None, "unheard_of"), RunState.FAILED, 1),
    (ending(None, "retries_exhausted", retry=True), RunState.FAILED, 2),
    (ending(None, "terminated", retry=True), RunState.FAILED, 2),
    (ending(None, "terminated"), RunState.FAILED, 1),
]


@pytest.mark.parametrize(
    ("end", "state", "sessions"), ENDS, ids=lambda value: str(getattr(value, "stop", value))
)
async def test_every_verdict_and_stop_reason_has_an_end(
    office: Office, end: Ending, state: RunState, sessions: int
) -> None:
    """A usable draft waits for a person; anything else fails with its reason and what to do next, a second session tried once at most."""
    agents = Scripted(end, end)
    run = await settled(office, agents)
    assert (run.state, len(agents.keys)) == (state, sessions), run.reason
    if state is RunState.FAILED:
        assert run.reason == f"why: {end.stop} {WHAT_NEXT}"
    if sessions == 2:
        assert agents.keys == [run.key, f"{run.key}#2"]
        assert "A new session is tried, once." in office.notes(run)
    assert office.written() == []


async def test_only_satisfied_is_written_by_mode_auto(office: Office) -> None:
    """The grader's gaps go before a person, whatever the mode."""
    run = await settled(office, Scripted(ending("max_iterations_reached", "end_turn")), Mode.AUTO)
    assert run.waits_for_a_person
    assert "the outcome is max_iterations_reached" in office.notes(run)


async def test_a_second_session_may_succeed(office: Office) -> None:
    """The first one broke, the second one's draft waits; what both cost is known."""
    agents = Scripted(ending(None, "terminated", retry=True), ending("satisfied", "end_turn"))
    run = await settled(office, agents)
    assert (run.state, run.attempt, run.session_id) == (RunState.JUDGED, 2, "sesn_2")
    usage = office.house.app.store.usage(run.id)
    assert usage is not None
    assert usage.list_cents == 2.0


async def test_no_second_session_past_the_grace_time(office: Office) -> None:
    """A stand-up of yesterday is not worth one."""
    agents = Scripted(ending(None, "terminated", retry=True))
    run = await settled(office, agents, grace=timedelta(microseconds=1))
    assert (run.state, len(agents.keys)) == (RunState.FAILED, 1)


async def test_a_draft_that_cannot_be_read_fails_and_is_not_tried_again(office: Office) -> None:
    """Nothing says that a new session would write a better one."""
    agents = Scripted(ending("satisfied", "end_turn"), draft="not json")
    run = await settled(office, agents, figures_only=True)
    assert (run.state, len(agents.keys)) == (RunState.FAILED, 1)
    assert "the draft cannot be used" in run.reason
    assert WHAT_NEXT in run.reason


BROKEN = ending(None, "retries_exhausted", retry=True)
UNAVAILABLE = {
    "retries exhausted twice": lambda: Scripted(BROKEN, BROKEN),
    "past the deadline": lambda: Scripted(ending("interrupted", "end_turn", late=True)),
    "out of reach": lambda: Scripted(away=99),
}


@pytest.mark.parametrize("how", UNAVAILABLE)
async def test_figures_alone_stand_in_for_an_unavailable_model(office: Office, how: str) -> None:
    """Where the team allows it: labelled, before a person even in mode auto, approved and written once."""
    run = await settled(office, UNAVAILABLE[how](), Mode.AUTO, figures_only=True)
    assert (run.waits_for_a_person, run.draft_source) == (True, FIGURES), run.reason
    assert "it holds figures only" in office.notes(run)
    run = await office.look(office.house.approve(run))
    assert run.state is RunState.WRITTEN, run.reason
    [text] = office.written()
    assert "Figures only" in text
    assert "no writer could be reached" in text
    assert "Alice" in text


@pytest.mark.parametrize("how", UNAVAILABLE)
async def test_without_leave_an_unavailable_model_fails_the_run(office: Office, how: str) -> None:
    """The default: no document is better than one nobody asked for."""
    run = await settled(office, UNAVAILABLE[how]())
    assert run.state is RunState.FAILED
    assert run.reason


async def test_figures_alone_may_be_sent_back_for_a_writer(office: Office) -> None:
    """The model is there again: a wish for changes opens a new session instead of one that never was."""
    house = office.house
    run = await settled(office, Scripted(away=99), figures_only=True)
    sent = revise(house, run, "Have it written.")
    assert (sent.state, sent.session_id, sent.attempt, sent.round) == (RunState.GATHERED, None, 2, 0)
    async with house.pipeline() as pipeline:
        ports = replace(
            pipeline._ports, agents=Scripted(ending("satisfied", "end_turn"), draft=good_draft(office, run))
        )
        pipeline._ports, pipeline._desk = ports, Desk(ports)
        again = await pipeline.settle(sent)
    assert (again.state, again.draft_source) == (RunState.JUDGED, "file"), again.reason
