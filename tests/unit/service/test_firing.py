"""From a look to rows: every instant is in one written window or in the open time after the last, whatever happens."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from facilitator.calendar.cadence import EndOfSprint, Weekdays, Weekly
from facilitator.calendar.windows import Fate
from facilitator.errors import CheckFailed, ConfigurationError
from facilitator.runs.coverage import Coverage
from facilitator.runs.database import open_database
from facilitator.runs.pauses import Pauses
from facilitator.runs.run import Mode, Run, RunState
from facilitator.service.firing import Firing, ask

from .ceremonies import Desk, assignment, berlin, desk_in_memory, span, sprints

STANDUP = assignment()
EVER = timedelta(days=4000)


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A run log in which the stand-up has been wanted since Friday the fifth, and Friday's was written."""
    with desk_in_memory() as desk:
        desk.enrol(STANDUP, "05 08:00")
        desk.end(desk.fired(STANDUP, "05 09:00"), RunState.WRITTEN)
        yield desk


def asked(desk: Desk, at: str, **how: Mode) -> Run:
    """What somebody gets who asks for a window that ends then."""
    return ask(desk.coverage, STANDUP, berlin(at), now=berlin(at), **how).run


def test_a_due_window_is_fired_once(desk: Desk) -> None:
    """Monday covers the weekend; looking again finds nothing more."""
    first, again = desk.look(STANDUP, "08 09:00"), desk.look(STANDUP, "08 09:01")

    assert first.fired is not None
    assert span(first.fired.window) == ("05 09:00", "08 09:00")
    assert (first.fired.period, first.fired.trigger) == ("2026-06-08", "schedule")
    assert (again.fired, again.dues) == (None, ())


@pytest.mark.parametrize("end", [RunState.FAILED, RunState.REJECTED, RunState.EXPIRED, RunState.SKIPPED])
def test_the_time_of_a_run_that_was_not_written_joins_the_next(desk: Desk, end: RunState) -> None:
    """Failed, refused, ignored or quiet: Tuesday tells Monday's part too."""
    desk.end(desk.fired(STANDUP, "08 09:00"), end)

    desk.end(desk.fired(STANDUP, "09 09:00"), RunState.WRITTEN)

    assert desk.told(STANDUP)[-1] == ("05 09:00", "09 09:00")


def test_even_the_first_run_may_fail_without_losing_time() -> None:
    """Nothing was written yet: the second window starts where the first one did."""
    with desk_in_memory() as desk:
        desk.enrol(STANDUP, "08 08:00")
        first = desk.end(desk.fired(STANDUP, "08 09:00"), RunState.FAILED)

        assert desk.fired(STANDUP, "09 09:00").window.start == first.window.start


@pytest.mark.parametrize("state", [RunState.GATHERED, RunState.SUBMITTED, RunState.APPROVED])
def test_nothing_is_fired_while_a_run_of_the_ceremony_is_at_work(desk: Desk, state: RunState) -> None:
    """No two sessions of one ceremony at once; when the first has ended, the window that was held is fired."""
    run = desk.end(desk.fired(STANDUP, "08 09:00"), state)

    held = desk.look(STANDUP, "09 09:00")
    with desk.store.step(run, now=berlin("09 09:05")) as step:
        step.move(RunState.FAILED, "the session never came back")
    after = desk.look(STANDUP, "09 09:06")

    assert (held.fired, held.held) == (None, f"run {run.id} is at work")
    assert after.fired is not None
    assert span(after.fired.window) == ("05 09:00", "09 09:00")


def test_a_draft_that_still_waits_expires_for_the_next_window(desk: Desk) -> None:
    """Nobody decided on Monday's: Tuesday's covers both, and Monday's says why it ended."""
    monday = desk.end(desk.fired(STANDUP, "08 09:00"), RunState.JUDGED)

    tuesday = desk.look(STANDUP, "09 09:00")

    assert tuesday.superseded is not None
    assert (tuesday.superseded.id, tuesday.superseded.state) == (monday.id, RunState.EXPIRED)
    assert tuesday.superseded.reason == (
        "nobody decided before the window that ends at 2026-06-09T07:00:00Z was due; it covers this time too"
    )
    assert tuesday.fired is not None
    assert span(tuesday.fired.window) == ("05 09:00", "09 09:00")


