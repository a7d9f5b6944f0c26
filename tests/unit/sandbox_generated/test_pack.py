"""The pack as a file: its form, its references, its order, and that it is the same every time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from facilitator.sandbox.generated import generate_world
from facilitator.sandbox.generated.backlog import CLOSED, SUPPORT, WAITING
from facilitator.sandbox.generated.titles import SPRINT_IDEAS
from tests.unit.sandbox_generated.replay import Pack

LISTS = ("teams", "users", "projects", "sections", "custom_fields", "sprints", "tasks")


def gids_in(value: Any) -> Iterator[str]:
    """Every gid anywhere inside."""
    if isinstance(value, dict):
        if "gid" in value:
            yield value["gid"]
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from gids_in(inner)


def all_stories(world: Pack) -> list[dict[str, Any]]:
    """The stories of all tasks."""
    return [story for stories in world["stories"].values() for story in stories]


def test_the_keys_are_those_of_a_workspace_pack(world: Pack) -> None:
    """A reader of the packs reads this one too."""
    head = ["format", "name", "as_of", "provenance", "workspace"]
    assert list(world) == [*head, *LISTS, "stories"]
    assert world["format"] == "asana-workspace-pack/1"
    assert world["as_of"] == "2026-06-10T07:00:00.000Z"


def test_a_seed_gives_the_same_bytes_every_time(world: Pack) -> None:
    """Nothing depends on the process, the clock or the order of a set."""
    assert json.dumps(generate_world(7)) == json.dumps(world)


def test_another_seed_gives_another_past(world: Pack) -> None:
    """The seed decides who worked on what, not only the numbering."""
    other = generate_world(8)
    assert json.dumps(other["stories"]) != json.dumps(world["stories"])


def test_every_reference_resolves_but_the_deleted_user(world: Pack) -> None:
    """All gids are known, except the one author whose account is gone."""
    known = set(
        gids_in({key: world[key] for key in ("workspace", "teams", "users", "sections", "custom_fields")})
    )
    known |= {thing["gid"] for key in ("projects", "tasks") for thing in world[key]}
    known |= {story["gid"] for story in all_stories(world)}
    settings = {
        setting["gid"] for project in world["projects"] for setting in project["custom_field_settings"]
    }
    lost = set(gids_in(world)) - known - settings
    authors = {story["created_by"]["gid"] for story in all_stories(world) if "created_by" in story}
    assert len(lost) == 1
    assert lost <= authors


def test_no_gid_is_used_twice(world: Pack) -> None:
    """Tasks, stories, people and the rest draw from ranges of their own, as digit strings of 16."""
    things = [*(thing for key in LISTS if key != "sprints" for thing in world[key]), *all_stories(world)]
    options = [option for field in world["custom_fields"] for option in field.get("enum_options", [])]
    gids = [thing["gid"] for thing in (*things, *options)]
    assert max(Counter(gids).values()) == 1
    assert all(len(gid) == 16 and gid.isdigit() for gid in gids)


def test_each_tasks_stories_are_sorted_and_start_at_its_birth(world: Pack) -> None:
    """Oldest first, ties in the order of the gids; the first is the creation."""
    for task in world["tasks"]:
        stories = world["stories"][task["gid"]]
        order = [(story["created_at"], story["gid"]) for story in stories]
        assert order == sorted(order)
        assert stories[0]["created_at"] == task["created_at"]
        assert stories[-1]["created_at"] == task["modified_at"]


@pytest.mark.parametrize(
    "moment", ["2026-06-10T07:00", "2026-06-10T05:45", "2026-06-12T13:00", "2025-10-01T07:00"]
)
def test_nothing_lies_after_the_present(moment: str) -> None:
    """`as_of` is now: later stories do not exist, whatever the storyboards would tell next."""
    as_of = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    world = generate_world(as_of=as_of)
    instants = [story["created_at"] for story in all_stories(world)]
    instants += [task["modified_at"] for task in world["tasks"]]
    assert max(instants) <= world["as_of"] == f"{moment}:00.000Z"


def test_empty_values_are_left_out(world: Pack) -> None:
    """The lean form: no null, no empty text, no `completed: false`, no story with an empty side."""
    for thing in (*world["tasks"], *all_stories(world)):
        kept = {key: value for key, value in thing.items() if key not in {"memberships", "custom_fields"}}
        assert not [key for key, value in kept.items() if value in (None, "", False, [], {})]


def test_the_description_of_the_sprint_field_equals_the_sprints(world: Pack) -> None:
    """Name, start, planned end and close stand in one line an option, `-` while open."""
    field = next(field for field in world["custom_fields"] if field["name"] == "Sprint")
    head, *lines = field["description"].split("\n")
    assert head == "name | start_at | end_at (planned) | closed_at"
    sprints = world["sprints"]
    assert lines == [
        f"{s['name']} | {s['start_at']} | {s['end_at']} | {s['closed_at'] or '-'}" for s in sprints
    ]
    assert [option["name"] for option in field["enum_options"]] == [sprint["name"] for sprint in sprints]


def test_titles_are_unique_and_written_with_care(world: Pack) -> None:
    """No two tasks share a title, none is a placeholder, and all start with a capital or a mark."""
    names = [task["name"] for task in world["tasks"]]
    ideas = [*SPRINT_IDEAS, *WAITING, *(closed[0] for closed in CLOSED), *SUPPORT]
    assert len(set(names)) == len(names)
    assert len({idea.name.casefold() for idea in ideas}) == len(ideas) >= 110
    for name in (*names, *(idea.name for idea in ideas)):
        assert name[0].isupper() or name.startswith("<b>")
        assert not name.endswith((".", " "))
        assert not any(word in name.casefold() for word in ("lorem", "ipsum", "task 1", "placeholder"))


def test_the_world_has_the_size_of_a_real_board(world: Pack) -> None:
    """Some 150 to 200 tasks, about 25 of them waiting, and a conversation to read."""
    sections = {section["gid"]: section["name"] for section in world["sections"]}
    columns = Counter(sections[task["memberships"][-1]["section"]["gid"]] for task in world["tasks"])
    comments = [story for story in all_stories(world) if story["type"] == "comment"]
    assert 145 <= len(world["tasks"]) <= 200
    assert 20 <= columns["Backlog"] <= 40
    assert 150 <= len(comments) <= 400
    assert sum("https://github.com/example/harbour/pull/" in story["text"] for story in comments) > 50


def test_pull_requests_are_numbered_in_time(world: Pack) -> None:
    """A later comment never names a lower new number, and every number is used once."""
    comments = sorted((s for s in all_stories(world) if s["type"] == "comment"), key=lambda s: s["gid"])
    numbers = [int(s["text"].split("/pull/")[1][:3]) for s in comments if "/pull/" in s["text"]]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("past", [0, 9])
def test_an_impossible_number_of_sprints_is_refused(past: int) -> None:
    """Fewer than one, or more than there are titles for."""
    with pytest.raises(ValueError, match="choose 1 to 8"):
        generate_world(past_sprints=past)


@pytest.mark.parametrize("day", ["2026-06-09", "2026-06-13", "2026-05-27"])
def test_a_present_that_the_story_cannot_reach_is_refused(day: str) -> None:
    """A Tuesday, a Saturday, and a Wednesday made early by a holiday: the message says what to choose."""
    with pytest.raises(ValueError, match="choose a Wednesday, Thursday or Friday"):
        generate_world(as_of=datetime.fromisoformat(f"{day}T09:00+02:00"))


def test_a_present_without_a_zone_is_refused() -> None:
    """A naive instant would mean another moment on another machine."""
    with pytest.raises(ValueError, match="no time zone"):
        generate_world(as_of=datetime(2026, 6, 10, 9))  # noqa: DTZ001


@pytest.mark.parametrize("past", range(1, 9))
def test_any_number_of_past_sprints_ends_in_sprint_24(past: int) -> None:
    """Names count back from the active sprint, and only that one is open."""
    sprints = generate_world(past_sprints=past)["sprints"]
    assert [sprint["name"] for sprint in sprints] == [f"Sprint {n}" for n in range(24 - past, 25)]
    assert [sprint["state"] for sprint in sprints] == ["closed"] * past + ["active"]
