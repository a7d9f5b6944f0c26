"""Signing in by the word of a reverse proxy, over real connections: from its address, from others, and with a header forged."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from facilitator.web.app import build_web
from facilitator.web.server import served
from tests.integration.web.house import furnished
from tests.integration.web.proxy import ADDRESS, proxying
from tests.integration.web.test_door import PROXIED

pytestmark = pytest.mark.anyio

PEOPLE = {
    "token-of-alice": "alice@example.org",
    "token-of-erin": "Erin",
    "token-of-a-stranger": "stranger@example.org",
}
FORGED = {"X-Forwarded-User": "alice@example.org"}


@dataclass
class Doors:
    """Two ways to the same dashboard: through the proxy, and past it."""

    through: httpx.AsyncClient
    past: httpx.AsyncClient


@asynccontextmanager
async def doors(folder: Path) -> AsyncIterator[Doors]:
    house = furnished(folder, PROXIED.replace('["127.0.0.1"]', f'["{ADDRESS}"]'))
    async with (
        served(build_web(house.app), replace(house.app.settings.web, port=0)) as behind,
        proxying(int((behind or "").rpartition(":")[2]), PEOPLE) as before,
        httpx.AsyncClient(base_url=before, timeout=20) as through,
        httpx.AsyncClient(base_url=behind or "", timeout=20) as past,
    ):
        yield Doors(through, past)
    house.app.close()


async def test_whoever_the_proxy_knows_is_signed_in(tmp_path: Path) -> None:
    """Its word opens a session for that person, whatever name the visitor's own header claims."""
    async with doors(tmp_path) as to:
        login = {"X-Login": "token-of-erin", **FORGED}
        assert "Sign in as Erin" in (await to.through.get("/signin", headers=login)).text
        assert (await to.through.post("/signin", headers=login)).status_code == 303
        assert ">Erin<" in (await to.through.get("/", headers=login)).text


async def test_nobody_else_is_let_in_by_the_proxy(tmp_path: Path) -> None:
    """Not without its login, with a header of one's own, or as somebody whom the configuration does not know."""
    async with doors(tmp_path) as to:
        for headers in (
            {},
            FORGED,
            {"X-Login": "token-of-a-stranger"},
            {"X-Login": "no-such-token", **FORGED},
        ):
            assert (await to.through.post("/signin", headers=headers)).status_code == 403
            assert (await to.through.get("/", headers=headers)).status_code == 303


async def test_past_the_proxy_nothing_opens(tmp_path: Path) -> None:
    """From any other address neither the header, nor a stolen session, nor both together are worth anything."""
    async with doors(tmp_path) as to:
        alice = {"X-Login": "token-of-alice"}
        await to.through.post("/signin", headers=alice)
        assert (await to.through.get("/", headers=alice)).status_code == 200
        assert (await to.past.post("/signin", headers=FORGED)).status_code == 403
        to.past.cookies = to.through.cookies
        for headers in ({}, FORGED):
            assert (await to.past.get("/", headers=headers)).status_code == 303
            assert (await to.past.get("/api/today", headers=headers)).status_code == 401


async def test_a_session_is_worth_nothing_to_another_person(tmp_path: Path) -> None:
    """Alice's cookie in Erin's browser opens nothing: the proxy names somebody else."""
    async with doors(tmp_path) as to:
        await to.through.post("/signin", headers={"X-Login": "token-of-alice"})
        assert (await to.through.get("/", headers={"X-Login": "token-of-erin"})).status_code == 303