def test_a_paused_window_is_recorded_with_its_reason_and_joins_the_next(desk: Desk) -> None:
    """Who paused, until when, and why stand in the run log; nothing waits to be fired afterwards."""
    desk.pauses.pause(
        "harbour", "standup", until=berlin("09 12:00"), who="Alice", because="offsite", now=berlin("07 12:00")
    )

    (monday,) = desk.look(STANDUP, "08 09:00").recorded
    (tuesday,) = desk.look(STANDUP, "09 09:00").recorded
    wednesday = desk.fired(STANDUP, "10 09:00")

    assert (monday.state, monday.trigger) == (RunState.SKIPPED, "pause")
    assert monday.reason == "paused by Alice until 2026-06-09 10:00 UTC: offsite"
    assert tuesday.state is RunState.SKIPPED
    assert span(wednesday.window) == ("05 09:00", "10 09:00")


def test_a_pause_counts_at_the_hour_that_was_due_not_when_it_is_noticed(desk: Desk) -> None:
    """Paused at nine, resumed at ten, and the service came up at eleven: nine o'clock stays skipped."""
    desk.pauses.pause("harbour", who="Alice", now=berlin("08 08:00"))
    desk.pauses.resume("harbour", who="Bob", now=berlin("08 10:00"))

    look = desk.look(STANDUP, "08 11:00")

    assert look.fired is None
    assert [run.reason for run in look.recorded] == ["paused by Alice"]


def test_missed_windows_are_one_over_all_by_default(desk: Desk) -> None:
    """Down from Friday noon to Wednesday noon: one document, and each missed window says what became of it."""
    look = desk.look(STANDUP, "10 12:00")

    assert look.fired is not None
    assert span(look.fired.window) == ("05 09:00", "10 09:00")
    assert [one.fate for one in look.dues] == [Fate.MERGED, Fate.MERGED, Fate.FIRE]


def test_each_missed_window_waits_for_the_one_before(desk: Desk) -> None:
    """One after another: a run that fails gives its time to the next, and a draft that waits is not hurried away."""
    each = assignment(catch_up="each", grace=EVER)
    monday = desk.fired(each, "10 12:00")

    assert span(monday.window) == ("05 09:00", "08 09:00")
    assert desk.look(each, "10 12:01").held == f"run {monday.id} is at work"
    desk.end(monday, RunState.JUDGED)
    assert desk.look(each, "10 12:02").held.startswith(f"the draft of run {monday.id} waits")
    with desk.store.step(desk.store.get(monday.id), now=berlin("10 12:03")) as step:
        step.move(RunState.REJECTED, "no")
    assert span(desk.fired(each, "10 12:04").window) == ("05 09:00", "09 09:00")


def test_with_each_a_window_on_time_still_supersedes(desk: Desk) -> None:
    """Only missed ones are patient."""
    each = assignment(catch_up="each", grace=EVER)
    monday = desk.end(desk.fired(each, "08 09:00"), RunState.JUDGED)

    look = desk.look(each, "09 09:00")

    assert look.superseded is not None
    assert look.superseded.id == monday.id


def test_skipped_windows_leave_their_time_to_the_next(desk: Desk) -> None:
    """Policy skip: nothing is fired late, and Thursday tells everything since Friday."""
    skip = assignment(catch_up="skip")

    assert [one.fate for one in desk.look(skip, "10 12:00").dues] == [Fate.LATE] * 3
    assert span(desk.fired(skip, "11 09:00").window) == ("05 09:00", "11 09:00")


def test_a_ceremony_begins_when_it_is_first_wanted_not_with_the_past() -> None:
    """Configured at noon, nothing of the morning is caught up; a fire after that is, even over a restart."""
    with desk_in_memory() as desk:
        desk.enrol(STANDUP, "08 12:00")
        desk.enrol(STANDUP, "09 12:00")

        assert desk.look(STANDUP, "08 12:00").dues == ()
        assert span(desk.fired(STANDUP, "09 12:00").window) == ("08 09:00", "09 09:00")


def test_moving_the_hour_later_on_a_day_that_was_told_gives_no_second_document(desk: Desk) -> None:
    """One daily window a local day: told at nine, moved to three in the afternoon, next told tomorrow at three."""
    desk.end(desk.fired(STANDUP, "08 09:00"), RunState.WRITTEN)
    later = assignment(Weekdays(time(15)))

    same_day = desk.look(later, "08 15:00")

    assert (same_day.fired, [one.fate for one in same_day.dues]) == (None, [Fate.HELD])
    assert span(desk.fired(later, "09 15:00").window) == ("08 09:00", "09 15:00")


