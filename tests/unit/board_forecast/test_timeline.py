"""The retro's timeline: dated events, one line a day and kind, the most telling few in the order they happened."""

from datetime import date

from facilitator.board.board import Board
from facilitator.board.sprint_figures import closed_figures
from facilitator.board.timeline import Event, most_telling, timeline
from tests.unit.board_forecast.drawing import board, task


def events(drawn: Board, days_off: dict[date, str] | None = None) -> list[Event]:
    (figures,) = closed_figures(drawn)
    return list(timeline(drawn, figures, days_off))


def told(drawn: Board, days_off: dict[date, str] | None = None) -> list[tuple[int, str]]:
    return [(event.day.day, event.label) for event in events(drawn, days_off)]


def test_what_came_in_on_one_day_is_one_line() -> None:
    """Two tasks added on Thursday: one event with both gids, half of the commitment."""
    drawn = board(
        task("1", points=10),
        task("2", ("03-05 10:00", "join"), points=3, joined=False),
        task("3", ("03-05 16:00", "join"), points=2, joined=False),
    )
    (event,) = events(drawn)
    assert event == Event(
        date(2026, 3, 5),
        "scope_added",
        "2 tasks added to the sprint (5 points)",
        5,
        "points",
        0.5,
        ("2", "3"),
    )


def test_what_was_taken_out_is_told_too() -> None:
    """A removed task is dated by the instant it left."""
    drawn = board(task("1", points=9), task("2", ("03-06 10:00", "leave"), points=1))
    assert told(drawn) == [(6, "1 task taken out of the sprint (1 point)")]


def test_a_reopening_counts_and_a_completion_does_not() -> None:
    """Finished is not an event; finished and opened again is."""
    drawn = board(task("1", ("03-04 10:00", "done"), ("03-06 10:00", "undone"), points=4))
    assert told(drawn) == [(6, "1 task re-opened after completion (4 points)")]


def test_a_blocker_is_told_when_it_begins_and_when_it_ends() -> None:
    """Blocked from Tuesday to Monday: four working days, the weekend not counted."""
    drawn = board(task("1", ("03-03 10:00", "blocked"), ("03-09 10:00", "unblocked"), points=4))
    assert told(drawn) == [
        (3, "1 task became blocked, for 4 working days"),
        (9, "1 task unblocked after 4 working days"),
    ]


def test_a_blocker_older_than_the_sprint_only_ends_in_it() -> None:
    """It began before: its beginning is not this sprint's news."""
    drawn = board(task("1", ("02-26 10:00", "blocked"), ("03-03 10:00", "unblocked"), points=4))
    assert told(drawn) == [(3, "1 task unblocked after 3 working days")]


def test_a_blocker_that_lasts_is_counted_up_to_the_close() -> None:
    """Still blocked on Friday: it has begun and not ended."""
    drawn = board(task("1", ("03-11 10:00", "blocked"), points=4))
    assert told(drawn) == [(11, "1 task became blocked, for 2 working days")]


def test_re_estimates_of_a_day_add_up_with_their_sign_and_weigh_without_it() -> None:
    """+3 and -2 are one point more, and still half of the commitment was touched."""
    drawn = board(task("1", ("03-04 10:00", 8), points=5), task("2", ("03-04 11:00", 3), points=5))
    (event,) = events(drawn)
    assert (event.label, event.weight) == ("2 tasks re-estimated (+1 point)", 0.5)


def test_a_moved_date_is_counted_in_working_days_with_its_direction() -> None:
    """Friday to Tuesday is two working days later; back again is two earlier; a first due date is no move."""
    friday, tuesday = date(2026, 3, 6), date(2026, 3, 10)
    drawn = board(
        task("1", ("03-04 10:00", tuesday), ("03-05 10:00", friday), points=1, due=friday),
        task("2", ("03-04 12:00", friday)),
    )
    assert told(drawn) == [
        (4, "due date of 1 task moved later by 2 working days"),
        (5, "due date of 1 task moved earlier by 2 working days"),
    ]


