"""Replay: the value of anything at any instant, whatever is missing from the history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from facilitator.board.replay import History, histories, track
from facilitator.board.snapshot import ProjectGid, Section, SectionGid, Snapshot, Story, StoryGid
from tests.boards import POINTS, PROJECT, SECTIONS, SPRINT, Change, TaskLine, at, gid, instant, snapshot, task

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def only(line: TaskLine, as_of: str = "2026-03-10T09:00Z") -> History:
    return next(iter(histories(snapshot(line, as_of=as_of)).values()))


def test_a_change_holds_from_its_very_instant() -> None:
    """A story at exactly the asked instant has happened; just before it has not."""
    history = only(task("A", points=3, then=[at(MONDAY, points=5)]))
    assert history.field(POINTS, MONDAY) == 5
    assert history.field(POINTS, MONDAY - timedelta(microseconds=1)) == 3
    assert history.fields[POINTS].before(MONDAY) == 3


def test_a_value_without_stories_has_been_there_since_creation() -> None:
    """No story sets the estimate, so it came with the task; before the task there was none."""
    history = only(task("A", points=3, created="2026-03-01T09:00Z"))
    assert history.field(POINTS, instant("2026-03-01T09:00Z")) == 3
    assert history.field(POINTS, instant("2026-03-01T08:59Z")) is None
    assert not history.exists(instant("2026-03-01T08:59Z"))


def test_the_last_of_several_changes_at_one_instant_wins() -> None:
    """A tracker may write several stories in one edit; their order in the history decides."""
    history = only(task("A", then=[at(MONDAY, section="In progress"), at(MONDAY, section="In review")]))
    assert history.section.at(MONDAY) == gid("In review")
    assert history.section.before(MONDAY) == gid("To do")


def test_reopening_and_finishing_again_counts_the_last_completion() -> None:
    """`completed_at` follows the answer at the instant asked, not only today's."""
    steps = [at(MONDAY, done=True), at(MONDAY + HOUR, done=False), at(MONDAY + 3 * HOUR, done=True)]
    history = only(task("A", then=steps))
    assert history.completed_at(MONDAY) == MONDAY
    assert history.completed_at(MONDAY + 2 * HOUR) is None
    assert history.completed_at(MONDAY + 4 * HOUR) == MONDAY + 3 * HOUR


def test_marking_complete_twice_keeps_the_first_instant() -> None:
    """A doubled story is no second completion."""
    history = only(task("A", then=[at(MONDAY, done=True), at(MONDAY + HOUR, done=True)]))
    assert history.completed_at(MONDAY + 2 * HOUR) == MONDAY


def test_completed_at_stands_in_for_a_history_that_was_not_read() -> None:
    """An unchanged task is read without stories; it was still open before its `completed_at`."""
    [known] = snapshot(task("A", done=MONDAY)).tasks
    bare = replace(known, stories=(), stories_read=False)
    history = histories(replace(snapshot(), tasks=(bare,)))[bare.gid]
    assert history.completed_at(MONDAY + HOUR) == MONDAY
    assert not history.is_complete(MONDAY - HOUR)


def test_completion_later_than_the_instant_is_not_seen() -> None:
    """Read today for last Monday: what was finished since then is open."""
    [done] = snapshot(task("A", done=MONDAY + HOUR)).tasks
    past = replace(snapshot(as_of=MONDAY), tasks=(done,))
    history = histories(past)[done.gid]
    assert not history.is_complete(past.as_of)
    assert history.completed_at(past.as_of) is None


def test_a_value_set_after_the_instant_is_not_seen() -> None:
    """A field whose first change is later had that change's old value before."""
    [later] = snapshot(task("A", points=3, then=[at(MONDAY + HOUR, points=8)])).tasks
    history = histories(replace(snapshot(as_of=MONDAY), tasks=(later,)))[later.gid]
    assert history.field(POINTS, MONDAY) == 3


def test_what_can_be_seen_now_is_never_doubted() -> None:
    """Where the last story does not lead to the present value, the present value holds since the last change."""
    [known] = snapshot(task("A", points=3, then=[at(MONDAY, points=5)])).tasks
    odd = replace(known, fields={POINTS: 8.0}, modified_at=MONDAY + HOUR)
    history = histories(replace(snapshot(), tasks=(odd,)))[odd.gid]
    assert history.field(POINTS, MONDAY) == 5
    assert history.field(POINTS, MONDAY + HOUR) == 8


def test_a_reopening_without_a_story_is_still_open_now() -> None:
    """A task that is open today is open today, whatever its last story says."""
    [known] = snapshot(task("A", done=MONDAY)).tasks
    odd = replace(known, completed=False, completed_at=None, modified_at=MONDAY + HOUR)
    history = histories(replace(snapshot(), tasks=(odd,)))[odd.gid]
    assert history.is_complete(MONDAY)
    assert not history.is_complete(MONDAY + HOUR)


def test_sections_of_another_project_are_not_ours() -> None:
    """A multi-homed task moves in two projects; only our sections are replayed."""
    foreign = Story(StoryGid("1"), MONDAY, "section_changed", old=SectionGid("71"), new=SectionGid("72"))
    board = snapshot(task("A", section="To do"))
    shared = replace(board.tasks[0], stories=(foreign,))
    assert histories(replace(board, tasks=(shared,)))[shared.gid].section.at(MONDAY) == gid("To do")