def test_moving_the_hour_earlier_on_a_day_that_was_not_told_yet_loses_nothing(desk: Desk) -> None:
    """Due at three, moved to ten at noon: it is late, and told at once."""
    desk.enrol(afternoon := assignment(Weekdays(time(15)), name="review"), "05 08:00")
    desk.end(desk.fired(afternoon, "05 15:00"), RunState.WRITTEN)

    earlier = replace(assignment(Weekdays(time(10)), name="review"))

    assert span(desk.fired(earlier, "08 12:00").window) == ("05 15:00", "08 10:00")


def test_a_team_that_moves_around_the_world_has_one_document_a_day(desk: Desk) -> None:
    """Berlin's Monday was told; in Honolulu Monday nine o'clock comes again eleven hours later, and is not."""
    desk.end(desk.fired(STANDUP, "08 09:00"), RunState.WRITTEN)
    moved = assignment(zone=ZoneInfo("Pacific/Honolulu"))

    assert [one.fate for one in desk.look(moved, "08 21:00").dues] == [Fate.HELD]
    assert span(desk.fired(moved, "09 21:00").window) == ("08 09:00", "09 21:00")


def test_a_sprint_is_told_once_however_its_end_moves() -> None:
    """Told on the planned last day, then extended: no second retro; the next sprint has its own."""
    retro = assignment(EndOfSprint(time(15)), name="retro")
    with desk_in_memory() as desk:
        desk.enrol(retro, "01 00:00")
        desk.sprints = sprints(("S1", "01 00:00", "05 18:00"))
        desk.end(desk.fired(retro, "05 15:00"), RunState.WRITTEN)
        desk.sprints = sprints(("S1", "01 00:00", "09 18:00"), ("S2", "10 00:00", "19 18:00"))

        assert desk.look(retro, "09 15:00").fired is None
        assert span(desk.fired(retro, "19 15:00").window) == ("05 15:00", "19 15:00")


def test_a_sprint_closed_early_is_told_when_the_board_says_so() -> None:
    """Planned to Friday, closed on Wednesday evening and noticed on Thursday: late, and told once."""
    retro = assignment(EndOfSprint(time(15)), name="retro")
    with desk_in_memory() as desk:
        desk.enrol(retro, "01 00:00")
        desk.sprints = sprints(("S1", "01 00:00", "12 18:00"))
        assert desk.look(retro, "11 09:00").dues == ()
        desk.sprints = sprints(("S1", "01 00:00", "10 19:00"))
        desk.end(desk.fired(retro, "11 10:00"), RunState.WRITTEN)
        desk.sprints = sprints(("S1", "01 00:00", "12 18:00"))

        assert desk.look(retro, "12 15:00").fired is None


def test_shadow_is_a_track_of_its_own(desk: Desk) -> None:
    """A rehearsal by hand neither takes Monday's window nor ends the time that Tuesday tells."""
    rehearsal = asked(desk, "07 12:00", mode=Mode.SHADOW)
    desk.end(rehearsal, RunState.SKIPPED)

    assert span(desk.fired(STANDUP, "08 09:00").window) == ("05 09:00", "08 09:00")


def test_a_rehearsal_may_be_had_again_for_the_same_time(desk: Desk) -> None:
    """It writes nothing, so it is refused neither beside a run at work nor for time that is told."""
    desk.end(desk.fired(STANDUP, "08 09:00"), RunState.SUBMITTED)

    later, earlier = asked(desk, "08 12:00", mode=Mode.SHADOW), asked(desk, "05 08:59", mode=Mode.SHADOW)

    assert span(later.window) == ("08 09:00", "08 12:00")
    assert earlier.window.end == berlin("05 08:59")


def test_a_team_in_shadow_rehearses_a_day_at_a_time() -> None:
    """What a rehearsal covered is not rehearsed again, and going live begins with the last day, not with all of them."""
    shadow = assignment(mode=Mode.SHADOW)
    with desk_in_memory() as desk:
        desk.enrol(shadow, "07 12:00")
        for day in ("08", "09"):
            desk.end(desk.fired(shadow, f"{day} 09:00"), RunState.SKIPPED)

        assert span(desk.fired(shadow, "10 09:00").window) == ("09 09:00", "10 09:00")
        assert span(desk.fired(STANDUP, "11 09:00").window) == ("10 09:00", "11 09:00")


