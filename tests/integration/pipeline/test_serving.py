"""The serving process as a whole: asked on the board, it runs the ceremony, and whoever watches sees it happen."""

import asyncio
import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from facilitator.runs.run import Run, RunState
from facilitator.sandbox import Sandbox
from facilitator.service.serving import serve
from tests.integration.pipeline.conftest import SPEED, TOKEN, House, Pack, composed, configuration_of, hastily

pytestmark = pytest.mark.anyio
BOT = "1900000000009999"


async def ringing(house: House, happened: Callable[[], bool], *, within: float = 30.0) -> None:
    """Wait for what the serving process does, telling it now and then that there may be news."""
    async with asyncio.timeout(within):
        while not happened():
            house.app.board_bell.ring()
            await asyncio.sleep(0.1)


async def says(house: House, task: str, text: str) -> None:
    """Alice comments on a task."""
    async with httpx.AsyncClient(base_url=house.world.asana_url, trust_env=False) as client:
        body, headers = {"data": {"text": text}}, {"Authorization": "Bearer alice"}
        assert (await client.post(f"/tasks/{task}/stories", json=body, headers=headers)).is_success


async def test_a_mention_is_served_from_comment_to_draft(built_in_world: Pack, tmp_path: Path) -> None:
    """One run, followed by this process; its moves, tool calls and verdicts are seen as they happen; a clean stop is noted."""
    pack = copy.deepcopy(built_in_world)
    project = pack["projects"][0]
    alice = project["members"][0]["gid"]
    pack["users"].append({"gid": BOT, "name": "Facilitator"})
    text = configuration_of(pack).replace(
        'approvers = ["Alice"]', f'approvers = [{{ name = "Alice", gid = "{alice}" }}]'
    )
    text = text.replace("[teams.triggers]\nenabled = false", "[teams.triggers]\nenabled = true")
    tokens = {TOKEN: BOT, "alice": alice}
    with Sandbox(pack, speed=SPEED, seed=7, tokens=tokens) as world:
        house = await asyncio.to_thread(composed, world, pack, tmp_path, text)
        app, seen, stop = house.app, [], asyncio.Event()
        app.working, app.clock = hastily, world.clock

        def observe(_run: Run, kind: str, _detail: Mapping[str, Any]) -> None:
            seen.append(kind)

        serving = asyncio.ensure_future(serve(app, stop, observe=observe))
        with app.hub.subscribe() as happenings:
            await ringing(house, lambda: app.commands.place(project["gid"]) is not None)
            await says(house, pack["tasks"][0]["gid"], "@facilitator standup")
            judged = RunState.JUDGED
            await ringing(
                house, lambda: any(run.state is judged for run in app.store.recent(ceremony="standup"))
            )
        stop.set()
        await serving
        lines = [happening.words or "" async for happening in happenings]
        asked = [run for run in app.store.recent() if run.trigger == "mention"]
        assert [(run.ceremony, run.state) for run in asked] == [("standup", RunState.JUDGED)]
        assert {"moved", "event"} <= set(seen)
        assert "standup: verdict: satisfied" in lines
        assert any(line.startswith("standup: tool ") for line in lines)
        assert any(line.startswith("standup: judged") for line in lines)
        assert "running" not in {str(session.status) for session in house.sessions()}  # type: ignore[attr-defined]
        stopped, ticked = app.marks.at("stopped"), app.marks.at("tick")
        assert stopped is not None
        assert ticked is not None
        assert stopped >= ticked
        app.close()
