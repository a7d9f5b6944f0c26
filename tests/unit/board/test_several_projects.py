"""A board of several projects, and states that do not stand in sections: which column counts, and who is on the board."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from facilitator.board.board import Board
from facilitator.board.rules import ProjectSprints, SectionSprints
from facilitator.board.snapshot import (
    BoardProject,
    ProjectGid,
    Section,
    SectionGid,
    Snapshot,
    Story,
    StoryGid,
)
from facilitator.board.sprint_figures import first_start
from facilitator.board.sprints import find_sprints, undated
from tests.boards import PROJECT, at, board, gid, instant, rules, snapshot, task

OTHER = ProjectGid("901")
LINED_UP, DOING = SectionGid("71"), SectionGid("72")


def two_projects(**homes: dict[str, SectionGid | None]) -> Snapshot:
    """The team's own project and another with its own columns; each task with its places there."""
    plain = snapshot(*(task(name, section="Backlog") for name in homes))
    own = tuple(replace(one, project=PROJECT) for one in plain.sections)
    return replace(
        plain,
        tasks=tuple(
            replace(one, homes=places) for one, places in zip(plain.tasks, homes.values(), strict=True)
        ),
        sections=(*own, Section(LINED_UP, "To do", OTHER), Section(DOING, "In progress", OTHER)),
        projects=(BoardProject(PROJECT, "Harbour delivery"), BoardProject(OTHER, "Platform")),
    )


def moved(seen: Snapshot, *stories: tuple[str, str, str | None, str | None]) -> Snapshot:
    """The snapshot with these stories, (instant, subtype, old, new), told of its first task."""
    told = tuple(
        Story(StoryGid(str(n)), instant(when), subtype, old=old, new=new)
        for n, (when, subtype, old, new) in enumerate(stories, start=1)
    )
    return replace(seen, tasks=(replace(seen.tasks[0], stories=told), *seen.tasks[1:]))


def test_of_several_columns_the_furthest_counts() -> None:
    """In the backlog here and in progress there is in progress; a project it is not in says nothing."""
    backlog = SectionGid(gid("Backlog"))
    seen = Board.of(
        two_projects(both={PROJECT: backlog, OTHER: DOING}, one={PROJECT: backlog}, there={OTHER: LINED_UP}),
        rules(),
    )
    states = {found.task.name: seen.state(found, seen.as_of) for found in seen.histories.values()}
    assert states == {"both": "in_progress", "one": "backlog", "there": "todo"}


def test_a_column_counts_while_the_task_is_in_its_project() -> None:
    """Work that left a project has left its columns too, and history tells when it began there."""
    backlog = SectionGid(gid("Backlog"))
    left = moved(
        two_projects(a={PROJECT: backlog}),
        ("2026-03-02T09:00Z", "added_to_project", None, OTHER),
        ("2026-03-03T09:00Z", "section_changed", LINED_UP, DOING),
        ("2026-03-05T09:00Z", "removed_from_project", OTHER, None),
    )
    seen = Board.of(left, rules())
    (history,) = seen.histories.values()
    told = [seen.state(history, instant(f"2026-03-0{day}T12:00Z")) for day in (1, 2, 3, 5)]
    assert told == ["backlog", "todo", "in_progress", "backlog"]
    assert first_start(seen, history, seen.as_of) == datetime(2026, 3, 3, 9, tzinfo=UTC)


def test_a_task_is_on_the_board_while_any_project_holds_it() -> None:
    """Moved from one project to another on the same board it never left; before the first it was not there."""
    seen = Board.of(
        moved(
            two_projects(a={OTHER: LINED_UP}),
            ("2026-02-02T09:00Z", "added_to_project", None, PROJECT),
            ("2026-03-02T09:00Z", "removed_from_project", PROJECT, None),
            ("2026-03-02T09:00Z", "added_to_project", None, OTHER),
        ),
        rules(),
    )
    (history,) = seen.histories.values()
    assert [
        history.exists(instant(f"2026-{day}T09:00Z")) for day in ("02-01", "02-03", "03-02", "03-09")
    ] == [
        False,
        True,
        True,
        True,
    ]


def test_sprint_projects_are_dated_by_their_days_or_their_names() -> None:
    """The own project is no sprint; one without dates is named; one marked complete closed then."""
    early = datetime(2026, 3, 6, 15, tzinfo=UTC)
    seen = replace(
        snapshot(as_of="2026-03-20T09:00Z"),
        projects=(
            BoardProject(PROJECT, "Sprint planning"),
            BoardProject(
                ProjectGid("1"), "Sprint 1", instant("2026-02-16").date(), instant("2026-02-27").date()
            ),
            BoardProject(
                ProjectGid("2"), "Sprint 2", instant("2026-03-02").date(), instant("2026-03-13").date(), early
            ),
            BoardProject(ProjectGid("3"), "Sprint 3 (2026-03-16 - 2026-03-27)"),
            BoardProject(ProjectGid("4"), "Sprint ideas"),
            BoardProject(
                ProjectGid("5"), "Roadmap", instant("2026-01-01").date(), instant("2026-12-31").date()
            ),
        ),
    )
    read = rules(sprint=ProjectSprints(pattern="^Sprint"))
    found = find_sprints(seen, read)
    assert [(one.name, one.key) for one in found] == [("Sprint 1", "1"), ("Sprint 2", "2"), ("Sprint 3", "3")]
    assert [one.closed for one in found] == [instant("2026-02-28T00:00Z"), early, None]
    assert undated(seen, read) == ("Sprint ideas",)


STATED = rules(
    sprint=SectionSprints(),
    status_field="Blocked",  # any enum field may say the state; the made-up board has this one
    states={"blocked": "in_progress", "not blocked": "done"},
)
SPRINTS = ("Sprint 7 (2026-03-02 - 2026-03-13)",)


def test_a_status_field_says_the_state_where_sections_are_sprints() -> None:
    """Its options are read as section names are; a tick still means done, and no option means to do."""
    lines = [
        task("a", section=SPRINTS[0], then=[at("2026-03-04T09:00Z", blocked="Blocked")]),
        task("b", section=SPRINTS[0], blocked="Not blocked"),
        task("c", section=SPRINTS[0]),
        task("d", section=SPRINTS[0], done="2026-03-04T09:00Z"),
    ]
    seen = board(*lines, sections=SPRINTS, read=STATED)
    told = {found.task.name: seen.state(found, seen.as_of) for found in seen.histories.values()}
    assert told == {"a": "in_progress", "b": "done", "c": "todo", "d": "done"}
    assert first_start(seen, seen.histories[gid("a")], seen.as_of) == datetime(2026, 3, 4, 9, tzinfo=UTC)
    assert first_start(seen, seen.histories[gid("c")], seen.as_of) is None


def test_without_a_status_field_only_a_tick_says_the_state() -> None:
    """A section named after a sprint says nothing of the work in it."""
    seen = board(
        task("a", section=SPRINTS[0]),
        task("b", section=SPRINTS[0], done="2026-03-04T09:00Z"),
        sections=SPRINTS,
        read=rules(sprint=SectionSprints()),
    )
    assert [seen.state(found, seen.as_of) for found in seen.histories.values()] == ["todo", "done"]
