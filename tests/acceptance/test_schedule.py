"""`next`, `teams` and catching up, as a person uses them at the command line."""

import re

from icalendar import Calendar

from .conftest import Deployment


def test_next_tells_windows_people_and_cost(deployment: Deployment) -> None:
    """One line a fire: local time, since when it tells, who is asked, what it costs."""
    told = deployment.run("next", "--days", "7")

    first = told.out.splitlines()[0]
    assert re.search(
        r"09:15 UTC +harbour +standup +since \w{3} .* approve: .*Alice.*, cost unknown$", first
    ), first
    assert deployment.run("next", "--missed").out.strip() == "Nothing was missed."


def test_next_writes_a_calendar_file(deployment: Deployment) -> None:
    """Five stand-ups with their agenda, readable by any calendar."""
    path = deployment.run.folder / "ceremonies.ics"

    told = deployment.run("next", "--days", "7", "--ics", str(path))

    found = list(Calendar.from_ical(path.read_bytes()).walk("VEVENT"))
    assert f"5 events are in {path}." in told.out
    assert len(found) == 5
    assert "- Needs a decision or help today" in str(found[0]["description"])


def test_a_team_is_paused_and_goes_on(deployment: Deployment) -> None:
    """Who and why are kept and shown; without a name it is refused; resuming twice is refused too."""
    nameless = deployment.run("teams", "pause", "harbour")
    paused = deployment.run("teams", "pause", "harbour", "--because", "offsite", "--by", "Alice")
    listed = deployment.run("teams", "list", "--json").data
    marked = deployment.run("next", "--days", "7")
    resumed = deployment.run("teams", "resume", "harbour", "--by", "Bob")
    again = deployment.run("teams", "resume", "harbour", "--by", "Bob", "--json")

    assert nameless.code == 2
    assert "harbour is paused by Alice: offsite." in paused.out
    assert [team["paused"] for team in listed] == ["paused by Alice: offsite"]
    assert marked.out.startswith("- ")
    assert "harbour goes on: all its ceremonies." in resumed.out
    assert (again.code, again.error["message"]) == (1, "harbour is not paused.")


def test_a_pause_names_a_day_to_come_and_a_ceremony_there_is(deployment: Deployment) -> None:
    """Each wrong word with what to write instead."""
    words = [
        (("--until", "soon"), "2026-12-24"),
        (("--until", "2020-01-01"), "a day to come"),
        (("--ceremony", "standpu"), "standup"),
    ]
    for call, hint in words:
        answer = deployment.run("teams", "pause", "harbour", "--by", "Alice", *call, "--json")
        assert answer.code == 2, call
        assert hint in answer.error["suggestion"], answer.error