def test_membership_follows_our_project_only() -> None:
    """Added to our project late, the task was not there before; another project's story says nothing."""
    ours = Story(StoryGid("1"), MONDAY, "added_to_project", new=PROJECT)
    other = Story(StoryGid("2"), MONDAY - HOUR, "added_to_project", new=ProjectGid("901"))
    board = snapshot(task("A"))
    moved = replace(board.tasks[0], stories=(other, ours))
    history = histories(replace(board, tasks=(moved,)))[moved.gid]
    assert not history.exists(MONDAY - HOUR)
    assert history.exists(MONDAY)


def test_dependencies_come_and_go() -> None:
    """A dependency removed later was there before; one added later was not."""
    history = only(task("A", waits_for=["B"], then=[at(MONDAY, waits_for="C"), at(MONDAY + HOUR, frees="B")]))
    waits = {name: history.dependencies[gid(name)] for name in "BC"}
    assert [waits["B"].at(MONDAY), waits["B"].at(MONDAY + HOUR)] == [True, False]
    assert [waits["C"].at(MONDAY - HOUR), waits["C"].at(MONDAY)] == [False, True]


def test_owner_name_and_due_date_are_replayed() -> None:
    """Whoever asks about last Monday gets last Monday's owner, name and due date."""
    change = at(MONDAY, owner="Mara", name="Login with a code", due="2026-03-12")
    history = only(task("Login", owner="Alex", due="2026-03-05", then=[change]))
    before, after = MONDAY - HOUR, MONDAY
    assert [history.assignee.at(moment) for moment in (before, after)] == [gid("Alex"), gid("Mara")]
    assert [history.name.at(moment) for moment in (before, after)] == ["Login", "Login with a code"]
    assert [str(history.due.at(moment)) for moment in (before, after)] == ["2026-03-05", "2026-03-12"]


def test_an_unassigned_task_has_no_owner() -> None:
    """`unassigned` names the person who left; the owner after it is nobody."""
    assert only(task("A", owner="Mara", then=[at(MONDAY, owner=None)])).assignee.at(MONDAY) is None


def test_a_field_nobody_has_is_empty() -> None:
    """Asking for a field the board lacks is an answer, not an error."""
    assert only(task("A")).field(None, MONDAY) is None
    assert only(task("A")).field(SPRINT, MONDAY) is None


def test_stories_before_the_creation_move_it() -> None:
    """Converted boards hold stories older than their task; the task is then as old as its first story."""
    known = snapshot(task("A", created=MONDAY)).tasks[0]
    early = Story(StoryGid("1"), MONDAY - HOUR, "section_changed", old=None, new=SectionGid(gid("To do")))
    history = histories(replace(snapshot(), tasks=(replace(known, stories=(early,)),)))[known.gid]
    assert history.exists(MONDAY - HOUR)
    assert history.section.at(MONDAY) == gid("To do")


def test_changes_are_given_once_between_two_instants() -> None:
    """(start, end]: a change on the boundary belongs to the span that ends there."""
    course = track(MONDAY, [(MONDAY + HOUR, 1, 2), (MONDAY + 2 * HOUR, 2, 3)], 3, MONDAY)
    assert list(course.changes(MONDAY, MONDAY + HOUR)) == [(MONDAY + HOUR, 1, 2)]
    assert list(course.changes(MONDAY + HOUR, MONDAY + 2 * HOUR)) == [(MONDAY + 2 * HOUR, 2, 3)]


WHATS = st.one_of(
    st.fixed_dictionaries({"section": st.sampled_from(SECTIONS)}),
    st.fixed_dictionaries({"points": st.sampled_from([None, 0, 1, 3, 8])}),
    st.fixed_dictionaries({"sprint": st.sampled_from([None, "S1", "S2"])}),
    st.fixed_dictionaries({"done": st.booleans()}),
    st.fixed_dictionaries({"owner": st.sampled_from([None, "Mara", "Alex"])}),
    st.fixed_dictionaries({"due": st.sampled_from([None, "2026-03-05", "2026-03-06T10:00Z"])}),
)
CHANGES = st.builds(
    lambda hours, what: Change(instant("2026-01-05T09:00Z") + hours * HOUR, what),
    st.integers(1, 1500),
    WHATS,
)


@given(st.lists(CHANGES, max_size=25))
def test_replay_at_as_of_equals_the_present(life: list[Change]) -> None:
    """However a task has lived, its replay at `as_of` is the task as it was read."""
    board = snapshot(task("A", then=life))
    [known], history = board.tasks, histories(board)[gid("A")]
    now = board.as_of
    assert history.section.at(now) == known.section
    assert history.is_complete(now) == known.completed
    assert history.assignee.at(now) == known.assignee
    assert history.due.at(now) == (known.due_at or known.due_on)
    for field in (POINTS, SPRINT):
        assert history.field(field, now) == known.fields.get(field)


@given(st.lists(CHANGES, max_size=15), st.integers(0, 1500))
def test_the_past_looks_the_same_from_later(life: list[Change], hours: int) -> None:
    """A replay from today for an earlier instant gives what a read at that instant would have shown."""
    then = instant("2026-01-05T09:00Z") + hours * HOUR
    line = task("A", then=life)
    [seen_then] = snapshot(line, as_of=then).tasks
    history = histories(snapshot(line))[gid("A")]
    assert history.section.at(then) == seen_then.section
    assert history.is_complete(then) == seen_then.completed
    assert history.field(POINTS, then) == seen_then.fields.get(POINTS)
    assert history.due.at(then) == (seen_then.due_at or seen_then.due_on)


def test_an_empty_board_replays_to_nothing() -> None:
    """A project without tasks is a normal thing to read."""
    assert histories(Snapshot(PROJECT, "Empty", MONDAY, ())) == {}
    assert histories(snapshot(sections=[])) == {}
    assert Section(SectionGid("1"), "x") not in snapshot().sections