def test_the_outlook_says_what_a_look_would_do_and_records_nothing(desk: Desk) -> None:
    """For a person who asks what was missed."""
    outlook = desk.firing.outlook(STANDUP, now=berlin("10 12:00"))

    assert [one.fate for one in outlook] == [Fate.MERGED, Fate.MERGED, Fate.FIRE]
    assert len(desk.store.recent()) == 1


def test_processes_that_look_at_once_fire_each_window_once(tmp_path: Path) -> None:
    """Six schedulers over one run log file: one row, and its window is not told twice."""
    url = f"sqlite:///{tmp_path / 'runs.sqlite3'}"
    first = open_database(url)
    Coverage(first).enrol([("harbour", "standup")], now=berlin("05 08:00"))

    def look(n: int) -> int:
        database = open_database(url)
        firing = Firing(Coverage(database), Pauses(database), lambda wish: wish.timetable)
        looks = firing.look([STANDUP], now=berlin("08 09:00") + timedelta(seconds=n))
        database.dispose()
        return sum(1 for one in looks if one.fired)

    with ThreadPoolExecutor(6) as pool:
        fired = list(pool.map(look, range(6)))
    first.dispose()

    assert sum(fired) == 1


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_a_window_by_hand_keeps_the_same_rule(desk: Desk) -> None:
    """It starts where the last written one ended, and the next scheduled one starts where it ended."""
    run = asked(desk, "07 20:00")
    desk.end(run, RunState.WRITTEN)

    assert span(run.window) == ("05 09:00", "07 20:00")
    assert span(desk.fired(STANDUP, "08 09:00").window) == ("07 20:00", "08 09:00")


def test_asking_twice_for_one_window_gives_one_run(desk: Desk) -> None:
    """The second time says so."""
    first = ask(desk.coverage, STANDUP, berlin("07 20:00"), now=berlin("07 20:00"))
    again = ask(desk.coverage, STANDUP, berlin("07 20:00"), now=berlin("07 20:01"))

    assert (first.new, again.new, again.run) == (True, False, first.run)
    assert (
        again.words
        == f"This window, 2026-06-05 07:00 to 2026-06-07 18:00 UTC, has its run already: {first.run.id}."
    )


def test_a_window_by_hand_supersedes_what_waits_and_says_so(desk: Desk) -> None:
    """Monday's draft waits; a run by hand at noon covers its time."""
    monday = desk.end(desk.fired(STANDUP, "08 09:00"), RunState.JUDGED)

    noon = ask(desk.coverage, STANDUP, berlin("08 12:00"), now=berlin("08 12:00"))

    assert desk.store.get(monday.id).state is RunState.EXPIRED
    assert span(noon.run.window) == ("05 09:00", "08 12:00")
    assert noon.words.endswith(f"run {monday.id}, which waited, has expired for it.")


def test_a_window_by_hand_is_refused_while_a_run_is_at_work(desk: Desk) -> None:
    """It would tell the same time twice."""
    run = desk.end(desk.fired(STANDUP, "08 09:00"), RunState.SUBMITTED)

    with pytest.raises(CheckFailed, match=f"run {run.id} of Standup of Harbour|run {run.id} of standup"):
        asked(desk, "08 12:00")


def test_time_that_is_told_is_not_told_again(desk: Desk) -> None:
    """The error names the document that tells it."""
    with pytest.raises(CheckFailed, match="told up to 2026-06-05 07:00:00 UTC already") as caught:
        ask(desk.coverage, STANDUP, berlin("04 12:00"), now=berlin("07 12:00"))
    assert "runs show run_" in caught.value.suggestion


def test_a_window_cannot_end_in_the_future(desk: Desk) -> None:
    """What happens until then could not be read."""
    with pytest.raises(ConfigurationError, match="has not come yet"):
        ask(desk.coverage, STANDUP, berlin("08 12:00"), now=berlin("07 12:00"))


def test_a_first_weekly_by_hand_reaches_back_to_the_fire_before() -> None:
    """Nobody wrote one yet: it covers the time since the last Friday."""
    weekly = assignment(Weekly("fri", time(15)), name="weekly_status")
    with desk_in_memory() as desk:
        run = ask(desk.coverage, weekly, berlin("10 12:00"), now=berlin("10 12:00")).run

    assert span(run.window) == ("05 15:00", "10 12:00")
