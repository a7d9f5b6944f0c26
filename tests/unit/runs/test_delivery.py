"""Once, whatever becomes of the answer: look, record the attempt, write, and after a doubt look again."""

import base64
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import pytest

from facilitator.board.snapshot import StoryGid
from facilitator.errors import TrackerError
from facilitator.runs.delivery import Delivery, owner_of, pack_task, unpack_task
from facilitator.runs.ports import NewTask
from facilitator.runs.run import Parcel, ParcelKind

from .board_in_memory import NOW, Fate, InMemoryTracker, Kept, lost, refused

pytestmark = pytest.mark.anyio
MARKER = "ref retro/2026-06-10/harbour"
ACTION = NewTask("Limit work", f"why\n{MARKER}#1", "501", date(2026, 6, 24), "Process improvement")
LOOKS = 4
"""At once, and after 2, 10 and 60 seconds."""


def parcel(kind: ParcelKind, body: str, marker: str = MARKER, **more: str) -> Parcel:
    return Parcel(1, kind, "77", more.get("detail", ""), more.get("title", ""), body, "digest", marker)


COMMENT = parcel(ParcelKind.COMMENT, f"<body>x\n{MARKER}")
TASK = parcel(ParcelKind.TASK, pack_task(ACTION), f"{MARKER}#1", title="Limit work")
STATUS = parcel(ParcelKind.STATUS, f"text\n{MARKER}", detail="at_risk", title="Weekly")
ATTACHMENT = parcel(ParcelKind.ATTACHMENT, base64.b64encode(b"PNG").decode(), "burndown.png")
PARCELS = (COMMENT, TASK, STATUS, ATTACHMENT)
every_kind = pytest.mark.parametrize("one", PARCELS, ids=lambda one: one.kind)


@dataclass
class Post:
    """A delivery over a tracker, with the naps and attempts it made."""

    tracker: InMemoryTracker
    naps: list[float] = field(default_factory=list)

    async def nap(self, seconds: float) -> None:
        self.naps.append(seconds)

    def attempt(self) -> None:
        self.tracker.log.append("attempt")

    @cached_property
    def delivery(self) -> Delivery:
        return Delivery(self.tracker, self.nap)

    async def deliver(self, one: Parcel) -> str:
        return await self.delivery.deliver(one, one.target or "", attempt=self.attempt)


def post(*fates: Fate, delay: int = 0) -> Post:
    return Post(InMemoryTracker(list(fates), delay))


@every_kind
async def test_it_looks_records_the_attempt_and_writes_in_that_order(one: Parcel) -> None:
    """Whoever finds the record of an attempt knows that something may be out there."""
    house = post()
    gid = await house.deliver(one)
    assert house.tracker.log == [f"find {one.kind}", "attempt", f"write {one.kind}"]
    assert [kept.gid for kept in house.tracker.things] == [gid]
    assert not house.naps


@every_kind
async def test_what_is_there_already_is_not_written(one: Parcel) -> None:
    """A crash after the write and before its record: the one that is there is ours."""
    house = post()
    gid = await house.deliver(one)
    assert await house.deliver(one) == gid
    assert house.tracker.writes == 1


@every_kind
async def test_a_lost_answer_that_happened_is_found(one: Parcel) -> None:
    """In doubt, looked for, found: one."""
    house = post(Fate(error=lost()))
    assert await house.deliver(one) == "100"
    assert (house.tracker.writes, len(house.tracker.things)) == (1, 1)


@every_kind
async def test_a_lost_answer_that_did_not_happen_is_written_once_more(one: Parcel) -> None:
    """Only after the last look, a minute later, and then once; a last look tells whether the first one came up after all."""
    house = post(Fate(happens=False, error=lost()))
    gid = await house.deliver(one)
    written = f"write {one.kind}"
    look = f"find {one.kind}"
    assert house.tracker.log[2:] == [written, *[look] * LOOKS, written, look]
    assert house.naps == [2, 10, 60]
    assert [kept.gid for kept in house.tracker.things] == [gid]


@every_kind
async def test_a_list_that_is_late_is_waited_for(one: Parcel) -> None:
    """Asana promises no delay for its lists: what the third look shows was not written twice."""
    house = post(Fate(error=lost()), delay=2)
    assert await house.deliver(one) == "100"
    assert house.naps == [2, 10]
    assert len(house.tracker.things) == 1


async def test_an_attempt_of_an_earlier_process_is_looked_for_patiently() -> None:
    """The process died while its write was under way: the next one gives the list the same time."""
    house = post()
    house.tracker.things.append(Kept("31", "77", MARKER, "x", unseen=3))
    assert await house.deliver(replace(COMMENT, attempted_at=NOW)) == "31"
    assert house.naps == [2, 10, 60]
    assert house.tracker.writes == 0


@every_kind
async def test_what_has_a_gid_is_neither_looked_for_nor_written(one: Parcel) -> None:
    """A person may have deleted it on purpose: looking would lead to writing it again."""
    house = post()
    assert await house.deliver(replace(one, attempted_at=NOW, gid="31")) == "31"
    assert not house.tracker.log


