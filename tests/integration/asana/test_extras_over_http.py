"""Tasks, status updates and attachments on the simulated Asana over real HTTP, with every way an answer can be lost."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from facilitator.asana import AsanaTracker
from facilitator.errors import TrackerError
from facilitator.runs.ports import NewTask
from facilitator.runs.run import ParcelKind
from tests.contract import asana_openapi
from tests.integration.asana.conftest import FAST, TOKEN, Harbour

pytestmark = pytest.mark.anyio
MARKER = "ref retro/2026-06-10/harbour"
TEXT = f"At risk\nthree carried over, 5 < 8 ✓\n{MARKER}"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
NAME = "burndown-retro-2026-06-10-harbour.png"
LOST: list[tuple[str, dict[str, Any]]] = [
    ("commit_then_status", {"status": 500}),
    ("commit_then_status", {"status": 504}),
    ("commit_then_drop", {}),
    ("malformed_json", {}),
    ("truncated_body", {}),
]
BEFORE: list[tuple[str, dict[str, Any]]] = [
    ("status", {"status": 500}),
    ("drop", {}),
    ("html_error", {"status": 502}),
]


@dataclass(frozen=True)
class Kind:
    """One kind of thing: its path, how it is written and found, and how often the world has it."""

    path: str
    write: Callable[[AsanaTracker, Harbour], Awaitable[str]]
    find: Callable[[AsanaTracker, Harbour], Awaitable[str | None]]
    count: Callable[[Harbour], int]


def held(harbour: Harbour, table: str, **wanted: Any) -> list[dict[str, Any]]:
    """The world's records of a kind that have these values."""
    records = harbour.sandbox.asana.world.tables[table].values()
    return [one for one in records if all(one.get(key) == value for key, value in wanted.items())]


TASK = Kind(
    "/tasks",
    lambda tracker, harbour: tracker.create_task(harbour.project, NewTask("Limit", f"why\n{MARKER}#1")),
    lambda tracker, harbour: tracker.find_marked_task(harbour.project, f"{MARKER}#1"),
    lambda harbour: len(held(harbour, "task", name="Limit")),
)
STATUS = Kind(
    "/status_updates",
    lambda tracker, harbour: tracker.post_status(harbour.project, "at_risk", "Weekly", TEXT),
    lambda tracker, harbour: tracker.find_status(harbour.project, MARKER),
    lambda harbour: len(held(harbour, "status_update", title="Weekly")),
)
ATTACHMENT = Kind(
    "/attachments",
    lambda tracker, harbour: tracker.attach(harbour.task, NAME, PNG),
    lambda tracker, harbour: tracker.find_attachment(harbour.task, NAME),
    lambda harbour: len(held(harbour, "attachment", name=NAME)),
)
KINDS = {
    TASK.path: ParcelKind.TASK, STATUS.path: ParcelKind.STATUS, ATTACHMENT.path: ParcelKind.ATTACHMENT,
}  # fmt: skip
every_kind = pytest.mark.parametrize("kind", [TASK, STATUS, ATTACHMENT], ids=lambda kind: kind.path)


@every_kind
async def test_what_was_written_is_found(harbour: Harbour, tracker: AsanaTracker, kind: Kind) -> None:
    """Nothing before, the written one after, and no other."""
    assert await kind.find(tracker, harbour) is None
    gid = await kind.write(tracker, harbour)
    assert await kind.find(tracker, harbour) == gid
    assert kind.count(harbour) == 1


@every_kind
@pytest.mark.parametrize(("fault", "more"), LOST)
async def test_a_lost_answer_leaves_one_that_is_found(
    harbour: Harbour, tracker: AsanaTracker, kind: Kind, fault: str, more: dict[str, Any]
) -> None:
    """It happened and the answer was lost: in doubt, sent once, and there to be found."""
    harbour.fault(fault, method="POST", path=kind.path, **more)
    with pytest.raises(TrackerError) as caught:
        await kind.write(tracker, harbour)
    assert caught.value.in_doubt
    assert await kind.find(tracker, harbour)
    assert (kind.count(harbour), harbour.calls("POST", kind.path)) == (1, 1)


@every_kind
@pytest.mark.parametrize(("fault", "more"), BEFORE)
async def test_a_failure_before_the_write_is_in_doubt_too(
    harbour: Harbour, tracker: AsanaTracker, kind: Kind, fault: str, more: dict[str, Any]
) -> None:
    """From outside both look alike: looking finds nothing, and only then may it be written again."""
    harbour.fault(fault, method="POST", path=kind.path, **more)
    with pytest.raises(TrackerError) as caught:
        await kind.write(tracker, harbour)
    assert caught.value.in_doubt
    assert await kind.find(tracker, harbour) is None
    assert (kind.count(harbour), harbour.calls("POST", kind.path)) == (0, 1)


@every_kind
async def test_an_answer_that_never_comes_is_in_doubt(harbour: Harbour, kind: Kind) -> None:
    """The read time-out ends the wait; the thing is there all the same."""
    harbour.fault("commit_then_hang", method="POST", path=kind.path)
    async with harbour.tracker(replace(FAST, read_timeout=0.2)) as tracker:
        with pytest.raises(TrackerError, match="ReadTimeout") as caught:
            await kind.write(tracker, harbour)
    assert caught.value.in_doubt
    async with harbour.tracker() as patient:
        assert await kind.find(patient, harbour)


@every_kind
async def test_a_rate_limited_write_happens_once(harbour: Harbour, tracker: AsanaTracker, kind: Kind) -> None:
    """429 means that nothing was done: after the wait, the same bytes go out again."""
    harbour.fault("status", method="POST", path=kind.path, status=429, retry_after=3)
    await kind.write(tracker, harbour)
    assert kind.count(harbour) == 1
    assert harbour.time.slept > 3


