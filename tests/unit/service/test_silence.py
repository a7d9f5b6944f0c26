"""What did not happen is told: an overdue document, a process that stood still, quiet days in a row; each once."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from facilitator.board.facts import Facts
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import ProjectGid
from facilitator.calendar.cadence import Weekdays
from facilitator.calendar.window import Window
from facilitator.calendar.windows import Timetable
from facilitator.calendar.workdays import MONDAY_TO_FRIDAY, WorkingDays
from facilitator.ceremony import Ceremony
from facilitator.runs.assignment import Assignment
from facilitator.runs.coverage import Coverage
from facilitator.runs.database import Database, open_database
from facilitator.runs.notices import Marks, Notice, Notices
from facilitator.runs.run import Mode, Run, RunState
from facilitator.runs.store import RunStore
from facilitator.service.discovery import find_ceremonies
from facilitator.service.silence import STALLED, due_by
from facilitator.service.watching import Watch
from runner import ROOT

pytestmark = pytest.mark.anyio
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 6, 8, 7, 15, tzinfo=UTC)
"""Monday, a quarter past nine in Berlin: the stand-up's hour."""
TICK = timedelta(seconds=15)


@pytest.fixture(scope="module")
def standup() -> Ceremony:
    return find_ceremonies(ROOT).ceremonies["standup"]


@dataclass
class Scene:
    """A watch over one team's stand-up, and a clock to move."""

    database: Database
    assignment: Assignment
    now: datetime = MONDAY - timedelta(days=3)
    days: int = 5
    facts: Facts = field(init=False)

    def __post_init__(self) -> None:
        example = ROOT / "rubrics" / "examples" / "standup" / "facts.json"
        self.facts = Facts.from_json(example.read_text())

    @property
    def store(self) -> RunStore:
        return RunStore(self.database)

    @property
    def watch(self) -> Watch:
        wanted = [(self.assignment, self.assignment.timetable)]
        return Watch(
            self.store, Notices(self.database), Marks(self.database),
            lambda: wanted, lambda _team: self.days, lambda: self.now,
        )  # fmt: skip

    async def told(self, now: datetime) -> list[Notice]:
        """Everything there is to tell by then."""
        self.now = now
        await self.watch.turn()
        return [posted.notice for posted in Notices(self.database).recent()]

    def run(self, end: datetime, *states: RunState, days: int = 1, quiet: bool = False) -> Run:
        """A run of the window that ends then."""
        window = Window(end - timedelta(days=days), end)
        run, _new = self.store.fire(
            "harbour", "standup", window, mode=Mode.APPROVE, trigger="schedule", now=end
        )
        for state in states:
            with self.store.step(run, now=end) as step:
                if state is RunState.GATHERED:
                    document = replace(self.facts.document, quiet=quiet)
                    step.keep_facts(replace(self.facts, document=document))
                step.move(state, "on its way")
            run = step.run
        return run


@pytest.fixture
def scene(tmp_path: Path, standup: Ceremony) -> Iterator[Scene]:
    database = open_database(f"sqlite:///{tmp_path / 'runs.sqlite3'}")
    working = WorkingDays(BERLIN, MONDAY_TO_FRIDAY)
    assignment = Assignment(
        team="harbour",
        team_name="Harbour",
        project=ProjectGid("77"),
        ceremony=standup,
        rules=BoardRules(zone=BERLIN, working_day=working.is_working_day),
        timetable=Timetable(Weekdays(time(9, 15)), BERLIN, working),
        expires_after=timedelta(hours=2),
    )
    yield Scene(database, assignment)
    database.dispose()


TO_WRITTEN = (RunState.GATHERED, RunState.SUBMITTED, RunState.JUDGED, RunState.APPROVED, RunState.WRITTEN)


async def test_a_document_that_was_never_fired_is_told_after_its_deadline_once(scene: Scene) -> None:
    """Not a minute before its deadline, its approvers' time and some slack are over."""
    await scene.told(scene.now)
    late = due_by(MONDAY, scene.assignment)
    assert late - MONDAY == timedelta(hours=2, minutes=30)
    assert await scene.told(late) == []
    (notice,) = await scene.told(late + timedelta(minutes=1))
    assert (notice.kind, notice.key) == ("missing", "missing/harbour/standup/2026-06-08T07:15:00Z")
    assert "no run was fired" in notice.text
    assert await scene.told(late + timedelta(hours=3)) == [notice]


@pytest.mark.parametrize("end", [RunState.FAILED, RunState.SKIPPED])
async def test_a_run_that_ended_has_answered(scene: Scene, end: RunState) -> None:
    """Failed and expired runs are told by themselves; a second notice of the same event would be noise."""
    await scene.told(scene.now)
    scene.run(MONDAY, end)
    assert await scene.told(MONDAY + timedelta(hours=9)) == []


