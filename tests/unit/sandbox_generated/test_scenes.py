"""The scenes that were put into the world on purpose: what each ceremony must find in it."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from facilitator.sandbox.generated import generate_world
from tests.unit.sandbox_generated.replay import Pack, Replay, sprint_sets

YESTERDAY = "2026-06-09T07:00:00.000Z"


def named(replay: Replay, start: str) -> dict[str, Any]:
    """The one task whose name starts so."""
    found: list[dict[str, Any]] = [task for task in replay.tasks.values() if task["name"].startswith(start)]
    assert len(found) == 1
    return found[0]


def column(replay: Replay, gid: str) -> str:
    """The name of the task's section on the team's board."""
    section = replay.section(gid, replay.pack["projects"][0]["gid"])
    return str(replay.sections[section or ""]["name"])


def option(replay: Replay, gid: str, field: str) -> str | None:
    """The name of the option an enum field has now."""
    value = replay.value(gid, field)
    return replay.options[str(value)] if value else None


def in_column(replay: Replay, name: str) -> list[dict[str, Any]]:
    """All tasks of one column."""
    return [task for gid, task in replay.tasks.items() if column(replay, gid) == name]


def comments(replay: Replay, gid: str) -> list[str]:
    """What people wrote on a task."""
    return [story["text"] for story in replay.stories(gid, "comment_added")]


def days_in_work(replay: Replay, gid: str, until: str) -> float:
    """Calendar days since the task first entered In progress."""
    board = {gid: section["name"] for gid, section in replay.sections.items()}
    moves = replay.stories(gid, "section_changed")
    first = next(s["created_at"] for s in moves if board[s["new_section"]["gid"]] == "In progress")
    return (datetime.fromisoformat(until) - datetime.fromisoformat(first)).total_seconds() / 86400


def test_three_tasks_are_blocked_for_three_different_reasons(replay: Replay) -> None:
    """One waits for an open task, one for a vendor named in a comment, one has nobody."""
    blocked = [gid for gid in replay.tasks if option(replay, gid, "Blocked") == "Blocked"]
    assert len(blocked) == 3
    waits = [gid for gid in blocked if replay.tasks[gid].get("dependencies")]
    vendor = [gid for gid in blocked if any("waiting for Paysail" in text for text in comments(replay, gid))]
    nobody = [gid for gid in blocked if "assignee" not in replay.tasks[gid]]
    assert [len(waits), len(vendor), len(nobody)] == [1, 1, 1]
    assert len({*waits, *vendor, *nobody}) == 3
    assert not any(replay.complete(on["gid"]) for gid in waits for on in replay.tasks[gid]["dependencies"])


def test_no_other_open_task_waits_for_an_open_one(replay: Replay) -> None:
    """The dependency that blocks is one and is marked, so that two readings of "blocked" agree."""
    waiting = [
        task["name"]
        for gid, task in replay.tasks.items()
        if not replay.complete(gid)
        and any(not replay.complete(on["gid"]) for on in task.get("dependencies", []))
    ]
    assert waiting == ["Show live deck capacity on the booking page"]


def test_one_task_in_progress_is_far_older_than_the_85th_percentile(replay: Replay) -> None:
    """The import has been in work for over four weeks while most tasks take days."""
    done = [g for g in replay.tasks if replay.complete(g) and replay.stories(g, "section_changed")]
    started = [g for g in done if "In progress" in visited(replay, g)]
    cycles = sorted(days_in_work(replay, gid, replay.tasks[gid]["completed_at"]) for gid in started)
    p85 = cycles[int(len(cycles) * 0.85)]
    old = named(replay, "Move the timetable import")
    assert column(replay, old["gid"]) == "In progress"
    assert days_in_work(replay, old["gid"], replay.pack["as_of"]) > 3 * p85


def visited(replay: Replay, gid: str) -> list[str]:
    """Names of the sections the task was moved to."""
    return [replay.sections[s["new_section"]["gid"]]["name"] for s in replay.stories(gid, "section_changed")]


def test_the_last_day_has_something_to_report(replay: Replay) -> None:
    """Since yesterday 09:00: three finished, one into review, two begun; two are in review in all."""
    since = [
        (replay.sections[story["new_section"]["gid"]]["name"])
        for gid in replay.tasks
        for story in replay.stories(gid, "section_changed")
        if story["created_at"] >= YESTERDAY
    ]
    assert sorted(since) == ["Done"] * 3 + ["In progress"] * 2 + ["In review"]
    assert len(in_column(replay, "In review")) == 2


def test_two_open_tasks_of_the_sprint_are_overdue(replay: Replay) -> None:
    """Both were due at the end of the first week."""
    late = [
        task["name"]
        for gid, task in replay.tasks.items()
        if not replay.complete(gid) and task.get("due_on", "9999") < "2026-06-10"
    ]
    assert len(late) == 2


def test_some_of_the_sprint_is_unassigned_and_unestimated(replay: Replay) -> None:
    """Nobody has the school discount, and nobody knows its size."""
    task = named(replay, "Group discount for school trips")
    assert "assignee" not in task
    assert replay.value(task["gid"], "Story Points") is None
    assert option(replay, task["gid"], "Sprint") == "Sprint 24"


def test_a_due_date_may_have_a_time(replay: Replay) -> None:
    """15:00 in Berlin is 13:00 UTC, with the local date beside it."""
    task = named(replay, "Group discount for school trips")
    assert (task["due_on"], task["due_at"]) == ("2026-06-11", "2026-06-11T13:00:00.000Z")


def test_a_task_lacks_fields_that_others_have(replay: Replay) -> None:
    """The customer's message came in without type, priority or points."""
    gid = named(replay, "Customer never received")["gid"]
    assert [option(replay, gid, name) for name in ("Type", "Priority")] == [None, None]
    assert replay.value(gid, "Story Points") is None


