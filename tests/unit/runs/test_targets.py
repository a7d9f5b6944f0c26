"""The ceremony's own task: made once, whoever needs it first and however late the list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from facilitator.board.snapshot import ProjectGid
from facilitator.errors import TrackerError
from facilitator.runs.delivery import Delivery
from facilitator.runs.ports import NewTask
from facilitator.runs.store import RunStore
from facilitator.runs.targets import TRUSTED_FOR, TargetFinder, Targets

from .board_in_memory import NOW, Fate, InMemoryTracker, lost

pytestmark = pytest.mark.anyio
PROJECT, NAME = ProjectGid("77"), "Stand-up"


@dataclass
class Seeker:
    """Someone who needs the task, in a process of its own each time."""

    targets: Targets
    tracker: InMemoryTracker = field(default_factory=InMemoryTracker)
    now: datetime = NOW

    async def nap(self, _seconds: float) -> None:
        """Waits are not what these tests are about."""

    async def find(self, run: str = "one") -> str:
        finder = TargetFinder(self.targets, Delivery(self.tracker, self.nap), lambda: self.now)
        return await finder.find_or_make(PROJECT, NAME, about="For people.", marker=f"ref task/{run}")

    @property
    def made(self) -> list[str]:
        return [one.gid for one in self.tracker.things]


@pytest.fixture
def seeker(store: RunStore) -> Seeker:
    return Seeker(Targets(store.database))


async def test_a_task_of_the_name_is_used_as_it_is(seeker: Seeker) -> None:
    """People may have made it: it needs no marker and leaves no record."""
    await seeker.tracker.create_task(PROJECT, NewTask(NAME))
    assert [await seeker.find(run) for run in ("one", "two")] == seeker.made * 2
    assert seeker.targets.latest(PROJECT, NAME) is None


async def test_a_lost_answer_makes_one_task(seeker: Seeker) -> None:
    """In doubt, looked for by its marker, found."""
    seeker.tracker.fates = [Fate(error=lost())]
    assert [await seeker.find()] == seeker.made


async def test_a_task_that_the_list_does_not_show_yet_is_ours_all_the_same(seeker: Seeker) -> None:
    """Our own record counts for more than a late list: the second run of the same instant makes no second task."""
    seeker.tracker.delay = 9
    assert [await seeker.find("one"), await seeker.find("two")] == seeker.made * 2


async def test_an_attempt_nobody_recorded_the_end_of_is_looked_for(seeker: Seeker) -> None:
    """Its process died: the next run finds the task by the dead one's marker, although the list is late."""
    seeker.targets.attempt(PROJECT, NAME, "ref task/dead", now=NOW)
    await seeker.tracker.create_task(PROJECT, _titled(NAME, "ref task/dead"))
    seeker.tracker.things[0].unseen = 3
    assert await seeker.find("heir") == "100"
    latest = seeker.targets.latest(PROJECT, NAME)
    assert latest is not None
    assert (latest.gid, latest.marker) == ("100", "ref task/dead")


async def test_an_attempt_that_came_to_nothing_is_made_good(seeker: Seeker) -> None:
    """Killed before anything was sent: after looking, the next run makes it."""
    seeker.targets.attempt(PROJECT, NAME, "ref task/dead", now=NOW)
    assert [await seeker.find("heir")] == seeker.made


async def test_an_old_record_does_not_bring_back_what_people_closed(seeker: Seeker) -> None:
    """Finished, renamed or deleted since: a new task is made, as the name says."""
    await seeker.find()
    seeker.tracker.things.clear()
    seeker.now += TRUSTED_FOR + timedelta(seconds=1)
    assert [await seeker.find("later")] == seeker.made
    assert seeker.tracker.writes == 2


async def test_a_refusal_leaves_the_record_of_an_attempt(seeker: Seeker) -> None:
    """Whoever comes next looks first; nothing is made behind its back."""
    seeker.tracker.fates = [Fate(happens=False, error=TrackerError("403", status=403))]
    with pytest.raises(TrackerError):
        await seeker.find()
    latest = seeker.targets.latest(PROJECT, NAME)
    assert latest is not None
    assert latest.gid is None


def _titled(name: str, marker: str) -> NewTask:
    return NewTask(name, f"For people.\n{marker}")