@every_kind
async def test_a_second_copy_can_be_taken_back(harbour: Harbour, tracker: AsanaTracker, kind: Kind) -> None:
    """The copy goes, the first one stays; taking it back again changes nothing, whatever becomes of the answers."""
    first, second = await kind.write(tracker, harbour), await kind.write(tracker, harbour)
    harbour.fault("commit_then_drop", method="DELETE", path="*")
    for _ in range(2):
        await tracker.withdraw(KINDS[kind.path], second)
    assert await kind.find(tracker, harbour) == first
    assert kind.count(harbour) == 1


async def test_a_copy_that_may_not_be_taken_back_is_told(harbour: Harbour, tracker: AsanaTracker) -> None:
    """Anything but its absence is an error: the copy still stands."""
    harbour.fault("status", method="DELETE", path="*", status=403)
    with pytest.raises(TrackerError, match="403"):
        await tracker.withdraw(ParcelKind.STATUS, await STATUS.write(tracker, harbour))


async def test_an_action_stands_where_it_belongs(harbour: Harbour, tracker: AsanaTracker) -> None:
    """The section in any letter case, the owner, the day and the notes: the world has them as approved."""
    section = harbour.pack["sections"][1]
    owner = harbour.pack["users"][0]["gid"]
    action = NewTask("Limit", f"why\n{MARKER}#1", owner, date(2026, 6, 24), section["name"].upper())
    made = harbour.sandbox.asana.task(await tracker.create_task(harbour.project, action))
    assert [one["section"]["gid"] for one in made["memberships"]] == [section["gid"]]
    assert (made["assignee"]["gid"], made["due_on"]) == (owner, "2026-06-24")
    assert made["notes"] == action.notes


async def test_an_action_carries_its_custom_fields(harbour: Harbour, tracker: AsanaTracker) -> None:
    """`via_ai_agent` and the like go out with the task, in Asana's own form."""
    points = next(one for one in harbour.pack["custom_fields"] if one["resource_subtype"] == "number")
    action = NewTask("Limit", fields=((points["gid"], 1.0),))
    made = harbour.sandbox.asana.task(await tracker.create_task(harbour.project, action))
    values = {one["gid"]: one.get("number_value") for one in made["custom_fields"]}
    assert values[points["gid"]] == 1.0


async def test_an_action_without_its_section_stands_in_the_project(
    harbour: Harbour, tracker: AsanaTracker
) -> None:
    """A section nobody made yet must not cost the action."""
    action = NewTask("Limit", section="No such section")
    made = harbour.sandbox.asana.task(await tracker.create_task(harbour.project, action))
    assert [one["project"]["gid"] for one in made["memberships"]] == [harbour.project]


@pytest.mark.parametrize("kind", ["on_track", "at_risk", "off_track", "on_hold", "complete", "dropped"])
async def test_every_type_of_status_is_taken(harbour: Harbour, tracker: AsanaTracker, kind: str) -> None:
    """Asana's own words, as the rule engine gives them."""
    gid = await tracker.post_status(harbour.project, kind, "Weekly", TEXT)
    assert [(one["gid"], one["text"]) for one in held(harbour, "status_update", status_type=kind)] == [
        (gid, TEXT)
    ]


async def test_a_colour_is_no_status_type(harbour: Harbour, tracker: AsanaTracker) -> None:
    """Refused for good, with Asana's own words: nothing is in doubt and nothing is there."""
    with pytest.raises(TrackerError, match="status_type") as caught:
        await tracker.post_status(harbour.project, "amber", "Weekly", TEXT)
    assert (caught.value.in_doubt, caught.value.retryable) == (False, False)
    assert STATUS.count(harbour) == 0


async def test_an_action_somebody_finished_is_found(harbour: Harbour, tracker: AsanaTracker) -> None:
    """Done is still made: it must not be made again."""
    gid = await TASK.write(tracker, harbour)
    harbour.sandbox.asana.world.tables["task"][gid]["completed"] = True
    assert await TASK.find(tracker, harbour) == gid


async def test_an_attachment_arrives_whole(harbour: Harbour, tracker: AsanaTracker) -> None:
    """Line ends within a picture are not ours to change."""
    await ATTACHMENT.write(tracker, harbour)
    [found] = held(harbour, "attachment", name=NAME)
    assert (found["size"], found["parent"]["gid"]) == (len(PNG), harbour.task)


@pytest.mark.skipif(not asana_openapi.available(), reason=asana_openapi.ABSENT)
async def test_every_request_is_one_the_published_description_knows(
    harbour: Harbour, tracker: AsanaTracker
) -> None:
    """Paths, parameters and members of all looking and writing, and what came back."""
    section = harbour.pack["sections"][0]["name"]
    owner = harbour.pack["users"][0]["gid"]
    await tracker.create_task(harbour.project, NewTask("Limit", "why", owner, date(2026, 6, 24), section))
    for kind in (TASK, STATUS, ATTACHMENT):
        await kind.write(tracker, harbour)
        await kind.find(tracker, harbour)
    calls = harbour.sandbox.asana.requests
    assert {call.path.rpartition("/")[2] for call in calls} >= {
        "tasks",
        "sections",
        "status_updates",
        "attachments",
    }
    for call in calls:
        asana_openapi.validate_request(call.method, call.path, call.query, call.body)
        assert call.status is not None
        asana_openapi.validate_response(call.method, call.path, call.status, call.answer)
    assert all(TOKEN not in str(call.headers) for call in calls)
