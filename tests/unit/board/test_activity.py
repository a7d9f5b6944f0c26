"""What changed in a window: each task by its last state, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from facilitator.board.activity import Activity, activity
from facilitator.board.board import Board
from tests.boards import SECTIONS, Change, TaskLine, at, board, called, instant, rules, snapshot, task

START, END = "2026-03-09T09:00Z", "2026-03-10T09:00Z"
INSIDE = "2026-03-09T15:00Z"


def seen(*lines: TaskLine, start: str = START, end: str = END) -> Activity:
    return activity(board(*lines, as_of=end), instant(start), instant(end))


def lists(found: Activity) -> dict[str, list[str]]:
    every = {key: sorted(called(getattr(found, key))) for key in ("done", "in_review", "started", "reopened")}
    return {key: names for key, names in every.items() if names}


def test_only_the_last_state_is_told() -> None:
    """Started, reviewed and finished on one day is done, and nothing else."""
    life = [at(INSIDE, section="In progress"), at("2026-03-09T16:00Z", section="In review")]
    found = seen(
        task("A", then=life, done="2026-03-09T17:00Z"),
        task("B", then=life),
        task("C", then=life[:1]),
        task("D"),
    )
    assert lists(found) == {"done": ["A"], "in_review": ["B"], "started": ["C"]}


def test_a_boundary_second_belongs_to_one_window() -> None:
    """[start, end): what happens at the very end is told next time."""
    line = task("A", done=END)
    later = "2026-03-11T09:00Z"
    assert lists(seen(line)) == {}
    assert lists(activity_at(line, END, later)) == {"done": ["A"]}


def activity_at(line: TaskLine, start: str, end: str) -> Activity:
    return seen(line, start=start, end=end)


def test_reopened_work_is_told_as_such() -> None:
    """Done before, open now."""
    assert lists(seen(task("A", then=[at("2026-03-05T09:00Z", done=True), at(INSIDE, done=False)]))) == {
        "reopened": ["A"]
    }


def test_reopened_and_finished_again_is_done() -> None:
    """It was finished in this window, whatever it was before."""
    life = [at("2026-03-05T09:00Z", done=True), at(INSIDE, done=False), at("2026-03-09T16:00Z", done=True)]
    assert lists(seen(task("A", then=life))) == {"done": ["A"]}


def test_moved_there_and_back_is_no_news() -> None:
    """A column tried and left again changes nothing, but the task was touched."""
    found = seen(
        task("A", then=[at(INSIDE, section="In progress"), at("2026-03-09T16:00Z", section="To do")])
    )
    assert lists(found) == {}
    assert called(found.touched) == ["A"]


def test_sent_back_from_review_is_not_started() -> None:
    """It was started long ago; only a first step into progress is a start."""
    found = seen(task("A", section="In review", then=[at(INSIDE, section="In progress")]))
    assert lists(found) == {}


def test_dragged_to_done_counts_as_done() -> None:
    """Without the tick too."""
    assert lists(seen(task("A", section="In review", then=[at(INSIDE, section="Done")]))) == {"done": ["A"]}


def test_ticking_what_was_already_in_done_is_news_once() -> None:
    """Dragged yesterday, ticked today: today it was completed."""
    found = seen(task("A", then=[at("2026-03-05T09:00Z", section="Done"), at(INSIDE, done=True)]))
    assert lists(found) == {"done": ["A"]}


def test_created_straight_into_work_is_started() -> None:
    """A task born in progress inside the window has begun in it."""
    found = seen(task("A", created=INSIDE, section="In progress"))
    assert lists(found) == {"started": ["A"]}
    assert called(found.created) == ["A"]


def test_our_own_comment_is_not_news() -> None:
    """The digest of yesterday must not make today's."""
    found = seen(
        task("A", then=[at(INSIDE, by="bot", comment="digest")]),
        task("B", then=[at(INSIDE, by="Mara", comment="looking")]),
    )
    assert called(found.touched) == ["B"]
    assert found.comments == 1


def test_likes_and_memberships_are_not_news() -> None:
    """Somebody liked a task: nothing happened to the work."""
    known = snapshot(task("A", then=[at(INSIDE, by="Mara", comment="x")]), as_of=END)
    story = replace(known.tasks[0].stories[0], subtype="liked")
    liked = replace(known, tasks=(replace(known.tasks[0], stories=(story,)),))
    assert activity(Board.of(liked, rules()), instant(START), instant(END)).touched == ()


def test_a_completion_is_seen_without_its_story() -> None:
    """A task whose history was not read still has its `completed_at`."""
    known = snapshot(task("A", done=INSIDE), as_of=END)
    bare = replace(known, tasks=(replace(known.tasks[0], stories=(), stories_read=False),))
    assert lists(activity(Board.of(bare, rules()), instant(START), instant(END))) == {"done": ["A"]}


def test_nothing_later_than_as_of_is_seen() -> None:
    """A window may end in the future; the board does not."""
    found = board(task("A", done=INSIDE), as_of="2026-03-09T12:00Z")
    assert lists(activity(found, instant(START), instant(END))) == {}


STEPS = st.one_of(
    st.fixed_dictionaries({"section": st.sampled_from(SECTIONS)}),
    st.fixed_dictionaries({"done": st.booleans()}),
)
LIVES = st.lists(
    st.builds(
        lambda n, what: Change(instant("2026-03-08T09:00Z") + timedelta(minutes=n), what),
        st.integers(0, 4000),
        STEPS,
    ),
    max_size=10,
)


@given(st.lists(LIVES, max_size=4), st.integers(0, 4000))
def test_windows_side_by_side_lose_no_story(lives: list[list[Change]], minutes: int) -> None:
    """Cut anywhere, two windows touch exactly the tasks the whole one touches; no task is in two lists."""
    found = board(*(task(f"T{n}", then=life) for n, life in enumerate(lives)), as_of="2026-03-12T09:00Z")
    start, end = instant("2026-03-08T09:00Z"), instant("2026-03-12T09:00Z")
    cut = start + timedelta(minutes=minutes)
    whole, first, second = (activity(found, *span) for span in ((start, end), (start, cut), (cut, end)))
    assert set(first.touched) | set(second.touched) == set(whole.touched)
    told = [*whole.done, *whole.in_review, *whole.started, *whole.reopened]
    assert len(told) == len(set(told))
