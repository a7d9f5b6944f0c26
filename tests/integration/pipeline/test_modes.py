"""Each mode allows exactly its writes, and a fresh configuration none without a yes."""

from typing import Any

import pytest

from facilitator.board.snapshot import TaskGid
from facilitator.drafts.faults import Fault
from facilitator.runs.assignment import Approver
from facilitator.runs.changes import Change
from facilitator.runs.run import FIGURES, Mode, RunState

from .office import APPROVERS, Office

pytestmark = pytest.mark.anyio

HOME = "1001"
COMMENT, QUESTION = f"POST /api/1.0/tasks/{HOME}/stories", f"POST /api/1.0/tasks/{HOME}/subtasks"
NAMED = (Approver("Alice"),)
FAULT = (Fault("D5", "headline", "a wrong figure"),)
TWO = frozenset({Change.COMMENT})
UNSURE: dict[str, Any] = {"result": "max_iterations_reached"}

MODES: list[tuple[Mode, dict[str, Any], dict[str, Any], RunState, list[str]]] = [
    (Mode.SHADOW, {}, {}, RunState.SKIPPED, []),
    (Mode.SHADOW, {"approvers": APPROVERS}, {}, RunState.SKIPPED, []),
    (Mode.DRAFT, {}, {}, RunState.WRITTEN, [COMMENT]),
    (Mode.DRAFT, {"approvers": APPROVERS, "publish_status": True}, {}, RunState.WRITTEN, [COMMENT]),
    (Mode.DRAFT, {}, UNSURE, RunState.WRITTEN, [COMMENT]),
    (Mode.DRAFT, {}, {"faults": FAULT}, RunState.FAILED, []),
    (Mode.APPROVE, {}, {}, RunState.JUDGED, []),
    (Mode.APPROVE, {"approvers": APPROVERS}, {}, RunState.JUDGED, [QUESTION]),
    (Mode.APPROVE, {"approvers": APPROVERS, "approval_task": False}, {}, RunState.JUDGED, []),
    (Mode.AUTO, {}, {}, RunState.WRITTEN, [COMMENT]),
    (Mode.AUTO, {"approvers": APPROVERS}, {}, RunState.WRITTEN, [COMMENT]),
    (Mode.AUTO, {}, UNSURE, RunState.JUDGED, []),
    (Mode.AUTO, {"approvers": APPROVERS}, UNSURE, RunState.JUDGED, [QUESTION]),
    (Mode.AUTO, {}, {"faults": FAULT}, RunState.JUDGED, []),
    (Mode.AUTO, {}, {"result": None, "draft_source": FIGURES}, RunState.JUDGED, []),
    (Mode.AUTO, {"two_person": TWO}, {}, RunState.JUDGED, []),
    (Mode.AUTO, {"approvers": ()}, UNSURE, RunState.FAILED, []),
]


@pytest.mark.parametrize(("mode", "wishes", "draft", "state", "writes"), MODES)
async def test_a_mode_writes_what_it_may_and_nothing_else(
    office: Office,
    mode: Mode,
    wishes: dict[str, Any],
    draft: dict[str, Any],
    state: RunState,
    writes: list[str],
) -> None:
    """Shadow nothing, draft one proposal, approve one question where it can be asked, auto only what is beyond doubt."""
    house = office.house
    house.wants(**{"task": TaskGid(HOME), "approvers": NAMED, **wishes})
    before = len(house.writes())
    async with house.pipeline() as pipeline:
        run = office.judged(await pipeline.advance(office.due(mode)), **draft)
        run = await pipeline.settle(run)
    assert (run.state, house.writes()[before:]) == (state, writes), office.notes(run)
    if state is RunState.WRITTEN:
        [text] = office.written()
        assert text.startswith("[AI Proposal]") == (mode is Mode.DRAFT)
        assert ("The grader was not satisfied" in text) == (draft == UNSURE)
    if mode is Mode.AUTO and state is RunState.JUDGED:
        assert run.waits_for_a_person
        assert "not written without a person's look" in office.notes(run)


async def test_a_fresh_configuration_never_writes_without_a_yes(office: Office) -> None:
    """Every ceremony of a configuration that `init` wrote waits for a person, and none earns its way past one."""
    for assignment in office.house.app.assignments.values():
        assert (assignment.mode, assignment.auto_after, assignment.publish_status) == (
            Mode.APPROVE,
            None,
            False,
        )
