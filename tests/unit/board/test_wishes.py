"""What a wished state means on a board, and what must be as it was before it may be set."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from facilitator.board.board import Board
from facilitator.board.refusal import Refused
from facilitator.board.snapshot import CustomField, EnumOption, FieldGid, OptionGid, SectionGid
from facilitator.board.wishes import Edit, Sight, Wish, Wished, agree, date_for, mark_for, remaining, wish_for
from tests.boards import BLOCKED, PROJECT, SECTIONS, board, gid, instant, rules, snapshot, task

DONE_ON = "2026-03-03T09:00Z"
THEN = instant("2026-03-02T09:00Z")
TODO, DOING, YES = SectionGid(gid("To do")), SectionGid(gid("In progress")), gid("Blocked")


def wish(found: Board, wanted: Wished, name: str = "A") -> Wish:
    made = wish_for(found, gid(name), wanted)
    assert isinstance(made, Wish), made
    return made


def refused(found: Board, wanted: Wished, name: str = "A") -> str:
    made = wish_for(found, gid(name), wanted)
    assert isinstance(made, Refused)
    return made.reason


CHANGES: list[tuple[dict[str, object], Wished, str, Edit]] = [
    ({}, "in_progress", "todo", Edit(section=DOING)),
    ({}, "done", "todo", Edit(completed=True)),
    ({}, "blocked", "todo", Edit(fields={BLOCKED: YES})),
    ({"section": "In review"}, "todo", "in_review", Edit(section=TODO)),
    ({"done": DONE_ON}, "todo", "done", Edit(completed=False)),
    ({"done": DONE_ON}, "in_progress", "done", Edit(section=DOING, completed=False)),
    (
        {"blocked": "Blocked", "section": "In progress"},
        "in_progress",
        "blocked",
        Edit(fields={BLOCKED: None}),
    ),
    ({"blocked": "Not blocked"}, "done", "todo", Edit(completed=True)),
]


@pytest.mark.parametrize(("values", "wanted", "before", "edit"), CHANGES)
def test_a_state_is_a_section_an_option_or_a_tick(
    values: dict[str, object], wanted: Wished, before: str, edit: Edit
) -> None:
    """Only what must change is set; what a task was before is what it showed when it was read."""
    made = wish(board(task("A", **values)), wanted)  # type: ignore[arg-type]
    assert (made.before, made.wanted, made.edit) == (before, wanted, edit)
    assert (made.sight.project, set(made.sight.fields)) == (PROJECT, set(edit.fields or {}))


def test_a_status_field_says_the_state_where_the_team_has_one() -> None:
    """Its option is set, and no section is touched."""
    status = CustomField(
        FieldGid("77"), "Status", "enum",
        (EnumOption(OptionGid("770"), "Doing", enabled=False), EnumOption(OptionGid("771"), "In Progress")),
    )  # fmt: skip
    seen = snapshot(task("A"))
    found = Board.of(replace(seen, custom_fields=(*seen.custom_fields, status)), rules(status_field="status"))
    assert wish(found, "in_progress").edit == Edit(fields={FieldGid("77"): "771"})
    lost = Board.of(seen, rules(status_field="status"))
    assert "no option of the field 'status' stands for in_progress" in refused(lost, "in_progress")


def test_a_section_may_say_blocked_where_no_field_does() -> None:
    """The field comes first, then a section of a blocked name; else the board has no way to say it."""
    unfielded = rules(blocked_field="nothing")
    found = board(task("A"), sections=[*SECTIONS, "On Hold"], read=unfielded)
    assert wish(found, "blocked").edit == Edit(section=SectionGid(gid("On Hold")))
    assert "says blocked" in refused(board(task("A"), read=unfielded), "blocked")


def test_a_task_of_several_boards_moves_on_its_own() -> None:
    """The section is one of the project whose column counts for it."""
    seen = snapshot(task("A"))
    sections = [replace(one, project=PROJECT) for one in seen.sections]
    theirs = [replace(one, gid=SectionGid(f"9{one.gid}"), project="950") for one in seen.sections]
    moved = replace(seen.tasks[0], section=None, homes={"950": theirs[1].gid})
    found = Board.of(replace(seen, sections=(*sections, *theirs), tasks=(moved,)), rules())
    made = wish(found, "in_progress")
    assert made.edit.section == theirs[2].gid
    assert (made.sight.project, made.sight.section) == ("950", theirs[1].gid)


@pytest.mark.parametrize(
    ("values", "wanted", "why"),
    [
        ({}, "todo", "is todo already"),
        ({"section": "Done"}, "done", "is done already"),
        ({"done": DONE_ON}, "blocked", "what is done is not blocked"),
        ({"section": "Templates"}, "done", "no work of this board"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(
    values: dict[str, object], wanted: Wished, why: str
) -> None:
    """The state it has, what contradicts itself, and what is none of the board's work."""
    found = board(task("A", **values), sections=[*SECTIONS, "Templates"])  # type: ignore[arg-type]
    assert why in refused(found, wanted)
    assert "no work of this board" in refused(found, wanted, "unheard of")


