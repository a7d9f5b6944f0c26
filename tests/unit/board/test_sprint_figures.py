"""What happened in a sprint: each definition of the truth files as a small board."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from facilitator.board.board import Board
from facilitator.board.snapshot import Snapshot
from facilitator.board.sprint_figures import (
    SprintFigures,
    TaskSet,
    carry_over_counts,
    closed_figures,
    percentile,
    spread,
    sprint_figures,
)
from facilitator.board.sprints import Sprint
from tests.boards import (
    SECTIONS,
    Change,
    TaskLine,
    at,
    board,
    called,
    gid,
    instant,
    rules,
    snapshot,
    sprint,
    task,
)

S1 = sprint("S1", "2026-03-02T09:00Z", "2026-03-13T17:00Z", "2026-03-13T17:00Z")
S2 = sprint("S2", "2026-03-16T09:00Z", "2026-03-27T17:00Z", "2026-03-27T17:00Z")
AFTER = "2026-04-01T09:00Z"
TUESDAY = "2026-03-03T09:00Z"


def figures(*lines: TaskLine, as_of: str = AFTER, name: str = "S1") -> SprintFigures:
    found = board(S1, S2, *lines, as_of=as_of)
    return sprint_figures(found, next(one for one in found.sprints if one.name == name))


def names(part: TaskSet) -> list[str]:
    return sorted(called(part.gids))


def test_what_is_in_at_the_start_and_open_is_committed() -> None:
    """Done before the start, or not in the sprint, is no commitment."""
    found = figures(
        task("open", sprint="S1", points=3),
        task("done before", sprint="S1", done="2026-03-01T09:00Z"),
        task("outside"),
    )
    assert names(found.committed) == ["open"]
    assert (found.committed.points, found.committed.unestimated) == (3, 0)


def test_entering_after_the_start_is_added() -> None:
    """By hand, or by being created straight into the sprint."""
    found = figures(
        task("late", points=2, then=[at(TUESDAY, sprint="S1")]),
        task("new", created=TUESDAY, sprint="S1"),
        task("at the very start", then=[at("2026-03-02T09:00Z", sprint="S1")]),
    )
    assert names(found.added) == ["late", "new"]
    assert names(found.committed) == ["at the very start"]
    assert (found.added.points, found.added.unestimated) == (2, 1)


def test_work_done_just_before_it_was_added_counts_as_added_and_not_completed_here() -> None:
    """Finished within the sprint's days and entered afterwards: real work, but finished while outside."""
    found = figures(task("A", points=1, then=[at(TUESDAY, done=True), at("2026-03-04T09:00Z", sprint="S1")]))
    assert names(found.added) == ["A"]
    assert names(found.other) == ["A"]
    assert names(found.completed) == []


def test_old_finished_work_put_in_later_is_not_added() -> None:
    """Filing something long done under this sprint changes no figure."""
    found = figures(task("A", done="2026-02-01T09:00Z", then=[at(TUESDAY, sprint="S1")]))
    assert found.added.tasks == found.other.tasks == 0


def test_leaving_unfinished_is_removed_with_the_points_it_left_with() -> None:
    """Estimates made elsewhere afterwards are not this sprint's."""
    left = at("2026-03-05T09:00Z", sprint=None)
    found = figures(
        task(
            "A", sprint="S1", points=5, then=[at(TUESDAY, points=8), left, at("2026-03-06T09:00Z", points=1)]
        )
    )
    assert names(found.removed) == ["A"]
    assert found.removed.points == 8


def test_moving_on_after_the_close_is_still_carried_over() -> None:
    """Trackers move open work on a second after the close; at the close it was here."""
    found = figures(task("A", sprint="S1", points=5, then=[at("2026-03-13T17:00:01Z", sprint="S2")]))
    assert names(found.carried_over) == ["A"]
    assert found.removed.tasks == 0


