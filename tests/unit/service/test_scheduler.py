"""The serving process: what it catches up, when it wakes, and what it lets go of."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from facilitator.board.snapshot import CustomField, EnumOption, FieldGid, OptionGid, Snapshot
from facilitator.calendar.cadence import EndOfSprint, Once, Weekdays
from facilitator.errors import FacilitatorError, TrackerError
from facilitator.runs.assignment import Assignment
from facilitator.runs.run import RunId, RunState
from facilitator.service.firing import Firing
from facilitator.service.scheduler import Chore, Scheduler
from facilitator.service.sprintbook import SprintBook

from .ceremonies import Desk, assignment, berlin, desk_in_memory

Key = tuple[str, str]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with desk_in_memory() as desk:
        yield desk


class Handed:
    """An executor that only notes what it was handed, and stops the process once it has seen enough."""

    def __init__(self, stop: asyncio.Event, enough: int = 1) -> None:
        self.runs: list[RunId] = []
        self._stop = stop
        self._enough = enough

    def now(self, run: RunId) -> None:
        self.runs.append(run)
        if len(self.runs) >= self._enough:
            self._stop.set()

    def at(self, run: RunId, when: datetime) -> None:
        raise NotImplementedError

    async def take_over(self) -> None:
        raise NotImplementedError

    async def stop(self) -> None:
        raise NotImplementedError


async def nothing_to_ask() -> None:
    """The board says nothing new."""


def scheduler(
    desk: Desk,
    wishes: Mapping[Key, Assignment],
    executor: Handed,
    *,
    clock: Callable[[], datetime],
    refresh: Callable[[], object] = nothing_to_ask,
    chores: tuple[Chore, ...] = (),
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Scheduler:
    book = SprintBook(desk.store)
    firing = Firing(desk.coverage, desk.pauses, book.timetable)
    return Scheduler(
        desk.store, wishes, executor, firing,
        clock=clock, sprints=book, refresh=refresh, chores=chores, sleep=sleep,  # type: ignore[arg-type]
    )  # fmt: skip


def keyed(*wishes: Assignment) -> dict[Key, Assignment]:
    return {(wish.team, wish.ceremony.name): wish for wish in wishes}


@pytest.mark.anyio
async def test_a_wake_up_fires_and_hands_over_inside_the_event_loop(desk: Desk) -> None:
    """From the clock alone, with nothing missed: the window that comes due while serving is fired and advanced."""
    stop = asyncio.Event()
    executor = Handed(stop)
    wish = assignment(Once(datetime.now(UTC) + timedelta(seconds=0.3)))
    desk.coverage.enrol(keyed(wish), now=datetime.now(UTC) - timedelta(hours=1))

    serving = scheduler(desk, keyed(wish), executor, clock=lambda: datetime.now(UTC)).serve(stop)
    await asyncio.wait_for(serving, 10)

    (run,) = desk.store.recent()
    assert executor.runs == [run.id]


@pytest.mark.anyio
async def test_wake_ups_of_one_moment_are_all_fired(desk: Desk) -> None:
    """Two hundred teams at one instant."""
    stop = asyncio.Event()
    executor = Handed(stop, enough=200)
    due = datetime.now(UTC) + timedelta(seconds=0.5)
    wishes = keyed(*(assignment(Once(due), team=f"team-{n}") for n in range(200)))
    desk.coverage.enrol(wishes, now=due - timedelta(hours=1))  # where the start takes longer, it is caught up

    await asyncio.wait_for(scheduler(desk, wishes, executor, clock=lambda: datetime.now(UTC)).serve(stop), 20)

    assert len(set(executor.runs)) == 200


@pytest.mark.anyio
async def test_a_start_catches_up_and_says_what_was_missed(desk: Desk) -> None:
    """One line a ceremony: how many, from when to when, and what becomes of them; then the run is taken up."""
    stop = asyncio.Event()
    executor = Handed(stop)
    desk.enrol(wish := assignment(), "05 08:00")

    with capture_logs() as logs:
        await scheduler(desk, keyed(wish), executor, clock=lambda: berlin("10 12:00")).serve(stop)

    (missed,) = [line for line in logs if line["event"] == "missed"]
    assert (missed["windows"], missed["becomes"]) == (4, "1 fire, 3 merged")
    assert [line["window"] for line in logs if line["event"] == "fired"] == ["2026-06-10T07:00:00Z"]


@pytest.mark.anyio
async def test_unfinished_runs_are_taken_up_first(desk: Desk) -> None:
    """Starting up is advancing every unfinished run."""
    stop = asyncio.Event()
    executor = Handed(stop)
    desk.enrol(wish := assignment(), "05 08:00")
    run = desk.end(desk.fired(wish, "05 09:00"), RunState.SUBMITTED)

    await scheduler(desk, keyed(wish), executor, clock=lambda: berlin("08 09:00")).serve(stop)

    assert executor.runs == [run.id]


@pytest.mark.anyio
async def test_a_held_window_is_looked_at_again_when_the_run_before_it_has_ended(desk: Desk) -> None:
    """Held while Friday's run was at work; once that failed, the window over both is fired."""
    stop = asyncio.Event()
    executor = Handed(stop, enough=2)
    desk.enrol(wish := assignment(), "05 08:00")
    friday = desk.end(desk.fired(wish, "05 09:00"), RunState.SUBMITTED)
    process = scheduler(desk, keyed(wish), executor, clock=lambda: berlin("08 09:00"))

    async def friday_ends() -> None:
        with desk.store.step(friday, now=berlin("08 09:00")) as step:
            step.move(RunState.FAILED, "the session never came back")
        await process._look_again()

    serving = asyncio.ensure_future(process.serve(stop))
    await asyncio.sleep(0)
    await friday_ends()
    await asyncio.wait_for(serving, 10)

    monday = desk.store.get(executor.runs[1])
    assert monday.window.start == friday.window.start


