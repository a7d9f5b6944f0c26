"""Makes the README's pictures from the demo world: `make pictures`. Needs an installed Chromium, and about two minutes.

It starts `demo --serve`, signs in, and photographs pages and documents as they are; nothing is drawn or touched up.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
COLOURS = 128
"""A page has few colours; so many keep a picture under about 60 kB."""
WIDE, PHONE = {"width": 1180, "height": 760}, {"width": 390, "height": 760}


def main() -> int:
    """Write every picture; gives an exit code."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        print(
            "no Chromium is installed: `apt-get install chromium`, or name one in CHROMIUM", file=sys.stderr
        )
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demo() as link, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        _pages(browser, link)
        browser.close()
    for path in sorted(PICTURES.glob("*.png")):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} kB")
    return 0


@contextmanager
def demo() -> Iterator[str]:
    """The demo's dashboard on a free port; gives its one-time link."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["demo", "--serve", "--json", "--port", "0", "--folder", str(Path(folder) / "demo")]
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "runner.py"), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert process.stdout is not None
            lines: list[str] = []
            for line in process.stdout:
                lines.append(line)
                if line.rstrip() == "}":
                    break
            yield json.loads("".join(lines))["data"]["url"]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _pages(browser: Browser, link: str) -> None:
    base = re.match(r"https?://[^/]+", link)
    assert base is not None
    first = browser.new_context(base_url=base[0], viewport=WIDE, timezone_id="Europe/Berlin")
    page = first.new_page()
    page.goto(link)
    page.get_by_role("button", name=re.compile("Sign in")).click()
    page.wait_for_url(f"{base[0]}/")
    session: Any = first.storage_state()
    light = {"storage_state": session, "base_url": base[0], "timezone_id": "Europe/Berlin", "viewport": WIDE}
    day = browser.new_context(**light, color_scheme="light").new_page()
    night = browser.new_context(**light, color_scheme="dark").new_page()
    small = browser.new_context(**{**light, "viewport": PHONE}, color_scheme="light").new_page()
    _shot(day, "/", "today")
    draft = _ids(day, "waiting", "/api/approvals", "standup")
    day.goto(f"/approvals/{draft}")
    day.locator(".line em").first.click()
    day.locator("#reasons .reason").first.wait_for()
    day.evaluate("scrollTo(0, 0)")
    _keep(day.screenshot(), "decide")
    _shot(night, "/teams/harbour", "team")
    _shot(day, "/portfolio", "portfolio")
    small.goto(f"/approvals/{draft}")
    _keep(small.screenshot(), "phone")
    for ceremony in ("standup", "weekly_status", "retro"):
        day.goto(f"/runs/{_ids(day, 'runs', '/api/runs?state=written&team=harbour', ceremony)}")
        _keep(day.locator(".paper").screenshot(), f"document-{ceremony.replace('_', '-')}")


def _ids(page: Page, key: str, path: str, ceremony: str) -> str:
    found = page.request.get(path).json()["data"][key]
    runs = [one.get("run", one) for one in found]
    identity: str = next(run["id"] for run in runs if run["ceremony"] == ceremony)
    return identity


def _shot(page: Page, path: str, name: str) -> None:
    page.goto(path)
    for chart in page.locator(".chart img").all():
        chart.scroll_into_view_if_needed()
        chart.evaluate("(image) => image.decode()")
    page.evaluate("scrollTo(0, 0)")
    _keep(page.screenshot(), name)


def _keep(png: bytes, name: str) -> None:
    picture = Image.open(BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())
