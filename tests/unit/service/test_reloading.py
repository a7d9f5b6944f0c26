"""A configuration that changes while serving: a good one is taken up at once, a broken one refused, and nothing stops."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

import runner
from facilitator.calendar.cadence import Weekdays
from facilitator.service.application import Application
from facilitator.service.reloading import LiveAssignments, Reloading

HARBOUR = """
[[teams]]
slug = "harbour"
project = "1200000000000001"
zone = "Europe/Berlin"
approvers = ["Alice"]
[teams.ceremonies.standup]
"""
QUAY = HARBOUR.replace("harbour", "quay").replace("00001", "00002")


@dataclass
class House:
    """A serving process's view of one configuration file."""

    app: Application
    path: Path
    live: LiveAssignments = field(init=False)
    reloading: Reloading = field(init=False)
    taken_up: list[Collection[tuple[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app.assignments = self.live = LiveAssignments(self.app.assignments)
        self.reloading = Reloading(self.app, self.live, self._take_up)

    async def _take_up(self, changed: Collection[tuple[str, str]]) -> None:
        self.taken_up.append(changed)

    async def saved(self, text: str) -> list[str]:
        """Save another configuration and look; gives the events that were logged."""
        self.path.write_text(text, encoding="utf-8")
        with capture_logs() as logs:
            await self.reloading.look()
        return [str(line["event"]) for line in logs]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    path = tmp_path / "facilitator.toml"
    path.write_text(HARBOUR + QUAY, encoding="utf-8")
    app = runner.compose(path, {"ASANA_ACCESS_TOKEN": "x", "ANTHROPIC_API_KEY": "y"})
    yield House(app, path)
    app.close()


@pytest.mark.anyio
async def test_nothing_happens_where_nothing_was_saved(house: House) -> None:
    """Nor where the same text was."""
    assert await house.saved(HARBOUR + QUAY) == []
    assert house.taken_up == []


@pytest.mark.anyio
async def test_a_changed_hour_is_taken_up_by_everyone_who_holds_the_assignments(house: House) -> None:
    """Of that team alone; the other's wake-ups are left as they are."""
    assert await house.saved(HARBOUR + 'at = "11:00"\n' + QUAY) == ["configuration_taken_up"]

    assert house.taken_up == [{("harbour", "standup")}]
    assert house.live["harbour", "standup"].timetable.cadence == Weekdays(time(11))
    assert house.app.assignment("harbour", "standup") is house.live["harbour", "standup"]


@pytest.mark.anyio
async def test_teams_come_and_go(house: House) -> None:
    """What is new is served, and may reach its project; what is gone is not fired any more."""
    pier = QUAY.replace("quay", "pier").replace("00002", "00003")

    await house.saved(HARBOUR + pier)

    assert house.taken_up == [{("quay", "standup"), ("pier", "standup")}]
    assert {team for team, _ in house.live} == {"harbour", "pier"}
    assert "1200000000000003" in house.app.reach().projects


@pytest.mark.anyio
async def test_a_broken_configuration_is_refused_and_the_old_one_goes_on(house: House) -> None:
    """Every fault is logged once, with its line, and a notice tells whoever looks after it; mending it is taken up."""
    broken = HARBOUR + 'at = "25:00"\nmoed = "auto"\n'

    first, again = await house.saved(broken), await house.saved(broken)

    assert (first, again) == (["configuration_refused", *["configuration_fault"] * 2], [])
    assert set(house.live) == {("harbour", "standup"), ("quay", "standup")}
    (posted,) = house.app.notices.recent()
    assert posted.notice.kind == "configuration"
    assert "line 8" in posted.notice.text
    assert await house.saved(HARBOUR) == ["configuration_taken_up"]


@pytest.mark.anyio
async def test_a_configuration_that_is_gone_is_refused_too(house: House) -> None:
    """A deployment that replaces the file may be caught between two moments."""
    house.path.unlink()

    with capture_logs() as logs:
        await house.reloading.look()

    assert [line["event"] for line in logs] == ["configuration_refused"]
    assert len(house.live) == 2


@pytest.mark.anyio
async def test_what_needs_a_restart_is_said(house: House) -> None:
    """Clients keep the addresses they were opened with."""
    text = "[asana]\nrequests_per_minute = 60\n" + HARBOUR

    assert await house.saved(text) == ["restart_needed", "configuration_taken_up"]
    assert house.app.settings.asana.requests_per_minute == 120
