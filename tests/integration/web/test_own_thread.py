"""The dashboard beside a program that is busy: pages and probes answer from a thread of their own, and end with the program."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from facilitator.runs.run import RunState
from facilitator.runs.signins import SignIns
from facilitator.web.app import build_web
from facilitator.web.pictures import Warming
from facilitator.web.server import served
from tests.integration.web.conftest import browser
from tests.integration.web.house import House

PATIENCE_S = 20


def in_a_busy_program(house: House, web: Starlette, work: Callable[[str], None]) -> None:
    """Do `work` on the program's own event loop, which can do nothing else meanwhile."""

    async def program() -> None:
        async with served(web, replace(house.app.settings.web, port=0)) as address:
            assert address is not None
            work(address)

    asyncio.run(program())


def test_pages_answer_while_the_programs_loop_stands_still(house: House) -> None:
    """Signing in, pages and acts need nothing of the loop that gathers boards."""
    run = house.run()
    token = SignIns(house.app.database).make_link("Alice", now=house.now, lasts=timedelta(minutes=5))

    def visit(address: str) -> None:
        with httpx.Client(base_url=address, timeout=PATIENCE_S) as client:
            assert client.post("/signin", data={"token": token}).status_code == 303
            page = client.get(f"/approvals/{run.id}").text
            form = {
                "csrf": page.partition('name="csrf" value="')[2].partition('"')[0],
                "digest": run.draft_digest,
            }
            assert client.post(f"/runs/{run.id}/approve", data=form).status_code == 303

    in_a_busy_program(house, build_web(house.app), visit)
    assert house.app.store.get(run.id).state is RunState.APPROVED


def test_a_loop_that_hangs_is_told_by_the_probe(house: House) -> None:
    """`/healthz` knocks at the loop that holds the ceremonies, not at its own."""
    answers: list[httpx.Response] = []

    def probe(address: str) -> None:
        answers.append(httpx.get(f"{address}/healthz", timeout=PATIENCE_S))

    in_a_busy_program(house, build_web(house.app), probe)
    (answer,) = answers
    assert answer.status_code == 503
    assert {name: check["ok"] for name, check in answer.json()["checks"].items()} == {
        "loop": False,
        "database": True,
    }


def test_the_thread_ends_with_the_program(house: House) -> None:
    """Afterwards nothing listens and no thread is left, also while a page was following a run live."""
    run, addresses = house.run(RunState.SUBMITTED), list[str]()
    token = SignIns(house.app.database).open_session("Alice", now=house.now, lasts=timedelta(hours=1))

    async def program() -> None:
        async with (
            served(build_web(house.app), replace(house.app.settings.web, port=0)) as address,
            httpx.AsyncClient(base_url=address or "", headers={"Authorization": f"Bearer {token}"}) as client,
            client.stream("GET", f"/runs/{run.id}/live", timeout=PATIENCE_S) as stream,
        ):
            addresses.append(address or "")
            assert await anext(stream.aiter_lines()) == "retry: 2000"

    asyncio.run(program())
    assert [thread.name for thread in threading.enumerate() if thread.name == "dashboard"] == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(addresses[0])


def test_a_taken_port_is_no_reason_to_stop(house: House) -> None:
    """The block goes on without pages."""

    async def program() -> tuple[str | None, str | None]:
        async with served(build_web(house.app), replace(house.app.settings.web, port=0)) as first:
            port = int((first or "").rpartition(":")[2])
            async with served(build_web(house.app), replace(house.app.settings.web, port=port)) as second:
                return first, second

    first, second = asyncio.run(program())
    assert first is not None
    assert second is None


def test_charts_are_made_ready_by_the_first_page(house: House) -> None:
    """Once, on a thread of its own, and neither by a probe nor by a stranger."""
    loaded: list[str] = []
    done = threading.Event()

    def load() -> None:
        loaded.append(threading.current_thread().name)
        done.set()

    web = build_web(house.app, arrived=Warming(load))
    token = SignIns(house.app.database).open_session("Alice", now=house.now, lasts=timedelta(hours=1))
    stranger = browser(house, web)
    stranger.get("/healthz")
    stranger.get("/")
    assert loaded == []
    for _ in range(2):
        stranger.get("/", headers={"Authorization": f"Bearer {token}"})
    assert done.wait(PATIENCE_S)
    assert loaded == ["charts"]