def test_completed_and_reopened_within_the_sprint_is_carried_over() -> None:
    """What counts is how it stands at the close."""
    found = figures(
        task("A", sprint="S1", then=[at(TUESDAY, done=True), at("2026-03-04T09:00Z", done=False)]),
        task("B", sprint="S1", then=[at(TUESDAY, done=True), at("2026-03-20T09:00Z", done=False)]),
    )
    assert names(found.carried_over) == ["A"]
    assert names(found.completed) == ["B"]


def test_points_are_those_of_the_moment() -> None:
    """Committed at the start, completed at completion."""
    found = figures(
        task("A", sprint="S1", points=3, then=[at(TUESDAY, points=5), at("2026-03-05T09:00Z", done=True)])
    )
    assert (found.committed.points, found.completed.points) == (3, 5)


def test_a_running_sprint_is_accounted_up_to_now() -> None:
    """Later completions are unknown: the task is still open."""
    found = figures(task("A", sprint="S1", done="2026-03-12T09:00Z"), as_of="2026-03-10T09:00Z")
    assert names(found.carried_over) == ["A"]
    assert found.until == instant("2026-03-10T09:00Z")


def test_an_empty_sprint_is_all_zeros() -> None:
    """No task, no division by zero, no percentile."""
    found = figures()
    assert found.committed == TaskSet()
    assert (found.cycle_days.n, found.cycle_days.p50, found.lead_days.p85) == (0, None, None)


def test_cycle_time_runs_from_the_first_start_to_completion() -> None:
    """In review is started too; tasks that went straight to done have no cycle time, but a lead time."""
    start = at("2026-03-03T09:00Z", section="in Review"), at("2026-03-04T09:00Z", section="In progress")
    found = sprint_figures(
        (
            known := board(
                S1,
                task("A", sprint="S1", created="2026-02-28T09:00Z", done="2026-03-05T21:00Z", then=start),
                task("B", sprint="S1", created="2026-03-01T09:00Z", done="2026-03-05T09:00Z"),
                as_of=AFTER,
                sections=[*SECTIONS, "in Review"],
            )
        ),
        known.sprints[0],
    )
    assert (found.cycle_days.n, found.cycle_days.p50) == (1, 2.5)
    assert (found.lead_days.n, found.lead_days.p50) == (2, 4.75)


def test_completed_but_not_delivered_is_counted_apart() -> None:
    """Won't Fix closes a task and delivers nothing; it stays in `completed`."""
    found = figures(
        task("A", sprint="S1", resolution="Won't Fix", done=TUESDAY),
        task("B", sprint="S1", resolution="Fixed", done=TUESDAY),
        task("C", sprint="S1", done=TUESDAY),
    )
    assert (found.completed.tasks, found.completed_not_delivered) == (3, 1)


def test_without_a_resolution_field_nothing_is_said_of_delivery() -> None:
    """None is not zero."""
    known = snapshot(S1, task("A", sprint="S1", done=TUESDAY), as_of=AFTER)
    fields = tuple(one for one in known.custom_fields if one.name != "Resolution")
    found = Board.of(replace(known, custom_fields=fields), rules())
    assert sprint_figures(found, found.sprints[0]).completed_not_delivered is None


def test_re_estimates_are_changes_while_in_scope() -> None:
    """Before the start, before the entry or after the close a new estimate is not this sprint's."""
    found = figures(
        task(
            "A",
            sprint="S1",
            points=3,
            then=[
                at("2026-02-20T09:00Z", points=2),
                at(TUESDAY, points=5),
                at("2026-03-20T09:00Z", points=8),
            ],
        ),
        task("B", points=1, then=[at(TUESDAY, points=2), at("2026-03-04T09:00Z", sprint="S1")]),
        task("C", sprint="S1", then=[at("2026-03-06T09:00Z", points=1)]),
    )
    assert [(called([one.gid])[0], one.old, one.new) for one in found.reestimates] == [
        ("A", 2, 5),
        ("C", None, 1),
    ]