def test_notes_and_a_comment_try_to_give_orders(replay: Replay) -> None:
    """Both carry the order and a link to a foreign host, and the task is in the sprint a report covers."""
    task = named(replay, "Customer never received")
    for text in (task["notes"], comments(replay, task["gid"])[-1]):
        assert "gnore" in text
        assert "previous instructions" in text
        assert "https://evil.example" in text
    assert option(replay, task["gid"], "Sprint") == "Sprint 24"


def test_a_name_holds_markup_and_control_characters(replay: Replay) -> None:
    """Tags, an ampersand, quotes, a right-to-left override and a character that XML forbids."""
    name = named(replay, "<b>Login</b>")["name"]
    assert '& "quotes"' in name
    assert "\u202e" in name
    assert "\x02" in name


def test_a_task_lives_in_two_projects_and_ours_is_not_first(replay: Replay) -> None:
    """Its moves on the roadmap are in the same list of stories."""
    (task,) = [task for task in replay.tasks.values() if len(task["memberships"]) > 1]
    roadmap = replay.pack["projects"][1]
    assert roadmap["name"] == "Company roadmap"
    assert task["memberships"][0]["project"]["gid"] == roadmap["gid"]
    assert replay.sections[task["memberships"][0]["section"]["gid"]]["name"] == "Now"
    assert column(replay, task["gid"]) == "In progress"


def test_the_deleted_colleague_wrote_created_and_was_unassigned(replay: Replay) -> None:
    """Their gid is an author; a task they cared for has lost its assignee by nobody's hand."""
    known = {user["gid"] for user in replay.pack["users"]}
    gone = [t for t in replay.tasks.values() if "created_by" in t and t["created_by"]["gid"] not in known]
    assert len(gone) >= 3
    brochure = named(replay, "Print-on-demand brochure")
    last = replay.pack["stories"][brochure["gid"]][-1]
    assert (last["resource_subtype"], "created_by" in last) == ("unassigned", False)
    assert "assignee" not in brochure


def test_ceremony_tasks_wait_open_in_a_section_of_their_own(replay: Replay) -> None:
    """Three places for comments: no points, no sprint, never finished."""
    tasks = in_column(replay, "Ceremonies")
    assert [task["name"] for task in tasks] == ["Daily stand-up", "Weekly status", "Sprint retro"]
    assert not any(task.get("completed") or task["custom_fields"] for task in tasks)


def test_one_retro_action_is_done_and_one_is_open(replay: Replay) -> None:
    """The open one has an owner, a date and a signal."""
    (open_action,) = in_column(replay, "Process improvement")
    assert {"assignee", "due_on"} <= set(open_action)
    assert "Signal:" in open_action["notes"]
    assert replay.complete(named(replay, "Start no new task while a review")["gid"])