def test_an_approval_is_answered_by_people() -> None:
    """Its tick is a yes; a milestone's is a tick."""
    seen = snapshot(task("A"), task("B"))
    kinds = [
        replace(one, subtype=kind) for one, kind in zip(seen.tasks, ("approval", "milestone"), strict=True)
    ]
    found = Board.of(replace(seen, tasks=tuple(kinds)), rules())
    assert "people answer themselves" in refused(found, "done")
    assert wish(found, "done", "B").edit == Edit(completed=True)


def test_a_board_without_the_column_is_told() -> None:
    """Never the nearest column: a guess would move work."""
    assert "no section of this board stands for in_progress" in refused(
        board(task("A"), sections=["To do", "Done"]), "in_progress"
    )


def test_a_blocked_task_is_marked_only_where_nobody_said_anything() -> None:
    """The team's own field, by its option for yes; what a person put there stays."""
    options = (EnumOption(OptionGid("881"), "No"), EnumOption(OptionGid("882"), "yes"))
    seen = snapshot(task("A"), task("B"))
    impediment = CustomField(FieldGid("88"), "Impediment", "enum", options)
    told = replace(seen.tasks[1], fields={FieldGid("88"): "881"})
    found = Board.of(
        replace(seen, tasks=(seen.tasks[0], told), custom_fields=(*seen.custom_fields, impediment)), rules()
    )
    made = mark_for(found, gid("A"), "impediment")
    assert made is not None
    assert (made.before, made.wanted, made.edit) == (
        "Impediment: empty", "Impediment: yes", Edit(fields={FieldGid("88"): "882"}),
    )  # fmt: skip
    assert mark_for(found, gid("B"), "impediment") is None
    assert mark_for(found, gid("A"), "no such field") is None
    assert mark_for(found, gid("A"), "Story Points") is None


def test_another_due_date_is_set_where_there_is_one() -> None:
    """A task without a date gets none, and one with a time of day keeps its hour: nothing is set there."""
    day = date(2026, 3, 20)
    found = board(task("A", due="2026-03-12"), task("B"), task("C", due="2026-03-12T15:00Z"))
    made = date_for(found, gid("A"), day)
    assert made is not None
    assert (made.before, made.wanted, made.edit) == ("due 2026-03-12", "due 2026-03-20", Edit(due_on=day))
    assert made.sight.due_on == date(2026, 3, 12)
    assert [date_for(found, gid(name), day) for name in ("B", "C", "nobody")] == [None] * 3
    now = made.sight
    assert not agree(made.sight, made.edit, replace(now, due_on=date(2026, 3, 13)), begun=True)
    assert agree(made.sight, made.edit, replace(now, due_on=day), begun=True)
    assert remaining(made.edit, replace(now, due_on=day)) is None


SEEN = Sight("900", THEN, TODO, completed=False, fields={BLOCKED: None})
BOTH = Edit(section=DOING, fields={BLOCKED: YES})


@pytest.mark.parametrize(
    ("now", "fresh", "begun"),
    [
        ({}, True, True),
        ({"section": DOING}, False, True),
        ({"fields": {BLOCKED: YES}}, False, True),
        ({"section": SectionGid("1")}, False, False),
        ({"completed": True}, False, False),
        ({"fields": {BLOCKED: "2"}}, False, False),
    ],
)
def test_values_in_question_must_be_as_they_were(now: dict[str, object], fresh: bool, begun: bool) -> None:
    """Or, where our own write has begun, as we wanted them; column and tick count for every edit."""
    seen = replace(SEEN, **now)  # type: ignore[arg-type]
    assert agree(SEEN, BOTH, seen, begun=False) is fresh
    assert agree(SEEN, BOTH, seen, begun=True) is begun
    assert agree(SEEN, Edit(completed=True), replace(SEEN, section=DOING), begun=True) is False


def test_only_what_is_not_so_yet_is_set() -> None:
    """After half a write the other half is left; after a whole one nothing."""
    half = replace(SEEN, section=DOING)
    assert remaining(BOTH, SEEN) == BOTH
    assert remaining(BOTH, half) == Edit(fields={BLOCKED: YES})
    assert remaining(BOTH, replace(half, fields={BLOCKED: YES})) is None
    assert remaining(Edit(completed=True), replace(SEEN, completed=True)) is None
