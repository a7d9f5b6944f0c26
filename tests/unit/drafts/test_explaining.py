"""Why a figure or a line is there, told from what was recorded."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from facilitator.board.snapshot import (
    ProjectGid,
    Section,
    SectionGid,
    Snapshot,
    Story,
    StoryGid,
    Task,
    TaskGid,
    User,
    UserGid,
)
from facilitator.drafts.explaining import MOST_STORIES, NothingToExplain, explain
from tests.facts import PAYMENT, draft, harbour

NOW = datetime(2026, 6, 10, 7, 0, tzinfo=UTC)


def snapshot(*stories: Story) -> Snapshot:
    """A board that holds the payment task with these stories."""
    task = Task(TaskGid(PAYMENT), "Payment retry", NOW, NOW, stories=stories)
    sections = (Section(SectionGid("1"), "To do"), Section(SectionGid("2"), "In progress"))
    return Snapshot(ProjectGid("900"), "Harbour", NOW, (task,), sections)


def story(hour: int, subtype: str = "comment_added", **more: object) -> Story:
    """One story of the day."""
    return Story(StoryGid(str(hour)), NOW.replace(hour=hour), subtype, **more)  # type: ignore[arg-type]


def test_a_fact_tells_its_value_rule_and_tasks() -> None:
    """A figure explains itself: what it is, of how much, by which rule, from which tasks."""
    found = explain("blocked", facts=harbour(), draft=draft(), snapshot=None)
    assert (found.text, found.rule) == ("blocked: 2 of 14 tasks", "blocked, counted")
    assert PAYMENT in [task.gid for task in found.tasks]


def test_a_line_tells_the_facts_it_leans_on() -> None:
    """A headline is explained by the facts its placeholders name, with their values filled in."""
    found = explain("headline", facts=harbour(), draft=draft(), snapshot=None)
    assert "sprint.verdict" in found.facts
    assert "At risk" in found.text


def test_a_bullet_tells_its_tasks_and_their_stories() -> None:
    """A bullet leads to its task, and the task to what happened to it, newest first, in names instead of gids."""
    board = snapshot(story(3, "section_changed", old="1", new="2"), story(5, text="waits\nfor keys"))
    found = explain("blocked[0]", facts=harbour(), draft=draft(), snapshot=board)
    assert tuple(story.line for story in found.tasks[0].stories) == (
        "2026-06-10 05:00 UTC comment added: 'waits for keys'",
        "2026-06-10 03:00 UTC section changed: To do -> In progress",
    )


def test_people_are_told_by_name() -> None:
    """As the document writes them, or as the board does; never by gid where either knows them."""
    board = replace(
        snapshot(
            story(3, "assigned", new="901"),
            story(4, "unassigned", old="901"),
            story(5, "assigned", new="902"),
        ),
        users=(User(UserGid("901"), "Alice Archer"), User(UserGid("902"), "Bob Baker")),
    )
    facts = replace(harbour(), people={"901": "Alice A."})
    found = explain("blocked[0]", facts=facts, draft=draft(), snapshot=board)
    assert tuple(story.line for story in found.tasks[0].stories) == (
        "2026-06-10 05:00 UTC assigned: nobody -> Bob Baker",
        "2026-06-10 04:00 UTC unassigned: Alice A. -> nobody",
        "2026-06-10 03:00 UTC assigned: nobody -> Alice A.",
    )


def test_only_the_newest_stories_are_told_and_the_rest_counted() -> None:
    """A busy task does not flood its reader; nothing later than the document is told."""
    busy = [Story(StoryGid(str(n)), NOW.replace(minute=0, second=n), "liked") for n in range(20)]
    found = explain("blocked", facts=harbour(), draft=None, snapshot=snapshot(*busy, story(6), story(20)))
    told = next(task for task in found.tasks if task.gid == PAYMENT)
    assert (len(told.stories), told.of) == (
        min(MOST_STORIES, told.of),
        sum(s.created_at <= harbour().as_of for s in [*busy, story(6), story(20)]),
    )


def test_without_a_snapshot_tasks_are_still_named() -> None:
    """After the retention time the facts alone must do."""
    found = explain("blocked[0]", facts=harbour(), draft=draft(), snapshot=None)
    assert (found.tasks[0].name, found.tasks[0].stories) == (harbour().tasks[PAYMENT].name, ())


@pytest.mark.parametrize("what", ["blockd", "blocked[9]", "nowhere[0]", "blocked[x]", ""])
def test_an_unknown_name_is_answered_with_those_there_are(what: str) -> None:
    """A typo gets the list of what can be explained."""
    with pytest.raises(NothingToExplain, match="no fact or line") as caught:
        explain(what, facts=harbour(), draft=draft(), snapshot=None)
    assert "blocked[0]" in caught.value.suggestion


def test_a_line_of_a_missing_draft_is_not_invented() -> None:
    """Without a draft only facts can be explained."""
    with pytest.raises(NothingToExplain):
        explain("headline", facts=harbour(), draft=None, snapshot=None)
