"""A change is written where nobody was at the task since it was read, once, and never over a person's change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from facilitator.board.snapshot import (
    FieldGid,
    ProjectGid,
    SectionGid,
    Snapshot,
    Story,
    StoryGid,
    Task,
    TaskGid,
    User,
    UserGid,
)
from facilitator.board.wishes import Edit, Sight, Wish
from facilitator.errors import TrackerError
from facilitator.runs.amending import Amending, ChangedMeanwhile, change_parcels, words_of
from facilitator.runs.ports import Tracker
from facilitator.runs.proposals import Proposal
from facilitator.runs.run import Parcel

from .board_in_memory import lost, refused
from .conftest import NOW

pytestmark = pytest.mark.anyio
BOB, BOT = UserGid("902"), UserGid("500")
TODO, DOING, FLAG = SectionGid("801"), SectionGid("802"), FieldGid("81")
READ = NOW - timedelta(hours=3)
TASK = Task(TaskGid("5"), "Payment retry", READ, READ, section=TODO, fields={FLAG: None})
EDIT = Edit(section=DOING, fields={FLAG: "yes"})
SIGHT = Sight("900", READ, TODO, completed=False, fields={FLAG: None})
PROPOSAL = Proposal(3, Wish(TASK.gid, "todo", "in_progress", SIGHT, EDIT), "Bob asked", "agent")
BOARD = Snapshot(ProjectGid("900"), "Harbour", READ, (TASK,))


@dataclass
class Board:
    """One task that Asana holds: what is read of it, what is set, and who was at it."""

    task: Task | None = TASK
    stories: list[Story] = field(default_factory=list)
    errors: list[TrackerError] = field(default_factory=list)
    happens: bool = True
    log: list[str] = field(default_factory=list)

    def touched(self, by: UserGid, at: datetime = NOW, **changes: Any) -> Board:
        """Somebody does something to it."""
        assert self.task is not None
        self.stories.append(Story(StoryGid(str(len(self.stories))), at, "comment_added", by))
        self.task = replace(self.task, modified_at=at, **changes)
        return self

    async def read_task(self, _project: ProjectGid, _task: TaskGid) -> Task | None:
        self.log.append("read")
        return self.task

    async def read_tasks(
        self, project: ProjectGid, _tasks: Sequence[TaskGid], *, as_of: datetime
    ) -> Snapshot:
        assert self.task is not None
        told = replace(self.task, stories=tuple(self.stories))
        return Snapshot(project, "", as_of, (told,), users=(User(BOB, "Bob\u202e"),), bot=BOT)

    async def amend_task(self, _task: TaskGid, edit: Edit) -> None:
        self.log.append(f"set {edit.section} {edit.completed} {edit.fields}")
        assert self.task is not None
        if self.happens:
            self.touched(
                BOT,
                section=edit.section or self.task.section,
                fields={**self.task.fields, **(edit.fields or {})},
            )
        if self.errors:
            raise self.errors.pop(0)

    async def amend(self, parcel: Parcel | None = None) -> None:
        [usual] = change_parcels([PROPOSAL], BOARD, "ref x")
        amending = Amending(cast("Tracker", self), lambda: NOW)
        await amending.amend(parcel or usual, attempt=lambda: self.log.append("attempt"))

    @property
    def sets(self) -> list[str]:
        return [line for line in self.log if line.startswith("set")]


def begun() -> Parcel:
    """The parcel of a process that died after its attempt was recorded."""
    [parcel] = change_parcels([PROPOSAL], BOARD, "ref x")
    return replace(parcel, attempted_at=NOW)


def test_an_approver_is_shown_from_what_to_what() -> None:
    """Task, gid, both states and the note, on one line; the parcel is named by the same words."""
    assert words_of(PROPOSAL, BOARD) == "Payment retry (5): todo -> in_progress, Bob asked"
    [parcel] = change_parcels([PROPOSAL], BOARD, "ref x")
    assert (parcel.title, parcel.target, parcel.marker) == (
        "Payment retry (5): todo -> in_progress", "5", "ref x!3",
    )  # fmt: skip
    hostile = replace(PROPOSAL, note="see https://evil.example\nnow")
    assert words_of(hostile, None) == "task (5): todo -> in_progress, see https[:]//evil[.]example now"


async def test_it_is_read_again_then_recorded_then_set() -> None:
    """In that order, and in one go where nobody was at it."""
    board = Board()
    await board.amend()
    assert board.log == ["read", "attempt", "set 802 None {'81': 'yes'}"]


MEANWHILE: dict[str, Board] = {
    "a comment": Board().touched(BOB),
    "another column": Board().touched(BOB, section=SectionGid("803")),
    "a tick": Board().touched(BOB, completed=True),
    "the field": Board().touched(BOB, fields={FLAG: "no"}),
    "a comment before ours": Board().touched(BOB).touched(BOT),
}


@pytest.mark.parametrize("what", MEANWHILE)
async def test_whatever_a_person_did_meanwhile_takes_it_back(what: str) -> None:
    """Nothing is sent, not even an attempt is recorded, and it is told who and when."""
    board = MEANWHILE[what]
    with pytest.raises(ChangedMeanwhile, match="changed meanwhile by Bob at 2026-06-10 07:00 UTC") as caught:
        await board.amend()
    assert not caught.value.retryable
    assert board.log == ["read"]


@pytest.mark.parametrize(
    "changes", [{"section": SectionGid("803")}, {"completed": True}, {"fields": {FLAG: "no"}}]
)
async def test_a_change_without_a_trace_takes_it_back_too(changes: dict[str, Any]) -> None:
    """Asana does not promise that a move to another section touches `modified_at`, nor that each change has a story."""
    board = Board(replace(TASK, **changes))
    with pytest.raises(ChangedMeanwhile, match="changed meanwhile by somebody"):
        await board.amend()
    assert board.sets == []


async def test_what_we_did_ourselves_is_no_hindrance() -> None:
    """Our comment on the same task moves its stamp; nobody else was at it."""
    board = Board().touched(BOT)
    await board.amend()
    assert len(board.sets) == 1


async def test_what_is_so_already_is_not_set() -> None:
    """Somebody made the change by hand: it is as approved, and nothing is sent."""
    board = Board().touched(BOB, section=DOING, fields={FLAG: "yes"})
    await board.amend()
    assert board.log == ["read"]


async def test_a_task_that_is_gone_is_told() -> None:
    """Deleted or hidden: there is nothing to change."""
    with pytest.raises(ChangedMeanwhile, match="gone, or hidden"):
        await Board(None).amend()


async def test_a_lost_answer_is_looked_for() -> None:
    """Done or not: the task says it, and what is missing is set once more."""
    done = Board(errors=[lost()])
    await done.amend()
    assert len(done.sets) == 1
    undone = Board(errors=[lost()], happens=False)
    await undone.amend()
    assert len(undone.sets) == 2
    with pytest.raises(TrackerError, match="not known yet") as caught:
        await Board(errors=[lost(), lost()], happens=False).amend()
    assert caught.value.retryable


async def test_a_write_that_began_sets_only_what_is_left() -> None:
    """A process died between two calls: one half is ours, and nobody else was there."""
    board = Board().touched(BOT, section=DOING)
    await board.amend(begun())
    assert board.sets == ["set None None {'81': 'yes'}"]


async def test_a_write_that_began_gives_way_to_a_person_too() -> None:
    """Somebody put it back after our half: it is theirs."""
    board = Board().touched(BOT, section=DOING).touched(BOB, at=NOW + timedelta(minutes=1), section=TODO)
    with pytest.raises(ChangedMeanwhile, match=r"by Bob .* no more of it was set"):
        await board.amend(begun())
    assert board.sets == []


async def test_a_refusal_of_asana_is_passed_on() -> None:
    """It did not happen and never will."""
    with pytest.raises(TrackerError, match="403"):
        await Board(errors=[refused()], happens=False).amend()
