"""The verb `sandbox`: the local sandbox alone, until stopped."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from typing import Any

from facilitator.cli.answer import Answer, envelope, say
from facilitator.errors import ConfigurationError


def sandbox(
    workspace: Path | None,
    asana_port: int,
    agents_port: int,
    faults: Path | None,
    speed: float,
    seed: int,
    *,
    quotas: bool = False,
    as_json: bool,
) -> Answer:
    """Serve a workspace file, or the built-in world, on two loopback ports; prints both base URLs, then waits."""
    from facilitator.sandbox import Quotas, Sandbox

    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    try:
        running = Sandbox(
            world(workspace, seed),
            asana_port=asana_port,
            agents_port=agents_port,
            speed=speed,
            seed=seed,
            faults=_json(faults) if faults else None,
            quotas=Quotas() if quotas else None,
        )
    except (ValueError, OSError) as error:
        raise ConfigurationError(
            f"the local sandbox cannot start: {error}", suggestion="Mend what it names."
        ) from error
    with running:
        urls = {"ASANA_BASE_URL": running.asana_url, "ANTHROPIC_BASE_URL": running.agents_url}
        lines = [f"{name}={url}" for name, url in urls.items()]
        say(
            envelope(data=urls)
            if as_json
            else "\n".join(
                [*lines, "The local sandbox; its author is a script, not a language model. Ctrl-C stops it."]
            )
        )
        stopped.wait()
    return Answer(None)


def world(workspace: Path | None, seed: int) -> dict[str, Any]:
    """The workspace to serve: a file's, or the built-in world grown from its seed."""
    if workspace is None:
        from facilitator.sandbox.generated import generate_world

        return generate_world(seed)
    loaded = _json(workspace)
    if not isinstance(loaded, dict):
        raise ConfigurationError(
            f"{workspace} is not a workspace file: it holds no object.", suggestion="See README."
        )
    return loaded


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{path} cannot be read as JSON: {error}", suggestion="Name a JSON file."
        ) from error