def test_one_task_was_carried_over_three_times(replay: Replay) -> None:
    """The printers went through four sprints and their delay has a recorded cause."""
    gid = named(replay, "Print boarding passes on the old Zebra")["gid"]
    carried = [s["name"] for s in replay.pack["sprints"] if gid in sprint_sets(replay, s).carried_over]
    assert carried == ["Sprint 19", "Sprint 20", "Sprint 21"]
    assert any("Root cause" in text for text in comments(replay, gid))
    assert replay.complete(gid)


def test_scope_was_added_and_removed(replay: Replay) -> None:
    """Every sprint has late additions; at least two lost a task on the way."""
    sets = [sprint_sets(replay, sprint) for sprint in replay.pack["sprints"]]
    assert all(one.added for one in sets)
    assert sum(bool(one.removed) for one in sets) >= 2


def test_some_tasks_were_finished_without_being_done(replay: Replay) -> None:
    """Won't Do and Duplicate inside a sprint are completed but not delivered."""
    inside = {gid for sprint in replay.pack["sprints"] for gid in sprint_sets(replay, sprint).completed}
    kinds = {option(replay, gid, "Resolution") for gid in inside}
    assert {"Done", "Won't Do", "Duplicate"} <= kinds


def test_a_big_task_was_split_into_subtasks_that_carry_its_points(replay: Replay) -> None:
    """Eight points became three, three and two; the parent counts no more."""
    parent = named(replay, "Rebook passengers in bulk")["gid"]
    parts = [gid for gid, task in replay.tasks.items() if task.get("parent", {}).get("gid") == parent]
    assert sorted(int(replay.value(gid, "Story Points") or 0) for gid in parts) == [2, 3, 3]
    assert replay.value(parent, "Story Points", "2026-05-04T07:00:00.000Z") == 8
    assert replay.value(parent, "Story Points") is None
    assert all(replay.complete(gid) for gid in (parent, *parts))


def test_finished_work_came_back_and_was_finished_again(replay: Replay) -> None:
    """The reminder was reopened with a reason and closed with a root cause."""
    gid = named(replay, "Send the boarding reminder")["gid"]
    ticks = [
        story["resource_subtype"] for story in replay.stories(gid, "marked_complete", "marked_incomplete")
    ]
    assert ticks == ["marked_complete", "marked_incomplete", "marked_complete"]
    assert any("Root cause" in text for text in comments(replay, gid))


def test_blocked_episodes_of_the_past_lasted_days_and_were_resolved(replay: Replay) -> None:
    """Each has a beginning, an end some days later, and a comment at both."""
    long = 0
    for gid in replay.tasks:
        field = replay.fields["Blocked"]
        changes = [
            s for s in replay.stories(gid, "enum_custom_field_changed") if s["custom_field"]["gid"] == field
        ]
        for begin, end in pairwise(changes):
            length = datetime.fromisoformat(end["created_at"]) - datetime.fromisoformat(begin["created_at"])
            spoken = {story["created_at"] for story in replay.stories(gid, "comment_added")}
            assert {begin["created_at"], end["created_at"]} <= spoken
            long += length.days >= 2
    assert long >= 3


def test_estimates_and_names_changed(replay: Replay) -> None:
    """Re-estimates in a running sprint, a renamed task, and committed work without any estimate."""
    changed = [
        gid
        for gid in replay.tasks
        if any("old_number_value" in story for story in replay.stories(gid, "number_custom_field_changed"))
    ]
    bare = {
        gid
        for sprint in replay.pack["sprints"]
        for gid in sprint_sets(replay, sprint).committed
        if replay.value(gid, "Story Points", sprint["start_at"]) is None
    }
    assert len(changed) >= 4
    assert len(bare) >= 2
    assert any(replay.stories(gid, "name_changed") for gid in replay.tasks)


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_the_scenes_of_today_do_not_depend_on_the_seed(seed: int) -> None:
    """Chance writes the past; a stand-up finds the same blocked and finished tasks in every world."""
    replay = Replay(generate_world(seed))
    test_three_tasks_are_blocked_for_three_different_reasons(replay)
    test_one_task_was_carried_over_three_times(replay)
    assert len(in_column(replay, "In review")) >= 2


def test_a_short_past_leaves_out_what_it_cannot_hold(world: Pack) -> None:
    """With two past sprints the printers were never planned, but the ceremonies are there."""
    names = {task["name"] for task in generate_world(past_sprints=2)["tasks"]}
    assert (
        "Print boarding passes on the old Zebra printers" in {task["name"] for task in world["tasks"]} - names
    )
    assert {"Daily stand-up", "Weekly status", "Sprint retro"} <= names
