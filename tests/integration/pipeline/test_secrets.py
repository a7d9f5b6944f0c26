"""Canaries: the token and the key go to their own host and nowhere else, whatever goes wrong."""

from pathlib import Path

import pytest

from facilitator.runs.run import Mode, Run
from facilitator.sandbox.requests import LoggedRequest, mask

from .conftest import KEY, TOKEN, House

pytestmark = pytest.mark.anyio

CANARIES = (TOKEN, KEY)


def on_disk(folder: Path) -> bytes:
    """Every byte the program left behind, the database's journal included."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def told(house: House, run: Run) -> str:
    """Everything the run log says of a run."""
    store = house.app.store
    moves = [move.why for move in store.history(run.id)]
    events = [str(event) for _, event in store.events(run.id)]
    return "\n".join(
        [repr(run), run.reason, *moves, *events, str(store.facts(run.id)), str(store.snapshot(run.id))]
    )


def sent(calls: list[LoggedRequest]) -> str:
    """Every request as it came in but for the headers that carry secrets, which the log masks."""
    return "\n".join(f"{one.path} {one.query} {one.headers} {one.body}" for one in calls)


async def test_no_secret_reaches_the_run_log(hasty_house: House, tmp_path: Path) -> None:
    """Neither canary stands in any byte beside the configuration after a whole run."""
    run = await hasty_house.fire(mode=Mode.AUTO)
    everything = on_disk(tmp_path)
    assert len(everything) > 100_000
    for canary in CANARIES:
        assert canary.encode() not in everything
        assert canary not in told(hasty_house, run)


@pytest.mark.parametrize("on", ["asana", "agents"])
@pytest.mark.parametrize("kind", ["status", "drop", "html_error"])
async def test_no_secret_stands_in_a_reason(hasty_house: House, tmp_path: Path, on: str, kind: str) -> None:
    """A service that repeats what it was sent, or breaks off, does not put a canary into our words."""
    body = {
        "errors": [{"message": f"bad token {TOKEN}"}],
        "error": {"type": "x", "message": f"bad key {KEY}"},
    }
    parameters = {"status": 401, "body": body} if kind == "status" else {}
    hasty_house.harm(on, kind, count=None, **parameters)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.ended
    for canary in CANARIES:
        assert canary not in told(hasty_house, run)
        assert canary.encode() not in on_disk(tmp_path)


async def test_each_secret_goes_to_its_own_host(house: House) -> None:
    """The token is only ever shown to Asana, the key only to Managed Agents, each in its own header."""
    await house.fire(mode=Mode.AUTO)
    asana, agents = house.world.asana.requests, house.world.agents_requests
    assert {one.headers.get("authorization") for one in asana} == {mask(f"Bearer {TOKEN}")}
    assert {one.headers.get("authorization") for one in agents} == {mask(f"Bearer {KEY}")}
    assert not [one for one in (*asana, *agents) if "x-api-key" in one.headers]
    for canary in CANARIES:
        assert canary not in sent(asana)
        assert canary not in sent(agents)
