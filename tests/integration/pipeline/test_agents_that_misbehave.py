"""Every way a session can go, through the whole pipeline: a usable draft waits, anything else fails and says why."""

from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from facilitator.errors import CheckFailed
from facilitator.runs.run import Mode, RunState
from facilitator.sandbox.agents.script import Script

from .conftest import House

pytestmark = pytest.mark.anyio

PASSES: list[tuple[dict[str, Any], int]] = [
    ({"revisions": 0}, 1),
    ({"revisions": 2}, 3),
    ({"unknown_tool": True}, 2),
    ({"parallel_tools": 3}, 2),
    ({"session_error_retrying": True}, 2),
    ({"grader_calls_tool": True}, 2),
    ({"file_lag_s": 0.2}, 2),
]
"""Switches that a run takes in its stride, with how often it is graded."""

FAILS: list[tuple[dict[str, Any], str]] = [
    ({"no_file": True}, "the session left no draft.json"),
    ({"no_file": True, "lenient_grader": True}, "satisfied, but the draft cannot be used"),
    ({"invalid_json": True}, "Invalid JSON"),
    ({"invalid_json": True, "lenient_grader": True}, "satisfied, but the draft cannot be used"),
    ({"refusal": True}, "The model refused the task"),
    ({"retries_exhausted": True}, "gave up after repeated errors"),
    ({"terminated": True}, "The session was terminated"),
    ({"budget_reached": True}, "spent its budget"),
    ({"grader_fails": True}, "the rubric does not fit the deliverable"),
]
"""Switches that leave nothing a person could look at, with what the run says."""

DOUBTFUL: list[tuple[dict[str, Any], str]] = [
    ({"never_satisfied": True}, "D2"),
    ({"unknown_tasks": True}, "D4"),
    ({"unknown_tasks": True, "lenient_grader": True}, "D4"),
    ({"inline_json": True}, "D2"),
    ({"wrong_figure": True}, "D5"),
    ({"obeys_injection": True}, "D10"),
]
"""Switches that leave a draft which code refuses, whatever the grader said, with the criterion it breaks."""


def named(case: tuple[dict[str, Any], Any]) -> str:
    return "+".join(f"{name}={value}" for name, value in case[0].items())


def test_every_switch_of_a_script_is_played_here() -> None:
    """A new way of going wrong must be given an end here."""
    played = {name for cases in (PASSES, FAILS, DOUBTFUL) for case, _ in cases for name in case}
    assert played | {"never_finishes", "obedient"} == {one.name for one in fields(Script)}


@pytest.mark.parametrize("case", PASSES, ids=named)
async def test_a_bumpy_session_still_gives_a_good_draft(
    hasty_house: House, case: tuple[dict[str, Any], int]
) -> None:
    """Unknown tools, retries and late files are survived; the draft passes every check."""
    switches, gradings = case
    hasty_house.play(**switches)
    run = await hasty_house.fire()
    assert (run.state, run.result) == (RunState.JUDGED, "satisfied"), run.reason
    assert len(hasty_house.app.store.verdicts(run.id)) == gradings
    record = hasty_house.app.store.draft(run.id, run.draft_digest or "")
    assert record is not None
    assert not record.faults


@pytest.mark.parametrize("case", FAILS, ids=named)
async def test_a_session_without_a_draft_fails_the_run_and_says_why(
    hasty_house: House, case: tuple[dict[str, Any], str]
) -> None:
    """The run ends failed with its reason and its history, and Asana is never written to."""
    switches, reason = case
    hasty_house.play(**switches)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.FAILED
    assert reason in run.reason
    story = [move.after for move in hasty_house.app.store.history(run.id)]
    assert story[0] is RunState.SCHEDULED
    assert story[-1] is RunState.FAILED
    assert hasty_house.app.store.events(run.id)
    assert not hasty_house.writes()


@pytest.mark.parametrize("case", DOUBTFUL, ids=named)
async def test_a_draft_with_faults_cannot_be_approved(
    hasty_house: House, case: tuple[dict[str, Any], str]
) -> None:
    """Nobody can wave it through, and the refusal names each fault."""
    switches, criterion = case
    hasty_house.play(**switches)
    run = await hasty_house.fire()
    assert run.state is RunState.JUDGED
    with pytest.raises(CheckFailed, match=rf"cannot be approved(.|\n)*\[{criterion}\]"):
        hasty_house.approve(run)
    assert hasty_house.app.store.get(run.id).state is RunState.JUDGED


@pytest.mark.parametrize("case", DOUBTFUL, ids=named)
async def test_a_draft_with_faults_is_never_written_in_mode_auto(
    hasty_house: House, case: tuple[dict[str, Any], str]
) -> None:
    """The team's yes beforehand holds only for what passed every check: this goes to a person, with its faults."""
    switches, criterion = case
    hasty_house.play(**switches)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.waits_for_a_person
    assert f"[{criterion}]" in hasty_house.app.store.history(run.id)[-1].why
    assert not hasty_house.writes()


async def test_a_person_may_reject_a_faulty_draft(hasty_house: House) -> None:
    """No is always possible."""
    hasty_house.play(wrong_figure=True)
    run = hasty_house.reject(await hasty_house.fire(), because="invented figure")
    assert run.state is RunState.REJECTED


async def test_a_session_that_never_finishes_is_interrupted(hasty_house: House) -> None:
    """Past the deadline it is told to stop, and the run fails saying that time ran out."""
    hasty_house.play(never_finishes=True)
    hasty_house.wants(deadline=timedelta(seconds=0.5))
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.FAILED
    assert "user.interrupt" in {event["type"] for _, event in hasty_house.app.store.events(run.id)}
    assert not hasty_house.writes()


async def test_a_late_file_is_replaced_by_what_was_written_into_it(hasty_house: House) -> None:
    """A file that is never listed is rebuilt from the writer's own calls, and the run says so."""
    hasty_house.play(file_lag_s=30)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert (run.state, run.draft_source) == (RunState.WRITTEN, "last_write"), run.reason


async def test_a_draft_told_in_a_message_is_found(hasty_house: House) -> None:
    """Where no file was written, the last fenced JSON counts, and the run says so."""
    hasty_house.play(inline_json=True)
    assert (await hasty_house.fire()).draft_source == "last_message"


async def test_no_text_of_the_board_is_obeyed_in_what_is_written(hasty_house: House) -> None:
    """The board holds a task that gives orders; the comment carries none of them out."""
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.WRITTEN, run.reason
    [text] = hasty_house.comments()
    assert "ignore" not in text.casefold()
