"""A private word: one a person and day whatever teams they are in, at a fit hour, without a verdict on anyone."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from facilitator.board.risk import AtRisk
from facilitator.board.snapshot import ProjectGid, Snapshot, TaskGid, UserGid
from facilitator.errors import TrackerError
from facilitator.runs.database import Database, open_database
from facilitator.runs.delivery import Delivery
from facilitator.runs.keeping import Keeping
from facilitator.runs.nudges import NudgeLog
from facilitator.runs.ports import NewTask
from facilitator.service.nudging import ENDING, Nudged, Nudger, words
from facilitator.settings.notify import QuietHours
from facilitator.settings.nudges import Nudges
from tests.boards import gid, rules, snapshot, task

pytestmark = pytest.mark.anyio
TEN = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
"""A Tuesday."""
ANN = UserGid(gid("ann"))
LATE = [task(name, owner="ann", due="2026-03-06") for name in ("login", "search", "export")]


def team(name: str = "harbour", **more: object) -> Nudged:
    return replace(
        Nudged(name, ProjectGid("77"), rules(), Nudges(enabled=True), None),
        **more,  # type: ignore[arg-type]
    )


@dataclass
class Scene:
    """A nudger over teams, their boards, and a tracker that keeps private tasks; troubles are raised in turn."""

    database: Database
    teams: list[Nudged] = field(default_factory=lambda: [team()])
    boards: dict[str, Snapshot] = field(default_factory=dict)
    now: datetime = TEN
    made: list[tuple[str, NewTask]] = field(default_factory=list)
    troubles: list[TrackerError] = field(default_factory=list)
    allowed: set[str] = field(default_factory=set)

    async def find_private_task(self, _project: ProjectGid, person: UserGid, marker: str) -> TaskGid | None:
        fitting = [n for n, (who, one) in enumerate(self.made) if who == person and marker in one.notes]
        return TaskGid(str(fitting[0])) if fitting else None

    async def create_private_task(self, _project: ProjectGid, person: UserGid, one: NewTask) -> TaskGid:
        assert person in self.allowed
        if self.troubles:
            raise self.troubles.pop(0)
        self.made.append((person, one))
        return TaskGid(str(len(self.made) - 1))

    async def turn(self, *, after: timedelta = timedelta(0)) -> list[tuple[str, NewTask]]:
        self.now += after
        await Nudger(
            lambda: self.teams, self.boards.get, NudgeLog(self.database), self, Delivery(self, nap),  # type: ignore[arg-type]
            self.allowed.add, lambda: self.now,
        ).turn()  # fmt: skip
        return self.made


async def nap(_seconds: float) -> None:
    """No waiting."""


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    database = open_database(f"sqlite:///{tmp_path / 'runs.sqlite3'}")
    scene = Scene(database)
    scene.boards["harbour"] = snapshot(*LATE)
    yield scene
    database.dispose()


async def test_three_tasks_at_risk_are_one_nudge(scene: Scene) -> None:
    """However often it looks that day, also in another process; the next day there may be another."""
    for _ in range(4):
        await scene.turn(after=timedelta(minutes=5))
    ((person, one),) = scene.made
    assert (person, one.name, one.due_on) == (ANN, "3 of your tasks may need a look", date(2026, 3, 10))
    scene.boards["harbour"] = snapshot(*LATE, as_of="2026-03-11T09:00Z")
    assert len(await scene.turn(after=timedelta(days=1))) == 2


async def test_two_teams_make_one_nudge(scene: Scene) -> None:
    """Together, or one after the other when their hours differ."""
    scene.teams = [team(), team("quay"), team("late", nudges=Nudges(enabled=True, at=time(12)))]
    scene.boards |= {name: snapshot(*LATE[:1]) for name in ("quay", "late")}
    ((_person, one),) = await scene.turn()
    assert one.name == "4 of your tasks may need a look"
    assert len(await scene.turn(after=timedelta(hours=2))) == 1


async def test_teams_in_far_zones_do_not_make_two_in_a_night(scene: Scene) -> None:
    """It is tomorrow in Auckland twelve hours later: a new day there, and too soon."""
    scene.teams.append(team("far", rules=rules("Pacific/Auckland")))
    await scene.turn()
    scene.boards["far"] = snapshot(*LATE, as_of="2026-03-10T20:00Z")
    assert len(await scene.turn(after=timedelta(hours=12))) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"nudges": Nudges(enabled=True, at=time(11))},
        {"nudges": Nudges(enabled=True, at=time(5))},
        {"nudges": Nudges(enabled=True, never=frozenset({ANN}))},
        {"nudges": Nudges(enabled=True, absent=frozenset({(ANN, date(2026, 3, 10))}))},
        {"quiet_hours": QuietHours(time(9), time(11))},
        {"rules": rules(working_day=lambda _day: False)},
    ],
    ids=["before its hour", "long after it", "never", "absent", "quiet hours", "a free day"],
)
async def test_when_nobody_is_nudged(scene: Scene, change: dict[str, object]) -> None:
    """Hours, days off, and people who are away or want none."""
    scene.teams = [replace(team(), **change)]  # type: ignore[arg-type]
    assert await scene.turn() == []


async def test_yesterdays_board_nudges_nobody(scene: Scene) -> None:
    """It may be wrong about them by now; no board at all neither."""
    scene.boards["harbour"] = snapshot(*LATE, as_of="2026-03-09T15:00Z")
    assert await scene.turn() == []
    scene.boards.clear()
    assert await scene.turn() == []


async def test_a_nudge_that_was_lost_on_the_way_is_found_or_tried_again(scene: Scene) -> None:
    """In doubt it is looked for; a passing fault is tried again the same day, and not the next."""
    scene.troubles = [TrackerError("503", retryable=True)]
    assert await scene.turn() == []
    assert len(await scene.turn(after=timedelta(minutes=5))) == 1
    assert len(await scene.turn(after=timedelta(minutes=5))) == 1


async def test_a_person_who_cannot_be_reached_is_not_tried_all_day(scene: Scene) -> None:
    """They left the workspace, say: refused for good."""
    scene.troubles = [TrackerError("403", status=403)] * 9
    for _ in range(5):
        await scene.turn(after=timedelta(minutes=5))
    assert len(scene.troubles) == 8


async def test_what_was_said_is_forgotten_in_time_and_not_that_it_was(scene: Scene) -> None:
    """The row stays, so that nobody is nudged twice; its words go with the other texts."""
    await scene.turn()
    keeping = Keeping(scene.database)
    assert keeping.forget_notices(TEN) == 0
    assert keeping.forget_notices(TEN + timedelta(seconds=1)) == 1
    assert len(await scene.turn(after=timedelta(minutes=5))) == 1


def a_task(name: str, **more: object) -> AtRisk:
    usual: dict[str, object] = {"due": None, "overdue": False, "blocked_days": 0}
    return AtRisk(gid(name), name, f"https://app.asana.com/0/0/{gid(name)}", ANN, **{**usual, **more})  # type: ignore[arg-type]


def test_the_words_name_dates_and_waits_and_no_fault() -> None:
    """Three are named, the rest counted; a name can break no line."""
    day, hostile = date(2026, 3, 10), "sea\nrch\u202e"
    title, text = words(
        [
            a_task("export", blocked_days=4),
            a_task("login", due=date(2026, 3, 6), overdue=True, blocked_days=1),
            a_task(hostile, due=day),
            a_task("api", due=date(2026, 3, 11)),
            a_task("ui", blocked_days=3),
        ],
        day,
    )
    assert title == "5 of your tasks may need a look"
    assert text.splitlines() == [
        "- login: its date was Fri 06 Mar, blocked for 1 working day",
        f"  https://app.asana.com/0/0/{gid('login')}",
        "- sea rch: due today",
        f"  https://app.asana.com/0/0/{gid(hostile)}",
        "- api: due Wed 11 Mar",
        f"  https://app.asana.com/0/0/{gid('api')}",
        "and 2 more of yours",
        "",
        ENDING,
    ]


def test_one_task_is_one_task() -> None:
    """In the title too."""
    assert words([a_task("ui", blocked_days=3)], date(2026, 3, 10))[0] == "One of your tasks may need a look"
