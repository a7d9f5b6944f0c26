"""Pausing and resuming a team from its page and under /api: who may, what is recorded, and that it holds."""

from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from facilitator.calendar.windows import Fate
from facilitator.runs.run import RunState
from facilitator.service.firing import Firing
from facilitator.web.breaks import ACTS
from facilitator.web.openapi import document
from tests.integration.web.conftest import SignedIn
from tests.integration.web.house import NOW, House
from tests.integration.web.test_door import csrf

LATE = NOW.replace(hour=8)
"""Soon after the stand-up's hour."""

WORDS = {"until": "2026-06-12", "because": "offsite"}


def tell(client: TestClient, act: str, words: dict[str, str] | None = None, team: str = "harbour") -> Any:
    """One act as a program sends it."""
    return client.post(f"/api/teams/{team}/{act}", json=words or {}, headers={"X-CSRF-Token": csrf(client)})


def send(client: TestClient, act: str, **words: str) -> Any:
    """One act as the page's form sends it."""
    words = {"csrf": csrf(client), **words}
    return client.post(f"/teams/harbour/{act}", data=words, follow_redirects=False)


def paused(house: House) -> list[tuple[str, str]]:
    return [(one.ceremony, one.by) for one in house.app.pauses.since(NOW - timedelta(days=9)).pauses]


@pytest.mark.parametrize("act", sorted(ACTS))
def test_only_an_admin_pauses_and_resumes(house: House, as_: SignedIn, act: str) -> None:
    """An approver and a viewer are refused, another team's member finds no such team; nothing is recorded."""
    assert [tell(as_(who), act).status_code for who in ("Alice", "Bob", "Dora")] == [403, 403, 404]
    assert paused(house) == []


def test_a_forged_form_pauses_nothing(house: House, as_: SignedIn) -> None:
    """Without the page's own token nothing is done, from a form or from a program with a cookie."""
    carol = as_("Carol")
    assert send(carol, "pause", csrf="forged").status_code == 403
    assert carol.post("/api/teams/harbour/pause", json={}).status_code == 403
    assert paused(house) == []


def test_a_form_sent_twice_changes_nothing_twice(house: House, as_: SignedIn) -> None:
    """One pause is recorded; a second resume finds the team going on; a program is told, the page shows it."""
    carol = as_("Carol")
    assert [send(carol, "pause", **WORDS).status_code for _ in range(2)] == [303, 303]
    assert paused(house) == [("", "Carol")]
    assert "offsite" in carol.get("/teams/harbour").text
    assert [send(carol, "resume").status_code for _ in range(2)] == [303, 303]
    assert tell(carol, "resume").status_code == 409
    assert "Nothing is paused" in carol.get("/teams/harbour").text


@pytest.mark.parametrize("words", [{"until": "soon"}, {"until": "2026-06-09"}, {"ceremony": "picnic"}])
def test_a_pause_that_cannot_be_says_what_to_do(house: House, as_: SignedIn, words: dict[str, str]) -> None:
    """No day, a day that is over, and a ceremony that is not there."""
    answer = tell(as_("Carol"), "pause", words)
    assert answer.status_code == 400
    assert answer.json()["error"]["suggestion"]
    assert paused(house) == []


def test_a_form_that_cannot_be_keeps_its_words(house: House, as_: SignedIn) -> None:
    """The page says what was wrong and still holds the reason that was typed."""
    answer = send(as_("Carol"), "pause", until="2026-06-09", because="a long offsite")
    assert answer.status_code == 400
    assert "is over" in answer.text
    assert 'value="a long offsite"' in answer.text


def test_the_scheduler_honours_the_pause(house: House, as_: SignedIn) -> None:
    """The firing that `serve` does skips what is due on the last day off with who and why, and fires the next working day."""
    app = house.app
    house.run(RunState.WRITTEN)
    answer = tell(as_("Carol"), "pause", {"ceremony": "standup", **WORDS})
    assert answer.json()["data"][0]["until"] == "2026-06-12T22:00:00Z"
    standup = app.assignment("harbour", "standup")
    firing = Firing(app.coverage, app.pauses, lambda one: one.timetable)
    friday, monday = (firing.outlook(standup, now=LATE + timedelta(days=days))[-1] for days in (2, 5))
    assert (friday.fate, monday.fate) == (Fate.PAUSED, Fate.FIRE)
    assert "Carol" in friday.why
    assert "offsite" in friday.why


def test_the_description_lists_both() -> None:
    """A program finds pause and resume where it looks for what it may do."""
    paths = document()["paths"]
    assert all("post" in paths[f"/api/teams/{{team}}/{act}"] for act in ACTS)
