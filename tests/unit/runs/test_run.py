"""States and moves: the table is the whole truth."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from facilitator.calendar.window import Window
from facilitator.runs.changes import Change
from facilitator.runs.run import ENDS, MOVES, IllegalMove, Mode, Run, RunState, check_move, run_id, run_key
from facilitator.settings.team import ChangeName, ModeName

from .conftest import NOW, WINDOW

ARCHITECTURE = Path(__file__).parents[3] / "ARCHITECTURE.md"


@pytest.mark.parametrize(("before", "after"), list(product(RunState, RunState)))
def test_only_the_moves_of_the_table_are_legal(before: RunState, after: RunState) -> None:
    """A move that the table does not have is refused, and one that it has is not."""
    if after in MOVES[before]:
        check_move(before, after)
    else:
        with pytest.raises(IllegalMove, match=f"{before} to {after}"):
            check_move(before, after)


def test_the_five_ends_have_no_way_on() -> None:
    """Written, rejected, expired, failed and skipped are for ever."""
    assert {"written", "rejected", "expired", "failed", "skipped"} == ENDS


def test_every_state_is_reached_from_scheduled() -> None:
    """No state of the table is an orphan."""
    reached, todo = set(), [RunState.SCHEDULED]
    while todo:
        state = todo.pop()
        reached.add(state)
        todo += MOVES[state] - reached
    assert reached == set(RunState)


def test_the_diagram_draws_exactly_the_table() -> None:
    """ARCHITECTURE.md shows the same moves as the code."""
    drawn = set(re.findall(r"^    (\w+) --> (\w+)$", ARCHITECTURE.read_text(), re.MULTILINE))
    assert drawn == {(before.value, after.value) for before, onward in MOVES.items() for after in onward}


def test_the_run_of_a_window_has_one_name() -> None:
    """The key names ceremony, due instant and team, and the id follows from it."""
    key = run_key("standup", WINDOW, "harbour")
    assert key == "standup/2026-06-10T07:00:00Z/harbour"
    assert run_id(key) == run_id(run_key("standup", Window(NOW - timedelta(days=4), NOW), "harbour"))


def test_the_configuration_knows_every_mode_and_class_of_change() -> None:
    """Settings stand below this room, so they spell the words out; here they are held together."""
    assert set(get_args(ModeName)) == set(Mode)
    assert set(get_args(ChangeName)) == set(Change)


def test_a_second_session_of_a_run_is_found_by_a_key_of_its_own(run: Run) -> None:
    """The first by the run's key alone; rounds are counted within a session."""
    again = replace(run, attempt=2, revision=3, session_revision=2)
    assert (run.session_key, run.round) == (run.key, 0)
    assert (again.session_key, again.round) == (f"{run.key}#2", 1)