@every_kind
async def test_a_final_refusal_is_raised_at_once(one: Parcel) -> None:
    """Nothing happened and nothing will: no looks, no second try."""
    house = post(Fate(happens=False, error=refused()))
    with pytest.raises(TrackerError, match="403"):
        await house.deliver(one)
    assert (house.tracker.writes, house.naps) == (1, [])


async def test_two_lost_answers_are_left_to_the_next_try() -> None:
    """A second doubt is not answered with a third write: it is raised, and whoever tries again looks first."""
    house = post(Fate(happens=False, error=lost()), Fate(error=lost()))
    with pytest.raises(TrackerError) as caught:
        await house.deliver(TASK)
    assert caught.value.in_doubt
    assert await house.deliver(replace(TASK, attempted_at=NOW)) == "100"
    assert (house.tracker.writes, len(house.tracker.things)) == (2, 1)


async def test_a_refusal_after_a_doubt_is_raised() -> None:
    """The right was taken away in between: the reason that counts is the last one."""
    house = post(Fate(happens=False, error=lost()), Fate(happens=False, error=refused()))
    with pytest.raises(TrackerError, match="403"):
        await house.deliver(STATUS)
    assert not house.tracker.things


async def test_every_parcel_becomes_what_was_approved() -> None:
    """A task with all its parts, a status with its type and title, a picture byte for byte."""
    house = post()
    for one in PARCELS:
        await house.deliver(one)
    comment, task, status, picture = house.tracker.things
    assert comment.text == COMMENT.body
    assert task.text == repr(replace(ACTION, notes=""))
    assert (status.text, picture.text) == ("at_risk Weekly", "PNG")


async def test_a_comment_is_confirmed_by_reading_it_back() -> None:
    """There, with its marker: one look is enough. A kind of blank that Asana changed does not matter."""
    house = post()
    house.tracker.things.append(Kept("31", "77", MARKER, f"x\n{MARKER}".replace(" ", "\u00a0")))
    await house.delivery.confirmed(COMMENT, StoryGid("31"))
    assert (house.tracker.log, house.naps) == (["read comment"], [])


async def test_a_comment_that_is_gone_is_a_final_fault() -> None:
    """Looked for a minute long, and then never written again: the run ends with its reason instead of owing for ever."""
    house = post()
    with pytest.raises(TrackerError, match="not there any more") as caught:
        await house.delivery.confirmed(COMMENT, StoryGid("31"))
    assert not caught.value.retryable
    assert house.naps == [2, 10, 60]
    assert house.tracker.writes == 0


async def test_a_comment_without_its_marker_is_a_final_fault() -> None:
    """What stands there is not what was approved, and it could not be found again."""
    house = post()
    house.tracker.things.append(Kept("31", "77", MARKER, "something else"))
    with pytest.raises(TrackerError, match="without its last line") as caught:
        await house.delivery.confirmed(COMMENT, StoryGid("31"))
    assert not caught.value.retryable


@every_kind
async def test_of_two_copies_the_oldest_is_kept(one: Parcel) -> None:
    """A list later than all our looks: the second write is made, then the first one shows, and the second is taken back."""
    house = post(Fate(error=lost()), delay=LOOKS)
    assert await house.deliver(one) == "100"
    assert house.tracker.log[-1] == f"withdraw {one.kind}"
    assert [kept.gid for kept in house.tracker.things] == ["100"]
    assert house.delivery.withdrawn == ["101"]


async def test_a_second_comment_of_ours_is_deleted_wherever_it_comes_from() -> None:
    """Readers see one; which one was deleted is known, so that it can be recorded."""
    house = post()
    house.tracker.things += [Kept(gid, "77", MARKER, "x") for gid in ("31", "32", "33")]
    assert await house.deliver(replace(COMMENT, attempted_at=NOW)) == "31"
    assert [kept.gid for kept in house.tracker.things] == ["31"]
    assert house.delivery.withdrawn == ["32", "33"]
    assert house.tracker.writes == 0


@pytest.mark.parametrize("action", [ACTION, NewTask("Bare"), NewTask('ü \u2028 \\ " {x}', 'a\n"b"\n☃')])
def test_a_task_survives_its_packing(action: NewTask) -> None:
    """The exact task that was approved comes out of the run log."""
    body = pack_task(action)
    assert unpack_task(parcel(ParcelKind.TASK, body, title=action.name)) == action


@pytest.mark.parametrize(
    ("action", "role", "owner"),
    [(ACTION, "", "501"), (NewTask("x"), "product owner", "product owner"), (NewTask("x"), "", "")],
)
def test_who_answers_for_a_task_is_kept(action: NewTask, role: str, owner: str) -> None:
    """A person, a role that Asana cannot assign, or nobody."""
    assert owner_of(parcel(ParcelKind.TASK, pack_task(action, role=role))) == owner


def test_an_action_packed_before_roles_were_kept_has_no_role() -> None:
    """An approval that waits across an upgrade is still readable."""
    old = '{"notes": "", "assignee": null, "due_on": null, "section": null}'
    assert owner_of(parcel(ParcelKind.TASK, old)) == ""
