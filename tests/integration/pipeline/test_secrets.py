"""Canaries: the token and the key go to their own host and nowhere else, whatever goes wrong."""

import asyncio
import json
from pathlib import Path

import pytest

from facilitator.runs.run import Mode, Run, RunState
from facilitator.sandbox import Sandbox
from facilitator.sandbox.requests import LoggedRequest, mask

from .conftest import KEY, TOKEN, House, Pack, composed, configuration_of, environment_of

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


async def test_a_rotated_secret_is_used_at_once_and_each_use_is_recorded(
    world: Sandbox, built_in_world: Pack, tmp_path: Path
) -> None:
    """Files are read at each use: a team's own token reads, the bot's writes, and a new one needs no restart."""
    files = {name: tmp_path / "secrets" / name for name in ("bot", "team", "key")}
    (tmp_path / "secrets").mkdir()
    for name, file in files.items():
        file.write_text(f"canary-{name}-old1", encoding="utf-8")
    own = f'[teams.credentials]\nread = "file:{files["team"]}"'
    text = configuration_of(built_in_world).replace("[teams.credentials]", own, 1)
    environ = {
        **environment_of(world), "ASANA_ACCESS_TOKEN": "", "ANTHROPIC_API_KEY": "",
        "ASANA_ACCESS_TOKEN_FILE": str(files["bot"]), "ANTHROPIC_API_KEY_CMD": f"cat {files['key']}",
    }  # fmt: skip
    house = await asyncio.to_thread(composed, world, built_in_world, tmp_path, text, environ)
    async with house.pipeline() as pipeline:
        run = await pipeline.advance(house.due(mode=Mode.AUTO))
        for name in ("bot", "team"):
            files[name].write_text(f"canary-{name}-new2", encoding="utf-8")
        run = await pipeline.settle(run)
    assert run.state is RunState.WRITTEN, run.reason
    seen = {(one.method, one.headers["authorization"][-4:]) for one in house.world.asana.requests}
    assert ("POST", "new2") in seen
    assert ("POST", "old1") not in seen
    tokens = {use.reference: use for use in house.app.credentials.uses(run=run.id)}
    house.app.close()
    assert set(tokens) == {
        "file:ASANA_ACCESS_TOKEN",
        "cmd:ANTHROPIC_API_KEY",
        "file:teams.harbour.credentials.read",
    }
    (tmp_path / "secrets").rename(tmp_path.with_name(f"{tmp_path.name}-secrets"))
    everything = on_disk(tmp_path)
    assert len(everything) > 100_000
    assert b"canary" not in everything


async def test_no_secret_is_printed_or_logged(
    hasty_house: House, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing a process writes to its terminal or its log holds a canary, at the loudest level, also where all fails."""
    caplog.set_level("DEBUG")
    hasty_house.harm("asana", "drop", count=1)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.ended
    printed = capfd.readouterr()
    said = printed.out + printed.err + caplog.text + repr(hasty_house.app.settings)
    for canary in CANARIES:
        assert canary not in said


async def test_a_forged_redirect_carries_no_secret_away(hasty_house: House) -> None:
    """An answer that points elsewhere is not followed: the host it names hears nothing, from neither client."""
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(65536))
        writer.close()

    elsewhere = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = elsewhere.sockets[0].getsockname()[1]
    for on in ("asana", "agents"):
        hasty_house.harm(
            on, "status", count=1, status=307, headers={"location": f"http://127.0.0.1:{port}/x"}
        )
    await hasty_house.fire(mode=Mode.SHADOW)
    elsewhere.close()
    assert heard == []


async def test_no_write_is_without_its_row_in_the_audit_chain(house: House) -> None:
    """Whatever was sent to change something in Asana, refused calls included: who, where, what bytes, what came of it."""
    house.harm("asana", "status", method="POST", count=1, status=403, body={"errors": [{"message": "no"}]})
    first = await house.fire(mode=Mode.AUTO)
    second = await house.fire("weekly_status", mode=Mode.AUTO)
    sent = house.writes()
    rows = [one for one in house.app.audit.entries() if one.kind == "asana call"]
    assert sent
    assert [one.target for one in rows] == [call.replace("/api/1.0", "") for call in sent]
    told = [json.loads(one.detail) for one in rows]
    assert [one["outcome"] for one in told].count("refused") == 1
    done = [one for one in told if one["outcome"] == "done"]
    assert {one["bot"] for one in done} == {house.world.asana.bot_gid}
    assert {one.run_id for one in rows} <= {first.id, second.id}
    assert house.app.audit.verify().broken == ()
