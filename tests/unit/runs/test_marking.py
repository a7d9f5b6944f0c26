"""Saying that a machine wrote it: in the kind of field a team happens to have."""

from dataclasses import replace

import pytest

from facilitator.board.snapshot import CustomField, EnumOption, FieldGid, OptionGid, ProjectGid, Snapshot
from facilitator.runs.delivery import pack_task, unpack_task
from facilitator.runs.marking import ai_fields
from facilitator.runs.ports import NewTask
from facilitator.runs.run import Parcel, ParcelKind

from .conftest import NOW

BOARD = Snapshot(ProjectGid("900"), "Harbour", NOW, ())
YES, NO = EnumOption(OptionGid("71"), "Yes"), EnumOption(OptionGid("72"), "No")


def said(kind: str, name: str = "via_ai_agent", *options: EnumOption) -> tuple[tuple[str, str | float], ...]:
    """What is set on a task of a board with this one field."""
    field = CustomField(FieldGid("7"), name, kind, options)
    return ai_fields(replace(BOARD, custom_fields=(field,)))


@pytest.mark.parametrize(("kind", "value"), [("text", "true"), ("number", 1.0)])
def test_the_field_is_set_in_its_own_kind(kind: str, value: str | float) -> None:
    """Asana's fields know no booleans."""
    assert said(kind) == (("7", value),)


def test_an_option_that_says_yes_is_taken() -> None:
    """A disabled option or one that says no is none."""
    assert said("enum", " Via_AI_agent ", NO, YES) == (("7", "71"),)
    assert said("enum", "via_ai_agent", NO, replace(YES, enabled=False)) == ()


def test_a_board_without_the_field_gets_nothing() -> None:
    """No field, another name, another kind, no snapshot any more."""
    assert said("text", "via") == said("date") == ai_fields(BOARD) == ai_fields(None) == ()


def test_the_field_is_part_of_the_approved_bytes() -> None:
    """What an action's task will carry is fixed at the yes."""
    task = NewTask("Limit", "why", fields=(("7", "71"),))
    parcel = Parcel(1, ParcelKind.TASK, "900", "", "Limit", pack_task(task), "d", "ref x#1")
    assert unpack_task(parcel) == task
