"""Which open tasks are at risk: by their dates in the team's zone, and by how long they have waited."""

from datetime import date

from facilitator.board.risk import AtRisk, Limits, at_risk, by_owner
from tests.boards import at, board, called, gid, task


def risks(*lines: object, limits: Limits | None = None, **more: object) -> list[AtRisk]:
    return list(at_risk(board(*lines, **more), limits or Limits()))  # type: ignore[arg-type]


def test_past_near_and_far_dates() -> None:
    """Overdue, due today, due the next working day; a day later is not near, and past dates come first."""
    found = risks(
        task("far", owner="ann", due="2026-03-12"),
        task("tomorrow", owner="ann", due="2026-03-11"),
        task("today", owner="ann", due="2026-03-10"),
        task("past", owner="ann", due="2026-03-06"),
    )
    assert called(one.gid for one in found) == ["past", "today", "tomorrow"]
    assert [one.overdue for one in found] == [True, False, False]


def test_a_weekend_between_is_no_distance() -> None:
    """On Friday, Monday is the next working day."""
    found = risks(task("monday", owner="ann", due="2026-03-16"), as_of="2026-03-13T09:00Z")
    assert [one.due for one in found] == [date(2026, 3, 16)]


def test_today_is_the_teams_today() -> None:
    """At 23:30 UTC it is the next day in Berlin: due yesterday there."""
    (found,) = risks(
        task("one", owner="ann", due="2026-03-10"), as_of="2026-03-10T23:30Z", zone="Europe/Berlin"
    )
    assert found.overdue


def test_a_long_wait_is_a_risk_and_a_short_one_is_not() -> None:
    """Working days, as the stand-up counts them."""
    blocked = [at("2026-03-04T10:00Z", blocked="Blocked")]
    lately = [at("2026-03-09T10:00Z", blocked="Blocked")]
    (found,) = risks(task("long", owner="ann", then=blocked), task("short", owner="ann", then=lately))
    assert (called([found.gid]), found.blocked_days, found.due) == (["long"], 4, None)


def test_done_and_nobodys_tasks_are_left_out() -> None:
    """There is nobody to tell, or nothing to do."""
    assert not risks(
        task("done", owner="ann", due="2026-03-06", done="2026-03-09T09:00Z"),
        task("in done column", owner="ann", due="2026-03-06", section="Done"),
        task("nobody's", due="2026-03-06"),
    )


def test_tasks_are_told_by_owner() -> None:
    """Each person's in the same order."""
    found = risks(task("a", owner="ann", due="2026-03-06"), task("b", owner="ben", due="2026-03-10"))
    assert {owner: called(one.gid for one in tasks) for owner, tasks in by_owner(tuple(found)).items()} == {
        gid("ann"): ["a"],
        gid("ben"): ["b"],
    }
