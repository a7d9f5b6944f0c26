"""Dependencies: a delay takes the longest path, rings are reported, and what leads off the board is named."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.board.board import Board
from facilitator.board.dependencies import (
    Gap,
    Slip,
    critical_path,
    dependencies,
    overdue_days,
    overtaken,
    slips,
)
from tests.unit.board_forecast.drawing import board, task

FRIDAY = date(2026, 3, 6)


def diamond() -> Board:
    """4 waits for 2 and 3, both wait for 1; 5 is alone."""
    return board(
        task("1"),
        task("2", waits_for=("1",)),
        task("3", waits_for=("1",)),
        task("4", waits_for=("2", "3")),
        task("5"),
        as_of="03-04 09:00",
    )


def late(found: Board, **days: int) -> dict[str, int]:
    """Gid to working days of delay, for these delays of tasks named t1, t2 ..."""
    slipped = slips(found, dependencies(found), {name[1:]: value for name, value in days.items()})
    return {one.gid: one.working_days for one in slipped}


def test_a_delay_reaches_everything_downstream_once() -> None:
    """If 1 slips 3 days, so do 2, 3 and 4; the two ways to 4 do not add up."""
    assert late(diamond(), t1=3) == {"1": 3, "2": 3, "3": 3, "4": 3}


def test_the_longer_of_two_delays_wins() -> None:
    """2 slips 1 day, 3 slips 4: their common follower slips 4, by way of 3."""
    found = diamond()
    slipped = slips(found, dependencies(found), {"2": 1, "3": 4})
    assert slipped == (Slip("3", 4, ("3",)), Slip("4", 4, ("3", "4")), Slip("2", 1, ("2",)))


def test_a_delay_does_not_run_upstream() -> None:
    """Nobody waits for 4."""
    assert late(diamond(), t4=2) == {"4": 2}


def test_a_task_without_dependencies_is_late_alone() -> None:
    """5 stands apart and is still told."""
    assert late(diamond(), t5=2, t1=0) == {"5": 2}


def test_a_start_date_after_the_blocker_s_due_date_is_slack() -> None:
    """Due Friday, next starts Wednesday: Monday and Tuesday are free, so three days late become one."""
    found = board(
        task("1", due=FRIDAY),
        task("2", waits_for=("1",), start_on=date(2026, 3, 11)),
        as_of="03-04 09:00",
    )
    assert late(found, t1=3) == {"1": 3, "2": 1}
    assert late(found, t1=2) == {"1": 2}


def test_without_a_start_date_no_slack_is_guessed() -> None:
    """A due date alone says nothing of when work begins: the delay is passed on in full."""
    found = board(
        task("1", due=FRIDAY), task("2", waits_for=("1",), due=date(2026, 3, 20)), as_of="03-04 09:00"
    )
    assert late(found, t1=3) == {"1": 3, "2": 3}


def test_a_ring_is_reported_once_from_its_oldest_task_and_does_not_hang() -> None:
    """1 waits for 3, 3 for 2, 2 for 1; 4 hangs on it and still slips."""
    found = board(
        task("1", waits_for=("3",)),
        task("2", waits_for=("1",)),
        task("3", waits_for=("2",)),
        task("4", waits_for=("3",)),
        as_of="03-04 09:00",
    )
    (ring,) = dependencies(found).cycles
    assert ring[0] == "1"
    assert sorted(ring) == ["1", "2", "3"]
    assert late(found, t3=2)["4"] == 2


def test_two_rings_and_a_task_that_waits_for_itself_are_all_told() -> None:
    """Each ring is a line of its own."""
    found = board(
        task("1", waits_for=("2",)),
        task("2", waits_for=("1",)),
        task("3", waits_for=("3",)),
        as_of="03-04 09:00",
    )
    assert sorted(map(sorted, dependencies(found).cycles)) == [["1", "2"], ["3"]]


def test_a_dependency_off_the_board_is_a_gap() -> None:
    """What was not read blocks nothing and is named."""
    found = dependencies(board(task("1", waits_for=("777",)), as_of="03-04 09:00"))
    assert (found.gaps, dict(found.waits)) == ((Gap("1", "777"),), {})


def test_finished_tasks_hold_nobody_up() -> None:
    """A finished blocker is neither an edge nor a gap."""
    found = dependencies(
        board(task("1", ("03-03 10:00", "done")), task("2", waits_for=("1",)), as_of="03-04 09:00")
    )
    assert (found.gaps, found.order) == ((), ())


def test_delays_there_are_already_come_from_due_dates() -> None:
    """Due on Friday, read on Tuesday: two working days late. Due today or later is not late."""
    found = board(task("1", due=FRIDAY), task("2", due=date(2026, 3, 10)), task("3"), as_of="03-10 09:00")
    assert overdue_days(found) == {"1": 2}


def test_a_due_time_counts_on_its_local_day() -> None:
    """A due date with a time is late from the next working day on."""
    found = board(task("1", due_at=board().as_of.replace(day=12)), as_of="03-16 09:00")
    assert overdue_days(found) == {"1": 2}


def test_the_critical_path_is_every_longest_chain() -> None:
    """Both arms of a diamond are on it, a short side branch and a lone task are not."""
    found = board(
        *(history.task for history in diamond().histories.values()),
        task("6", waits_for=("1",)),
        as_of="03-04 09:00",
    )
    assert critical_path(dependencies(found), found.histories) == ("1", "2", "3", "4")


def test_a_chain_counts_only_where_it_leads_to_the_tasks_asked_for() -> None:
    """For a sprint that holds 6 alone, 1 is critical; what hangs on 4 is somebody else's chain."""
    found = board(
        *(history.task for history in diamond().histories.values()),
        task("6", waits_for=("1",)),
        as_of="03-04 09:00",
    )
    assert critical_path(dependencies(found), ["6", "404"]) == ("1", "6")
    assert critical_path(dependencies(found), ["1"]) == ()