async def test_a_run_that_hangs_is_told(scene: Scene) -> None:
    """It exists, and has not ended long after it should have."""
    await scene.told(scene.now)
    run = scene.run(MONDAY, *TO_WRITTEN[:2])
    (notice,) = await scene.told(MONDAY + timedelta(hours=3))
    assert (notice.run, "still submitted" in notice.text) == (run.id, True)


async def test_a_run_that_caught_up_late_has_its_own_time(scene: Scene) -> None:
    """Fired a day late, it may wait for its approvers as long as one that was fired in time."""
    scene.watch.begin()
    late = MONDAY + timedelta(hours=20)
    window = Window(MONDAY - timedelta(days=1), MONDAY)
    run, _new = scene.store.fire(
        "harbour", "standup", window, mode=Mode.APPROVE, trigger="schedule", now=late
    )
    assert await scene.told(late + timedelta(hours=2)) == []
    assert [notice.run for notice in await scene.told(late + timedelta(hours=2, minutes=31))] == [run.id]
    tuesday = await scene.told(MONDAY + timedelta(days=1, hours=3))
    assert f"waits for run {run.id}" in tuesday[0].text


async def test_a_window_that_swallowed_an_older_fire_answers_for_both(scene: Scene) -> None:
    """Caught up by policy `once`: Tuesday's document covers Monday."""
    await scene.told(scene.now)
    scene.run(MONDAY + timedelta(days=1), *TO_WRITTEN, days=2)
    assert await scene.told(MONDAY + timedelta(days=1, hours=1)) == []


async def test_a_day_that_was_held_before_its_hour_was_moved_is_held(scene: Scene) -> None:
    """Written at 9:15, then moved to 11:00: nothing more is expected that day."""
    await scene.told(scene.now)
    window = Window(MONDAY - timedelta(days=3), MONDAY)
    (fire,) = scene.assignment.timetable.fires(MONDAY - timedelta(hours=1), MONDAY)
    planned = Run.planned(
        "harbour", "standup", window, mode=Mode.APPROVE, trigger="schedule", period=fire.period, now=MONDAY
    )
    with Coverage(scene.database).turn(now=MONDAY) as turn:
        ((run, _new),) = turn.fire([planned])
    with scene.store.step(run, now=MONDAY) as step:
        step.move(RunState.SKIPPED, "written, say")
    later = replace(scene.assignment.timetable, cadence=Weekdays(time(11)))
    scene.assignment = replace(scene.assignment, timetable=later)
    assert await scene.told(MONDAY + timedelta(hours=9)) == []


async def test_nothing_was_expected_before_the_ceremony_was_first_seen(scene: Scene) -> None:
    """A ceremony added today has not failed the whole last week."""
    assert await scene.told(MONDAY + timedelta(hours=9)) == []


async def test_quiet_days_in_a_row_are_told_once_per_streak(scene: Scene) -> None:
    """Five are suspicious, six are the same streak; a day with news ends it."""
    await scene.told(scene.now)
    days = [MONDAY + timedelta(days=day) for day in (0, 1, 2, 3, 4, 7, 8)]
    for day in days[:4]:
        scene.run(day, *TO_WRITTEN, quiet=True)
    assert await scene.told(days[3] + timedelta(hours=1)) == []
    scene.run(days[4], *TO_WRITTEN, quiet=True)
    (notice,) = await scene.told(days[4] + timedelta(hours=1))
    assert (notice.kind, "5 times in a row" in notice.subject) == ("quiet", True)
    scene.run(days[5], *TO_WRITTEN, quiet=True)
    assert await scene.told(days[5] + timedelta(hours=1)) == [notice]
    scene.run(days[6], *TO_WRITTEN, quiet=False)
    assert await scene.told(days[6] + timedelta(hours=1)) == [notice]


async def test_a_team_may_be_quiet_for_as_long_as_it_likes(scene: Scene) -> None:
    """With 0 nothing is suspicious."""
    scene.days = 0
    for day in range(5):
        scene.run(MONDAY + timedelta(days=day), *TO_WRITTEN, quiet=True)
    assert await scene.told(MONDAY + timedelta(days=4, hours=1)) == []


async def ticked(scene: Scene, *gaps: timedelta) -> list[str]:
    """The kinds told after ticks with these gaps between them."""
    for gap in (timedelta(0), *gaps):
        scene.now += gap
        await scene.watch.tick()
    return [posted.notice.kind for posted in Notices(scene.database).recent()]


async def test_a_process_that_stood_still_is_told_at_its_next_tick(scene: Scene) -> None:
    """Frozen, suspended or killed: the gap is in the run log."""
    assert await ticked(scene, TICK, STALLED - TICK) == []
    assert await ticked(scene, STALLED, TICK) == ["stalled"]


async def test_a_process_that_was_stopped_has_not_stalled(scene: Scene) -> None:
    """Somebody meant it."""
    await ticked(scene, TICK)
    scene.watch.stopped()
    assert await ticked(scene, timedelta(days=3)) == []
