"""`init` as somebody at a terminal meets it: questions one by one, proposals taken with Enter, wrong answers asked for again."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from facilitator.sandbox import Sandbox

from .conftest import KEYS, PATIENCE, RUNNER


class Seat:
    """Somebody at a terminal with the program on it."""

    def __init__(self, folder: Path, environ: dict[str, str], *words: str) -> None:
        """Start the program with these words."""
        self.screen = ""
        self._seen = 0
        self._end, other = pty.openpty()
        own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, str(RUNNER), *words], cwd=folder, env={**own, "TZ": "UTC", **environ},
            stdin=other, stdout=other, stderr=other, start_new_session=True,
        )  # fmt: skip
        os.close(other)

    def sees(self, words: str) -> str:
        """Wait until the words stand on the screen, after what was seen before; gives what came up to them."""
        while (place := self.screen.find(words, self._seen)) < 0:
            assert self._more(), f"{words!r} never came: {self.screen[self._seen :]}"
        shown, self._seen = self.screen[self._seen : place], place + len(words)
        return shown

    def types(self, line: str) -> None:
        """A line and Enter."""
        os.write(self._end, f"{line}\n".encode())

    def hangs_up(self) -> None:
        """Ctrl-D."""
        os.write(self._end, b"\x04")

    def leaves(self) -> int:
        """Read to the end; gives the exit code."""
        while self._more():
            pass
        return self._process.wait(PATIENCE)

    def close(self) -> None:
        """Whatever happened, nothing is left running."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._end)

    def _more(self) -> bool:
        ready, _, _ = select.select([self._end], [], [], PATIENCE / 2)
        assert ready, f"nothing came for {PATIENCE} s: {self.screen[self._seen :]}"
        try:
            read = os.read(self._end, 65_536)
        except OSError:  # Linux says so when the last one on the other side has left
            return False
        self.screen += read.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(read)


@pytest.fixture
def seat(tmp_path: Path, world: Sandbox) -> Iterator[Seat]:
    seat = Seat(
        tmp_path, {"ASANA_BASE_URL": world.asana_url, "ANTHROPIC_BASE_URL": world.agents_url, **KEYS}, "init"
    )
    yield seat
    seat.close()


def test_a_first_configuration_is_talked_through(seat: Seat, tmp_path: Path) -> None:
    """Projects, people and fields are those of the board; Enter takes what is proposed, and nonsense is asked for again."""
    assert "Which project is the team's board?" in seat.sees("number, 0 for none [0]: ")
    seat.types("1")
    assert "Harbour ferry booking" in seat.sees("]: ")
    seat.types("Harbour")
    people = seat.sees("numbers [1]: ")
    assert "Who may approve its documents?" in people
    names = re.findall(r"^ +(\d+)  (.+)$", people, re.MULTILINE)
    seat.types("99")
    seat.sees("numbers [1]: ")
    seat.types("2, 1")
    fields = seat.sees("number, 0 for none [")
    assert "Which field names a task's sprint?" in fields
    seat.types("")
    assert "Which field holds its estimate?" in seat.sees("number, 0 for none [")
    seat.types("")
    seat.sees("The team's time zone [UTC]: ")
    seat.types("Mars/Base")
    seat.sees("The team's time zone [UTC]: ")
    seat.types("Europe/Oslo")
    seat.sees("Wrote facilitator.toml for Harbour.")
    assert seat.leaves() == 0
    [team] = tomllib.loads((tmp_path / "facilitator.toml").read_text())["teams"]
    assert (team["name"], team["zone"]) == ("Harbour", "Europe/Oslo")
    assert team["approvers"] == [names[1][1], names[0][1]]
    assert team["board"]["sprint"]["field"] == "Sprint"
    assert not [secret for secret in KEYS.values() if secret in seat.screen]


def test_who_leaves_half_way_leaves_nothing_behind(seat: Seat, tmp_path: Path) -> None:
    """Ctrl-D ends the walk in words; nothing was written."""
    seat.sees("Which project is the team's board?")
    seat.hangs_up()
    assert seat.leaves() == 2
    assert "the answers ended" in seat.screen
    assert "Traceback" not in seat.screen
    assert list(tmp_path.iterdir()) == []