@pytest.mark.anyio
async def test_ceremonies_that_follow_sprints_are_caught_up_after_the_board_was_asked(desk: Desk) -> None:
    """The end known from last time was the twelfth; the board says now that the sprint goes on: nothing is fired."""
    stop = asyncio.Event()
    retro = assignment(EndOfSprint(time(15)), name="retro")
    desk.enrol(retro, "01 00:00")
    asked: list[str] = []

    async def refresh() -> None:
        asked.append("board")
        stop.set()
        raise TrackerError("Asana is away", suggestion="Later.")

    with capture_logs() as logs:
        process = scheduler(
            desk, keyed(retro), Handed(stop), clock=lambda: berlin("12 16:00"), refresh=refresh
        )
        await process.serve(stop)

    assert asked == ["board"]
    assert [line["error"] for line in logs if line["event"] == "sprints_not_read"] == ["Asana is away"]


async def planned(process: Scheduler, stop: asyncio.Event) -> asyncio.Task[None]:
    """The process at work, once it has noted when its ceremonies are due."""
    serving = asyncio.ensure_future(process.serve(stop))
    async with asyncio.timeout(10):
        while not process._coming:
            await asyncio.sleep(0)
    return serving


@pytest.mark.anyio
async def test_another_configuration_moves_adds_and_takes_away_wake_ups(desk: Desk) -> None:
    """A ceremony that is gone wakes no more, a new one does, and one whose hour moved wakes at the new hour."""
    stop = asyncio.Event()
    wishes = keyed(assignment(), assignment(name="retro"))
    process = scheduler(desk, wishes, Handed(stop), clock=lambda: berlin("06 12:00"))
    serving = await planned(process, stop)

    del wishes["harbour", "retro"]
    wishes.update(keyed(assignment(Weekdays(time(11))), assignment(team="quay")))
    await process.take_up([("harbour", "retro"), ("harbour", "standup"), ("quay", "standup")])

    coming = dict(process._coming)
    stop.set()
    await serving
    assert coming == {("harbour", "standup"): berlin("08 11:00"), ("quay", "standup"): berlin("08 09:00")}


@pytest.mark.anyio
async def test_ceremonies_due_at_one_instant_share_a_wake_up(desk: Desk) -> None:
    """However many teams, and whatever their hours are called: nine in Berlin is eight in London."""
    stop = asyncio.Event()
    london = assignment(Weekdays(time(8)), team="quay", zone=ZoneInfo("Europe/London"))
    wishes = keyed(assignment(), assignment(team="mole"), london, assignment(Weekdays(time(11)), team="pier"))
    process = scheduler(desk, wishes, Handed(stop), clock=lambda: berlin("06 12:00"))
    serving = await planned(process, stop)

    wakes = sorted(job.args[0] for job in process._scheduler.get_jobs() if job.name == "Scheduler._wake")
    stop.set()
    await serving
    assert wakes == [berlin("08 09:00"), berlin("08 11:00")]


@pytest.mark.anyio
async def test_what_is_due_is_recorded_a_moment_before_and_begins_on_the_hour(desk: Desk) -> None:
    """The row is there first; the executor has the run when its window has ended, and the next wake-up is set."""
    wishes = keyed(wish := assignment())
    desk.enrol(wish, "05 12:00")
    now = berlin("08 09:00") - timedelta(seconds=1.5)
    executor = Handed(asyncio.Event())

    async def sleep(seconds: float) -> None:
        nonlocal now
        assert [run.state for run in desk.store.recent()] == [RunState.SCHEDULED]
        assert executor.runs == []
        now += timedelta(seconds=seconds)

    process = scheduler(desk, wishes, executor, clock=lambda: now, sleep=sleep)
    process._plan(wishes, now)
    await process._wake(berlin("08 09:00"))

    (run,) = desk.store.recent()
    assert (executor.runs, now, run.created_at) == ([run.id], berlin("08 09:00"), berlin("08 09:00"))
    assert process._coming == {("harbour", "standup"): berlin("09 09:00")}


