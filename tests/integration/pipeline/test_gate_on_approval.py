"""A sceptic changes one figure in a draft and cannot publish it."""

import pytest

from facilitator.drafts.draft import Draft
from facilitator.errors import CheckFailed
from facilitator.runs.run import Run, RunState
from facilitator.sandbox import Sandbox

from .conftest import House

pytestmark = pytest.mark.anyio


def edited(house: House, run: Run, old: str, new: str) -> Run:
    """Put another draft in the place of the judged one, as a person's edit would."""
    store = house.app.store
    record = store.draft(run.id, run.draft_digest or "")
    assert record is not None
    assert old in record.draft.canonical()
    draft = Draft.model_validate_json(record.draft.canonical().replace(old, new, 1))
    with store.step(run, now=house.app.clock(), by="Alice") as step:
        step.keep_draft(draft, (), origin="edit")
    return step.run


async def test_one_changed_figure_cannot_be_approved(house: House, world: Sandbox) -> None:
    """The refusal names the fact and its right value, and nothing is written."""
    run = edited(house, await house.fire(), "{sprint.done_points}", "13")
    facts = house.app.store.facts(run.id)
    assert facts is not None
    with pytest.raises(
        CheckFailed, match=rf"sprint\.done_points = {facts.facts['sprint.done_points'].value}"
    ):
        house.approve(run)
    assert house.app.store.get(run.id).state is RunState.JUDGED
    assert not [request for request in world.asana.requests if request.method != "GET"]


@pytest.mark.parametrize(
    ("new", "check"),
    [
        ("Mara finally fixed it, what a hero! ", "tone"),
        ("finished on Friday 3 April, ", "gate"),
        ("forty-seven customers wait, ", "gate"),
    ],
)
async def test_what_the_gate_refuses_nobody_approves(house: House, new: str, check: str) -> None:
    """Invented praise, dates and numbers in words are faults in every mode."""
    run = edited(house, await house.fire(), '"text":"', f'"text":"{new}')
    with pytest.raises(CheckFailed, match=rf"\[{check}|\[D\d+\]"):
        house.approve(run)


async def test_an_edited_draft_is_another_draft(house: House) -> None:
    """An edit has a digest of its own, so an approval can never be about the text before it."""
    run = await house.fire()
    changed = edited(house, run, '"text":"', '"text":"still ')
    assert changed.draft_digest != run.draft_digest
