"""The notifier: one message for each event, tried until it arrives or is given up, and never in anybody's way."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from facilitator.calendar.window import Window
from facilitator.errors import ChannelError
from facilitator.runs.database import Database, open_database
from facilitator.runs.notices import Dispatch, Marks, Notices
from facilitator.runs.run import Mode, Run, RunState
from facilitator.runs.store import RunStore
from facilitator.service.notifier import WAITS, Notifier, Telling, ways_of
from facilitator.settings.notify import Contact, Notify, QuietHours

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 6, 10, 7, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ALICE, BOB = Contact("Alice", "501", "alice@example.org"), Contact("Bob", email="bob@example.org")


@dataclass
class Scene:
    """A notifier over a run log of its own, a clock to move, and a channel that fails as told."""

    database: Database
    now: datetime = NOW
    notify: Notify = field(default_factory=Notify)
    troubles: list[Exception] = field(default_factory=list)
    told: list[Dispatch] = field(default_factory=list)

    @property
    def store(self) -> RunStore:
        return RunStore(self.database)

    async def channel(self, dispatch: Dispatch) -> str:
        self.told.append(dispatch)
        if self.troubles:
            raise self.troubles.pop(0)
        return "ok"

    async def turn(self, *, after: timedelta = timedelta(0)) -> list[str]:
        """One turn, some time later; the kinds told in it."""
        self.now += after
        before = len(self.told)
        await Notifier(
            self.store, Notices(self.database), Marks(self.database),
            {"log": self.channel, "slack": self.channel, "email": self.channel},
            lambda _team: Telling(self.notify, BERLIN), lambda _run: None, lambda: self.now,
        ).turn()  # fmt: skip
        return [dispatch.notice.kind for dispatch in self.told[before:]]

    def run(self, *states: RunState, at: datetime | None = None, mode: Mode = Mode.APPROVE) -> Run:
        """A run moved through the states."""
        at = at or self.now
        count = len(self.store.recent())
        window = Window(NOW - timedelta(days=2), NOW - timedelta(hours=count))
        run, _new = self.store.fire("harbour", "standup", window, mode=mode, trigger="hand", now=at)
        for state in states:
            with self.store.step(run, now=at) as step:
                step.move(state, f"it is {state}")
            run = step.run
        return run


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    database = open_database(f"sqlite:///{tmp_path / 'runs.sqlite3'}")
    yield Scene(database)
    database.dispose()


TO_JUDGED = (RunState.GATHERED, RunState.SUBMITTED, RunState.JUDGED)


async def test_failed_expired_and_waiting_runs_are_told_once_each(scene: Scene) -> None:
    """However often it looks; a run that was written or rejected is nobody's trouble."""
    assert await scene.turn() == []
    scene.run(RunState.FAILED)
    scene.run(*TO_JUDGED, RunState.EXPIRED)
    scene.run(*TO_JUDGED)
    scene.run(*TO_JUDGED, RunState.REJECTED)
    assert sorted(await scene.turn()) == ["expired", "failed", "waiting"]
    for _ in range(3):
        assert await scene.turn(after=timedelta(hours=1)) == []


async def test_two_processes_tell_it_once(scene: Scene) -> None:
    """Both find it, both plan it; one tries it."""
    await scene.turn()
    scene.run(RunState.FAILED)
    other = Scene(scene.database)
    assert len(await scene.turn()) + len(await other.turn()) == 1


async def test_nothing_older_than_the_first_start_is_told(scene: Scene) -> None:
    """A run log taken over from somewhere else, or a release without a notifier, does not begin with a flood."""
    scene.run(RunState.FAILED, at=NOW - timedelta(days=1))
    assert await scene.turn() == []
    scene.run(RunState.FAILED, at=NOW + timedelta(seconds=1))
    assert await scene.turn(after=timedelta(seconds=2)) == ["failed"]


async def test_only_a_draft_that_waits_for_a_person_is_told_of(scene: Scene) -> None:
    """In auto and shadow nobody is asked."""
    await scene.turn()
    for mode in (Mode.AUTO, Mode.SHADOW):
        scene.run(*TO_JUDGED, mode=mode)
    assert await scene.turn() == []


