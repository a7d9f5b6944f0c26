"""History and present agree: what a reader rebuilds from stories is what the tasks say."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from facilitator.sandbox.generated import generate_world
from tests.unit.sandbox_generated.replay import NEVER, Pack, Replay, gid_of, sprint_sets

BERLIN = ZoneInfo("Europe/Berlin")
SEEDS = (7, 1, 2, 3, 11, 20260610)


@pytest.fixture(scope="module", params=SEEDS)
def told(request: pytest.FixtureRequest) -> Replay:
    """Worlds of several seeds: a property holds in all of them or it is none."""
    return Replay(generate_world(request.param))


def test_sections_completion_and_fields_are_what_the_stories_say(told: Replay) -> None:
    """The last story wins; without one the value is there from birth."""
    for gid, task in told.tasks.items():
        for home in task["memberships"]:
            assert told.section(gid, home["project"]["gid"]) == home["section"]["gid"]
        assert told.complete(gid) == task.get("completed", False)
        for name in told.fields:
            assert told.value(gid, name) == told.present(gid, name)


def test_the_finishing_instant_is_the_last_tick(told: Replay) -> None:
    """`completed_at` and `completed_by` are those of the last marked_complete; an open task has neither."""
    for gid, task in told.tasks.items():
        ticks = told.stories(gid, "marked_complete")
        if task.get("completed"):
            assert (task["completed_at"], task["completed_by"]) == (
                ticks[-1]["created_at"],
                ticks[-1]["created_by"],
            )
        else:
            assert "completed_at" not in task


def test_assignee_due_name_and_dependencies_are_what_the_stories_say(told: Replay) -> None:
    """Also for the values that are not custom fields."""
    for gid, task in told.tasks.items():
        given = [gid_of(story.get("assignee")) for story in told.stories(gid, "assigned", "unassigned")]
        dates = [story.get("new_dates", {}) for story in told.stories(gid, "due_date_changed")]
        names = [story["new_name"] for story in told.stories(gid, "name_changed")]
        assert gid_of(task.get("assignee")) == (given[-1] if given else None)
        assert {key: task[key] for key in ("due_on", "due_at") if key in task} == (dates[-1] if dates else {})
        assert task["name"] == (names[-1] if names else task["name"])
        assert task.get("dependencies", []) == [
            s["dependency"] for s in told.stories(gid, "dependency_added")
        ]


def test_each_change_begins_where_the_one_before_ended(told: Replay) -> None:
    """The old value of a story is the new value of the last one of its kind."""
    for gid in told.tasks:
        state: dict[str, object] = {}
        for story in told.stories(gid, "number_custom_field_changed", "enum_custom_field_changed"):
            field = story["custom_field"]["gid"]
            old = story.get("old_number_value", gid_of(story.get("old_enum_value")))
            new = story.get("new_number_value", gid_of(story.get("new_enum_value")))
            assert state.get(field, old) == old != new
            state[field] = new


def test_an_open_task_is_not_in_done_and_a_finished_one_is(told: Replay) -> None:
    """The team ticks the box when it moves the card."""
    for gid, task in told.tasks.items():
        section = told.section(gid, told.pack["projects"][0]["gid"])
        assert section is not None
        assert (told.sections[section]["name"] == "Done") == told.complete(gid)
        assert (told.value(gid, "Resolution") is not None) == task.get("completed", False)


def test_sprint_sets_obey_the_identity(told: Replay) -> None:
    """Committed + added = completed + carried over + removed + other, without overlaps, in every sprint."""
    for sprint in told.pack["sprints"]:
        sets = sprint_sets(told, sprint)
        ins, outs = (
            [sets.committed, sets.added],
            [sets.completed, sets.carried_over, sets.removed, sets.other],
        )
        assert set.union(*ins) == set.union(*outs)
        assert sum(map(len, ins)) == len(set.union(*ins)) == sum(map(len, outs))


def test_what_is_carried_over_is_committed_in_the_next_sprint(told: Replay) -> None:
    """Open work after the close is in the next sprint before it starts, or back in the backlog."""
    sprints = told.pack["sprints"]
    for before, after in pairwise(sprints):
        carried, next_committed = sprint_sets(told, before).carried_over, sprint_sets(told, after).committed
        returned = {
            gid for gid in carried - next_committed if told.value(gid, "Sprint", after["start_at"]) is None
        }
        assert carried <= next_committed | returned


def test_sprints_have_the_size_of_a_team(told: Replay) -> None:
    """Seven to sixteen tasks and 20 to 45 points are committed, most of it gets done, not always all."""
    finished = []
    for sprint in told.pack["sprints"][:-1]:
        sets = sprint_sets(told, sprint)
        points = told.points(sets.committed, sprint["start_at"])
        assert 7 <= len(sets.committed) <= 16
        assert 20 <= points <= 45
        finished.append(len(sets.completed) / len(sets.committed | sets.added))
    assert min(finished) >= 0.5
    assert len({round(share, 2) for share in finished}) > 1


def test_sprints_run_from_monday_nine_to_friday_five_or_the_working_day_next_to_it(world: Pack) -> None:
    """Local hours hold across the change of clocks; Easter and Labour Day move a boundary inwards."""
    starts = [datetime.fromisoformat(s["start_at"]).astimezone(BERLIN) for s in world["sprints"]]
    ends = [datetime.fromisoformat(s["end_at"]).astimezone(BERLIN) for s in world["sprints"]]
    assert {start.time() for start in starts} == {time(9)}
    assert {end.time() for end in ends} == {time(17)}
    assert [s.date() for s in starts if s.weekday() != 0] == [date(2026, 4, 7)]
    assert [e.date() for e in ends if e.weekday() != 4] == [date(2026, 4, 2), date(2026, 4, 30)]


def test_the_team_writes_in_office_hours_on_working_days(told: Replay) -> None:
    """No story by a person lies on a weekend, a public holiday, before half past eight or after half past five."""
    free = {date(2026, 5, 25), date(2026, 5, 14), date(2026, 5, 1), date(2026, 4, 3), date(2026, 4, 6)}
    for stories in told.pack["stories"].values():
        for story in stories:
            local = datetime.fromisoformat(story["created_at"]).astimezone(BERLIN)
            assert local.weekday() < 5
            assert local.date() not in free
            assert time(8, 30) <= local.time() <= time(17, 30)


def test_old_values_are_seen_at_old_instants(replay: Replay) -> None:
    """The reading itself is sound: before its first estimate a task has none, after the last one the present."""
    gid = next(g for g in replay.tasks if replay.stories(g, "number_custom_field_changed"))
    first = replay.stories(gid, "number_custom_field_changed")[0]
    assert replay.value(gid, "Story Points", "2020") == first.get("old_number_value")
    assert replay.value(gid, "Story Points", first["created_at"]) == first.get("new_number_value")
    assert replay.value(gid, "Story Points", NEVER) == replay.present(gid, "Story Points")
