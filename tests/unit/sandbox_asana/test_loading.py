"""From a pack to a world."""

import copy

import pytest

from tests.unit.sandbox_asana.worlds import BEN, FIRST, START, TEAM, Api, HandClock, ref, small_pack


def test_the_pack_is_not_changed() -> None:
    """A test may use one pack for many sandboxes."""
    pack = small_pack()
    before = copy.deepcopy(pack)
    api = Api(pack)
    api.write("PUT", f"/tasks/{FIRST}", name="x", completed=True, custom_fields={"31": 1}, assignee=BEN)
    api.write("POST", f"/tasks/{FIRST}/stories", text="x")
    api.write("POST", f"/tasks/{FIRST}/removeProject", project=TEAM)
    api.write("PUT", f"/tasks/{FIRST}", liked=True)
    assert pack == before


def test_an_unplaced_task_sits_in_a_default_section() -> None:
    """Every task of a project is in a section of it; two unplaced tasks share one."""
    pack = small_pack()
    for task in pack["tasks"][1:3]:
        del task["memberships"][0]["section"]
    shown = Api(pack).read(f"/projects/{TEAM}/tasks", opt_fields="memberships.section.name")
    assert [t["memberships"][0]["section"]["name"] for t in shown].count("Untitled section") == 2


def test_modified_at_is_the_last_story_where_the_pack_has_none(api: Api) -> None:
    """A commented task was modified by the comment, an untouched one at its creation."""
    assert api.read("/tasks/11")["modified_at"] == "2026-02-03T08:00:00.000Z"
    assert api.read("/tasks/12")["modified_at"] == "2026-02-01T08:00:00.000Z"


def test_new_gids_have_16_digits_and_start_above_the_packs() -> None:
    """A pack with long gids of its own is not run over."""
    pack = small_pack()
    pack["tags"].append({"gid": "9900000000000005", "name": "late"})
    assert Api(pack).world.bot_gid == "9900000000000006"
    assert Api().world.bot_gid == "1900000000000001"


def test_the_same_calls_make_the_same_gids() -> None:
    """Gids come from a counter, never from chance."""
    first, second = (Api().write("POST", f"/tasks/{FIRST}/stories", text="x")["gid"] for _ in range(2))
    assert first == second


def test_with_tokens_there_is_no_bot() -> None:
    """Nobody is added to the workspace."""
    api = Api(tokens={"t": BEN})
    assert [user["name"] for user in api.read("/users")] == ["Ann", "Ben"]


def test_a_token_of_nobody_is_a_mistake_at_the_start() -> None:
    """The message shows the end of the token only."""
    with pytest.raises(ValueError, match="token ending in 'oken' is for user 999"):
        Api(tokens={"secret-token": "999"})


def test_an_approval_starts_pending() -> None:
    """Unless the pack says otherwise."""
    pack = small_pack()
    pack["tasks"][3]["approval_status"] = "rejected"
    assert Api(pack).read("/tasks/14")["approval_status"] == "rejected"
    assert Api().read("/tasks/14")["approval_status"] == "pending"


def test_the_clock_is_handed_in() -> None:
    """Nothing reads the machine's time."""
    assert HandClock()() == START
    assert Api().world.now() == "2026-03-02T09:00:00.000Z"


def test_a_circle_of_parents_does_not_hang() -> None:
    """A pack may hold nonsense; events still find an end."""
    pack = small_pack()
    pack["tasks"][0]["parent"] = ref("15")
    assert Api(pack).write("POST", "/tasks/15/stories", text="x")["text"] == "x"
