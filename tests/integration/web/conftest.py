"""The dashboard over a run log with runs in every state, asked over ASGI; no port, no browser, no sandbox.

The standing cast: Alice approves for Harbour, Bob may only look, Carol is its admin, Dora is in another team. The run log is
written once through the store, from the facts and drafts that the rubrics' examples hold.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from facilitator.runs.signins import SignIns
from facilitator.web.app import build_web
from tests.integration.web.house import House, furnished


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The program over a fresh run log."""
    house = furnished(tmp_path)
    yield house
    house.app.close()


SignedIn = Callable[[str], TestClient]


@pytest.fixture
def as_(house: House) -> SignedIn:
    """A browser signed in as that person."""

    def signed_in(who: str) -> TestClient:
        client = browser(house)
        now = house.app.clock()
        token = SignIns(house.app.database).open_session(who, now=now, lasts=house.app.settings.web.session)
        client.cookies.set("facilitator_session", token, domain="127.0.0.1")
        return client

    return signed_in


def browser(house: House, web: Starlette | None = None, **options: str) -> TestClient:
    """A browser that is not signed in and follows no redirects."""
    web = web or build_web(house.app)
    return TestClient(web, base_url="http://127.0.0.1", follow_redirects=False, **options)  # type: ignore[arg-type]