def test_a_board_without_dependencies_has_no_critical_path() -> None:
    """Two tasks side by side are no chain."""
    assert critical_path(dependencies(board(task("1"), task("2"), as_of="03-04 09:00")), ["1"]) == ()


@given(st.permutations(range(5)))
def test_the_order_in_which_tasks_were_read_changes_nothing(order: list[int]) -> None:
    """The same board in any order gives the same graph, rings and slips."""
    tasks = [*(history.task for history in diamond().histories.values())]
    tasks[0] = task("1", waits_for=("4",))
    one, other = board(*tasks, as_of="03-04 09:00"), board(*(tasks[n] for n in order), as_of="03-04 09:00")
    assert dependencies(one) == dependencies(other)
    assert slips(one, dependencies(one), {"2": 3}) == slips(other, dependencies(other), {"2": 3})


@pytest.mark.parametrize("length", [3_000])
def test_a_long_chain_is_no_problem(length: int) -> None:
    """Three thousand tasks in a row are walked without recursion."""
    chain = [task(str(n), waits_for=(str(n - 1),) if n else ()) for n in range(length)]
    assert len(late(board(*chain, as_of="03-04 09:00"), t0=1)) == length


def test_a_date_that_cannot_be_is_moved_with_everything_after_it() -> None:
    """4 waits for 2 and 3, both for 1: the later of two is what counts, and what is late enough stays."""
    found = board(
        task("1", due=date(2026, 3, 12)),
        task("2", due=date(2026, 3, 10), waits_for=("1",)),
        task("3", due=date(2026, 3, 13), waits_for=("1",)),
        task("4", due=date(2026, 3, 11), waits_for=("2", "3")),
        task("5", due=date(2026, 3, 1)),
        as_of="03-04 09:00",
    )
    assert overtaken(found, dependencies(found)) == {"2": date(2026, 3, 12), "4": date(2026, 3, 13)}


def test_a_task_without_a_date_passes_on_what_it_waits_for() -> None:
    """And gets none itself; a date that falls on a free day is the next working one."""
    found = board(
        task("1", due=date(2026, 3, 14)),
        task("2", waits_for=("1",)),
        task("3", due=date(2026, 3, 9), waits_for=("2",)),
        as_of="03-04 09:00",
    )
    assert overtaken(found, dependencies(found)) == {"3": date(2026, 3, 16)}


def test_dates_that_were_moved_are_found_no_more() -> None:
    """Approved once, nothing is proposed again; nor in a ring, nor where nobody waits."""
    found = board(
        task("1", due=date(2026, 3, 12)),
        task("2", due=date(2026, 3, 12), waits_for=("1", "3")),
        task("3", due=date(2026, 3, 12), waits_for=("2",)),
        task("4", due=date(2026, 3, 1)),
        as_of="03-04 09:00",
    )
    assert overtaken(found, dependencies(found)) == {}