async def test_a_revised_draft_is_told_anew(scene: Scene) -> None:
    """Another outcome, another decision; an edit of the same draft is not."""
    await scene.turn()
    run = scene.run(*TO_JUDGED)
    assert await scene.turn() == ["waiting"]
    for outcome, draft, told in (("outc_2", "d2", ["waiting"]), ("outc_2", "d3", [])):
        with scene.store.step(run, now=scene.now) as step:
            step.set(outcome_id=outcome, draft_digest=draft)
        run = step.run
        assert await scene.turn() == told


async def test_a_passing_fault_is_tried_again_with_growing_waits(scene: Scene) -> None:
    """Until it arrives."""
    await scene.turn()
    scene.run(RunState.FAILED)
    scene.troubles = [ChannelError("busy", retryable=True)] * 2
    assert await scene.turn() == ["failed"]
    assert await scene.turn(after=WAITS[0] - timedelta(seconds=1)) == []
    assert await scene.turn(after=timedelta(seconds=1)) == ["failed"]
    assert await scene.turn(after=WAITS[0]) == []
    assert await scene.turn(after=WAITS[1]) == ["failed"]
    assert await scene.turn(after=timedelta(days=3)) == []


async def test_a_fault_that_never_passes_is_given_up_after_a_day(scene: Scene) -> None:
    """Bounded: eight tries."""
    await scene.turn()
    scene.run(RunState.FAILED)
    scene.troubles = [ChannelError("busy", retryable=True)] * 99
    for _ in range(20):
        await scene.turn(after=timedelta(hours=13))
    assert len(scene.told) == len(WAITS) + 1
    (posted,) = Notices(scene.database).recent()
    assert (posted.dispatches[0].next_at, posted.dispatches[0].trouble) == (None, "busy")


async def test_a_final_fault_is_not_tried_again(scene: Scene) -> None:
    """The webhook is gone."""
    await scene.turn()
    scene.run(RunState.FAILED)
    scene.troubles = [ChannelError("404")]
    assert await scene.turn() == ["failed"]
    assert await scene.turn(after=timedelta(days=2)) == []


async def test_a_channel_that_breaks_holds_no_other(scene: Scene) -> None:
    """Even by a fault of ours: each way has its own fate."""
    await scene.turn()
    scene.notify = Notify(channels=("slack", "email"), people=(ALICE, BOB))
    scene.run(RunState.FAILED)
    scene.troubles = [ValueError("a bug")]
    assert len(await scene.turn()) == 3
    (posted,) = Notices(scene.database).recent()
    assert sorted(dispatch.sent_at is not None for dispatch in posted.dispatches) == [False, True, True]


async def test_a_channel_that_was_taken_out_is_named(scene: Scene) -> None:
    """The notice was planned for it and cannot arrive."""
    await scene.turn()
    scene.notify = Notify(channels=("asana",), people=(ALICE,))
    scene.run(RunState.FAILED)
    await scene.turn()
    assert "not configured" in Notices(scene.database).recent()[0].dispatches[0].trouble


async def test_quiet_hours_wait_until_morning(scene: Scene) -> None:
    """In the team's own zone: 23:30 in Berlin is 21:30 UTC."""
    scene.notify = Notify(quiet_hours=QuietHours(time(22), time(7)))
    await scene.turn()
    scene.now = datetime(2026, 6, 10, 21, 30, tzinfo=UTC)
    scene.run(RunState.FAILED)
    assert await scene.turn() == []
    assert await scene.turn(after=timedelta(hours=7, minutes=29)) == []
    assert await scene.turn(after=timedelta(minutes=1)) == ["failed"]


async def test_a_muted_kind_is_kept_and_told_to_nobody(scene: Scene) -> None:
    """Everything else is told, also kinds nobody thought of."""
    scene.notify = Notify(mute=frozenset({"waiting"}))
    await scene.turn()
    scene.run(*TO_JUDGED)
    scene.run(RunState.FAILED)
    assert await scene.turn() == ["failed"]
    assert len(Notices(scene.database).recent()) == 2


def test_a_channel_that_speaks_to_persons_has_a_way_for_each() -> None:
    """A refused address holds up nobody else; with nobody to write to, the log has it."""
    both = Notify(channels=("slack", "email", "asana"), people=(ALICE, BOB))
    assert ways_of(both) == (
        ("slack", "SLACK_WEBHOOK_URL"),
        ("email", "alice@example.org"),
        ("email", "bob@example.org"),
        ("asana", "501"),
    )
    assert ways_of(replace(both, channels=("asana",), people=(BOB,))) == (("log", ""),)