@pytest.mark.anyio
async def test_a_wake_up_before_its_time_waits_for_it_again(desk: Desk) -> None:
    """The machine's clock was set back: nothing is due yet, and the instant is not forgotten."""
    wishes = keyed(assignment())
    now = berlin("06 12:00")
    desk.enrol(wishes["harbour", "standup"], "05 12:00")
    process = scheduler(desk, wishes, Handed(asyncio.Event()), clock=lambda: now)
    process._plan(wishes, now)

    now = berlin("08 08:59")
    await process._wake(berlin("08 09:00"))

    assert desk.store.recent() == ()
    assert process._coming == {("harbour", "standup"): berlin("08 09:00")}


@pytest.mark.anyio
@pytest.mark.parametrize("trouble", [TrackerError("Asana is away"), ValueError("a mistake of ours")])
async def test_a_chore_that_fails_is_logged_and_goes_on(desk: Desk, trouble: Exception) -> None:
    """One bad turn of one chore stops nothing."""

    async def work() -> None:
        raise trouble

    chore = Chore("dust", timedelta(hours=1), work)
    process = scheduler(desk, {}, Handed(asyncio.Event()), clock=lambda: berlin("06 12:00"), chores=(chore,))

    with capture_logs() as logs:
        await process._do(chore)

    assert [(line["event"], line["error"]) for line in logs] == [("chore_failed", str(trouble))]


@pytest.mark.anyio
async def test_decisions_made_elsewhere_are_taken_up(desk: Desk) -> None:
    """A draft approved at the command line, and one whose time is over; one that may still be decided is left alone."""
    stop = asyncio.Event()
    executor = Handed(stop, enough=9)
    runs = []
    for n, state in enumerate([RunState.APPROVED, RunState.JUDGED, RunState.JUDGED]):
        wish = assignment(team=f"team-{n}")
        desk.enrol(wish, "05 08:00")
        runs.append(desk.end(desk.fired(wish, "05 09:00"), state))
    for run, expires in zip(runs[1:], ("05 10:00", "05 18:00"), strict=True):
        with desk.store.step(run, now=berlin("05 09:00")) as step:
            step.set(expires_at=berlin(expires))
    process = scheduler(desk, {}, executor, clock=lambda: berlin("05 12:00"))

    await process._take_up_decisions()

    assert sorted(executor.runs) == sorted(run.id for run in runs[:2])


@pytest.mark.anyio
async def test_a_run_log_that_is_busy_is_asked_again(desk: Desk) -> None:
    """The look failed: its ceremonies are looked at again soon, and the process goes on."""

    class Busy(Firing):
        def look(self, assignments: object, *, now: datetime) -> list[object]:  # type: ignore[override]
            del assignments, now
            raise FacilitatorError("the run log is busy")

    wishes = keyed(assignment())
    book = SprintBook(desk.store)
    process = Scheduler(
        desk.store, wishes, Handed(asyncio.Event()), Busy(desk.coverage, desk.pauses, book.timetable),
        clock=lambda: berlin("08 09:00"), sprints=book, refresh=nothing_to_ask,
    )  # fmt: skip

    with capture_logs() as logs:
        assert await process._look(list(wishes), berlin("08 09:00")) == []

    assert [line["error"] for line in logs] == ["the run log is busy"]
    assert list(process._held) == list(wishes)


def test_sprints_are_remembered_over_a_restart(desk: Desk) -> None:
    """What the board said last is known at the next start, before anyone asks; another team's are another's."""
    retro = assignment(EndOfSprint(time(15)), name="retro")

    SprintBook(desk.store).note(retro, _board(retro))

    known = SprintBook(desk.store)
    assert [span.name for span in known.timetable(retro).sprints] == ["Sprint 7"]
    assert known.timetable(replace(retro, team="quay")).sprints == ()
    assert known.timetable(assignment()) == assignment().timetable


def _board(wish: Assignment) -> Snapshot:
    dated = EnumOption(OptionGid("2"), "Sprint 7 (2026-06-01 - 2026-06-12)")
    field = CustomField(FieldGid("1"), "Sprint", "enum", (dated,))
    return Snapshot(wish.project, "Harbour", berlin("03 12:00"), tasks=(), custom_fields=(field,))
