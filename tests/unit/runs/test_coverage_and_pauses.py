"""How scheduling asks the run log, pauses with who and when, and the sprints last seen."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from facilitator.calendar.fires import SprintSpan
from facilitator.runs.pauses import Pauses
from facilitator.runs.sprint_log import SprintLog
from facilitator.runs.standing import standing_query
from facilitator.runs.store import RunStore

from .conftest import NOW

DAY = timedelta(days=1)


@pytest.fixture
def pauses(store: RunStore) -> Pauses:
    return Pauses(store.database)


def test_the_questions_of_scheduling_are_answered_from_an_index(store: RunStore) -> None:
    """Thousands of ceremonies are asked about at a full hour: none of them may read the log from end to end."""
    compiled = standing_query(shared=False).compile(store.database)
    values = compiled.construct_params({"wanted": '[["a", "b", false]]'})
    with store.database.connect() as connection:
        rows = connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {compiled}", tuple(values[name] for name in compiled.positiontup or ())
        )
        plan = [row.detail for row in rows if " runs" in row.detail or "B-TREE" in row.detail]
    assert len(plan) == 4, plan
    assert all("SEARCH runs USING" in line and "INDEX runs_by_" in line for line in plan), plan


# --- pauses ----------------------------------------------------------------------------------------------------------


def held(pauses: Pauses, ceremony: str, at: datetime) -> str:
    """What holds the team's ceremony then, in words."""
    pause = pauses.since(at).over("harbour", ceremony, at)
    return pause.words if pause else ""


def test_a_pause_of_the_team_holds_all_its_ceremonies(pauses: Pauses) -> None:
    """And nobody else's."""
    pauses.pause("harbour", who="Alice", now=NOW)

    assert held(pauses, "standup", NOW) == held(pauses, "retro", NOW) == "paused by Alice"
    assert pauses.since(NOW).over("quay", "standup", NOW) is None
    assert held(pauses, "standup", NOW - DAY) == ""


def test_a_pause_of_one_ceremony_leaves_the_others(pauses: Pauses) -> None:
    """Until its end, which does not belong to it."""
    pauses.pause("harbour", "retro", until=NOW + DAY, who="Alice", because="no sprint", now=NOW)

    assert held(pauses, "retro", NOW) == "paused by Alice until 2026-06-11 07:00 UTC: no sprint"
    assert (held(pauses, "standup", NOW), held(pauses, "retro", NOW + DAY)) == ("", "")


def test_pausing_again_moves_the_end(pauses: Pauses) -> None:
    """The first pause ends where the second begins, and both stay on record."""
    pauses.pause("harbour", until=NOW + DAY, who="Alice", now=NOW)
    pauses.pause("harbour", until=NOW + 3 * DAY, who="Bob", now=NOW + timedelta(hours=1))

    assert held(pauses, "standup", NOW) == "paused by Alice until 2026-06-11 07:00 UTC"
    assert held(pauses, "standup", NOW + 2 * DAY) == "paused by Bob until 2026-06-13 07:00 UTC"


def test_resuming_ends_what_it_names_and_says_who(pauses: Pauses) -> None:
    """One ceremony, or with none named everything; a second time there is nothing to end."""
    pauses.pause("harbour", "retro", who="Alice", now=NOW)
    pauses.pause("harbour", "standup", who="Alice", now=NOW)

    (one,) = pauses.resume("harbour", "retro", who="Bob", now=NOW + DAY)
    (rest,) = pauses.resume("harbour", who="Bob", now=NOW + DAY)

    assert (one.ceremony, rest.ceremony) == ("retro", "standup")
    assert pauses.resume("harbour", who="Bob", now=NOW + DAY) == ()
    assert {pause.resumed_by for pause in pauses.since(NOW).pauses} == {"Bob"}


# --- sprints last seen -----------------------------------------------------------------------------------------------


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SprintLog]:
    store = RunStore.open(f"sqlite:///{tmp_path / 'sprints.sqlite3'}")
    yield SprintLog(store.database)
    store.close()


def test_what_the_board_says_now_replaces_what_it_said(log: SprintLog) -> None:
    """A sprint that is gone is forgotten; of two with one name the later one counts; teams keep apart."""
    old = SprintSpan("S1", NOW - 14 * DAY, NOW)
    new = [SprintSpan("S2", NOW, NOW + 14 * DAY), SprintSpan("S2", NOW + 90 * DAY, NOW + 104 * DAY)]
    log.keep("quay", [old])
    log.keep("harbour", [old])

    log.keep("harbour", new)

    assert log.all() == {"harbour": (new[1],), "quay": (old,)}
    log.keep("harbour", [])
    assert log.all() == {"quay": (old,)}
