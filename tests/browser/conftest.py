"""A real browser on the real pages: the dashboard on a loopback port, over a run log that each test puts its own runs into.

Needs an installed Chromium (`chromium` on the path, or `CHROMIUM` names it). Without one these tests are skipped, in
so many words; in CI they fail instead.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from facilitator.runs.signins import SignIns
from facilitator.sandbox.generated import generate_world
from facilitator.web.app import build_web
from facilitator.web.door import COOKIE
from facilitator.web.server import listening, served
from tests.integration.web.house import House, furnished
from tests.packs import snapshot_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PATIENCE_MS = 15_000
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a module; each test gets windows of its own.

    Not for the whole suite: as long as Playwright lives, its event loop counts as running in this process, and no other
    test could run one.
    """
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium was found; .ci/run installs one with apt-get")
        pytest.skip("no Chromium is installed: `apt-get install chromium`, or name one in CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
    # Playwright's greenlets must not be collected in the middle of another test's parsing, which CPython 3.11 cannot bear.
    gc.collect()


@dataclass
class Served:
    """The house on a port; it can be closed and opened again there, as a restart would."""

    house: House
    port: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it is found."""
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Serve; returns when the port answers."""
        settings = replace(self.house.app.settings.web, port=self.port)
        if not self.port:
            listener = listening(settings)
            self.port = listener.getsockname()[1]
            listener.close()
            settings = replace(settings, port=self.port)
        ready, self._stop = threading.Event(), threading.Event()

        async def run() -> None:
            async with served(build_web(self.house.app), settings) as address:
                assert address is not None
                ready.set()
                while not self._stop.is_set():
                    await asyncio.sleep(0.05)

        self._thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
        self._thread.start()
        assert ready.wait(20)

    def close(self) -> None:
        """Stop serving, cutting what is open."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(20)


@pytest.fixture(scope="module")
def served_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The dashboard, with a board of the built-in world under its runs."""
    house = furnished(tmp_path_factory.mktemp("house"))
    house.board = snapshot_of(generate_world(7))
    place = Served(house)
    place.open()
    yield place
    place.close()
    house.app.close()


@pytest.fixture
def house(served_house: Served) -> House:
    """The house behind the pages."""
    return served_house.house


@dataclass
class Window:
    """A page with what its browser complained of."""

    page: Page
    complaints: list[str]


Opens = Callable[..., "Page"]


@pytest.fixture
def window(browser: Browser, served_house: Served) -> Iterator[Opens]:
    """Open a window as somebody; at the end none of them may have complained of anything (policy, script, missing file)."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def opened(who: str | None = "Alice", *, expected: str = "", **options: Any) -> Page:
        context = browser.new_context(
            base_url=served_house.url, timezone_id="Europe/London", reduced_motion="reduce", **options
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if who is not None:
            house = served_house.house
            token = SignIns(house.app.database).open_session(who, now=house.now, lasts=timedelta(hours=12))
            context.add_cookies([{"name": COOKIE, "value": token, "url": served_house.url}])
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if message.type in ("error", "warning") and not (expected and expected in message.text)
                else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker's source."""
    return (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