def test_of_several_moved_dates_the_longest_move_is_named() -> None:
    """One line a day: `up to`."""
    friday = date(2026, 3, 6)
    drawn = board(
        task("1", ("03-04 10:00", date(2026, 3, 9)), points=1, due=friday),
        task("2", ("03-04 10:00", date(2026, 3, 12)), points=1, due=friday),
    )
    assert told(drawn) == [(4, "due date of 2 tasks moved later by up to 4 working days")]


def test_days_off_inside_the_sprint_are_told_by_name() -> None:
    """A holiday of the sprint is an event; one after it is not; one without a name has its date."""
    days_off = {date(2026, 3, 9): "Founders' Day", date(2026, 3, 10): "", date(2026, 3, 17): "St Patrick"}
    assert told(board(task("1", points=4)), days_off) == [
        (9, "day off: Founders' Day"),
        (10, "day off: Tue 10 Mar"),
    ]


def test_what_happens_after_the_close_is_the_next_sprint_s() -> None:
    """A task reopened on the Sunday after does not enter this timeline."""
    drawn = board(task("1", ("03-04 10:00", "done"), ("03-15 10:00", "undone"), points=4))
    assert told(drawn) == []


def test_a_board_without_estimates_counts_tasks() -> None:
    """No points anywhere: the weight is a share of the committed tasks and no points are printed."""
    drawn = board(task("1"), task("2"), task("3", ("03-05 10:00", "join"), joined=False))
    (event,) = events(drawn)
    assert (event.label, event.unit, event.weight) == ("1 task added to the sprint", "tasks", 0.5)


def test_a_sprint_that_committed_nothing_is_measured_by_what_was_added() -> None:
    """Planning came late: each addition is its share of all that was added."""
    drawn = board(
        task("3", ("03-05 10:00", "join"), points=2, joined=False),
        task("4", ("03-06 10:00", "join"), points=6, joined=False),
    )
    assert [(event.figure, event.weight) for event in events(drawn)] == [(2, 0.25), (6, 0.75)]


def test_only_zero_points_divide_by_nothing() -> None:
    """Estimated at 0, committed and added: the event is told, with weight 0."""
    drawn = board(task("3", ("03-05 10:00", "join"), points=0, joined=False))
    assert [(event.figure, event.weight) for event in events(drawn)] == [(0, 0)]


def test_one_estimate_among_many_tasks_is_no_measure() -> None:
    """Two of three tasks have no points: tasks are counted, and a re-estimate weighs its task."""
    drawn = board(task("1", ("03-04 10:00", 8), points=3), task("2"), task("3"))
    (event,) = events(drawn)
    assert (event.label, event.weight) == ("1 task re-estimated (+5 points)", 1 / 3)


def test_a_blocker_of_an_hour_is_less_than_a_day() -> None:
    """0 working days is not something to print."""
    drawn = board(task("1", ("03-03 10:00", "blocked"), ("03-03 11:00", "unblocked"), points=4))
    assert told(drawn)[0] == (3, "1 task became blocked, for less than a working day")


def event(day: int, kind: str, weight: float) -> Event:
    return Event(date(2026, 3, day), kind, "", 1, "tasks", weight)


def test_the_six_most_telling_are_shown_in_date_order() -> None:
    """Eight events: the two smallest go, the rest stays in the order it happened."""
    kinds = ["scope_added", "scope_removed", "reestimated", "reopened", "blocker_began", "blocker_ended"]
    small = [event(2, "date_moved", 0.01), event(3, "day_off", 0.02)]
    large = [event(12 - n, kind, 0.5 + n / 10) for n, kind in enumerate(kinds)]
    assert most_telling([*small, *large]) == tuple(sorted(large, key=lambda one: one.day))


def test_many_events_of_one_kind_do_not_crowd_out_the_others() -> None:
    """Six long blockers and one smaller scope jump: the jump is among the first two."""
    blockers = [event(n, "blocker_began", 0.5) for n in range(2, 8)]
    assert event(9, "scope_added", 0.3) in most_telling([*blockers, event(9, "scope_added", 0.3)], most=2)
