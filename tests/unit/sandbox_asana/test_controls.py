"""The control calls: what a test may do to the world that no client could."""

from typing import Any

import pytest

from facilitator.sandbox import SandboxClock
from facilitator.sandbox.asana.controls import controls
from facilitator.sandbox.wire import ControlError
from tests.unit.sandbox_asana.worlds import ANN, FIRST, START, TEAM, Api


def test_hidden_things_can_be_shown_again(api: Api) -> None:
    """Hiding is as good as unsharing, and can be undone."""
    switch = controls(api.world)
    assert switch["hide"]({"gids": [FIRST]}) == {"hidden": [FIRST]}
    assert api.get(f"/tasks/{FIRST}").status == 404
    assert switch["show"]({"gids": [FIRST]}) == {"hidden": []}
    assert api.get(f"/tasks/{FIRST}").status == 200


def test_a_removed_user_loses_assignments_but_not_the_past(api: Api) -> None:
    """Tasks are nobody's, old stories keep the name, the user cannot be read."""
    controls(api.world)["remove_user"]({"gid": ANN})
    assert api.read(f"/tasks/{FIRST}")["assignee"] is None
    assert api.read(f"/tasks/{FIRST}/stories")[0]["created_by"]["name"] == "Ann"
    assert api.get(f"/users/{ANN}").status == 404
    assert "Ann" not in [member["name"] for member in api.read(f"/projects/{TEAM}")["members"]]


def test_tokens_and_offsets_can_be_expired(api: Api) -> None:
    """Both at once."""
    sync = api.get("/events", resource=TEAM).body["sync"]
    offset = api.get("/users", limit=1).body["next_page"]["offset"]
    wanted = {"offsets": True, "sync_tokens": True}
    assert controls(api.world)["expire"](wanted) == {"expired": ["offsets", "sync_tokens"]}
    assert api.get("/events", resource=TEAM, sync=sync).status == 412
    assert api.get("/users", limit=1, offset=offset).status == 400


def test_the_clock_jumps(api: Api) -> None:
    """A day can pass between two calls."""
    api.world.clock = SandboxClock(START, monotonic=lambda: 0.0)
    assert controls(api.world)["clock"]({"advance_seconds": 86400}) == {"now": "2026-03-03T09:00:00.000Z"}


def test_a_clock_of_ones_own_cannot_be_moved(api: Api) -> None:
    """The call says so rather than doing nothing."""
    with pytest.raises(ControlError, match="cannot be moved"):
        controls(api.world)["clock"]({"advance_seconds": 1})


def test_switches_are_set_by_name(api: Api) -> None:
    """All of them are answered."""
    answer = controls(api.world)["switches"]({"unpaged_max": 5})
    assert answer == {"section_move_touches_task": True, "unpaged_max": 5}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("hide", {}),
        ("hide", {"gids": ["999"]}),
        ("hide", {"gids": FIRST}),
        ("remove_user", {"gid": FIRST}),
        ("remove_user", {"gid": 5}),
        ("expire", {}),
        ("expire", {"everything": True}),
        ("clock", {"advance_seconds": "1"}),
        ("switches", {"colour": "red"}),
        ("switches", {"unpaged_max": "5"}),
    ],
)
def test_a_call_that_is_not_right_is_refused(api: Api, name: str, body: dict[str, Any]) -> None:
    """Each says what it takes."""
    with pytest.raises(ControlError):
        controls(api.world)[name](body)
