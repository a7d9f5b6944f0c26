"""The program as people run it: runner.py in a process of its own, against the local sandbox over loopback.

The sandbox stands in the test's own process, so that a test can ask the world what happened and say what goes wrong.
"""

import copy
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import runner
from facilitator.cli.provision import applied
from facilitator.runs.audit import Audit
from facilitator.runs.database import open_database
from facilitator.sandbox import Sandbox
from facilitator.sandbox.generated import generate_world
from facilitator.settings import first_configuration

ROOT = Path(__file__).resolve().parents[2]
RUNNER = ROOT / "runner.py"
KEYS = {"ASANA_ACCESS_TOKEN": "canary-asana-token", "ANTHROPIC_API_KEY": "canary-anthropic-key"}
PATIENCE = 60
"""Seconds after which a process counts as stuck; no test comes near it."""


@dataclass
class Answer:
    """What a command left: its exit code, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def envelope(self) -> dict[str, Any]:
        """The one JSON envelope on standard output."""
        read: dict[str, Any] = json.loads(self.out)
        assert set(read) == {"ok", "data", "error"}
        assert read["ok"] is (self.code == 0)
        return read

    @property
    def data(self) -> Any:
        """The envelope's data; the command must have succeeded."""
        assert self.code == 0, self.out + self.err
        return self.envelope["data"]

    @property
    def error(self) -> dict[str, Any]:
        """The envelope's error; the command must have failed, in words."""
        assert self.code != 0, self.out
        told: dict[str, Any] = self.envelope["error"]
        assert set(told) == {"code", "message", "suggestion", "retryable"}
        assert "Traceback" not in self.out + self.err
        return told


@dataclass
class Program:
    """runner.py in one folder, with one environment."""

    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def __call__(self, *args: str) -> Answer:
        """Run a command to its end."""
        return self.end(self.start(*args))

    def start(self, *args: str) -> subprocess.Popen[str]:
        """Start a command and leave it running; it never outlives the test."""
        own = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TZ")}
        process = subprocess.Popen(
            [sys.executable, str(RUNNER), *args],
            cwd=self.folder,
            env={**own, **self.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def end(self, process: subprocess.Popen[str]) -> Answer:
        """Wait for a command's end."""
        out, err = process.communicate(timeout=PATIENCE)
        assert not [name for name, secret in KEYS.items() if secret in out + err]
        return Answer(process.returncode, out, err)

    def clean_up(self) -> None:
        """Kill what is still running."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def left_behind(self) -> None:
        """Whatever a test did to the program: no secret stands in any byte it left, and its audit chain is whole."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        for name, secret in KEYS.items():
            assert not [path for path in files if secret.encode() in path.read_bytes()], name
        log = self.folder / "facilitator.sqlite3"
        if log.exists():
            database = open_database(f"sqlite:///{log}")
            assert Audit(database).verify().broken == ()
            database.dispose()


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """The program in an empty folder, with no key and no service."""
    program = Program(tmp_path)
    yield program
    program.clean_up()
    program.left_behind()


@pytest.fixture(scope="session")
def built_in_world() -> dict[str, Any]:
    return generate_world(7)


@pytest.fixture
def world(built_in_world: dict[str, Any]) -> Iterator[Sandbox]:
    """Both simulated services over a fresh copy of the built-in world."""
    with Sandbox(copy.deepcopy(built_in_world), speed=500, seed=7) as sandbox:
        yield sandbox


@pytest.fixture
def at(built_in_world: dict[str, Any]) -> str:
    """The world's now."""
    return str(built_in_world["as_of"])


@dataclass
class Deployment:
    """The program configured for the built-in world, its agent applied."""

    run: Program
    world: Sandbox

    @property
    def comments(self) -> list[str]:
        """The texts of our comments, on every task that was ever sent one."""
        posts = {
            one.path
            for one in self.world.asana.requests
            if one.method == "POST" and one.path.endswith("/stories")
        }
        return [
            comment["text"]
            for path in posts
            for comment in self.world.asana.comments(path.split("/")[-2])
            if "ref standup/" in comment["text"]
        ]

    @property
    def sessions(self) -> list[str]:
        """The ids of every session ever made."""
        return list(self.world.agents_app.state.sessions)  # type: ignore[attr-defined]

    def wants(self, *lines: str) -> None:
        """Change what Harbour wants of its stand-up: lines of its table."""
        path = self.run.folder / "facilitator.toml"
        path.write_text(path.read_text().replace('mode = "approve"', "\n".join(lines)))

    def harm(self, on: str, kind: str, **parameters: Any) -> None:
        """Let something go wrong on one port: 'asana' or 'agents'."""
        wire = self.world._asana_wire if on == "asana" else self.world._agents_wire
        wire.faults.add([{"kind": kind, **parameters}])

    def harmed(self, on: str) -> bool:
        """Whether the harm was done: the call it waited for has come."""
        wire = self.world._asana_wire if on == "asana" else self.world._agents_wire
        return all(fault.used for fault in wire.faults.faults())


def printed_urls(process: subprocess.Popen[str]) -> dict[str, str]:
    """The base URLs that `sandbox --json` prints before it serves."""
    return printed_data(process)


def printed_data(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What a command with --json prints before it goes on."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.rstrip() == "}":
            break
    data: dict[str, Any] = json.loads("".join(lines))["data"]
    return data


def configuration(project: str) -> str:
    """Harbour's facilitator.toml: Alice may approve, and nobody else uses its Asana."""
    return first_configuration(
        team="Harbour", project=project, zone="UTC", approvers=["Alice"], slug="harbour"
    ).replace("requests_per_minute = 120 ", "requests_per_minute = 1500")


@pytest.fixture
def deployment(program: Program, world: Sandbox, built_in_world: dict[str, Any]) -> Deployment:
    """Harbour, ready to run."""
    path = program.folder / "facilitator.toml"
    path.write_text(configuration(built_in_world["projects"][0]["gid"]))
    program.environ = {"ASANA_BASE_URL": world.asana_url, "ANTHROPIC_BASE_URL": world.agents_url, **KEYS}
    app = runner.compose(path, program.environ)
    applied(app)
    app.close()
    return Deployment(program, world)


def until(happened: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    """Wait until something happened; fails where it never does, or where the process that should do it has ended."""
    for _ in range(PATIENCE * 50):
        if happened():
            return
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(0.02)
    raise AssertionError("it never happened")