def test_splitting_a_task_in_scope_is_not_creep() -> None:
    """A late subtask of a committed task makes known work visible; a late task of its own is creep."""
    found = figures(
        task("story", sprint="S1"),
        task("part", created=TUESDAY, sprint="S1", parent="story", points=1),
        task("foreign part", created=TUESDAY, sprint="S1", parent="elsewhere", points=2),
        task("surprise", created=TUESDAY, sprint="S1", points=5),
    )
    assert names(found.decomposed) == ["part"]
    assert names(found.crept) == ["foreign part", "surprise"]
    assert found.crept.points == 7


def test_say_and_do_looks_at_the_commitment_alone() -> None:
    """Done of the initial scope is told apart from all done."""
    found = figures(
        task("A", sprint="S1", done=TUESDAY),
        task("B", created="2026-03-02T10:00Z", sprint="S1", done=TUESDAY),
    )
    assert names(found.initial_completed) == ["A"]
    assert names(found.completed) == ["A", "B"]


def test_repeated_carry_over_is_counted_over_closed_sprints() -> None:
    """The third time is worth a talk; a running sprint carries nothing over yet."""
    s3 = sprint("S3", "2026-03-30T09:00Z", "2026-04-10T17:00Z")
    moves = [at("2026-03-13T17:00:01Z", sprint="S2"), at("2026-03-27T17:00:01Z", sprint="S3")]
    found = board(S1, S2, s3, task("A", sprint="S1", then=moves), task("B", sprint="S3"), as_of=AFTER)
    assert carry_over_counts(closed_figures(found)) == {gid("A"): 2}


def test_percentiles_interpolate_between_closest_ranks() -> None:
    """The truth files' rule, on a sample whose answer is plain."""
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.5
    assert percentile([0.0, 10.0], 0.85) == 8.5
    assert percentile([7.0], 0.85) == 7.0
    assert percentile([], 0.5) is None
    assert spread([3.0, 1.0]).p50 == 2.0


HOURS = st.integers(0, 24 * 40)
STEPS = st.one_of(
    st.fixed_dictionaries({"sprint": st.sampled_from([None, "S1", "S2"])}),
    st.fixed_dictionaries({"done": st.booleans()}),
    st.fixed_dictionaries({"points": st.sampled_from([None, 1, 2, 5])}),
    st.fixed_dictionaries({"section": st.sampled_from(SECTIONS)}),
)
LIVES = st.lists(
    st.builds(
        lambda hours, what: Change(instant("2026-02-20T09:00Z") + timedelta(hours=hours), what), HOURS, STEPS
    ),
    max_size=12,
)


@given(st.lists(LIVES, min_size=1, max_size=6), st.integers(0, 10_000))
def test_every_task_in_scope_ends_in_exactly_one_way(lives: list[list[Change]], seed: int) -> None:
    """Committed + added = completed + carried over + removed + other, whatever people do to a board."""
    lines = [task(f"T{n}", then=life, sprint="S1" if n % 2 else None) for n, life in enumerate(lives)]
    known = snapshot(S1, S2, *lines, as_of="2026-03-25T09:00Z")
    for one in Board.of(known, rules()).sprints:
        account = sprint_figures(Board.of(known, rules()), one)
        began = [*account.committed.gids, *account.added.gids]
        ends = (account.completed, account.carried_over, account.removed, account.other)
        assert sorted(began) == sorted(number for part in ends for number in part.gids)
        assert set(account.decomposed.gids) | set(account.crept.gids) == set(account.added.gids)
        assert _shuffled(known, one, seed) == account


def _shuffled(known: Snapshot, one: Sprint, seed: int) -> SprintFigures:
    """The same account from the same tasks in another order."""
    tasks = list(known.tasks)
    Random(seed).shuffle(tasks)
    return sprint_figures(Board.of(replace(known, tasks=tuple(tasks)), rules()), one)
